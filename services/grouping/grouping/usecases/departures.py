"""Commands about the people of a started group: leaving, joining by its own decision, and the ways on afterwards."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.groups import SeatState
from grouping.domain.life import ending, membership
from grouping.domain.signups import SignupStatus
from grouping.store import Seat, Signup
from grouping.usecases import audit
from grouping.usecases.context import GroupingContext
from grouping.usecases.life_aggregate import LifeAggregate, begin_with_life
from grouping.usecases.matching import run_matching
from grouping.usecases.members import group_of_member
from shared.errors import DomainError, NotFoundError
from shared.events.group_life import WayOn
from shared.kit.audit import Actor
from shared.kit.ids import derived_id
from shared.kit.messaging.causes import Cause


async def leave_group(
    session: AsyncSession, context: GroupingContext, seat_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """
    Let a member leave; grouping forgets the wish for a group at once, and the group stays closed.

    The others are not told: the page asks the person to do that. Leaving twice changes nothing.

    Raises:
        NotFoundError: ``unknown_seat`` once the member is forgotten.
    """
    aggregate = await begin_with_life(session, context, await group_of_member(session, seat_id), now, cause)
    if seat_id not in aggregate.life.members:
        return
    seat = aggregate.seat(seat_id)
    _release(seat, now)
    await aggregate.change(lambda life: membership.leave(life, seat_id, now))
    aggregate.events.member_left(seat, "left", aggregate.life.size)
    await _forget_wish(session, seat.signup_id)
    await aggregate.stage()


async def admit_member(
    session: AsyncSession, context: GroupingContext, group_id: UUID, signup_id: UUID, *, actor: Actor
) -> None:
    """
    Give a waiting person the place that a started group has decided to give to one newcomer, whom staff have asked.

    Raises:
        NotFoundError: ``unknown_group``, or ``unknown_signup`` for somebody who does not wait in its area.
        DomainError: ``group_closed`` without such a decision, ``group_full``, ``group_ended`` or ``members_unknown``;
            ``does_not_fit`` for somebody who is kept apart from a member.
    """
    aggregate = await begin_with_life(session, context, group_id, actor.now, actor.cause)
    signup = await store.signups.get(session, signup_id)
    group = aggregate.group.row
    waits = signup is not None and signup.status == SignupStatus.WAITING and not (signup.paused or signup.texts_asked)
    if signup is None or signup.area != group.area or not waits:
        raise NotFoundError("unknown_signup", signup_id=signup_id)
    others = aggregate.life.members
    kept_apart = frozenset(await store.exclusions.of_person(session, signup.person_id))
    if any(seat.person_id in kept_apart for seat in aggregate.group.seats if seat.id in others):
        raise DomainError("does_not_fit", signup_id=signup_id, group_id=group.id)
    seat = _new_seat(group.id, signup, actor)
    membership.admit(aggregate.life, seat.id, actor.now)  # refuses before anything is written
    await store.lives.allow_admission(session, group.id)
    group.capacity = max(group.capacity, len(others) + 1)
    await session.flush()
    session.add(seat)
    signup.status = SignupStatus.MEMBER.value
    await session.flush()
    await store.lives.allow_admission(session, None)
    aggregate.add_seat(seat)
    await aggregate.change(lambda life: membership.admit(life, seat.id, actor.now))
    aggregate.events.member_admitted(seat, aggregate.life.size, others)
    await audit.record_member(aggregate.uow, actor, "life.member_admitted", signup_id, aggregate.group)
    await aggregate.stage()


async def choose_way_on(
    session: AsyncSession,
    context: GroupingContext,
    seat_id: UUID,
    way: WayOn,
    *,
    with_same_people: bool = False,
    now: datetime,
    cause: Cause,
) -> None:
    """
    Record what a member of a dissolved group wants now; the first answer counts.

    For a new group the person waits again with the place in the queue that they had, and matching looks for one at
    once; for a pause they are offered no seat until intake says that it is over. Both will not meet the same people
    again unless both of a pair want that, until one of them is in another group.

    Raises:
        NotFoundError: ``unknown_seat`` once the member is forgotten.
        DomainError: ``not_dissolved``, or ``not_a_member`` if they have answered.
    """
    aggregate = await begin_with_life(session, context, await group_of_member(session, seat_id), now, cause)
    ending.must_be_dissolved_member(aggregate.life, seat_id)
    seat = aggregate.seat(seat_id)
    if way != "goodbye" and not with_same_people:
        await _keep_apart(session, aggregate, seat, now)
    _release(seat, now)
    await aggregate.change(lambda life: ending.choose_way_on(life, seat_id))
    if way == "goodbye":
        await _forget_wish(session, seat.signup_id)
    else:
        signup = await store.signups.get(session, seat.signup_id)
        if signup is not None and signup.status == SignupStatus.MEMBER:
            signup.status, signup.paused = SignupStatus.WAITING.value, way == "pause"
    aggregate.events.way_on_chosen(seat, way, with_same_people=with_same_people)
    await session.flush()
    await run_matching(aggregate.uow, aggregate.group.row.area)
    await aggregate.stage()


async def _keep_apart(session: AsyncSession, aggregate: LifeAggregate, seat: Seat, now: datetime) -> None:
    """Exclude the pairs of this person and the others of the group, as long as grouping still knows them."""
    for other in aggregate.group.seats:
        if other.person_id != seat.person_id:
            pair = (seat.person_id, other.person_id)
            await store.exclusions.keep_apart(session, pair, aggregate.group.row.area, now)


async def _forget_wish(session: AsyncSession, signup_id: UUID) -> None:
    signup = await store.signups.get(session, signup_id)
    if signup is not None and signup.status == SignupStatus.MEMBER:
        await session.delete(signup)


def _release(seat: Seat, now: datetime) -> None:
    seat.state, seat.reason, seat.decided_at = SeatState.RELEASED.value, "withdrawn", now


def _new_seat(group_id: UUID, signup: Signup, actor: Actor) -> Seat:
    if signup.language is None:
        raise DomainError("unknown_signup", signup_id=signup.signup_id)
    return Seat(
        id=derived_id(group_id, "seat", signup.signup_id, actor.cause.id),
        group_id=group_id,
        signup_id=signup.signup_id,
        person_id=signup.person_id,
        language=signup.language,
        state=SeatState.TAKEN.value,
        offered_at=actor.now,
        taken_at=actor.now,
        decided_at=actor.now,
        distance_km=0.0,
        waited_days=0,
    )
