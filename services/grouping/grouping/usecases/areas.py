"""Staff decisions about an area: hold, resume, form a group, ask a person again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.matching.cells import Cell
from grouping.store import AreaHold
from grouping.store.locks import lock_areas
from grouping.usecases.audit import note, note_area
from grouping.usecases.context import GroupingContext
from grouping.usecases.matching import create_group_of_size, run_matching
from grouping.usecases.unit_of_work import UnitOfWork
from shared.errors import DomainError
from shared.kit.messaging.causes import Cause


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
    await put_on_hold(work, centre.id, area_id, username)
    note_area(work, centre.id, area_id, username, "area_held")
    await work.stage()


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
    await work.stage()


async def form_group(
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
    if not await store.areas.is_on_hold(session, area_id):
        raise DomainError("area_not_held", area=area_id)
    work = UnitOfWork(session, office, now, cause)
    desk = await create_group_of_size(work, area_id, cell, size)
    note(work, desk, username, "group_formed")
    await run_matching(work, area_id)
    await work.stage()
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
    row = await store.signups.get(session, signup_id)
    if row is None or row.area != area_id:
        raise DomainError("unknown_signup", signup_id=signup_id)
    work = UnitOfWork(session, office, now, cause)
    row.refused = []
    note_area(work, centre.id, area_id, username, "asked_again", signup_id)
    await run_matching(work, area_id)
    await work.stage()


async def put_on_hold(work: UnitOfWork, centre_id: str, area_id: str, username: str) -> None:
    """From now on the centre decides itself when a group is made in the area."""
    if await work.session.get(AreaHold, area_id, populate_existing=True) is None:
        work.session.add(AreaHold(area=area_id, centre=centre_id, held_at=work.now, username=username))
        await work.session.flush()
