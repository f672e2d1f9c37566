"""A merged mail is byte for byte the one that is rendered alone, whoever got the mail before it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from notify.domain.content import MailContent
from notify.domain.mail_texts import Block
from notify.mails.registry import mail_registry
from notify.merging import Merge
from notify.rendering import Rendered, Renderer
from shared.kit.links import Links
from shared.reference import helplines
from shared.reference.link_purposes import LINK_PATHS
from tests.notify.support.contents import EXAMPLES, KINDS, LANGUAGES, content, renderer
from tests.notify.support.inbound import ANSWERS

NAMES = (
    "Kari",
    'O\'Brien & <b>"Navn"</b>',
    "Øystein",
    None,
    "Anna Maria " * 5,
    "\u202eLise\r\n",
    "{{ mail }} %(name)s",
)


def answering() -> Renderer:
    """Return a renderer of mails whose calendar files name their recipient."""
    links = Links.under_one_key(SecretStr("k" * 32), LINK_PATHS)
    lines = helplines.load()
    return Renderer(mail_registry(), links, "https://senter.example", "a.example", lines, "hei@a.example", ANSWERS)


def to(mail: MailContent, name: str | None) -> MailContent:
    """Return the mail to another person, who signed up a second later."""
    invited = mail.invited
    if invited is not None:
        reply = replace(invited.invitation.reply, invitation_id=uuid4())
        invited = replace(invited, invitation=replace(invited.invitation, reply=reply, recipient_id=uuid4()))
    return replace(
        mail,
        first_name=name if mail.first_name else None,
        signup_id=mail.signup_id and uuid4(),
        seat_id=mail.seat_id and uuid4(),
        cause_id=uuid4(),
        link_id=mail.link_id and uuid4(),
        expires_at=mail.expires_at and mail.expires_at + timedelta(seconds=1),
        invited=invited,
    )


def examples(kind: str) -> Iterator[MailContent]:
    for language in LANGUAGES:
        yield content(kind, language)
    for name in EXAMPLES[kind]:
        yield content(kind, "nb", name=name)


@pytest.mark.parametrize("kind", KINDS)
def test_merged_mail_is_the_one_that_is_rendered_alone(kind: str) -> None:
    """Mails of all examples through one merge, so that each meets the form of another."""
    alone = answering()
    merge = Merge(alone)
    for mail, name in product(examples(kind), NAMES):
        own = to(mail, name)
        assert merge.render(own, "kari@example.org") == alone.render(own, "kari@example.org")


@pytest.mark.parametrize("kind", ["on_the_list", "address_to_confirm", "group_confirmed", "kontaktmote_invited"])
def test_mails_of_one_occasion_are_rendered_once(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[str] = []
    alone = Renderer.render_texts

    def counted(self: Renderer, mail: MailContent) -> Rendered:
        rendered.append(mail.language)
        return alone(self, mail)

    monkeypatch.setattr(Renderer, "render_texts", counted)
    merge = Merge(renderer())
    for name, language in product(("Kari", "Ola", "Marit"), LANGUAGES):
        merge.render(to(content(kind, language), name))
    assert sorted(rendered) == sorted(LANGUAGES)


@pytest.mark.parametrize(
    "words", ["Godt at du er her, {fornavn}. " * 4, "{ Fornavn }, takk.", "Takk for at du meldte deg."]
)
def test_merged_mail_with_own_words_is_the_one_rendered_alone(words: str) -> None:
    """Words of the centre with the name in them break at other places for each name."""
    merge = Merge(renderer())
    mail = content("on_the_list", "nb", own_words={Block.OPENING: words, Block.CLOSING: words})
    for name in NAMES:
        own = to(mail, name)
        assert merge.render(own) == renderer().render(own)
        assert "akk" in merge.render(own).text or "Godt" in merge.render(own).text


@given(names=st.lists(st.text(max_size=60), min_size=1, max_size=4))
def test_merged_mail_holds_the_name_as_it_is_rendered_alone(names: list[str]) -> None:
    merge = Merge(renderer())
    for name in names:
        own = to(content("on_the_list", "nb"), name)
        assert merge.render(own) == renderer().render(own)


def test_mail_that_says_something_else_is_rendered_anew() -> None:
    """Each field that a mail reads decides what it says."""
    merge = Merge(renderer())
    mail = content("group_confirmed", "nb")
    assert mail.starts_at is not None
    others = (
        {"place_text": "Et helt annet sted"},
        {"starts_at": mail.starts_at + timedelta(hours=1)},
        {"address_known": False},
        {"self_start": True},
        {"sequence": mail.sequence + 1},
        {"stamp": mail.stamp + timedelta(minutes=1)},
        {"meeting_id": uuid4()},
    )
    seen = set()
    for changes in ({}, *others):
        rendered = merge.render(replace(mail, **changes))
        assert rendered == renderer().render(replace(mail, **changes))
        seen.add((rendered.text, rendered.html, rendered.calendar))
    assert len(seen) == len(others) + 1
