"""Commands about the life of a started group: what the clock does, and what its members and staff press."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.groups import GroupState, SeatState
from grouping.domain.life import accompaniment, calendar, ending, memory, solo, visits
from grouping.domain.life.model import GroupLife, Rhythm
from grouping.domain.life.steps import begin, open_life
from grouping.store import outbox, task_book
from grouping.usecases import audit
from grouping.usecases.context import GroupingContext
from grouping.usecases.group_rows import meeting_of
from grouping.usecases.life_aggregate import LifeAggregate, begin_with_life, return_hash
from grouping.usecases.life_events import CancelledFor
from grouping.usecases.life_rows import new_row
from grouping.usecases.life_tasks import SCOPE
from grouping.usecases.locking import begin_with_group
from shared.errors import DomainError, NotFoundError
from shared.events.group_life import AbsenceTold
from shared.kit.audit import Actor
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause

log = get_logger(__name__)

Rule = Callable[[GroupLife], GroupLife]

# The clock


async def start_life(
    session: AsyncSession, context: GroupingContext, group_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """Open the life of a group that has started, and call its next meetings; a life that is open stays as it is."""
    uow, group = await begin_with_group(session, context, group_id, now, cause)
    if group.row.state != GroupState.STARTED or await store.lives.get(session, group_id) is not None:
        return
    assert group.meeting_row is not None
    members = [seat.id for seat in group.seats if seat.state == SeatState.TAKEN]
    life = open_life(group_id, group.policy, members, meeting_of(group.meeting_row))
    starters = (await store.tasks.starters_of(session, [group_id])).get(group_id, 0)
    row = new_row(life)
    session.add(row)
    aggregate = LifeAggregate(uow, group, row, [])
    await aggregate.change(lambda opened: begin(opened, starters, now))
    await aggregate.stage()
    log.info("life_opened", group_id=group_id, area=group.row.area, state=row.state)


async def end_revoked_life(
    session: AsyncSession, context: GroupingContext, group_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """Take back the life of a group whose start was revoked: its meetings ahead are cancelled."""
    uow, group = await begin_with_group(session, context, group_id, now, cause)
    row = await store.lives.get(session, group_id)
    if group.row.state == GroupState.STARTED or row is None:
        return
    members = frozenset(seat.id for seat in group.seats if seat.state == SeatState.TAKEN)
    # Its domain object needs a start, which there is none of any more.
    for meeting in map(meeting_of, await store.lives.meetings_after_start(session, group_id)):
        if meeting.is_scheduled and meeting.starts_at > now:
            cancelled = calendar.cancelled(meeting)
            LifeAggregate.events_of(uow, group).meeting_cancelled(cancelled, members, "start_revoked")
    await store.lives.delete_life(session, group_id)
    await uow.stage()
    await task_book.sync(session, f"{SCOPE}{group_id}", [], now=now, cause=cause)


async def advance_life(
    session: AsyncSession, context: GroupingContext, group_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """Take the steps of a life that are due, such as calling the next meeting, offering a return visit, forgetting."""
    aggregate = await begin_with_life(session, context, group_id, now, cause)
    if aggregate.group.row.state == GroupState.STARTED:
        await aggregate.change(lambda life: life)
        await aggregate.stage()


# Members, each by the seat in the link to their page


async def group_of_member(session: AsyncSession, seat_id: UUID) -> UUID:
    """
    Return the group of a seat.

    Raises:
        NotFoundError: ``unknown_seat`` once the member is forgotten.
    """
    seat = await store.seats.get(session, seat_id)
    if seat is None:
        raise NotFoundError("unknown_seat", seat_id=seat_id)
    return seat.group_id


async def as_member(
    session: AsyncSession,
    context: GroupingContext,
    seat_id: UUID,
    rule: Rule,
    now: datetime,
    cause: Cause,
    why: CancelledFor = "skipped",
) -> None:
    """
    Apply a rule at the request of a member.

    Raises:
        NotFoundError: ``unknown_seat`` once the member is forgotten.
        DomainError: ``not_a_member``, and whatever the rule raises.
    """
    aggregate = await begin_with_life(session, context, await group_of_member(session, seat_id), now, cause)

    def checked(life: GroupLife) -> GroupLife:
        life.must_have(seat_id)
        return rule(life)

    await aggregate.change(checked, why)
    await aggregate.stage()


async def tell_absence(
    session: AsyncSession, context: GroupingContext, seat_id: UUID, meeting_id: UUID, *, now: datetime
) -> None:
    """
    Tell the others that somebody cannot come to a meeting ahead; once, however often it is pressed.

    Nothing is stored: the id of the event follows from the member and the meeting, and the outbox knows it already.

    Raises:
        NotFoundError: ``unknown_seat``.
        DomainError: ``not_a_member``, ``unknown_meeting``, ``meeting_over``, or ``on_its_own`` after the handover,
            when the group has its own channel.
    """
    group_id = await group_of_member(session, seat_id)
    cause = Cause.tick("absence", meeting_id, seat_id)
    aggregate = await begin_with_life(session, context, group_id, now, cause)
    aggregate.life.must_have(seat_id)
    calendar.must_be_ahead(aggregate.life, meeting_id, now)
    event_id = cause.stamp(AbsenceTold, meeting_id, now)["event_id"]
    if await outbox.holds(session, event_id):
        return
    others = aggregate.life.members - {seat_id}
    aggregate.events.absence_told(aggregate.life.meeting(meeting_id), others)
    await aggregate.stage()


async def skip_meeting_as_member(
    session: AsyncSession, context: GroupingContext, seat_id: UUID, meeting_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """Skip a meeting ahead; everybody is told. Raises as :func:`grouping.domain.life.calendar.skip`."""
    await as_member(session, context, seat_id, lambda life: calendar.skip(life, meeting_id, now), now, cause)


async def meet_anyway_as_member(
    session: AsyncSession, context: GroupingContext, seat_id: UUID, day: date, *, now: datetime, cause: Cause
) -> None:
    """Meet on a day that was left out. Raises as :func:`grouping.domain.life.calendar.meet_anyway`."""
    await as_member(session, context, seat_id, lambda life: calendar.meet_anyway(life, day, now), now, cause)


async def say_ready(
    session: AsyncSession, context: GroupingContext, seat_id: UUID, *, ready: bool, now: datetime, cause: Cause
) -> None:
    """Record whether a member is ready. Raises as :func:`grouping.domain.life.accompaniment.say_ready`."""

    def rule(life: GroupLife) -> GroupLife:
        if ready:
            return accompaniment.say_ready(life, seat_id, now)
        return accompaniment.take_back_ready(life, seat_id)

    await as_member(session, context, seat_id, rule, now, cause)


async def keep_me(
    session: AsyncSession, context: GroupingContext, seat_id: UUID, *, keep: bool, now: datetime, cause: Cause
) -> None:
    """Record whether a member wants to be kept. Raises as :func:`grouping.domain.life.memory.keep_me`."""
    await as_member(session, context, seat_id, lambda life: memory.keep_me(life, seat_id, keep=keep), now, cause)


async def say_dissolve(
    session: AsyncSession, context: GroupingContext, seat_id: UUID, *, yes: bool, now: datetime, cause: Cause
) -> None:
    """Record whether a member wants to dissolve the group; the last one dissolves it."""

    def rule(life: GroupLife) -> GroupLife:
        return ending.say_dissolve(life, seat_id, now) if yes else ending.take_back_dissolve(life, seat_id)

    await as_member(session, context, seat_id, rule, now, cause)


# A group on its own: by the seat of a member, or by the return link that they share


async def group_of_return_link(session: AsyncSession, return_id: UUID) -> UUID:
    """
    Return the group of a return link.

    Raises:
        NotFoundError: ``unknown_group``.
    """
    group_id = await store.lives.with_return_hash(session, return_hash(return_id))
    if group_id is None:
        raise NotFoundError("unknown_group")
    return group_id


async def as_group(
    session: AsyncSession,
    context: GroupingContext,
    group_id: UUID,
    rule: Rule,
    now: datetime,
    cause: Cause,
    why: CancelledFor = "skipped",
) -> None:
    """Apply a rule at the request of whoever holds the link of a group."""
    aggregate = await begin_with_life(session, context, group_id, now, cause)
    await aggregate.change(rule, why)
    await aggregate.stage()


async def tell_met(
    session: AsyncSession, context: GroupingContext, group_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """Record that a group on its own has met. Raises as :func:`grouping.domain.life.solo.tell_met`."""
    await as_group(session, context, group_id, lambda life: solo.tell_met(life, now), now, cause)


async def pause_meetings(
    session: AsyncSession, context: GroupingContext, group_id: UUID, until: date, *, now: datetime, cause: Cause
) -> None:
    """Record a pause of a group on its own. Raises as :func:`grouping.domain.life.solo.pause_meetings`."""
    await as_group(session, context, group_id, lambda life: solo.pause_meetings(life, until, now), now, cause)


async def ask_for_visit(
    session: AsyncSession, context: GroupingContext, group_id: UUID, *, conflict: bool, now: datetime, cause: Cause
) -> None:
    """Ask the centre to come. Raises as the functions of :mod:`grouping.domain.life.visits`."""
    rule: Rule = (
        (lambda life: visits.ask_in_conflict(life, now)) if conflict else (lambda life: visits.ask_for_visit(life, now))
    )
    await as_group(session, context, group_id, rule, now, cause)


async def decline_visit_as_group(
    session: AsyncSession, context: GroupingContext, group_id: UUID, visit_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """Decline a visit that the centre has offered, or that is no longer needed."""
    await as_group(
        session,
        context,
        group_id,
        lambda life: visits.decline_visit(life, visit_id, by_group=True),
        now,
        cause,
        "visit_cancelled",
    )


async def say_alive(
    session: AsyncSession, context: GroupingContext, group_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """Record that a group still meets. Raises as :func:`grouping.domain.life.ending.say_alive`."""
    await as_group(session, context, group_id, lambda life: ending.say_alive(life, now), now, cause)


async def dissolve_by_return_link(
    session: AsyncSession, context: GroupingContext, return_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """
    Dissolve a group whose members nobody knows any more.

    Raises:
        NotFoundError: ``unknown_group``.
        DomainError: ``members_known`` while they can all be asked, each for themselves.
    """
    group_id = await group_of_return_link(session, return_id)

    def rule(life: GroupLife) -> GroupLife:
        if life.knows_all:
            raise DomainError("members_known", group_id=group_id)
        return ending.dissolve(life, "group", now)

    await as_group(session, context, group_id, rule, now, cause)


# Staff, and the igangsetter of the group


async def _as_staff(
    session: AsyncSession, context: GroupingContext, group_id: UUID, rule: Rule, action: str, actor: Actor
) -> None:
    """Apply a rule and record the act, if it changed something."""
    aggregate = await begin_with_life(session, context, group_id, actor.now, actor.cause)
    before = aggregate.life
    await aggregate.change(rule)
    if aggregate.life != before:
        await audit.record_group(aggregate.uow, actor, action, aggregate.group)
    await aggregate.stage()


async def set_rhythm(
    session: AsyncSession, context: GroupingContext, group_id: UUID, rhythm: Rhythm, *, actor: Actor
) -> None:
    """Let the group meet at other times. Raises as :func:`grouping.domain.life.calendar.set_rhythm`."""
    aggregate = await begin_with_life(session, context, group_id, actor.now, actor.cause)
    if await aggregate.change(lambda life: calendar.set_rhythm(life, rhythm, actor.now), "rhythm_changed"):
        await audit.record_group(aggregate.uow, actor, "life.rhythm_set", aggregate.group)
    await aggregate.stage()


async def skip_meeting(
    session: AsyncSession, context: GroupingContext, group_id: UUID, meeting_id: UUID, *, actor: Actor
) -> None:
    """Skip a meeting ahead; everybody is told. Raises as :func:`grouping.domain.life.calendar.skip`."""
    await _as_staff(
        session,
        context,
        group_id,
        lambda life: calendar.skip(life, meeting_id, actor.now),
        "life.meeting_skipped",
        actor,
    )


async def meet_anyway(
    session: AsyncSession, context: GroupingContext, group_id: UUID, day: date, *, actor: Actor
) -> None:
    """Meet on a day that was left out. Raises as :func:`grouping.domain.life.calendar.meet_anyway`."""
    await _as_staff(
        session, context, group_id, lambda life: calendar.meet_anyway(life, day, actor.now), "life.met_anyway", actor
    )


async def move_meeting(
    session: AsyncSession,
    context: GroupingContext,
    group_id: UUID,
    meeting_id: UUID,
    *,
    starts_at: datetime,
    place_text: str,
    following: bool,
    actor: Actor,
) -> None:
    """Move a meeting ahead, or it and all that follow. Raises as :func:`grouping.domain.life.calendar.move`."""
    aggregate = await begin_with_life(session, context, group_id, actor.now, actor.cause)
    command = calendar.move_following if following else calendar.move
    if await aggregate.change(
        lambda life: command(life, meeting_id, starts_at, place_text, actor.now), "rhythm_changed"
    ):
        await audit.record_group(aggregate.uow, actor, "life.meeting_moved", aggregate.group)
    await aggregate.stage()


async def report_meeting(
    session: AsyncSession, context: GroupingContext, group_id: UUID, meeting_id: UUID, *, held: bool, actor: Actor
) -> None:
    """Record whether a meeting was held. Raises as :func:`grouping.domain.life.calendar.report`."""
    action = "life.meeting_held" if held else "life.meeting_not_held"
    await _as_staff(
        session, context, group_id, lambda life: calendar.report(life, meeting_id, actor.now, held=held), action, actor
    )


async def record_pledge(
    session: AsyncSession, context: GroupingContext, group_id: UUID, on: date, *, actor: Actor
) -> None:
    """Record the day of the pledge. Raises as :func:`grouping.domain.life.accompaniment.record_pledge`."""
    await _as_staff(
        session,
        context,
        group_id,
        lambda life: accompaniment.record_pledge(life, on, actor.now),
        "life.pledge_recorded",
        actor,
    )


async def ask_handover(session: AsyncSession, context: GroupingContext, group_id: UUID, *, actor: Actor) -> None:
    """Ask the members whether they are ready. Raises as :func:`grouping.domain.life.accompaniment.ask_handover`."""
    await _as_staff(
        session,
        context,
        group_id,
        lambda life: accompaniment.ask_handover(life, actor.now),
        "life.handover_asked",
        actor,
    )


async def record_agreement(session: AsyncSession, context: GroupingContext, group_id: UUID, *, actor: Actor) -> None:
    """Hand a group over that agrees. Raises as :func:`grouping.domain.life.accompaniment.record_agreement`."""
    await _as_staff(
        session,
        context,
        group_id,
        lambda life: accompaniment.record_agreement(life, actor.now),
        "life.handed_over",
        actor,
    )


async def continue_with_igangsetter(
    session: AsyncSession, context: GroupingContext, group_id: UUID, reason: str, *, actor: Actor
) -> None:
    """Let the igangsetter attend one meeting more. Raises as the function of the same name in the domain."""
    await _as_staff(
        session,
        context,
        group_id,
        lambda life: accompaniment.continue_with_igangsetter(life, reason),
        "life.continued",
        actor,
    )


async def agree_visit(
    session: AsyncSession,
    context: GroupingContext,
    group_id: UUID,
    visit_id: UUID,
    *,
    starts_at: datetime,
    ends_at: datetime,
    place_text: str,
    actor: Actor,
) -> None:
    """Agree on a visit, or move it. Raises as :func:`grouping.domain.life.visits.agree_visit`."""
    await _as_staff(
        session,
        context,
        group_id,
        lambda life: visits.agree_visit(life, visit_id, starts_at, ends_at, place_text, actor.now),
        "life.visit_agreed",
        actor,
    )


async def decline_visit(
    session: AsyncSession, context: GroupingContext, group_id: UUID, visit_id: UUID, *, actor: Actor
) -> None:
    """Decline a visit that a group asks for, or call off one that was agreed."""
    aggregate = await begin_with_life(session, context, group_id, actor.now, actor.cause)
    if await aggregate.change(lambda life: visits.decline_visit(life, visit_id, by_group=False), "visit_cancelled"):
        await audit.record_group(aggregate.uow, actor, "life.visit_declined", aggregate.group)
    await aggregate.stage()


async def dissolve_group(session: AsyncSession, context: GroupingContext, group_id: UUID, *, actor: Actor) -> None:
    """
    Dissolve a group that has told the centre so, or whose rest wants to start anew with others.

    Raises:
        NotFoundError: ``unknown_group``.
        DomainError: ``not_started``, or ``group_ended`` if it has expired.
    """
    await _as_staff(
        session, context, group_id, lambda life: ending.dissolve(life, "centre", actor.now), "life.dissolved", actor
    )
