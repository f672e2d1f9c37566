"""The pages of igangsettere."""

from typing import Any

import pytest
from fastapi import FastAPI

from grouping.store import Igangsetter
from shared.kit.staff import StaffMember
from tests.grouping.support.browser import KARI, Browser, words
from tests.grouping.support.pages import IGANGSETTER, IGANGSETTERE
from tests.grouping.support.world import World

BOTH = StaffMember("bo", frozenset({"koordinator"}), frozenset({"link-bergen", "link-oslo"}), "session-4")


async def test_igangsetter_pages_add_change_pause_and_delete_one(world: World, app: FastAPI) -> None:
    reader = Browser(app, KARI)
    assert "Dere har ingen her ennå." in words(await reader.get(IGANGSETTERE))

    answer = await reader.press(f"{IGANGSETTERE}/ny", f"{IGANGSETTERE}/ny", **IGANGSETTER)

    assert (answer.status_code, answer.headers["location"]) == (303, IGANGSETTERE)
    text = words(await reader.get(IGANGSETTERE))
    assert "KN LINK Bergen 0 av 2 ledig tirsdag kveld, mandag kveld norsk, spansk 20 km fra 5003 Bergen" in text
    (row,) = await world.rows(Igangsetter)
    own = f"{IGANGSETTERE}/{row.id}"
    await reader.press(own, own, **(IGANGSETTER | {"label": "Kari", "languages": "nb"}))
    await reader.press(own, f"{own}/pause")
    text = words(await reader.get(IGANGSETTERE))
    assert "Kari LINK Bergen 0 av 2 pause" in text
    assert "spansk" not in text
    await reader.press(own, f"{own}/tilbake")
    assert "ledig" in words(await reader.get(IGANGSETTERE))
    await reader.press(own, f"{own}/slett")
    assert await world.rows(Igangsetter) == []


async def test_igangsetter_form_holds_the_stored_values(world: World, app: FastAPI) -> None:
    reader = Browser(app, KARI)
    await reader.press(f"{IGANGSETTERE}/ny", f"{IGANGSETTERE}/ny", **IGANGSETTER)
    (row,) = await world.rows(Igangsetter)

    page = (await reader.get(f"{IGANGSETTERE}/{row.id}")).text

    for value in ("KN", "5003 Bergen", "20", "link-bergen"):
        assert f'value="{value}"' in page
    assert page.count(" checked") == 4
    # What the form holds can be sent as it is.
    answer = await reader.press(
        f"{IGANGSETTERE}/{row.id}", f"{IGANGSETTERE}/{row.id}", **(IGANGSETTER | {"place": row.place})
    )
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"label": ""}, "Skriv hva dere kaller igangsetteren."),
        ({"label": "x" * 41}, "kan ha høyst 40 tegn."),
        ({"label": "kari@eksempel.no"}, "ikke noe man kan nå dem på."),
        ({"label": "Kari 900 12 345"}, "ikke noe man kan nå dem på."),
        ({"place": ""}, "Skriv et postnummer eller et sted."),
        ({"place": "Tull og tøys"}, "Vi finner ikke stedet."),
        ({"place": "Nes"}, "Flere steder heter det samme."),
        ({"reach_km": "langt"}, "som et helt tall."),
        ({"reach_km": "0"}, "må være minst 1."),
        ({"slots": []}, "Kryss av for minst én tid."),
        ({"languages": []}, "Kryss av for minst ett språk."),
        ({"groups_at_once": "11"}, "kan være høyst 10."),
    ],
)
async def test_igangsetter_form_with_invalid_field_keeps_the_rest(
    world: World, app: FastAPI, fields: dict[str, Any], said: str
) -> None:
    page = await Browser(app, KARI).press(f"{IGANGSETTERE}/ny", f"{IGANGSETTERE}/ny", **(IGANGSETTER | fields))

    assert page.status_code == 422
    assert said in words(page)
    kept = {name: value for name, value in (IGANGSETTER | fields).items() if isinstance(value, str) and value}
    assert all(f'value="{value}"' in page.text for value in kept.values())
    assert await world.rows(Igangsetter) == []


async def test_igangsetter_form_of_two_centres_asks_for_the_centre(world: World, app: FastAPI) -> None:
    reader = Browser(app, BOTH)
    page = (await reader.get(f"{IGANGSETTERE}/ny")).text
    assert '<select class="ds-input" id="centre"' in page

    missing = await reader.press(f"{IGANGSETTERE}/ny", f"{IGANGSETTERE}/ny", **(IGANGSETTER | {"centre": ""}))
    await reader.press(f"{IGANGSETTERE}/ny", f"{IGANGSETTERE}/ny", **(IGANGSETTER | {"centre": "link-oslo"}))

    assert "Velg hvilket senter det gjelder." in words(missing)
    assert [row.centre for row in await world.rows(Igangsetter)] == ["link-oslo"]
