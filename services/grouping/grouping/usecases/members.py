"""Commands of the members of a started group by one press, each by the seat in the link to their page."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain.life import accompaniment, calendar, solo
from grouping.domain.life.acts import GROUP_ACTS, MEMBER_ACTS, GroupAct, MemberAct
from grouping.domain.life.model import GroupLife, Rhythm
from grouping.usecases.context import GroupingContext
from grouping.usecases.life_events import CancelledFor
from grouping.usecases.lives import as_group, as_member, group_of_return_link
from shared.kit.messaging.causes import Cause


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
        for of_group in [rule for name, rule in GROUP_ACTS.items() if name == act]:
            return of_group(life, now)
        (of_member,) = [rule for name, rule in MEMBER_ACTS.items() if name == act]
        return of_member(life, seat_id, now)

    await as_member(session, context, seat_id, rule, now, cause, _why(act))


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
    await as_group(session, context, group_id, lambda life: GROUP_ACTS[act](life, now), now, cause, _why(act))


async def move_meeting_as_member(
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

    await as_member(session, context, seat_id, rule, now, cause)


async def set_rhythm_as_member(
    session: AsyncSession, context: GroupingContext, seat_id: UUID, rhythm: Rhythm, *, now: datetime, cause: Cause
) -> None:
    """Let the group meet at other times. Raises as :func:`grouping.domain.life.calendar.set_rhythm`."""
    await as_member(
        session, context, seat_id, lambda life: calendar.set_rhythm(life, rhythm, now), now, cause, "rhythm_changed"
    )


async def record_pledge_as_member(
    session: AsyncSession, context: GroupingContext, seat_id: UUID, on: date, *, now: datetime, cause: Cause
) -> None:
    """Record the day of the pledge. Raises as :func:`grouping.domain.life.accompaniment.record_pledge`."""
    await as_member(session, context, seat_id, lambda life: accompaniment.record_pledge(life, on, now), now, cause)


async def pause_meetings_as_member(
    session: AsyncSession, context: GroupingContext, seat_id: UUID, until: date, *, now: datetime, cause: Cause
) -> None:
    """Record a pause of a group on its own. Raises as :func:`grouping.domain.life.solo.pause_meetings`."""
    await as_member(session, context, seat_id, lambda life: solo.pause_meetings(life, until, now), now, cause)


def _why(act: GroupAct | MemberAct) -> CancelledFor:
    return "visit_cancelled" if act == "decline_visit" else "skipped"
