"""Commands about a group: acts of staff, and the steps that are due at a certain time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain import decisions, groups, starts
from grouping.domain.groups import SeatState
from grouping.usecases import audit
from grouping.usecases.areas import hold_area_of
from grouping.usecases.context import GroupingContext
from grouping.usecases.locking import begin_with_group
from grouping.usecases.matching import run_matching_and_stage
from shared.errors import DomainError
from shared.kit.audit import Actor
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause

log = get_logger(__name__)


async def cancel_group(session: AsyncSession, context: GroupingContext, group_id: UUID, *, actor: Actor) -> None:
    """
    Cancel a group; its people wait again. The area is put on hold, or the same people would form a group at once.

    Raises:
        NotFoundError: ``unknown_group``.
        DomainError: ``group_closed``.
    """
    uow, group = await begin_with_group(session, context, group_id, actor.now, actor.cause)
    group.cancel("by_centre")
    await audit.record_group(uow, actor, "group.cancelled", group)
    await hold_area_of(uow, group.row, actor)
    await run_matching_and_stage(uow, group.row.area)


async def publish_draft(
    session: AsyncSession, context: GroupingContext, group_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """
    Publish a draft whose time has come; leave any other group alone.

    Raises:
        NotFoundError: ``unknown_group``.
    """
    uow, group = await begin_with_group(session, context, group_id, now, cause)
    if group.is_draft:
        group.publish()
        await run_matching_and_stage(uow, group.row.area)


async def publish_draft_now(session: AsyncSession, context: GroupingContext, group_id: UUID, *, actor: Actor) -> None:
    """
    Publish a draft before its time.

    Raises:
        NotFoundError: ``unknown_group``.
        DomainError: ``told_already``.
    """
    uow, group = await begin_with_group(session, context, group_id, actor.now, actor.cause)
    group.publish()
    await audit.record_group(uow, actor, "draft.published", group)
    await run_matching_and_stage(uow, group.row.area)


async def undo_draft(session: AsyncSession, context: GroupingContext, group_id: UUID, *, actor: Actor) -> None:
    """
    Cancel a draft without publishing anything; its people wait as before.

    The area is put on hold, or the same people would form a group at once.

    Raises:
        NotFoundError: ``unknown_group``.
        DomainError: ``told_already``.
    """
    uow, group = await begin_with_group(session, context, group_id, actor.now, actor.cause)
    if not group.is_draft:
        raise DomainError("told_already", group_id=group_id)
    group.cancel("undone")
    await audit.record_group(uow, actor, "draft.undone", group)
    await hold_area_of(uow, group.row, actor)
    await run_matching_and_stage(uow, group.row.area)


async def extend_meeting(
    session: AsyncSession, context: GroupingContext, group_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """
    Put off a start meeting that is near and has too few members; cancel the group if it was put off before.

    Staff can decide otherwise until then; see :mod:`grouping.usecases.decisions`.

    Raises:
        NotFoundError: ``unknown_group``.
    """
    uow, group = await begin_with_group(session, context, group_id, now, cause)
    if not decisions.is_short_of_members(group.group, now):
        return
    if group.row.extended or not group.policy.extension_days:
        if groups.has_fresh_offer(group.group, now):  # tried again when the offer is no news any more
            return
        group.cancel("too_few")
    else:
        group.extend()
    await run_matching_and_stage(uow, group.row.area)
    log.info("start_meeting_short", group_id=group_id, area=group.row.area, state=group.row.state)


async def complete_start_meeting(
    session: AsyncSession, context: GroupingContext, group_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """
    Start a group whose start meeting is over; cancel it if it has too few members.

    Raises:
        NotFoundError: ``unknown_group``.
    """
    uow, group = await begin_with_group(session, context, group_id, now, cause)
    if not starts.is_start_meeting_over(group.group, now):
        return
    if len(group.group.taken) >= group.group.least:
        await group.start()
    else:
        for seat in group.group.seats:
            if seat.state is SeatState.OFFERED:
                await group.release_seat(seat.id, "lapsed")
        group.cancel("too_few")
    await run_matching_and_stage(uow, group.row.area)
    log.info("start_meeting_over", group_id=group_id, area=group.row.area, state=group.row.state)
