"""Record the answer to an offered seat, and release offers that were not answered in time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain import groups
from grouping.domain.groups import GroupState
from grouping.store.locks import lock_areas
from grouping.usecases.context import GroupingContext
from grouping.usecases.matching import run_matching
from grouping.usecases.unit_of_work import UnitOfWork
from shared.errors import DomainError
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause

log = get_logger(__name__)


async def answer_seat(
    session: AsyncSession, office: GroupingContext, seat_id: UUID, *, yes: bool, now: datetime, cause: Cause
) -> None:
    """
    Somebody says yes to their seat, or no: now, or later when they cannot after all. The same answer twice is one.

    Raises:
        DomainError: ``unknown_seat``, ``seat_lapsed``, ``seat_released``, ``group_closed`` or ``group_cancelled``.
    """
    found = await store.seats.get(session, seat_id)
    area_id = await store.groups.area_of(session, found.group_id) if found else None
    if found is None or area_id is None:
        raise DomainError("unknown_seat", seat_id=seat_id)
    await lock_areas(session, [area_id])
    work = UnitOfWork(session, office, now, cause)
    desk = await work.load_group(found.group_id)
    if seat_id not in {seat.id for seat in desk.seats}:
        raise DomainError("unknown_seat", seat_id=seat_id)
    if yes:
        desk.take_seat(seat_id)
        desk.confirm_if_enough(office.area(area_id)[0])
        desk.call_meeting_for_newcomers()
    elif await desk.release_seat(seat_id, "declined"):
        await run_matching(work, area_id)
    await work.stage()
    log.info("seat_answered", seat_id=seat_id, group_id=found.group_id, state="yes" if yes else "no")


async def expire_offers(
    session: AsyncSession, office: GroupingContext, area_id: str, *, now: datetime, cause: Cause
) -> None:
    """Offers in an area that were not answered in time are offered to others."""
    await lock_areas(session, [area_id])
    work = UnitOfWork(session, office, now, cause)
    for group_id in await store.seats.groups_with_lapsed_offers(session, area_id, now):
        desk = await work.load_group(group_id)
        if desk.row.state in {GroupState.PROPOSED, GroupState.CONFIRMED}:
            for seat in groups.lapsed_offers(desk.group, now):
                await desk.release_seat(seat.id, "lapsed")
    if work.groups:
        await run_matching(work, area_id)
    await work.stage()
