"""Yearly deadlines of lenders: when the next one is, the task that warns of it, and their page."""

from datetime import date, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from grouping import jobs
from grouping.domain.lending import MISSED_SHOWN, next_due
from grouping.store import LendingDeadline
from shared.events.tasks import Opened
from tests.grouping.support.browser import KARI, OLA, Browser, words
from tests.grouping.support.staff_acts import run_job
from tests.grouping.support.world import World

PAGE = "/stab/rom/frister"
FORM: dict[str, Any] = {
    "centre": "link-bergen",
    "lender": "Bergen kommune",
    "what": "faste lån for høsten",
    "day": "1",
    "month": "5",
    "warn_days": "30",
}


@pytest.mark.parametrize(
    ("month", "day", "since", "done_on", "today", "due"),
    [
        (5, 1, date(2026, 1, 5), None, date(2026, 1, 5), date(2026, 5, 1)),
        (5, 1, date(2026, 5, 1), None, date(2026, 5, 1), date(2026, 5, 1)),
        (5, 1, date(2026, 5, 2), None, date(2026, 5, 2), date(2027, 5, 1)),
        (5, 1, date(2026, 1, 5), date(2026, 5, 1), date(2026, 4, 20), date(2027, 5, 1)),
        (5, 1, date(2026, 1, 5), None, date(2026, 5, 15), date(2026, 5, 1)),
        (5, 1, date(2026, 1, 5), None, date(2026, 5, 16), date(2027, 5, 1)),
        (2, 31, date(2026, 1, 5), None, date(2026, 1, 5), date(2026, 2, 28)),
        (2, 29, date(2026, 3, 5), None, date(2027, 12, 5), date(2028, 2, 29)),
    ],
)
def test_next_deadline(month: int, day: int, since: date, done_on: date | None, today: date, due: date) -> None:
    assert next_due(month, day, since=since, done_on=done_on, today=today) == due


@given(st.integers(1, 12), st.integers(1, 31), st.dates(date(2026, 1, 1), date(2030, 1, 1)), st.integers(0, 2000))
def test_next_deadline_is_within_a_year_and_never_long_gone(month: int, day: int, since: date, later: int) -> None:
    today = since + timedelta(days=later)
    due = next_due(month, day, since=since, done_on=None, today=today)
    assert since <= due
    assert today - MISSED_SHOWN <= due <= today + timedelta(days=367)
    assert next_due(month, day, since=since, done_on=due, today=today) > due


async def saved(world: World, app: FastAPI, **changes: str) -> LendingDeadline:
    answer = await Browser(app, KARI).press(PAGE, PAGE, **(FORM | changes))
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    (row,) = await world.rows(LendingDeadline)
    assert isinstance(row, LendingDeadline)
    return row


async def tasks(world: World) -> list[Opened]:
    return [task for task in await world.open_tasks() if task.kind == "lending_deadline"]


async def test_deadline_is_a_task_from_its_days_of_warning(world: World, app: FastAPI) -> None:
    await saved(world, app)
    (task,) = await tasks(world)
    assert (task.centre, task.path, task.person_id) == ("link-bergen", PAGE, None)
    assert task.facts == {"lender": "Bergen kommune", "what": "faste lån for høsten", "last_day": "2026-05-01"}
    assert task.visible_from.isoformat() == "2026-04-01T06:00:00+00:00"
    assert task.due_at is not None
    assert task.due_at.isoformat() == "2026-05-01T22:00:00+00:00"
    assert [entry.action for entry in await world.audit_entries()] == ["deadline.saved"]


async def test_dealt_with_deadline_is_asked_again_next_year_only(world: World, app: FastAPI) -> None:
    row = await saved(world, app)
    reader = Browser(app, KARI)
    for _ in range(2):
        await reader.press(PAGE, f"{PAGE}/{row.id}/gjort", frist="2026-05-01")
    (task,) = await tasks(world)
    assert task.facts["last_day"] == "2027-05-01"
    assert "lørdag 1. mai 2027" in words(await reader.get(PAGE))
    assert [entry.action for entry in await world.audit_entries()] == ["deadline.saved", "deadline.finished"]


async def test_missed_deadline_gives_way_to_the_next_year(world: World, app: FastAPI) -> None:
    await saved(world, app)
    world.clock.move(timedelta(days=125))  # 10 May 2026
    await run_job(world, jobs.WARN_OF_DEADLINES)
    assert [task.facts["last_day"] for task in await tasks(world)] == ["2026-05-01"]
    await run_job(world, jobs.WARN_OF_DEADLINES, days=7)
    assert [task.facts["last_day"] for task in await tasks(world)] == ["2027-05-01"]


async def test_changed_and_deleted_deadline_takes_its_task_along(world: World, app: FastAPI) -> None:
    row = await saved(world, app)
    reader, own = Browser(app, KARI), f"{PAGE}/{row.id}"
    assert 'value="Bergen kommune"' in (await reader.get(own)).text
    await reader.press(own, own, **(FORM | {"month": "4", "lender": "Biblioteket"}))
    assert [task.facts["last_day"] for task in await tasks(world)] == ["2026-04-01"]
    assert "Søk Biblioteket om faste lån for høsten" in words(await reader.get(PAGE))
    await reader.press(own, f"{own}/slett")
    assert await tasks(world) == []
    assert await world.rows(LendingDeadline) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lender": ""}, "Skriv hvem som låner ut rommene."),
        ({"what": "x" * 81}, "kan ha høyst 80 tegn"),
        ({"day": "32"}, "kan være høyst 31"),
        ({"month": ""}, "Velg måneden."),
        ({"warn_days": "0"}, "må være minst 1"),
    ],
)
async def test_bad_input_is_answered_and_nothing_is_lost(
    world: World, app: FastAPI, changes: dict[str, str], said: str
) -> None:
    answer = await Browser(app, KARI).press(PAGE, PAGE, **(FORM | changes))
    assert answer.status_code == 422
    assert said in answer.text
    for value in (FORM | changes).values():
        assert not value or f'value="{value}"' in answer.text
    assert await world.rows(LendingDeadline) == []


async def test_another_centre_finds_no_deadline(world: World, app: FastAPI) -> None:
    row = await saved(world, app)
    other, own = Browser(app, OLA), f"{PAGE}/{row.id}"
    assert "Bergen kommune" not in (await other.get(PAGE)).text
    assert (await other.get(own)).status_code == 404
    for path in (own, f"{own}/gjort", f"{own}/slett"):
        assert (await other.post(path, **FORM, frist="2026-05-01")).status_code == 404
    answer = await other.press(PAGE, PAGE, **FORM)
    assert answer.status_code == 404
