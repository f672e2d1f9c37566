"""Acts of staff on lending deadlines, and the tasks that warn of them."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.lending import next_due
from grouping.store import LendingDeadline, audit_log, task_book
from grouping.usecases.context import GroupingContext
from shared.errors import DomainError, NotFoundError
from shared.kit.audit import Actor
from shared.kit.ids import new_id
from shared.kit.messaging.causes import Cause
from shared.kit.tasks import Task
from shared.timezone import OSLO_TZ

SCOPE: Final = "lending:"
URGENT_BEFORE: Final = timedelta(days=7)
PAGE: Final = "/stab/rom/frister"


@dataclass(frozen=True)
class DeadlineDetails:
    """The fields of a deadline that staff enter; see :class:`grouping.store.LendingDeadline`."""

    lender: str
    what: str
    month: int
    day: int
    warn_days: int


async def save_deadline(
    session: AsyncSession,
    context: GroupingContext,
    centre_id: str,
    details: DeadlineDetails,
    *,
    deadline_id: UUID | None = None,
    actor: Actor,
) -> UUID:
    """
    Add a deadline to a centre, or change one; return its id.

    Raises:
        NotFoundError: ``unknown_centre`` or ``unknown_deadline``.
    """
    if context.centres.get(centre_id) is None:
        raise NotFoundError("unknown_centre", centre=centre_id)
    if deadline_id is None:
        row = LendingDeadline(id=new_id(), centre=centre_id, created_at=actor.now, **asdict(details))
        session.add(row)
    else:
        row = await _locked(session, deadline_id)
        row.sqlmodel_update(asdict(details))
    await _record_and_sync(session, actor, "deadline.saved", row)
    return row.id


async def finish_deadline(session: AsyncSession, deadline_id: UUID, due: date, *, actor: Actor) -> None:
    """
    Record that a deadline of one year has been dealt with; recording it twice changes nothing.

    Raises:
        NotFoundError: ``unknown_deadline``.
        DomainError: ``not_the_next_deadline`` if the page that was pressed is old.
    """
    row = await _locked(session, deadline_id)
    if row.done_on == due:
        return
    if due_of(row, actor.now) != due:
        raise DomainError("not_the_next_deadline", deadline_id=deadline_id)
    row.done_on = due
    await _record_and_sync(session, actor, "deadline.finished", row)


async def reopen_deadline(session: AsyncSession, deadline_id: UUID, before: date | None, *, actor: Actor) -> None:
    """
    Undo :func:`finish_deadline`: the deadline was last dealt with on the day before.

    Raises:
        NotFoundError: ``unknown_deadline``.
    """
    row = await _locked(session, deadline_id)
    if row.done_on == before:
        return
    row.done_on = before
    await _record_and_sync(session, actor, "deadline.reopened", row)


async def remove_deadline(session: AsyncSession, deadline_id: UUID, *, actor: Actor) -> None:
    """
    Delete a deadline with its task.

    Raises:
        NotFoundError: ``unknown_deadline``.
    """
    row = await _locked(session, deadline_id)
    await _record(session, actor, "deadline.removed", row)
    await session.delete(row)
    await task_book.sync(session, f"{SCOPE}{deadline_id}", (), now=actor.now, cause=actor.cause)


def due_of(row: LendingDeadline, now: datetime) -> date:
    """Return the day of a deadline that has to be dealt with next."""
    since = row.created_at.astimezone(OSLO_TZ).date()
    return next_due(row.month, row.day, since=since, done_on=row.done_on, today=now.astimezone(OSLO_TZ).date())


def task_of(row: LendingDeadline, now: datetime) -> Task:
    """Return the task that warns of a deadline, from ``warn_days`` before it."""
    due = due_of(row, now)
    ends_at = datetime.combine(due + timedelta(days=1), time(), OSLO_TZ)
    return Task(
        kind="lending_deadline",
        key="deadline",
        centre=row.centre,
        path=PAGE,
        visible_from=datetime.combine(due - timedelta(days=row.warn_days), time(8), OSLO_TZ),
        due_at=ends_at,
        urgent_from=ends_at - URGENT_BEFORE,
        facts={"lender": row.lender, "what": row.what, "last_day": due.isoformat()},
    )


async def centres_out_of_step(session: AsyncSession, _context: GroupingContext, now: datetime) -> list[str]:
    """Return the centres with a task about a deadline of a year that is over."""
    rows = await store.lending.everywhere(session)
    centres = sorted({row.centre for row in rows})
    return [
        centre
        for centre in centres
        if await task_book.differs(session, _tasks((row for row in rows if row.centre == centre), now), now=now)
    ]


async def sync_centre(
    session: AsyncSession, _context: GroupingContext, centre_id: str, *, now: datetime, cause: Cause
) -> None:
    """Bring the tasks about the deadlines of a centre in step."""
    rows = await store.lending.of_centres(session, [centre_id])
    await task_book.sync_scopes(session, _tasks(rows, now), now=now, cause=cause)


def _tasks(rows: Iterable[LendingDeadline], now: datetime) -> dict[str, list[Task]]:
    return {f"{SCOPE}{row.id}": [task_of(row, now)] for row in rows}


async def _locked(session: AsyncSession, deadline_id: UUID) -> LendingDeadline:
    row = await store.lending.get(session, deadline_id, lock=True)
    if row is None:
        raise NotFoundError("unknown_deadline", deadline_id=deadline_id)
    return row


async def _record_and_sync(session: AsyncSession, actor: Actor, action: str, row: LendingDeadline) -> None:
    await _record(session, actor, action, row)
    await session.flush()
    await task_book.sync_scopes(session, _tasks([row], actor.now), now=actor.now, cause=actor.cause)


async def _record(session: AsyncSession, actor: Actor, action: str, row: LendingDeadline) -> None:
    await audit_log.record(session, actor, action, "deadline", row.id, details={"centre": row.centre})
