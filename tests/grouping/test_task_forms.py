"""A form that does a task leads back to the list of today with that row hidden; every other one stays on the page."""

from datetime import timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI

from grouping import jobs
from grouping.store import Group
from grouping.usecases import areas
from tests.grouping.support.browser import KARI, Browser, words
from tests.grouping.support.staff_acts import decide, run_job, wait
from tests.grouping.support.task_forms import fields_of, press, task_of
from tests.grouping.support.world import World

LATER = {"day": "2026-03-03", "clock": "18:00", "place_text": "Strandgaten 6, rom 2"}


@pytest.fixture
async def short(world: World) -> Group:
    """A confirmed group of six that three have left."""
    await wait(world, 6)
    await world.all_say_yes()
    await world.deliver(*(world.withdrawn(number) for number in (1, 2, 3)))
    return await world.group()


@pytest.mark.parametrize(
    ("kind", "act", "fields"),
    [
        ("group_below_minimum", "behold-dato", {}),
        ("group_below_minimum", "utsett", {}),
        ("group_below_minimum", "ikke-holdt", {}),
        ("group_below_minimum", "start-likevel", {"reason": "Tre er nok på en liten øy."}),
        ("meeting_lacks_address", "mote", LATER),
        ("meeting_lacks_address", "ikke-holdt", {}),
        ("meeting_lacks_igangsetter", "ikke-holdt", {}),
    ],
)
async def test_form_that_does_the_task_leads_to_the_list(
    world: World, app: FastAPI, short: Group, kind: str, act: str, fields: dict[str, str]
) -> None:
    task = await task_of(world, kind)

    location = await press(app, task, f"/stab/grupper/{short.id}/{act}", **fields)

    assert location == f"/stab/?ferdig={task.task_id}"
    assert task.task_id not in {left.task_id for left in await world.open_tasks()}


@pytest.mark.parametrize(
    ("kind", "act", "fields"),
    [
        ("meeting_lacks_igangsetter", "mote", LATER),
        ("meeting_lacks_igangsetter", "behold-dato", {}),
        ("meeting_lacks_address", "behold-dato", {}),
        ("group_below_minimum", "mote", LATER),
        ("meeting_lacks_address", "mote", LATER | {"place_text": ""}),
    ],
)
async def test_form_that_does_something_else_stays_on_the_page(
    world: World, app: FastAPI, short: Group, kind: str, act: str, fields: dict[str, str]
) -> None:
    task = await task_of(world, kind)

    location = await press(app, task, f"/stab/grupper/{short.id}/{act}", **fields)

    assert location == f"{task.path}?oppgave={task.task_id}"
    assert task.task_id in {left.task_id for left in await world.open_tasks()}


async def test_refused_form_still_knows_its_task(world: World, app: FastAPI, short: Group) -> None:
    task = await task_of(world, "meeting_lacks_address")
    browser, action = Browser(app, KARI), f"/stab/grupper/{short.id}/mote"
    page = await browser.get(f"{task.path}?oppgave={task.task_id}")

    refused = await browser.post(action, **fields_of(page.text, action) | LATER | {"day": "2020-01-01"})

    assert refused.status_code == 422
    assert fields_of(refused.text, action)["oppgave"] == str(task.task_id)


async def test_cancel_page_and_answers_lead_to_the_list(world: World, app: FastAPI) -> None:
    await wait(world, 5)
    await run_job(world, jobs.SYNC_TASKS, hours=49)
    offers = [task for task in await world.open_tasks() if task.kind == "offer_expiring"]
    seat = await world.seat_of(1)
    own = next(task for task in offers if task.person_id == seat.person_id)
    other = next(task for task in offers if task is not own)

    assert await press(app, other, f"/stab/plasser/{seat.id}/svar", svar="ja") == f"{own.path}?oppgave={other.task_id}"
    seat = await world.seat_of(2)
    own = next(task for task in offers if task.person_id == seat.person_id)
    assert await press(app, own, f"/stab/plasser/{seat.id}/svar", svar="ja") == f"/stab/?ferdig={own.task_id}"
    browser, action = Browser(app, KARI), f"{own.path}/avlys"
    page = await browser.get(f"{own.path}/avlys?oppgave={other.task_id}")
    answer = await browser.post(action, **fields_of(page.text, action))
    assert answer.headers["location"] == f"/stab/?ferdig={other.task_id}"


async def test_hold_and_long_wait_lead_to_the_list(world: World, app: FastAPI) -> None:
    await decide(world, areas.hold_area, "bergen")
    hold = await task_of(world, "area_on_hold")
    assert await press(app, hold, "/stab/omrader/bergen/videre") == f"/stab/?ferdig={hold.task_id}"
    await world.deliver(world.ready(1, signed_up_at=world.clock.now() - timedelta(days=100)))
    await run_job(world, jobs.SYNC_TASKS)
    waits = await task_of(world, "long_wait")
    assert await press(app, waits, f"{waits.path}/sett") == f"/stab/?ferdig={waits.task_id}"


@pytest.mark.parametrize("page", ["igangsettere/ny", "rom/nytt"])
async def test_register_forms_lead_back_to_the_group(world: World, app: FastAPI, short: Group, page: str) -> None:
    browser, path = Browser(app, KARI), f"/stab/{page}"
    back = f"/stab/grupper/{short.id}"
    shown = await browser.get(f"{path}?neste={back}")
    fields = fields_of(shown.text, path)
    assert fields["neste"] == back
    filled = {
        "label": "Den blå",
        "name": "Møterom 2",
        "address": "Strandgaten 6",
        "place": "5003",
        "reach_km": "20",
        "seats": "10",
        "slots": "tue-evening",
        "languages": "nb",
        "groups_at_once": "1",
        "area": "bergen",
        "centre": "link-bergen",
    }

    refused = await browser.post(path, **fields)
    assert fields_of(refused.text, path)["neste"] == back
    saved = await browser.post(path, **fields | filled)

    assert saved.headers["location"] == back


@pytest.mark.parametrize("oppgave", ["", "x", str(UUID(int=7)), "https://evil.example", "%00"])
async def test_page_opened_for_no_task_of_its_own_is_as_usual(
    world: World, app: FastAPI, short: Group, oppgave: str
) -> None:
    page = await Browser(app, KARI).get(f"/stab/grupper/{short.id}?oppgave={oppgave}")

    assert page.status_code == 200
    assert 'name="oppgave"' not in page.text
    assert "Tilbake til listen" not in words(page)
