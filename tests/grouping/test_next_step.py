"""What is to be done now stands top right on the page of a group, a person and an area, and leads to its place."""

import re
from collections.abc import Awaitable, Callable

import pytest
from fastapi import FastAPI

from tests.grouping.support.browser import KARI, Browser, words
from tests.grouping.support.pages import confirmed, group_page, nine_in_area_on_hold
from tests.grouping.support.staff_acts import BERGEN_PAGE, wait, with_drafts
from tests.grouping.support.world import World, signup_id

NOTHING = "Ingenting å gjøre nå."
STEP = re.compile(r'<div class="next-step">(.*?)</div>', re.DOTALL)
LINK = re.compile(r'<a class="ds-button" href="([^"]+)">([^<]+)</a>')


async def drafted(world: World, _app: FastAPI) -> str:
    await wait(with_drafts(world), 5)
    return await group_page(world)


async def proposed(world: World, _app: FastAPI) -> str:
    await wait(world, 5)
    return await group_page(world)


async def without_address(world: World, _app: FastAPI) -> str:
    return await confirmed(world)


async def put_off(world: World, app: FastAPI) -> str:
    path = await confirmed(world)
    await Browser(app, KARI).press(path, f"{path}/ikke-holdt")
    return path


async def person_waiting(world: World, _app: FastAPI) -> str:
    await wait(world, 3)
    return f"{BERGEN_PAGE}/personer/{signup_id(1)}"


async def person_with_offer(world: World, _app: FastAPI) -> str:
    await wait(world, 5)
    return f"{BERGEN_PAGE}/personer/{signup_id(1)}"


async def quiet_area(world: World, _app: FastAPI) -> str:
    await wait(world, 3)
    return BERGEN_PAGE


async def area_that_can_begin(world: World, app: FastAPI) -> str:
    await nine_in_area_on_hold(world, app)
    return BERGEN_PAGE


Prepared = Callable[[World, FastAPI], Awaitable[str]]


@pytest.mark.parametrize(
    ("prepared", "state", "step", "leads_to"),
    [
        (drafted, "Dette er et forslag", "Send tilbud eller forkast", "#draft"),
        (proposed, "0 har sagt ja.", "Velg igangsetter", "#who-starts"),
        (without_address, "5 har sagt ja.", "Velg rom", "/rom"),
        (put_off, "Møtet er utsatt", "Sett en ny dato", "#day"),
        (person_waiting, "Står på ventelisten", "Se hva dere kan gjøre", "/hva-om"),
        (person_with_offer, "Har fått tilbud om plass og ikke svart ennå.", "Se gruppa", "/stab/grupper/"),
        (quiet_area, "3 personer står på ventelisten her. Grupper settes sammen automatisk.", "", ""),
        (area_that_can_begin, "Dere setter sammen gruppene selv.", "Velg hvem som begynner", "#possible"),
    ],
    ids=lambda value: value.__name__ if callable(value) else None,
)
async def test_page_says_the_state_and_the_next_step(
    world: World, app: FastAPI, prepared: Prepared, state: str, step: str, leads_to: str
) -> None:
    path = await prepared(world, app)

    page = await Browser(app, KARI).get(path)

    assert state in words(page)
    (shown,) = STEP.findall(page.text)
    link = LINK.search(shown)
    if not step:
        assert NOTHING in shown
        assert link is None
        return
    assert link is not None
    assert link[2] == step
    assert leads_to in link[1]
    if link[1].startswith("#"):
        assert f'id="{link[1][1:]}"' in page.text
    else:
        assert (await Browser(app, KARI).get(link[1])).status_code == 200


async def test_person_held_back_is_let_in_by_the_button_at_the_top(world: World, app: FastAPI) -> None:
    await wait(world, 3)
    path, reader = f"{BERGEN_PAGE}/personer/{signup_id(1)}", Browser(app, KARI)
    await reader.press(path, f"{path}/vent", reason="asked")
    page = await reader.get(path)
    assert "Holdes tilbake, og får ikke tilbud om plass nå." in words(page)
    assert page.text.split("<main")[1].count(f'action="{path}/videre"') == 1
    assert f'action="{path}/videre"' in page.text.split('class="next-step"')[1].split("</div>")[0]


async def test_area_on_hold_without_people_is_resumed_at_the_top(world: World, app: FastAPI) -> None:
    reader = Browser(app, KARI)
    await reader.press(BERGEN_PAGE, f"{BERGEN_PAGE}/vent")
    page = await reader.get(BERGEN_PAGE)
    assert f'action="{BERGEN_PAGE}/videre"' in page.text.split('class="next-step"')[1].split("</div>")[0]


async def test_area_history_tells_of_groups_and_acts(world: World, app: FastAPI) -> None:
    await confirmed(world)
    reader = Browser(app, KARI)
    await reader.press(BERGEN_PAGE, f"{BERGEN_PAGE}/vent")
    await world.pass_time(days=20)

    text = words(await reader.get(BERGEN_PAGE)).split("Historikk")[1]

    for line in (
        "En gruppe ble foreslått: tirsdag kveld, Bergen sentrum",
        "En gruppe startet",
        "kari satte området på",
    ):
        assert line in text
    assert text.index("En gruppe startet") < text.index("En gruppe ble foreslått")
    assert "En gruppe" not in words(await Browser(app, KARI).get("/nn/stab/omrader/bergen"))
