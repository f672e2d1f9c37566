"""Previews of staff: the words of the mail, and no link that acts in the recipient's name; bars of figures."""

import re
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from notify.mails.registry import mail_registry
from notify.web.charts import HEIGHT, WIDTH, lengths, stacked
from notify.web.masking import masked
from shared.kit.links import Links
from shared.reference.link_purposes import LINK_PATHS
from tests.notify.support.contents import EXAMPLES, KEY, KINDS, LANGUAGES, PUBLIC_URL, content, renderer

LINKS = Links.under_one_key(SecretStr(KEY), LINK_PATHS)
TOKEN = re.compile(r"[\w-]{60,}")
"""As long as the shortest token of a link."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("purpose", LINK_PATHS)
def test_link_of_each_purpose_shows_its_page_without_token(purpose: str, language: str) -> None:
    id_ = uuid4()
    url, token = LINKS.url(PUBLIC_URL, language, purpose, id_), LINKS.token(purpose, id_)
    assert TOKEN.search(url) is not None
    for text in (url, f"Se her: {url}\n\nHilsen oss", f'<a href="{url}">Se</a>', f"{url} {url}?x=1"):
        assert masked(text) == text.replace(token, "…")


@pytest.mark.parametrize("kind", KINDS)
def test_preview_of_each_mail_has_its_links_masked(kind: str) -> None:
    """The preview differs from the mail in the tokens alone, in every part of it and in every language."""
    for language in LANGUAGES:
        for name in EXAMPLES[kind]:
            mail = content(kind, language, name=name)
            sent = renderer().render(mail)
            assert renderer().subject(mail) == sent.subject
            for part in (sent.text, sent.html):
                assert masked(part) == TOKEN.sub("…", part)


def test_each_mail_that_staff_see_says_what_made_it() -> None:
    for spec in mail_registry():
        assert spec.secret or re.fullmatch(r"[A-ZÆØÅ][^%]*\.", spec.because), spec.kind


@given(st.lists(st.tuples(*[st.integers(0, 50_000)] * 3), min_size=1, max_size=31))
def test_stacked_bars_have_the_heights_of_their_figures(bars: list[tuple[int, int, int]]) -> None:
    pieces = stacked(("a", "b", "c"), bars)
    assert len(pieces) == sum(figure > 0 for bar in bars for figure in bar)
    highest = max(map(sum, bars))
    total = sum(piece.height for piece in pieces)
    assert total == pytest.approx(HEIGHT * sum(map(sum, bars)) / highest if highest else 0, abs=0.01 * len(pieces))
    for piece in pieces:
        assert -0.01 <= piece.y <= HEIGHT
        assert 0 <= piece.x < piece.x + piece.width <= WIDTH


def test_lengths_are_relative_to_the_largest_figure() -> None:
    assert lengths((4, 0, 1)) == (100.0, 0.0, 25.0)
    assert lengths((0, 0)) == (0.0, 0.0)
    assert lengths(()) == ()
