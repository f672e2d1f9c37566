"""What use cases of staff have in common: a group on the table, an area on hold, a line in the log of staff actions."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.store import AreaHold, StaffAction, queries
from grouping.store.locks import lock_areas
from grouping.usecases.context import GroupingContext
from grouping.usecases.unit_of_work import GroupAggregate, UnitOfWork
from shared.errors import DomainError
from shared.kit.messaging.causes import Cause

REASONS: Final = ("asked", "talk_first", "acquainted", "fits_better", "practical")
"""Why staff decide something about a person: fixed words, so that nothing is written about anybody's life."""


async def open_group(
    session: AsyncSession, office: GroupingContext, group_id: UUID, now: datetime, cause: Cause
) -> tuple[UnitOfWork, GroupAggregate]:
    """
    A group on the table, its area locked.

    Raises:
        DomainError: ``unknown_group``.
    """
    area_id = await queries.area_of_group(session, group_id)
    if area_id is None:
        raise DomainError("unknown_group", group_id=group_id)
    await lock_areas(session, [area_id])
    work = UnitOfWork(session, office, now, cause)
    return work, await work.open(group_id)


async def hold(work: UnitOfWork, centre_id: str, area_id: str, username: str) -> None:
    """From now on the centre decides itself when a group is made in the area."""
    if await work.session.get(AreaHold, area_id, populate_existing=True) is None:
        work.session.add(AreaHold(area=area_id, centre=centre_id, held_at=work.now, username=username))
        await work.session.flush()


def note(
    work: UnitOfWork,
    desk: GroupAggregate,
    username: str,
    action: str,
    signup_id: UUID | None = None,
    reason: str | None = None,
) -> None:
    """Staff did something with a group, or with somebody in it."""
    row = desk.row
    work.session.add(
        StaffAction(
            at=work.now,
            username=username,
            centre=row.centre,
            area=row.area,
            action=action,
            group_id=row.id,
            signup_id=signup_id,
            reason=reason,
        )
    )


def note_area(
    work: UnitOfWork,
    centre_id: str,
    area_id: str,
    username: str,
    action: str,
    signup_id: UUID | None = None,
    reason: str | None = None,
) -> None:
    """Staff did something with an area, or with somebody who waits there."""
    work.session.add(
        StaffAction(
            at=work.now,
            username=username,
            centre=centre_id,
            area=area_id,
            action=action,
            signup_id=signup_id,
            reason=reason,
        )
    )
