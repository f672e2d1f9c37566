"""What staff decide; each decision leaves a line in the log of staff actions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain.cells import Cell
from grouping.store import AreaHold, StaffAction, queries
from grouping.store.locks import lock_areas
from grouping.usecases.office import Office
from grouping.usecases.planning import form, settle
from grouping.usecases.work import Desk, Work
from shared.kit.causes import Cause
from shared.kit.errors import DomainError


async def set_meeting(
    session: AsyncSession,
    office: Office,
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
    work, desk = await _open(session, office, group_id, now, cause)
    desk.move_meeting(meets_at, place_text)
    _note(work, desk, username, "meeting_set")
    await work.finish()


async def meeting_not_held(
    session: AsyncSession, office: Office, group_id: UUID, *, username: str, now: datetime, cause: Cause
) -> None:
    """
    The start meeting does not take place; the group waits until a new time is set.

    Raises:
        DomainError: ``unknown_group``, ``not_confirmed``, or ``group_closed`` where it already counts as held.
    """
    work, desk = await _open(session, office, group_id, now, cause)
    desk.postpone()
    _note(work, desk, username, "meeting_not_held")
    await work.finish()


async def cancel_group(
    session: AsyncSession, office: Office, group_id: UUID, *, username: str, now: datetime, cause: Cause
) -> None:
    """
    The centre gives a group up; everybody waits again. The area is held, or the same people would be a group at once.

    Raises:
        DomainError: ``unknown_group`` or ``group_closed``.
    """
    work, desk = await _open(session, office, group_id, now, cause)
    desk.cancel("by_centre")
    _note(work, desk, username, "group_cancelled")
    await _hold(work, desk.row.centre, desk.row.area, username)
    await settle(work, desk.row.area)
    await work.finish()


async def hold_area(
    session: AsyncSession, office: Office, area_id: str, *, username: str, now: datetime, cause: Cause
) -> None:
    """
    From now on the centre decides itself when a group is made there.

    Raises:
        DomainError: ``unknown_area``.
    """
    centre, _ = office.area(area_id)
    await lock_areas(session, [area_id])
    work = Work(session, office, now, cause)
    await _hold(work, centre.id, area_id, username)
    _note_area(work, centre.id, area_id, username, "area_held")
    await work.finish()


async def resume_area(
    session: AsyncSession, office: Office, area_id: str, *, username: str, now: datetime, cause: Cause
) -> None:
    """
    Groups are made by themselves again, at once where there are enough people.

    Raises:
        DomainError: ``unknown_area``.
    """
    centre, _ = office.area(area_id)
    await lock_areas(session, [area_id])
    work = Work(session, office, now, cause)
    hold = await session.get(AreaHold, area_id, populate_existing=True)
    if hold is not None:
        await session.delete(hold)
        await session.flush()
    _note_area(work, centre.id, area_id, username, "area_resumed")
    await settle(work, area_id)
    await work.finish()


async def form_held(
    session: AsyncSession,
    office: Office,
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
    work = Work(session, office, now, cause)
    desk = await form(work, area_id, cell, size)
    _note(work, desk, username, "group_formed")
    await settle(work, area_id)
    await work.finish()
    return desk.row.id


async def ask_again(
    session: AsyncSession,
    office: Office,
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
    work = Work(session, office, now, cause)
    row.refused = []
    _note_area(work, centre.id, area_id, username, "asked_again", signup_id)
    await settle(work, area_id)
    await work.finish()


async def _open(
    session: AsyncSession, office: Office, group_id: UUID, now: datetime, cause: Cause
) -> tuple[Work, Desk]:
    area_id = await queries.area_of_group(session, group_id)
    if area_id is None:
        raise DomainError("unknown_group", group_id=group_id)
    await lock_areas(session, [area_id])
    work = Work(session, office, now, cause)
    return work, await work.open(group_id)


async def _hold(work: Work, centre_id: str, area_id: str, username: str) -> None:
    if await work.session.get(AreaHold, area_id, populate_existing=True) is None:
        work.session.add(AreaHold(area=area_id, centre=centre_id, held_at=work.now, username=username))
        await work.session.flush()


def _note(work: Work, desk: Desk, username: str, action: str) -> None:
    row = desk.row
    work.session.add(
        StaffAction(at=work.now, username=username, centre=row.centre, area=row.area, action=action, group_id=row.id)
    )


def _note_area(
    work: Work, centre_id: str, area_id: str, username: str, action: str, signup_id: UUID | None = None
) -> None:
    work.session.add(
        StaffAction(at=work.now, username=username, centre=centre_id, area=area_id, action=action, signup_id=signup_id)
    )
