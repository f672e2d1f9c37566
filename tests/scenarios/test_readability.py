"""The sentences of the public pages: LIX and their length, in three languages, on pages with data and without."""

from collections.abc import Iterator

import pytest

from devtools.readability import LIX_LIMIT, SENTENCE_LIMIT, readability, running_text
from shared.kit.i18n import LOCALES
from shared.kit.web.locale import localised
from tests.scenarios.support.town import Town
from tests.scenarios.test_get_changes_nothing import busy_town, filled, get_routes, values

pytestmark = pytest.mark.system

FEW_WORDS = 40
"""Below this a page says nothing about LIX: one long word more changes it by three."""


def public(routes: list[str]) -> Iterator[str]:
    """Yield the routes that are not for staff, igangsettere or programs."""
    for route in routes:
        if not route.startswith(("/stab", "/igangsetter", "/api", "/static")) and "." not in route:
            yield route


async def test_public_pages_have_short_words_and_sentences(town: Town) -> None:
    people, draft = await busy_town(town)
    known = await values(town, people, draft)
    client = town.client()
    faults, measured = set(), set()
    for route in public(get_routes(town)):
        for path in filled(route, known):
            for locale in LOCALES:
                answer = await client.get(localised(locale, path))
                if not answer.headers.get("content-type", "").startswith("text/html"):
                    continue
                found = readability(running_text(answer.text))
                measured.add(route)
                if found.words >= FEW_WORDS and found.lix >= LIX_LIMIT:
                    faults.add(f"{locale} {route}: LIX {found.lix:.0f}")
                if found.longest_words > SENTENCE_LIMIT:
                    faults.add(f"{locale} {route}: {found.longest_words} words: {found.longest}")
    assert len(measured) > 25
    assert not faults, "\n".join(sorted(faults))
