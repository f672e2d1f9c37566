"""Commands about seats: record an answer, expire what has a time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain import groups
from grouping.domain.groups import GroupState, SeatState
from grouping.usecases import audit
from grouping.usecases.context import GroupingContext
from grouping.usecases.locking import area_of_group, begin
from grouping.usecases.matching import run_matching, run_matching_and_stage
from shared.errors import DomainError, NotFoundError
from shared.kit.audit import Actor
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause
from shared.timezone import OSLO_TZ

log = get_logger(__name__)


async def answer_seat(
    session: AsyncSession,
    context: GroupingContext,
    seat_id: UUID,
    *,
    yes: bool,
    now: datetime,
    cause: Cause,
    actor: Actor | None = None,
    shown: SeatState | None = None,
) -> None:
    """
    Take an offered seat, or release an offered or taken one. Repeating an answer changes nothing.

    Args:
        session: The transaction.
        context: Centres and policies.
        seat_id: The seat.
        yes: The answer.
        now: The moment.
        cause: What led to the answer.
        actor: The member of staff who was told the answer; None if the person gave it on their own page.
        shown: The state of the seat on the page of staff; None where any state may be answered.

    Raises:
        NotFoundError: ``unknown_seat``.
        DomainError: ``answered_otherwise`` if somebody has given the other answer since; ``seat_lapsed``,
            ``seat_released``, ``group_closed`` or ``group_cancelled``; ``not_offered`` while the seat is in a draft, of
            which nobody has been told.
    """
    seat = await store.seats.get(session, seat_id)
    if seat is None:
        raise NotFoundError("unknown_seat", seat_id=seat_id)
    area_id = await area_of_group(session, seat.group_id)
    uow = await begin(session, context, [area_id], now, cause)
    group = await uow.load_group(seat.group_id)
    if seat_id not in {seat.id for seat in group.seats}:
        # It was deleted while this transaction waited for the lock.
        raise NotFoundError("unknown_seat", seat_id=seat_id)
    if group.is_draft:
        raise DomainError("not_offered", seat_id=seat_id)
    state_before = group.group.seat(seat_id).state
    if not yes and shown is SeatState.OFFERED and state_before is SeatState.TAKEN:
        # Two members of staff, or the person and one of them: the later page must not undo what it does not show.
        raise DomainError("answered_otherwise", seat_id=seat_id)
    if yes:
        await group.take_seat(seat_id)
        group.confirm_if_enough(context.area(area_id)[0])
        group.call_meeting_for_newcomers()
    elif await group.release_seat(seat_id, "declined"):
        await run_matching(uow, area_id)
    if actor is not None and group.group.seat(seat_id).state is not state_before:
        action = "seat.accepted_by_phone" if yes else "seat.declined_by_phone"
        await audit.record_member(uow, actor, action, seat.signup_id, group)
    await uow.stage()
    log.info("seat_answered", seat_id=seat_id, group_id=seat.group_id, state="yes" if yes else "no")


async def expire_offers(
    session: AsyncSession, context: GroupingContext, area_id: str, *, now: datetime, cause: Cause
) -> None:
    """
    End in an area what lasts until now, and match again.

    Seats that were not answered in time are released, proposals that have looked for members long enough are given up,
    and people who rest, or who declined a slot on an earlier day, can be offered seats again.
    """
    uow = await begin(session, context, [area_id], now, cause)
    rested = await store.answers.end_rests(session, area_id, now, now.astimezone(OSLO_TZ).date())
    await uow.load_groups(await store.groups.to_give_up(session, area_id, now))
    for group_id in await store.seats.groups_with_lapsed_offers(session, area_id, now):
        group = await uow.load_group(group_id)
        if group.row.state in {GroupState.PROPOSED, GroupState.CONFIRMED}:
            for seat in groups.lapsed_offers(group.group, now):
                await group.release_seat(seat.id, "lapsed")
    if uow.groups or rested:
        await run_matching_and_stage(uow, area_id)
