"""The page behind the link of a group on its own; one that nobody can write to reads there what others are mailed."""

from datetime import timedelta
from typing import Any, Final

import pytest
from fastapi import FastAPI

from grouping.domain.life.acts import GroupAct
from grouping.usecases import lives, members
from shared.events import group_life
from tests.grouping.support.browser import KARI, Browser, words
from tests.grouping.support.pages import group_page
from tests.grouping.support.world import OSLO, World
from tests.grouping.test_lives import TRONDHEIM, as_member, as_staff, hand_over, life_of, start_group
from tests.grouping.test_member_page import press_twice, return_link

NO: Final = "Denne gangen kan ikke senteret komme til møtet deres."
ON_THE_LINK: Final = "Vi kan ikke skrive til dere, så svaret kommer her."
BY_MAIL: Final = "Dere får beskjed når tiden er klar."


async def asked(world: World, act: GroupAct, **place: Any) -> str:
    """A forgotten group asks the centre to come; return the address of its own page."""
    await start_group(world, **place)
    await world.live(days=22)
    return_id = await hand_over(world)
    await as_member(world, members.act_by_return_link, return_id, act)
    return return_link(return_id)


async def answer(world: World, *, yes: bool) -> None:
    life = await life_of(world)
    if not yes:
        return await as_staff(world, lives.decline_visit, life.group_id, life.visit_id)
    at = world.clock.now() + timedelta(days=3)
    times = {"starts_at": at, "ends_at": at + timedelta(hours=2), "place_text": "Storstua"}
    return await as_staff(world, lives.agree_visit, life.group_id, life.visit_id, **times)


@pytest.mark.parametrize("place", [{}, TRONDHEIM], ids=["bergen", "link"])
@pytest.mark.parametrize(
    ("act", "yes", "said"),
    [
        ("visit", None, (ON_THE_LINK,)),
        ("conflict_visit", None, (ON_THE_LINK,)),
        ("visit", True, ("Senteret kommer", "Storstua")),
        ("conflict_visit", True, ("Senteret kommer", "Senteret løser ikke konflikten for dere")),
        ("visit", False, (NO, "dere kan spørre igjen")),
        ("conflict_visit", False, (NO, "hva dere selv kan ta tak i")),
    ],
)
async def test_forgotten_group_reads_the_answer_on_its_page(
    world: World, app: FastAPI, place: dict[str, Any], act: GroupAct, yes: bool | None, said: tuple[str, ...]
) -> None:
    page = await asked(world, act, **place)
    if yes is not None:
        await answer(world, yes=yes)
    text = words(await Browser(app).get(page))
    for sentence in said:
        assert sentence in text
    assert BY_MAIL not in text


async def test_no_is_gone_once_the_group_asks_again(world: World, app: FastAPI) -> None:
    page = await asked(world, "visit")
    await answer(world, yes=False)
    reader = Browser(app)
    assert (await reader.press(page, page, act="visit")).status_code == 303
    text = words(await reader.get(page))
    assert NO not in text
    assert ON_THE_LINK in text


async def test_staff_read_of_a_link_only_while_it_works(world: World, app: FastAPI) -> None:
    await asked(world, "visit")
    reader, path = Browser(app, KARI), await group_page(world)
    assert "Medlemmene når dere med lenken sin." in words(await reader.get(path))
    await as_staff(world, lives.dissolve_group, (await life_of(world)).group_id)
    text = words(await reader.get(path))
    assert "Ingen vet lenger hvem som er i gruppa, slik dere har bestemt." in text
    assert "lenken sin" not in text


async def test_return_page_asks_the_centre_back_keeps_alive_and_ends(world: World, app: FastAPI) -> None:
    await start_group(world)
    await world.live(days=22)
    page, reader = return_link(await hand_over(world)), Browser(app)
    assert "Vi vet ikke hvem som åpner den" in words(await reader.get(page))

    await press_twice(reader, page, "visit")
    assert len(await world.published_of(group_life.VisitAsked)) == 1
    await press_twice(reader, page, "met")
    assert "kan ikke angres" in words(await reader.get(f"{page}/opplos"))
    gone = await reader.press(f"{page}/opplos", page, act="dissolve")

    assert gone.status_code == 303
    assert len(await world.published_of(group_life.Dissolved)) == 1
    ended = await reader.get(page)
    assert ended.status_code == 404
    assert "Gruppa er avsluttet" in words(ended)


async def test_return_page_of_known_members_does_not_end_the_group(world: World, app: FastAPI) -> None:
    await start_group(world, **OSLO)
    page, reader = return_link(await hand_over(world)), Browser(app)

    answer = await reader.press(page, page, act="dissolve")

    assert answer.status_code == 409
    assert "hver for seg" in words(answer)
    assert await world.published_of(group_life.Dissolved) == []


async def test_expired_group_is_active_again_by_a_press(world: World, app: FastAPI) -> None:
    await start_group(world, **OSLO)
    page, reader = return_link(await hand_over(world)), Browser(app)
    await world.live(days=365 + 183)
    assert (await life_of(world)).state == "expired"

    await press_twice(reader, page, "alive")

    assert (await life_of(world)).state == "independent"


async def test_group_that_ends_by_its_link_is_thanked_and_shown_three_ways(world: World, app: FastAPI) -> None:
    await start_group(world)
    await world.live(days=22)
    page, reader = return_link(await hand_over(world)), Browser(app)

    answer = await reader.press(f"{page}/opplos", page, act="dissolve")

    thanks = await reader.get(answer.headers["location"])
    assert thanks.status_code == 200
    for said in ("Gruppa er avsluttet", "Takk for at dere sa fra", "En ny gruppe", "En tenkepause", "Takk for nå"):
        assert said in words(thanks)
    assert 'href="/pamelding"' in thanks.text
    assert (await reader.get(page)).status_code == 404
