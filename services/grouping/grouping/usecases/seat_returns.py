"""A person regrets that they declined a seat or gave it up, and takes it back while it is free."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.groups import SeatState
from grouping.domain.matching.cells import Cell
from grouping.domain.signups import SignupStatus
from grouping.store import Seat
from grouping.store.locks import lock_person
from grouping.usecases.context import GroupingContext
from grouping.usecases.locking import area_of_group, begin
from grouping.usecases.matching import run_matching_and_stage
from shared.errors import DomainError, NotFoundError
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause

log = get_logger(__name__)


async def take_back_seat(
    session: AsyncSession, context: GroupingContext, seat_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """
    Take a seat again after declining it or giving it up. A person who has it already is left alone.

    Raises:
        NotFoundError: ``unknown_seat``.
        DomainError: ``seat_gone`` if it is no longer free for this person; ``group_closed`` or ``group_cancelled``.
    """
    seat = await store.seats.get(session, seat_id)
    if seat is None:
        raise NotFoundError("unknown_seat", seat_id=seat_id)
    await lock_person(session, seat.person_id)
    signup = await store.signups.get(session, seat.signup_id)
    areas = {await area_of_group(session, seat.group_id)} | ({signup.area} if signup and signup.area else set())
    uow = await begin(session, context, areas, now, cause)
    group = await uow.load_group(seat.group_id)
    if any(other.signup_id == seat.signup_id and other.state != SeatState.RELEASED for other in group.seats):
        return
    is_free = group.group.free_seats(now) > 0
    if not (is_free and await may_take_back(session, seat, group.cell, group.seats)):
        raise DomainError("seat_gone", seat_id=seat_id)
    await store.answers.accept_cell(session, seat.signup_id, group.cell)
    await group.take_back_seat(seat)
    group.confirm_if_enough(context.area(group.row.area)[0])
    group.call_meeting_for_newcomers()
    await run_matching_and_stage(uow, *areas)
    log.info("seat_taken_back", seat_id=seat_id, group_id=seat.group_id)


async def may_take_back(session: AsyncSession, seat: Seat, cell: Cell, seats: Iterable[Seat]) -> bool:
    """
    Return True if a person can have a seat again that they declined or gave up, as far as it is free.

    Their wishes must be the same, they must have no other seat, and no member of the group may be kept apart from them.

    Args:
        session: The transaction.
        seat: The released seat.
        cell: The cell of the group.
        seats: All seats of the group.
    """
    signup = await store.signups.get(session, seat.signup_id)
    if (seat.state, seat.reason) != (SeatState.RELEASED, "declined") or signup is None:
        return False
    if (
        signup.status != SignupStatus.WAITING
        or signup.excluded_reason
        or signup.paused
        or cell.key not in signup.declined_cells
    ):
        return False
    _, other_seat = await store.signups.erased_and_seat(session, seat.person_id, seat.signup_id)
    excluded = await store.exclusions.of_person(session, seat.person_id)
    members = {other.person_id for other in seats if other.state != SeatState.RELEASED}
    return other_seat is None and members.isdisjoint(excluded)
