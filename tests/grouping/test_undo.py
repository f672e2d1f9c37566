"""Undo for twenty seconds, and the question that comes before what cannot be undone."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from grouping import jobs
from grouping.store import Igangsetter, LendingDeadline, Room
from grouping.usecases import people
from shared.kit.staff import wall_now
from shared.kit.web.acts import SURE
from tests.grouping.support import resources
from tests.grouping.support.browser import KARI, OLA, Browser, words
from tests.grouping.support.pages import IGANGSETTER, IGANGSETTERE, ROOM, ROOMS, confirmed
from tests.grouping.support.staff_acts import BERGEN_PAGE, decide, log_of, run_job, wait, with_drafts
from tests.grouping.support.task_forms import fields_of
from tests.grouping.support.world import World, signup_id

DEADLINES: Final = "/stab/rom/frister"
DEADLINE: Final[dict[str, Any]] = {
    "centre": "link-bergen", "lender": "Biblioteket", "what": "lån", "day": "1", "month": "5", "warn_days": "30",
}  # fmt: skip
PERSON: Final = f"{BERGEN_PAGE}/personer/{signup_id(1)}"
TABLES: Final = {
    "area_holds": "area",
    "rooms": "name, address, seats, step_free, slots, lead_days, way_in, active",
    "igangsettere": "label, place, reach_km, slots, languages, groups_at_once, active",
    "lending_deadlines": "lender, what, month, day, warn_days, done_on",
    "waiting": "signup_id, excluded_reason",
    "apart": "one, other",
    "seats": "person_id, pinned",
}


async def state(world: World) -> dict[str, list[str]]:
    """Return what staff have decided; when is left out."""
    async with world.database.transaction() as session:
        return {
            table: sorted(await session.scalars(sa.text(f"SELECT row({columns})::text FROM {table}")))
            for table, columns in TABLES.items()
        }


def undo_form(page: httpx.Response) -> tuple[str, dict[str, Any]]:
    """Return address and hidden fields of the form that undoes the last act."""
    form = page.text.split('id="undo-form"')[0].rsplit('action="', 1)[1].split('"')[0]
    names: dict[str, Any] = {}
    hidden = page.text.split('id="undo-form"')[1].split("</form>")[0]
    for name, value in fields_in(hidden):
        names.setdefault(name, []).append(value)
    return form, names


def fields_in(html: str) -> list[tuple[str, str]]:
    pieces = html.split('<input type="hidden" name="')[1:]
    return [(piece.split('"')[0], piece.split('value="')[1].split('"')[0]) for piece in pieces]


async def id_of(world: World, table: type[Any]) -> str:
    (row,) = await world.rows(table)
    return str(row.id)


Prepared = Callable[[World], Awaitable[tuple[str, str, dict[str, Any]]]]


async def hold(_world: World) -> tuple[str, str, dict[str, Any]]:
    return BERGEN_PAGE, f"{BERGEN_PAGE}/vent", {}


async def new_room(_world: World) -> tuple[str, str, dict[str, Any]]:
    return f"{ROOMS}/nytt", f"{ROOMS}/nytt", dict(ROOM)


async def changed_room(world: World) -> tuple[str, str, dict[str, Any]]:
    own = f"{ROOMS}/{await resources.add_room(world, slots=('tue-evening', 'mon-evening'))}"
    return own, own, ROOM | {"seats": "4", "step_free": [], "way_in": "Ring på"}


async def paused_room(world: World) -> tuple[str, str, dict[str, Any]]:
    own = f"{ROOMS}/{await resources.add_room(world)}"
    return own, f"{own}/pause", {}


async def new_igangsetter(_world: World) -> tuple[str, str, dict[str, Any]]:
    return f"{IGANGSETTERE}/ny", f"{IGANGSETTERE}/ny", dict(IGANGSETTER)


async def changed_igangsetter(world: World) -> tuple[str, str, dict[str, Any]]:
    own = f"{IGANGSETTERE}/{await resources.add_igangsetter(world)}"
    return own, own, IGANGSETTER | {"reach_km": "3"}


async def paused_igangsetter(world: World) -> tuple[str, str, dict[str, Any]]:
    own = f"{IGANGSETTERE}/{await resources.add_igangsetter(world)}"
    return own, f"{own}/pause", {}


async def new_deadline(_world: World) -> tuple[str, str, dict[str, Any]]:
    return DEADLINES, DEADLINES, DEADLINE


async def held_back(world: World) -> tuple[str, str, dict[str, Any]]:
    await wait(world, 2)
    return PERSON, f"{PERSON}/vent", {"reason": "talk_first"}


async def let_in_again(world: World) -> tuple[str, str, dict[str, Any]]:
    await wait(world, 2)
    about = {"area_id": "bergen", "reason": "practical"}
    await decide(world, people.exclude_from_matching, signup_id(1), **about)
    return PERSON, f"{PERSON}/videre", {}


async def kept_apart(world: World) -> tuple[str, str, dict[str, Any]]:
    await wait(world, 2)
    return PERSON, f"{PERSON}/skill", {"other_id": str(signup_id(2)), "reason": "acquainted"}


async def pinned(world: World) -> tuple[str, str, dict[str, Any]]:
    await wait(with_drafts(world), 5)
    return PERSON, f"{PERSON}/fest", {"pinned": "ja"}


@pytest.mark.parametrize(
    "prepared",
    [
        hold,
        new_room,
        changed_room,
        paused_room,
        new_igangsetter,
        changed_igangsetter,
        paused_igangsetter,
        new_deadline,
        held_back,
        let_in_again,
        kept_apart,
        pinned,
    ],
)
async def test_act_undone_leaves_everything_as_before(world: World, app: FastAPI, prepared: Prepared) -> None:
    page, action, fields = await prepared(world)
    reader = Browser(app, KARI)
    before, acts = await state(world), len(await log_of(world))

    done = await reader.press(page, action, **fields)
    assert done.status_code == 303, words(done)
    assert await state(world) != before
    shown = await reader.get(done.headers["location"])
    assert "Du kan angre i 20 sekunder." in shown.text
    undone = await reader.post(undo_form(shown)[0], **undo_form(shown)[1])

    assert undone.status_code == 303, words(undone)
    assert await state(world) == before
    assert len(await log_of(world)) == acts + 2
    after = await reader.get(undone.headers["location"])
    assert "Det er angret." in after.text
    assert "undo-form" not in after.text


async def test_deadline_marked_as_done_is_open_again(world: World, app: FastAPI) -> None:
    reader = Browser(app, KARI)
    await reader.press(DEADLINES, DEADLINES, **DEADLINE)
    own = f"{DEADLINES}/{await id_of(world, LendingDeadline)}"
    before = await state(world)
    page = await reader.get(DEADLINES)
    done = await reader.post(f"{own}/gjort", **fields_of(page.text, f"{own}/gjort"))
    shown = await reader.get(done.headers["location"])
    assert (await reader.post(undo_form(shown)[0], **undo_form(shown)[1])).status_code == 303
    assert await state(world) == before


async def test_long_wait_looked_at_is_a_task_again(world: World, app: FastAPI) -> None:
    await world.deliver(world.ready(1, signed_up_at=world.clock.now() - timedelta(days=100)))
    await run_job(world, jobs.SYNC_TASKS)
    reader, task = Browser(app, KARI), next(iter(await world.open_tasks()))
    page = f"{PERSON}?oppgave={task.task_id}"
    done = await reader.press(page, f"{PERSON}/sett")
    assert await world.open_tasks() == []
    shown = await reader.get(done.headers["location"])
    assert (await reader.post(undo_form(shown)[0], **undo_form(shown)[1])).status_code == 303
    assert [task.kind for task in await world.open_tasks()] == ["long_wait"]


async def test_undo_after_twenty_seconds_changes_nothing(world: World, app: FastAPI) -> None:
    reader = Browser(app, KARI)
    done = await reader.press(BERGEN_PAGE, f"{BERGEN_PAGE}/vent")
    path, fields = undo_form(await reader.get(done.headers["location"]))
    later = _at(app, wall_now() + timedelta(seconds=21))
    before, acts = await state(world), len(await log_of(world))
    late = await reader.post(path, **fields)
    app.state.web = later
    assert late.status_code == 409
    assert "Det er for sent å angre" in late.text
    assert (await state(world), len(await log_of(world))) == (before, acts)


def _at(app: FastAPI, moment: datetime) -> Any:
    """Let the app live at another moment; return the state from before."""
    now = app.state.web
    app.state.web = replace(now, wall=lambda: moment)
    return now


@pytest.mark.parametrize("value", ["", "x", "x~y", "~", "0x1p+60~y", "nan~y"])
async def test_forged_undo_changes_nothing(world: World, app: FastAPI, value: str) -> None:
    reader = Browser(app, KARI)
    before = await state(world)
    answer = await reader.press(BERGEN_PAGE, f"{BERGEN_PAGE}/vent", _undo=value)
    assert answer.status_code == 409
    assert await state(world) == before


@pytest.mark.parametrize(
    "cookie",
    ["x", "e30=", "bnVsbA==", "WyJhIl0=", "eyJwYXRoIjoiLy9ldmlsLmV4YW1wbGUiLCJmaWVsZHMiOltdfQ==", "ÿ"],
)
async def test_foreign_cookie_is_left_out(app: FastAPI, cookie: str) -> None:
    reader = Browser(app, KARI)
    headers = {b"cookie": f"selvhjelp-angre={cookie}".encode("latin-1")}
    page = await reader._client.get(BERGEN_PAGE, headers=headers)
    assert page.status_code == 200
    assert "undo-form" not in page.text


async def test_another_act_takes_the_offer_back(world: World, app: FastAPI) -> None:
    page = await confirmed(world)
    reader = Browser(app, KARI)
    await reader.press(BERGEN_PAGE, f"{BERGEN_PAGE}/vent")
    assert "undo-form" in (await reader.get(page)).text
    await reader.press(page, f"{page}/ikke-holdt")
    assert "undo-form" not in (await reader.get(page)).text


async def test_offer_is_nothing_to_somebody_else(world: World, app: FastAPI) -> None:
    reader, other = Browser(app, KARI), Browser(app, OLA)
    done = await reader.press(BERGEN_PAGE, f"{BERGEN_PAGE}/vent")
    path, fields = undo_form(await reader.get(done.headers["location"]))
    before = await state(world)
    assert (await other.post(path, **fields)).status_code in {403, 404}
    assert await state(world) == before


async def test_question_comes_before_what_cannot_be_undone(world: World, app: FastAPI) -> None:
    page = await confirmed(world)
    reader, action = Browser(app, KARI), f"{page}/ikke-holdt"
    before, acts = await world.dump(), len(await log_of(world))
    fields = fields_of((await reader.get(page)).text, action)

    asked = await reader._client.post(action, data=fields, headers={"referer": f"http://testserver{page}?oppgave=1"})

    assert asked.status_code == 200
    said = words(asked)
    assert "Vil du utsette møtet? Alle som har sagt ja, får beskjed med en gang." in said
    assert f'href="{page}?oppgave=1"' in asked.text
    assert (await world.dump(), len(await log_of(world))) == (before, acts)
    sure = await reader._client.post(action, data=fields_of(asked.text, action) | {SURE: "ja"})
    assert (sure.status_code, sure.headers["location"]) == (303, page)
    assert "Møtet er utsatt" in words(await reader.get(page))


async def test_question_is_not_asked_about_a_foreign_group(world: World, app: FastAPI) -> None:
    page = await confirmed(world)
    own, foreign = Browser(app, KARI), Browser(app, OLA)
    fields = fields_of((await own.get(page)).text, f"{page}/ikke-holdt")
    assert (await foreign._client.post(f"{page}/ikke-holdt", data=fields)).status_code in {403, 404}
    assert await world.rows(Room) == await world.rows(Igangsetter) == []
