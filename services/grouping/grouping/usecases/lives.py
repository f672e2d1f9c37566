"""Commands about the life of a started group: steps that are due, and acts of staff and of its igangsetter."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.groups import GroupState, SeatState
from grouping.domain.life import accompaniment, calendar, ending, membership, visits
from grouping.domain.life.model import Rhythm
from grouping.domain.life.steps import begin, open_life
from grouping.store import task_book
from grouping.usecases import audit
from grouping.usecases.clashes import without_clash
from grouping.usecases.context import GroupingContext
from grouping.usecases.group_rows import meeting_of
from grouping.usecases.life_aggregate import LifeAggregate, Rule, begin_with_life
from grouping.usecases.life_events import CancelledFor
from grouping.usecases.life_rows import new_row
from grouping.usecases.life_tasks import SCOPE
from grouping.usecases.locking import begin_with_group
from shared.kit.audit import Actor
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause

log = get_logger(__name__)

# Jobs


async def start_life(
    session: AsyncSession, context: GroupingContext, group_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """Open the life of a group that has started, and call its next meetings; a life that is open stays as it is."""
    uow, group = await begin_with_group(session, context, group_id, now, cause)
    if group.row.state != GroupState.STARTED or await store.lives.get(session, group_id) is not None:
        return
    assert group.meeting_row is not None
    taken = [seat for seat in group.seats if seat.state == SeatState.TAKEN]
    members = [seat.id for seat in taken]
    await store.exclusions.end_of(session, [seat.person_id for seat in taken])
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


# Staff, and the igangsetter of the group


async def _as_staff(
    session: AsyncSession,
    context: GroupingContext,
    group_id: UUID,
    rule: Rule,
    action: str,
    actor: Actor,
    why: CancelledFor = "skipped",
    *,
    moves: bool = False,
) -> None:
    """Apply a rule and record the act, if it changed something; one that ``moves`` meetings is checked for clashes."""
    aggregate = await begin_with_life(session, context, group_id, actor.now, actor.cause)
    if moves:
        rule = await without_clash(aggregate, rule)
    if await aggregate.change(rule, why):
        await audit.record_group(aggregate.uow, actor, action, aggregate.group)
    await aggregate.stage()


async def set_rhythm(
    session: AsyncSession, context: GroupingContext, group_id: UUID, rhythm: Rhythm, *, actor: Actor
) -> None:
    """
    Change the rhythm of the group.

    Raises as :func:`grouping.domain.life.calendar.set_rhythm` and :func:`grouping.usecases.clashes.without_clash`.
    """
    await _as_staff(
        session,
        context,
        group_id,
        lambda life: calendar.set_rhythm(life, rhythm, actor.now),
        "life.rhythm_set",
        actor,
        "rhythm_changed",
        moves=True,
    )


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
    move = calendar.move_following if following else calendar.move
    await _as_staff(
        session,
        context,
        group_id,
        lambda life: move(life, meeting_id, starts_at, place_text, actor.now),
        "life.meeting_moved",
        actor,
        "rhythm_changed",
        moves=True,
    )


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
    """
    Add one meeting with the igangsetter.

    Raises as :func:`grouping.domain.life.accompaniment.continue_with_igangsetter`.
    """
    await _as_staff(
        session,
        context,
        group_id,
        lambda life: accompaniment.continue_with_igangsetter(life, reason),
        "life.continued",
        actor,
    )


async def go_on_as_is(session: AsyncSession, context: GroupingContext, group_id: UUID, *, actor: Actor) -> None:
    """Record that a small group goes on. Raises as :func:`grouping.domain.life.membership.go_on_as_is`."""
    await _as_staff(session, context, group_id, membership.go_on_as_is, "life.goes_on", actor)


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
    await _as_staff(
        session,
        context,
        group_id,
        lambda life: visits.decline_visit(life, visit_id, by_group=False),
        "life.visit_declined",
        actor,
        "visit_cancelled",
    )


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
