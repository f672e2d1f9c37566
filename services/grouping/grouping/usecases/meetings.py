"""Commands of staff about the start meeting of a group."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.usecases import audit
from grouping.usecases.context import GroupingContext
from grouping.usecases.locking import begin_with_group
from grouping.usecases.matching import run_matching_and_stage
from shared.kit.audit import Actor


async def set_meeting(
    session: AsyncSession,
    context: GroupingContext,
    group_id: UUID,
    *,
    meets_at: datetime,
    place_text: str,
    actor: Actor,
) -> None:
    """
    Set another time or place for the start meeting.

    Raises:
        NotFoundError: ``unknown_group``.
        DomainError: ``not_confirmed``, ``group_closed`` or ``meeting_in_the_past``.
    """
    uow, group = await begin_with_group(session, context, group_id, actor.now, actor.cause)
    group.move_meeting(meets_at, place_text)
    await audit.record_group(uow, actor, "meeting.set", group)
    await uow.stage()


async def meeting_not_held(session: AsyncSession, context: GroupingContext, group_id: UUID, *, actor: Actor) -> None:
    """
    Postpone the start meeting, before it or after it; the group waits until staff set a new time.

    Raises:
        NotFoundError: ``unknown_group``.
        DomainError: ``not_confirmed``, ``group_cancelled`` or ``report_too_late``.
    """
    uow, group = await begin_with_group(session, context, group_id, actor.now, actor.cause)
    if group.is_meeting_ahead:
        group.postpone_meeting()
        await audit.record_group(uow, actor, "meeting.postponed", group)
    else:
        await group.report_not_held()
        await audit.record_group(uow, actor, "meeting.not_held", group)
    await run_matching_and_stage(uow, group.row.area)


async def meeting_held(
    session: AsyncSession,
    context: GroupingContext,
    group_id: UUID,
    *,
    attendance: int | None,
    held_at: datetime | None = None,
    actor: Actor,
) -> None:
    """
    Record that the start meeting was held, by default at its time; a confirmed group starts.

    Args:
        session: The transaction.
        context: Centres and policies.
        group_id: The group.
        attendance: How many came; None if nobody has counted.
        held_at: When it was held, if that was another time.
        actor: The member of staff.

    Raises:
        NotFoundError: ``unknown_group``.
        DomainError: ``not_confirmed``, ``group_cancelled``, ``not_met``, ``too_few_members``, ``held_in_the_future`` or
            ``report_too_late``.
    """
    uow, group = await begin_with_group(session, context, group_id, actor.now, actor.cause)
    await group.report_held(attendance, held_at)
    await audit.record_group(uow, actor, "meeting.held" if held_at is None else "meeting.held_at", group)
    await run_matching_and_stage(uow, group.row.area)
