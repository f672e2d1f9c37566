"""About how many people wait near a place: told to everybody, and never of one person."""

from datetime import date, timedelta
from typing import Final

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from intake.domain.waiting import counts_anew, in_tens
from intake.store import waiting
from intake.usecases.waiting import count_waiting
from shared.kit.database.engine import Database
from shared.timezone import monday_of
from tests.intake.support.browser import Browser
from tests.intake.support.world import World
from tests.intake.test_figures import a_year

STRANGE: Final = ("9999", "0000", "<script>alert(1)</script>", "bergn", "\0", "x" * 5000, "%00", "🙂", "' or 1=1 --")


async def people_wait(world: World, number: int) -> None:
    """Let so many people more wait in Bergen."""
    for _ in range(number):
        await world.confirmed(email=f"person{world.clock.now().timestamp()}@example.org", place="5003")
        world.later(seconds=1)


async def counted(world: World) -> int:
    async with world.transaction() as session:
        await count_waiting(session, world.centres, world.clock.now())
        return await waiting.told_of(session, "bergen")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=30))
def test_told_number_changes_only_by_more_than_five_people(history: list[int]) -> None:
    told, at = 0, 0
    for people in history:
        before = in_tens(told)
        told = people if counts_anew(told, people) else told
        if in_tens(told) != before:
            assert abs(people - at) > 5
            at = people
        elif told == people:
            at = people
        assert in_tens(told) is None or told > 5


@pytest.mark.parametrize(
    ("told", "shown"), [(0, None), (1, None), (5, None), (6, 10), (9, 10), (14, 10), (15, 20), (24, 20), (107, 110)]
)
def test_number_is_told_in_tens_and_never_of_a_few(told: int, shown: int | None) -> None:
    assert in_tens(told) == shown


@pytest.mark.parametrize("day", range(7))
def test_week_begins_on_monday(day: int) -> None:
    assert monday_of(date(2026, 11, 23) + timedelta(days=day)) == date(2026, 11, 23)


async def test_count_of_area_changes_once_a_week_and_by_more_than_five(world: World) -> None:
    await people_wait(world, 7)
    assert await counted(world) == 7
    await people_wait(world, 6)
    assert await counted(world) == 7
    world.later(days=7)
    assert await counted(world) == 13
    await people_wait(world, 5)
    world.later(days=7)
    assert await counted(world) == 13
    async with world.transaction() as session:
        await session.execute(sa.text("update signups set paused_at = now() where area = 'bergen'"))
    assert await counted(world) == 13
    world.later(days=7)
    assert await counted(world) == 0


async def test_front_page_tells_the_wait_at_a_place(browser: Browser, world: World) -> None:
    await people_wait(world, 5)
    await counted(world)
    few = await browser.get("/?sted=5003")
    assert "Du hører til LINK Bergen" in few.text
    assert "noen få" in few.text
    assert "Vi vet ikke hvor lenge du må vente" in few.text
    assert 'href="/pamelding?sted=5003"' in few.text
    async with world.transaction() as session:
        await waiting.write(session, [("bergen", 23)], date(2026, 1, 5))
    await a_year(world)
    for page in (await browser.get("/?sted=5003"), await browser.get("/link-bergen/")):
        assert "rundt 20." in page.text
        assert ">23<" not in page.text
        assert " 23 " not in page.text
        assert "hadde ventet i 3 uker eller kortere" in page.text
        assert "set-cookie" not in page.headers
    nynorsk, english = await browser.get("/nn/?sted=5003"), await browser.get("/en/?sted=5003")
    assert "rundt 20." in nynorsk.text
    assert "about 20 people on the waiting list" in english.text


@pytest.mark.parametrize("place", STRANGE)
async def test_front_page_answers_strange_places_with_the_form(browser: Browser, place: str) -> None:
    page = await browser.client.get("/", params={"sted": place})
    assert page.status_code == 200
    assert 'name="sted"' in page.text
    assert "<script>alert" not in page.text
    assert "116 123" in page.text


async def test_front_page_asks_which_of_several_places_is_meant(browser: Browser) -> None:
    page = await browser.get("/?sted=Nes")
    assert "Flere steder heter det samme" in page.text
    assert page.text.count('href="/?sted=') > 1


async def test_front_page_leads_acute_words_to_help(browser: Browser) -> None:
    page = await browser.get("/?sted=jeg+vil+ta+livet+mitt")
    assert (page.status_code, page.headers["location"]) == (303, "/akutt")


async def test_front_page_without_database_tells_the_centre_alone(browser: Browser, world: World) -> None:
    await world.db.dispose()
    nowhere = Database(SecretStr("postgresql+asyncpg://nobody@127.0.0.1:1/none"))
    object.__setattr__(browser.app.state.deps, "database", nowhere)
    for path in ("/?sted=5003", "/link-bergen/"):
        page = await browser.get(path)
        assert page.status_code == 200
        assert "116 117" in page.text
        assert "ventelisten står" not in page.text
