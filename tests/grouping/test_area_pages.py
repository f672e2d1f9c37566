"""The country's page, one area's page, and staff decisions about an area."""

import httpx
import pytest
from fastapi import FastAPI

from shared.events import groups
from tests.grouping.support.browser import KARI, Browser, form_token, words
from tests.grouping.support.pages import nine_in_area_on_hold
from tests.grouping.support.staff_acts import BERGEN_PAGE, wait
from tests.grouping.support.world import OSLO, World, signup_id


async def test_area_list_shows_number_and_longest_wait(world: World, app: FastAPI) -> None:
    await wait(world, 4)
    await world.deliver(world.ready(50, **OSLO), times=1)

    text = words(await Browser(app, KARI).get("/stab/omrader"))

    assert "Bergen og omegn LINK Bergen 4 4 dager tirsdag kveld 4 0" in text
    assert "Oslo" not in text


async def test_area_page_shows_people_by_sign_up_and_what_is_missing(world: World, app: FastAPI) -> None:
    await wait(world, 3)
    await world.deliver(world.ready(4, latitude=60.9, wheelchair=True), times=1)

    text = words(await Browser(app, KARI).get(BERGEN_PAGE))

    assert text.count("påmeldt") == 4
    assert str(signup_id(1))[-8:] not in text
    assert "3 av 5: Tirsdag kveld, norsk, Bergen sentrum" in text
    assert "nesten nok" in text
    assert "Mangler 2 til." in text
    assert "5 km, trinnfritt Når ikke fram til noe møtested." in text


async def test_area_page_on_hold_offers_four_sizes_for_nine_people(world: World, app: FastAPI) -> None:
    reader = await nine_in_area_on_hold(world, app)

    text = words(await reader.get(BERGEN_PAGE))

    assert "Området er på vent" in text
    assert "Tirsdag kveld, norsk, Bergen sentrum 9 Begynn med 8" in text
    assert "Mange nok: Tirsdag kveld" in text
    for said in (
        "Begynn med 8 8 møtes nå. 1 venter, og trenger 4 til",
        "Begynn med 7 7 møtes nå. 2 venter, og trenger 3 til",
        "Begynn med 6 6 møtes nå. 3 venter, og trenger 2 til",
        "Begynn med 5 5 møtes nå. 4 venter, og trenger én til",
    ):
        assert said in text
    assert await world.groups() == []


@pytest.mark.parametrize("size", [8, 7, 6, 5])
async def test_form_group_with_chosen_size_drafts_that_many(world: World, app: FastAPI, size: int) -> None:
    reader = await nine_in_area_on_hold(world, app)

    answer = await reader.press(
        BERGEN_PAGE, f"{BERGEN_PAGE}/grupper", cell="bergen-sentrum|tue-evening|nb", size=str(size)
    )

    group = await world.group()
    assert answer.headers["location"] == f"/stab/grupper/{group.id}"
    assert (group.state, group.live, group.capacity) == ("drafted", size, size)
    assert list((await world.statuses()).values()).count("waiting") == 9
    assert await world.published_of(groups.Proposed) == []
    await world.check()

    await reader.press(f"/stab/grupper/{group.id}", f"/stab/grupper/{group.id}/si-fra")
    assert list((await world.statuses()).values()).count("waiting") == 9 - size
    assert {await world.status(number) for number in range(10 - size, 10)} == {"offered"}
    await world.check()


async def test_resume_area_with_four_left_waits_for_a_fifth(world: World, app: FastAPI) -> None:
    reader = await nine_in_area_on_hold(world, app)
    await reader.press(BERGEN_PAGE, f"{BERGEN_PAGE}/grupper", cell="bergen-sentrum|tue-evening|nb", size="5")
    await reader.press(BERGEN_PAGE, f"{BERGEN_PAGE}/videre")
    assert len(await world.groups()) == 1

    await wait(world, 1, first=10)

    assert [group.live for group in await world.groups()] == [5, 5]
    await world.check()


async def test_form_group_with_outdated_choice_answers_409(world: World, app: FastAPI) -> None:
    reader = await nine_in_area_on_hold(world, app)
    cell = "bergen-sentrum|tue-evening|nb"
    await reader.press(BERGEN_PAGE, f"{BERGEN_PAGE}/grupper", cell=cell, size="5")

    token = form_token((await reader.get(BERGEN_PAGE)).text, f"{BERGEN_PAGE}/videre")

    async def choose(size: str) -> httpx.Response:
        return await reader.post(f"{BERGEN_PAGE}/grupper", _csrf=token, cell=cell, size=size)

    assert "ikke lenger så mange" in words(await choose("5"))
    assert "Så stor eller liten" in words(await choose("12"))
    assert (await choose("5")).status_code == 409
    assert (await choose("fem")).status_code == 422
    await reader.press(BERGEN_PAGE, f"{BERGEN_PAGE}/videre")
    assert "ikke på vent lenger" in words(await choose("5"))
    assert len(await world.groups()) == 1


async def test_area_page_with_full_group_explains_why_the_ninth_waits(world: World, app: FastAPI) -> None:
    await wait(world, 9)

    text = words(await Browser(app, KARI).get(BERGEN_PAGE))

    assert "9 kan møtes, men ikke alle på en gang" in text
    assert "5 + 4: 5 møtes nå. 4 venter, og trenger én til" in text


async def test_ask_again_offers_a_declined_cell_again(world: World, app: FastAPI) -> None:
    await wait(world, 6)
    await world.answer(2, yes=False)
    reader = Browser(app, KARI)
    assert "Har sagt nei til, eller ikke svart på, alt som passer." in words(await reader.get(BERGEN_PAGE))

    await reader.press(BERGEN_PAGE, f"{BERGEN_PAGE}/spor-igjen", signup_id=str(signup_id(2)))

    assert await world.status(2) == "offered"
