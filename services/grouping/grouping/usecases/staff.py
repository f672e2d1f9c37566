"""What staff decide; each decision leaves a line in the log of staff actions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain.matching.cells import Cell
from grouping.store import AreaHold, queries
from grouping.store.locks import lock_areas
from grouping.usecases.audit import hold, note, note_area, open_group
from grouping.usecases.context import GroupingContext
from grouping.usecases.matching import form, run_matching
from grouping.usecases.unit_of_work import UnitOfWork
from shared.errors import DomainError
from shared.kit.messaging.causes import Cause


async def set_meeting(
    session: AsyncSession,
    office: GroupingContext,
    group_id: UUID,
    *,
    meets_at: datetime,
    place_text: str,
    username: str,
    now: datetime,
    cause: Cause,
) -> None:
    """
    Another time or place for the start meeting.

    Raises:
        DomainError: ``unknown_group``, ``not_confirmed``, ``group_closed`` or ``meeting_in_the_past``.
    """
    work, desk = await open_group(session, office, group_id, now, cause)
    desk.move_meeting(meets_at, place_text)
    note(work, desk, username, "meeting_set")
    await work.finish()


async def meeting_not_held(
    session: AsyncSession, office: GroupingContext, group_id: UUID, *, username: str, now: datetime, cause: Cause
) -> None:
    """
    The start meeting does not take place; the group waits until a new time is set.

    Raises:
        DomainError: ``unknown_group``, ``not_confirmed``, or ``group_closed`` where it already counts as held.
    """
    work, desk = await open_group(session, office, group_id, now, cause)
    desk.postpone()
    note(work, desk, username, "meeting_not_held")
    await work.finish()


async def cancel_group(
    session: AsyncSession, office: GroupingContext, group_id: UUID, *, username: str, now: datetime, cause: Cause
) -> None:
    """
    The centre gives a group up; everybody waits again. The area is held, or the same people would be a group at once.

    Raises:
        DomainError: ``unknown_group`` or ``group_closed``.
    """
    work, desk = await open_group(session, office, group_id, now, cause)
    desk.cancel("by_centre")
    note(work, desk, username, "group_cancelled")
    await hold(work, desk.row.centre, desk.row.area, username)
    await run_matching(work, desk.row.area)
    await work.finish()


async def hold_area(
    session: AsyncSession, office: GroupingContext, area_id: str, *, username: str, now: datetime, cause: Cause
) -> None:
    """
    From now on the centre decides itself when a group is made there.

    Raises:
        DomainError: ``unknown_area``.
    """
    centre, _ = office.area(area_id)
    await lock_areas(session, [area_id])
    work = UnitOfWork(session, office, now, cause)
    await hold(work, centre.id, area_id, username)
    note_area(work, centre.id, area_id, username, "area_held")
    await work.finish()


async def resume_area(
    session: AsyncSession, office: GroupingContext, area_id: str, *, username: str, now: datetime, cause: Cause
) -> None:
    """
    Groups are made by themselves again, at once where there are enough people.

    Raises:
        DomainError: ``unknown_area``.
    """
    centre, _ = office.area(area_id)
    await lock_areas(session, [area_id])
    work = UnitOfWork(session, office, now, cause)
    held = await session.get(AreaHold, area_id, populate_existing=True)
    if held is not None:
        await session.delete(held)
        await session.flush()
    note_area(work, centre.id, area_id, username, "area_resumed")
    await run_matching(work, area_id)
    await work.finish()


async def form_held(
    session: AsyncSession,
    office: GroupingContext,
    area_id: str,
    *,
    cell: Cell,
    size: int,
    username: str,
    now: datetime,
    cause: Cause,
) -> UUID:
    """
    Make a group of the size that staff chose in an area that is held; the id of the group.

    Raises:
        DomainError: ``unknown_area``, ``area_not_held``, ``too_few`` or ``size_outside_policy``.
    """
    office.area(area_id)
    await lock_areas(session, [area_id])
    if not await queries.is_held(session, area_id):
        raise DomainError("area_not_held", area=area_id)
    work = UnitOfWork(session, office, now, cause)
    desk = await form(work, area_id, cell, size)
    note(work, desk, username, "group_formed")
    await run_matching(work, area_id)
    await work.finish()
    return desk.row.id


async def ask_again(
    session: AsyncSession,
    office: GroupingContext,
    signup_id: UUID,
    *,
    area_id: str,
    username: str,
    now: datetime,
    cause: Cause,
) -> None:
    """
    Somebody said no, or did not answer, and may now be asked about the same times and places again.

    Raises:
        DomainError: ``unknown_signup`` where nobody with this id waits in the area.
    """
    centre, _ = office.area(area_id)
    await lock_areas(session, [area_id])
    row = await queries.waiting(session, signup_id)
    if row is None or row.area != area_id:
        raise DomainError("unknown_signup", signup_id=signup_id)
    work = UnitOfWork(session, office, now, cause)
    row.refused = []
    note_area(work, centre.id, area_id, username, "asked_again", signup_id)
    await run_matching(work, area_id)
    await work.finish()
