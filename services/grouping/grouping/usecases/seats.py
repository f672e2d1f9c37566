"""What happens to seats: they are answered, they lapse, and the start meeting comes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain import groups
from grouping.domain.groups import GroupState, SeatState
from grouping.store import queries
from grouping.store.locks import lock_areas
from grouping.usecases.audit import open_group
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
    found = await queries.seat(session, seat_id)
    area_id = await queries.area_of_group(session, found.group_id) if found else None
    if found is None or area_id is None:
        raise DomainError("unknown_seat", seat_id=seat_id)
    await lock_areas(session, [area_id])
    work = UnitOfWork(session, office, now, cause)
    desk = await work.open(found.group_id)
    if seat_id not in {seat.id for seat in desk.seats}:
        raise DomainError("unknown_seat", seat_id=seat_id)
    if yes:
        desk.take(seat_id)
        desk.settle(office.area(area_id)[0])
    elif await desk.release(seat_id, "declined"):
        await run_matching(work, area_id)
    await work.finish()
    log.info("seat_answered", seat_id=seat_id, group_id=found.group_id, state="yes" if yes else "no")


async def lapse_offers(
    session: AsyncSession, office: GroupingContext, area_id: str, *, now: datetime, cause: Cause
) -> None:
    """Offers in an area that were not answered in time are offered to others."""
    await lock_areas(session, [area_id])
    work = UnitOfWork(session, office, now, cause)
    for group_id in await queries.groups_with_lapsed_offers(session, area_id, now):
        desk = await work.open(group_id)
        if desk.row.state in {GroupState.PROPOSED, GroupState.CONFIRMED}:
            for seat in groups.lapsed(desk.group, now):
                await desk.release(seat.id, "lapsed")
    if work.desks:
        await run_matching(work, area_id)
    await work.finish()


async def extend_meeting(
    session: AsyncSession, office: GroupingContext, group_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """
    Too few are left for a start meeting that is near: it is put off once, and given up the second time.

    Raises:
        DomainError: ``unknown_group``.
    """
    work, desk = await open_group(session, office, group_id, now, cause)
    if not groups.short(desk.group, now):
        return
    if desk.row.extended or not desk.policy.extension_days:
        desk.cancel("too_few")
    else:
        desk.extend()
    await run_matching(work, desk.row.area)
    await work.finish()
    log.info("start_meeting_short", group_id=group_id, area=desk.row.area, state=desk.row.state)


async def hold_meeting(
    session: AsyncSession, office: GroupingContext, group_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """
    The start meeting's time has passed: the group has started and is closed, or was too small and is given up.

    Raises:
        DomainError: ``unknown_group``.
    """
    work, desk = await open_group(session, office, group_id, now, cause)
    area_id = desk.row.area
    if not groups.met(desk.group, now):
        return
    if len(desk.group.taken) >= desk.row.size_min:
        await desk.start()
    else:
        for seat in desk.group.seats:
            if seat.state is SeatState.OFFERED:
                await desk.release(seat.id, "lapsed")
        desk.cancel("too_few")
    await run_matching(work, area_id)
    await work.finish()
    log.info("start_meeting_over", group_id=group_id, area=area_id, state=desk.row.state)
