"""The pages of rooms."""

from typing import Any

import pytest
from fastapi import FastAPI

from grouping.store import Room
from tests.grouping.support import resources
from tests.grouping.support.browser import KARI, OLA, Browser, form_token, words
from tests.grouping.support.pages import ROOM, ROOMS
from tests.grouping.support.staff_acts import wait
from tests.grouping.support.world import OSLO, World


async def test_room_pages_add_change_pause_and_delete_a_room(world: World, app: FastAPI) -> None:
    reader = Browser(app, KARI)
    assert "Dere har ingen rom her ennå." in words(await reader.get(ROOMS))

    answer = await reader.press(f"{ROOMS}/nytt", f"{ROOMS}/nytt", **ROOM)

    assert (answer.status_code, answer.headers["location"]) == (303, ROOMS)
    assert "Storstua Strandgaten 6 Bergen og omegn 10, trinnfritt – tirsdag kveld" in words(await reader.get(ROOMS))
    (row,) = await world.rows(Room)
    own = f"{ROOMS}/{row.id}"
    await reader.press(
        own, own, **{name: value for name, value in ROOM.items() if name != "step_free"} | {"seats": "4"}
    )
    text = words(await reader.get(ROOMS))
    assert "Strandgaten 6 Bergen og omegn 4 for lite for gruppene deres" in text
    await reader.press(own, f"{own}/pause")
    assert "pause" in words(await reader.get(ROOMS))
    await reader.press(own, f"{own}/tilbake")
    await reader.press(own, f"{own}/slett")
    assert await world.rows(Room) == []


async def test_room_list_shows_group_and_slot_of_each_room(world: World, app: FastAPI) -> None:
    room = await resources.add_room(world, slots=("tue-evening", "mon-evening"))
    await wait(world, 5)
    reader = Browser(app, KARI)

    assert "Storstua, tirsdag kveld mandag kveld" in words(await reader.get(ROOMS))

    week = words(await reader.get(f"{ROOMS}/uke"))
    assert "Mandag kveld: ledig Tirsdag kveld: Storstua, tirsdag kveld –" in week
    assert "Storstua" not in words(await Browser(app, OLA).get(f"{ROOMS}/uke"))
    page = await reader.get(f"{ROOMS}/{room}")
    assert f'action="{ROOMS}/{room}/slett"' not in page.text
    token = form_token(page.text, f"{ROOMS}/{room}/pause")
    refused = await reader.post(f"{ROOMS}/{room}/slett", _csrf=token)
    assert refused.status_code == 409
    assert "Sett det på pause i stedet." in refused.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "Skriv hva rommet heter."),
        ({"address": "x" * 111}, "kan ha høyst 110 tegn."),
        ({"place": "9999"}, "Vi finner ikke stedet."),
        ({"seats": "2"}, "må være minst 3."),
        ({"slots": []}, "Kryss av for minst én tid."),
    ],
)
async def test_room_form_with_invalid_field_shows_the_error(
    world: World, app: FastAPI, fields: dict[str, Any], said: str
) -> None:
    page = await Browser(app, KARI).press(f"{ROOMS}/nytt", f"{ROOMS}/nytt", **(ROOM | fields))

    assert page.status_code == 422
    assert said in words(page)
    assert await world.rows(Room) == []


async def test_add_room_is_given_to_the_next_group(world: World, app: FastAPI) -> None:
    await resources.add_room(world, area="oslo", place=resources.place("0150"), slots=("sun-day",))
    await wait(world, 8, **OSLO)
    assert (await world.group()).place == "oslo-sentrum"

    room = ROOM | {"area": "oslo", "place": "0150", "name": "Lillestua"}
    await Browser(app, OLA).press(f"{ROOMS}/nytt", f"{ROOMS}/nytt", **room)
    await wait(world, 5, first=10, **OSLO)

    (added,) = await world.rows(Room, name="Lillestua")
    assert (await world.groups(place=added.id))[0].live == 5
