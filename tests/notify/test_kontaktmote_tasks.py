"""What the list of today says about a meeting of the centre: send the invitations, and write down how many came."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from notify.usecases import kontaktmoter as usecases
from shared.reference.task_kinds import TASK_KINDS
from tests.notify.support.desk import Desk
from tests.notify.support.kontaktmoter import Office, allow, on_its_own


@pytest.fixture
async def office(desk: Desk) -> Office:
    allow(desk)
    await on_its_own(desk, "opt_in")
    await desk.mailer()
    return Office(desk)


async def drafted(office: Office, days: int) -> UUID:
    starts_at = office.desk.clock.now() + timedelta(days=days)
    plan = office.plan(starts_at=starts_at, ends_at=starts_at + timedelta(hours=2))
    async with office.desk.database.transaction() as session:
        (id_,) = await usecases.plan(session, "link-bergen", [plan], actor=office.actor)
    return id_


async def open_tasks(office: Office) -> list[tuple[str, datetime]]:
    tasks = await office.desk.tasks()
    assert all(set(task.facts) == TASK_KINDS[task.kind] for task in tasks)
    return [(task.kind, task.visible_from) for task in tasks]


@pytest.mark.parametrize(("days", "visible_in"), [(5, 0), (20, 0), (21, 0), (22, 1), (60, 39)])
async def test_draft_is_a_task_three_weeks_before_its_meeting(office: Office, days: int, visible_in: int) -> None:
    now = office.desk.clock.now()
    id_ = await drafted(office, days)
    assert await open_tasks(office) == [("meeting_to_announce", now + timedelta(days=visible_in))]
    (task,) = await office.desk.tasks()
    assert (task.path, task.due_at) == (f"/stab/moter/{id_}", now + timedelta(days=days))


async def test_change_of_a_draft_moves_its_task(office: Office) -> None:
    id_ = await drafted(office, 30)
    meeting = await office.meeting(id_)
    later = {"starts_at": meeting.starts_at + timedelta(days=7), "ends_at": meeting.ends_at + timedelta(days=7)}
    await office.change(id_, **later)
    assert await open_tasks(office) == [("meeting_to_announce", office.desk.clock.now() + timedelta(days=16))]


async def test_meeting_that_is_over_asks_how_many_came_until_somebody_says_so(office: Office) -> None:
    id_ = await drafted(office, 25)
    await office.announce(id_)
    ends_at = (await office.meeting(id_)).ends_at
    assert await open_tasks(office) == [("meeting_attendance", ends_at)]
    await office.change(id_, ends_at=ends_at + timedelta(hours=1))
    assert await open_tasks(office) == [("meeting_attendance", ends_at + timedelta(hours=1))]
    office.desk.clock.set(ends_at)
    for _ in range(2):
        await office.held(id_, 7)
        assert await open_tasks(office) == []


async def test_draft_that_is_deleted_and_meeting_that_is_off_leave_no_task(office: Office) -> None:
    deleted, cancelled = await drafted(office, 10), await drafted(office, 12)
    async with office.desk.database.transaction() as session:
        await usecases.delete_draft(session, deleted, actor=office.actor)
    await office.announce(cancelled)
    await office.cancel(cancelled)
    assert await open_tasks(office) == []
