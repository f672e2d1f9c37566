"""The tasks of staff about a meeting of the centre: to send its invitations, and to count who came."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain.kontaktmoter.meetings import State
from notify.store import KontaktmoteRow, task_book
from shared.kit.messaging.causes import Cause
from shared.kit.tasks import Task

ANNOUNCED_BEFORE: Final = timedelta(days=21)
"""Time before a meeting at which its invitations should have been sent: people need some weeks."""

LATE: Final = timedelta(days=7)
"""Time before a meeting from which it is urgent."""


async def sync(session: AsyncSession, row: KontaktmoteRow, *, now: datetime, cause: Cause) -> None:
    """Make the tasks about a meeting agree with its state; the caller holds its lock."""
    await task_book.sync(session, f"kontaktmote:{row.id}", _tasks(row), now=now, cause=cause)


async def close(session: AsyncSession, row: KontaktmoteRow, *, now: datetime, cause: Cause) -> None:
    """Close the tasks about a draft that is deleted."""
    await task_book.sync(session, f"kontaktmote:{row.id}", (), now=now, cause=cause)


def _tasks(row: KontaktmoteRow) -> list[Task]:
    path, facts = f"/stab/moter/{row.id}", {"starts_at": row.starts_at.isoformat()}
    if row.state == State.DRAFT:
        visible_from = max(row.created_at, row.starts_at - ANNOUNCED_BEFORE)
        task = Task(
            kind="meeting_to_announce",
            key="meeting",
            centre=row.centre,
            path=path,
            visible_from=visible_from,
            due_at=row.starts_at,
            urgent_from=row.starts_at - LATE,
            facts=facts,
        )
        return [task]
    if row.state == State.ANNOUNCED:
        return [
            Task(
                kind="meeting_attendance",
                key="meeting",
                centre=row.centre,
                path=path,
                visible_from=row.ends_at,
                facts=facts,
            )
        ]
    return []
