"""
Commands of the members of a started group, each by the seat in the link to their page.

After the handover some of them can also be given by the return link that the members share.
"""

from datetime import date, datetime
from functools import partial
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.life import accompaniment, calendar, ending, solo
from grouping.domain.life.acts import GROUP_ACTS, MEMBER_ACTS, GroupAct, MemberAct, possible_for_group
from grouping.domain.life.model import GroupLife, Rhythm
from grouping.store import outbox
from grouping.usecases.clashes import without_clash
from grouping.usecases.context import GroupingContext
from grouping.usecases.life_aggregate import Rule, begin_with_life, return_hash
from grouping.usecases.life_events import CancelledFor
from shared.errors import DomainError, NotFoundError
from shared.events.group_life import AbsenceTold
from shared.events.kontaktmoter import ReplyGiven
from shared.kit.messaging.causes import Cause


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


async def act_as_member(
    session: AsyncSession,
    context: GroupingContext,
    seat_id: UUID,
    act: GroupAct | MemberAct,
    *,
    now: datetime,
    cause: Cause,
) -> None:
    """
    Do one act for a member.

    Raises:
        NotFoundError: ``unknown_seat`` once the member is forgotten.
        DomainError: ``not_a_member``, and as the rule of the act.
    """

    def rule(life: GroupLife) -> GroupLife:
        rules = {str(name): partial(of_group, life, now) for name, of_group in GROUP_ACTS.items()}
        rules |= {str(name): partial(of_member, life, seat_id, now) for name, of_member in MEMBER_ACTS.items()}
        return rules[act]()

    await _as_member(session, context, seat_id, rule, now, cause, _why(act))


async def act_by_return_link(
    session: AsyncSession, context: GroupingContext, return_id: UUID, act: GroupAct, *, now: datetime, cause: Cause
) -> None:
    """
    Do one act for a group on its own.

    Raises:
        NotFoundError: ``unknown_group``.
        DomainError: As the rule of the act.
    """
    group_id = await group_of_return_link(session, return_id)
    await _change(session, context, group_id, lambda life: GROUP_ACTS[act](life, now), now, cause, _why(act))


async def on_reply_given(
    session: AsyncSession, context: GroupingContext, event: ReplyGiven, *, now: datetime, cause: Cause
) -> None:
    """Take an answer to an invitation as the answer to the yearly question, if the group is asked: it still meets."""

    def still_meets(life: GroupLife) -> GroupLife:
        return GROUP_ACTS["alive"](life, now) if "alive" in possible_for_group(life, now) else life

    if event.group_id is None:
        return
    try:
        await _change(session, context, event.group_id, still_meets, now, cause)
    except NotFoundError:
        return  # a group without a life here, or one that has ended and is deleted


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

    await _change(session, context, group_id, rule, now, cause)


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


async def skip_meeting(
    session: AsyncSession, context: GroupingContext, seat_id: UUID, meeting_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """Skip a meeting ahead; everybody is told. Raises as :func:`grouping.domain.life.calendar.skip`."""
    await _as_member(session, context, seat_id, lambda life: calendar.skip(life, meeting_id, now), now, cause)


async def meet_anyway(
    session: AsyncSession, context: GroupingContext, seat_id: UUID, day: date, *, now: datetime, cause: Cause
) -> None:
    """Meet on a day that was left out. Raises as :func:`grouping.domain.life.calendar.meet_anyway`."""
    await _as_member(session, context, seat_id, lambda life: calendar.meet_anyway(life, day, now), now, cause)


async def move_meeting(
    session: AsyncSession,
    context: GroupingContext,
    seat_id: UUID,
    meeting_id: UUID,
    *,
    starts_at: datetime,
    place_text: str,
    now: datetime,
    cause: Cause,
) -> None:
    """Move one meeting ahead; everybody is told. Raises as :func:`grouping.domain.life.calendar.move`."""

    def rule(life: GroupLife) -> GroupLife:
        return calendar.move(life, meeting_id, starts_at, place_text, now)

    await _as_member(session, context, seat_id, rule, now, cause, moves=True)


async def set_rhythm(
    session: AsyncSession, context: GroupingContext, seat_id: UUID, rhythm: Rhythm, *, now: datetime, cause: Cause
) -> None:
    """Change the rhythm of the group. Raises as :func:`grouping.domain.life.calendar.set_rhythm`."""
    await _as_member(
        session,
        context,
        seat_id,
        lambda life: calendar.set_rhythm(life, rhythm, now),
        now,
        cause,
        "rhythm_changed",
        moves=True,
    )


async def record_pledge(
    session: AsyncSession, context: GroupingContext, seat_id: UUID, on: date, *, now: datetime, cause: Cause
) -> None:
    """Record the day of the pledge. Raises as :func:`grouping.domain.life.accompaniment.record_pledge`."""
    await _as_member(session, context, seat_id, lambda life: accompaniment.record_pledge(life, on, now), now, cause)


async def pause_meetings(
    session: AsyncSession, context: GroupingContext, seat_id: UUID, until: date, *, now: datetime, cause: Cause
) -> None:
    """Record a pause of a group on its own. Raises as :func:`grouping.domain.life.solo.pause_meetings`."""
    await _as_member(session, context, seat_id, lambda life: solo.pause_meetings(life, until, now), now, cause)


async def _as_member(
    session: AsyncSession,
    context: GroupingContext,
    seat_id: UUID,
    rule: Rule,
    now: datetime,
    cause: Cause,
    why: CancelledFor = "skipped",
    *,
    moves: bool = False,
) -> None:
    """Apply a rule at the request of a member."""

    def checked(life: GroupLife) -> GroupLife:
        life.must_have(seat_id)
        return rule(life)

    group_id = await group_of_member(session, seat_id)
    await _change(session, context, group_id, checked, now, cause, why, moves=moves)


async def _change(
    session: AsyncSession,
    context: GroupingContext,
    group_id: UUID,
    rule: Rule,
    now: datetime,
    cause: Cause,
    why: CancelledFor = "skipped",
    *,
    moves: bool = False,
) -> None:
    """Apply a rule to the life of a group; one that ``moves`` meetings is checked for clashes."""
    aggregate = await begin_with_life(session, context, group_id, now, cause)
    if moves:
        rule = await without_clash(aggregate, rule)
    await aggregate.change(rule, why)
    await aggregate.stage()


def _why(act: GroupAct | MemberAct) -> CancelledFor:
    return "visit_cancelled" if act == "decline_visit" else "skipped"
