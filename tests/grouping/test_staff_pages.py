"""Access to the staff pages: sign-in, form tokens, other centres; and their languages."""

from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from grouping.store import Igangsetter, Room
from tests.grouping.support import resources
from tests.grouping.support.browser import IGA, KARI, OLA, Browser, form_token, words
from tests.grouping.support.pages import IGANGSETTER, IGANGSETTERE, ROOM, ROOMS, confirmed, group_page
from tests.grouping.support.staff_acts import BERGEN_PAGE, wait
from tests.grouping.support.world import World, signup_id


async def test_staff_pages_without_session_lead_to_sign_in(world: World, app: FastAPI) -> None:
    for path in ("/stab/omrader", BERGEN_PAGE, "/stab/grupper"):
        answer = await Browser(app).get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/stab/logg-inn")
    assert (await Browser(app, IGA).get("/stab/omrader")).status_code == 403


async def test_staff_pages_of_another_centre_answer_404(world: World, app: FastAPI) -> None:
    path = await confirmed(world)
    ola = Browser(app, OLA)
    before = await world.dump()

    assert (await ola.get(path)).status_code == 404
    assert (await ola.get(BERGEN_PAGE)).status_code == 404
    assert "Bergen" not in words(await ola.get("/stab/omrader"))
    assert (await world.group()).id.hex[-8:] not in (await ola.get("/stab/grupper")).text
    token = form_token((await ola.get("/stab/omrader/oslo")).text, "/stab/omrader/oslo/vent")
    for action in (f"{path}/mote", f"{path}/ikke-holdt", f"{path}/avlys", f"{BERGEN_PAGE}/vent"):
        fields = {"day": "2026-01-20", "clock": "18:00", "place_text": "Rom 2"}
        assert (await ola.post(action, _csrf=token, **fields)).status_code == 404
    stray = await ola.post("/stab/omrader/oslo/spor-igjen", _csrf=token, signup_id=str(signup_id(1)))
    assert stray.status_code == 404
    assert await world.dump() == before


async def test_staff_forms_without_token_answer_403(world: World, app: FastAPI) -> None:
    path = await confirmed(world)
    reader = Browser(app, KARI)

    for action in (f"{path}/mote", f"{path}/ikke-holdt", f"{path}/avlys", f"{BERGEN_PAGE}/vent"):
        assert (await reader.post(action)).status_code == 403


@pytest.mark.parametrize("language", ["", "/nn", "/en"])
async def test_staff_pages_exist_in_each_language(world: World, app: FastAPI, language: str) -> None:
    path = await confirmed(world)
    await wait(world, 8, first=10)
    reader = Browser(app, KARI)
    for page in ("/stab/omrader", BERGEN_PAGE, "/stab/omrader/oslo", "/stab/grupper", "/stab/grupper?vis=avlyst", path):
        answer = await (Browser(app, OLA) if page.endswith("oslo") else reader).get(language + page)
        assert answer.status_code == 200
        assert f'lang="{language[1:] or "nb"}"' in answer.text


async def test_room_and_igangsetter_pages_without_session_lead_to_sign_in(world: World, app: FastAPI) -> None:
    for path in (IGANGSETTERE, f"{IGANGSETTERE}/ny", ROOMS, f"{ROOMS}/nytt"):
        answer = await Browser(app).get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/stab/logg-inn")
        assert (await Browser(app, IGA).get(path)).status_code == 403


async def test_room_and_igangsetter_pages_of_another_centre_answer_404(world: World, app: FastAPI) -> None:
    who = await resources.add_igangsetter(world)
    stranger = await resources.add_igangsetter(world, centre="link-oslo")
    room = await resources.add_room(world)
    await wait(world, 5)
    path = await group_page(world)
    ola, kari = Browser(app, OLA), Browser(app, KARI)
    new = (await ola.get(f"{IGANGSETTERE}/ny")).text
    token = form_token(new, f"{IGANGSETTERE}/ny")
    before = await dump(world)

    for page in (f"{IGANGSETTERE}/{who}", f"{ROOMS}/{room}", f"{ROOMS}/rom-00000000", f"{IGANGSETTERE}/{uuid4()}"):
        assert (await ola.get(page)).status_code == 404
        for action in (page, f"{page}/pause", f"{page}/tilbake", f"{page}/slett"):
            fields = IGANGSETTER | {"centre": "link-oslo"} if page.startswith(IGANGSETTERE) else ROOM | {"area": "oslo"}
            assert (await ola.post(action, _csrf=token, **fields)).status_code == 404, action
    for action in (f"{path}/igangsettere", f"{path}/rom-ledig"):
        assert (await ola.post(action, _csrf=token)).status_code == 404
    assert (await ola.post(f"{IGANGSETTERE}/ny", _csrf=token, **IGANGSETTER)).status_code == 404
    assert (await ola.post(f"{ROOMS}/nytt", _csrf=token, **ROOM)).status_code == 404
    assert (await kari.press(path, f"{path}/igangsettere", starters=[str(stranger)])).status_code == 404
    assert "KN" in words(await ola.get(IGANGSETTERE))
    assert str(who) not in (await ola.get(IGANGSETTERE)).text
    assert "Storstua" not in (await ola.get(ROOMS)).text
    assert await dump(world) == before


async def dump(world: World) -> list[str]:
    rows = [*await world.rows(Igangsetter), *await world.rows(Room)]
    return sorted(str(row.model_dump()) for row in rows)


async def test_room_and_igangsetter_forms_with_taken_name_answer_422(world: World, app: FastAPI) -> None:
    reader = Browser(app, KARI)
    for _ in range(2):
        starter = await reader.press(f"{IGANGSETTERE}/ny", f"{IGANGSETTERE}/ny", **IGANGSETTER)
        room = await reader.press(f"{ROOMS}/nytt", f"{ROOMS}/nytt", **ROOM)

    assert (starter.status_code, room.status_code) == (422, 422)
    assert "Skriv noe som skiller dem." in words(starter)
    assert "Skriv noe som skiller dem." in words(room)
    assert len(await world.rows(Igangsetter)) == len(await world.rows(Room)) == 1


async def test_room_and_igangsetter_forms_without_token_answer_403(world: World, app: FastAPI) -> None:
    who = await resources.add_igangsetter(world)
    room = await resources.add_room(world)
    await wait(world, 5)
    path = await group_page(world)
    reader = Browser(app, KARI)

    for page in (f"{IGANGSETTERE}/{who}", f"{ROOMS}/{room}"):
        for action in ("pause", "tilbake", "slett"):
            assert (await reader.post(f"{page}/{action}")).status_code == 403
    for action in (f"{path}/igangsettere", f"{path}/rom-ledig"):
        assert (await reader.post(action)).status_code == 403
    for action, fields in ((f"{IGANGSETTERE}/ny", IGANGSETTER), (f"{ROOMS}/nytt", ROOM)):
        assert (await reader.post(action, **fields)).status_code in {200, 403, 422}
    assert len(await world.rows(Igangsetter)) == len(await world.rows(Room)) == 1


@pytest.mark.parametrize("language", ["", "/nn", "/en"])
async def test_room_and_igangsetter_pages_exist_in_each_language(world: World, app: FastAPI, language: str) -> None:
    who = await resources.add_igangsetter(world)
    room = await resources.add_room(world)
    await wait(world, 5)
    reader = Browser(app, KARI)
    for page in (
        IGANGSETTERE,
        f"{IGANGSETTERE}/ny",
        f"{IGANGSETTERE}/{who}",
        ROOMS,
        f"{ROOMS}/nytt",
        f"{ROOMS}/{room}",
    ):
        answer: httpx.Response = await reader.get(language + page)
        assert answer.status_code == 200
        assert f'lang="{language[1:] or "nb"}"' in answer.text
    assert (await reader.get(language + await group_page(world))).status_code == 200
