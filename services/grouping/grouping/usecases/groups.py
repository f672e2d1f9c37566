"""Staff decisions about a group, and the steps of its life that the clock takes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain import groups
from grouping.domain.groups import GroupState, SeatState
from grouping.usecases.areas import put_on_hold
from grouping.usecases.audit import note
from grouping.usecases.context import GroupingContext
from grouping.usecases.locking import open_group
from grouping.usecases.matching import run_matching
from shared.errors import DomainError
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause

log = get_logger(__name__)


async def set_meeting(
    session: AsyncSession,
    office: GroupingContext,
    group_id: UUID,
    *,
    meets_at: datetime,
    place_text: str,
    username: str,
    now: datetime,
    cause: Cause,
) -> None:
    """
    Another time or place for the start meeting.

    Raises:
        DomainError: ``unknown_group``, ``not_confirmed``, ``group_closed`` or ``meeting_in_the_past``.
    """
    work, desk = await open_group(session, office, group_id, now, cause)
    desk.move_meeting(meets_at, place_text)
    note(work, desk, username, "meeting_set")
    await work.stage()


async def meeting_not_held(
    session: AsyncSession, office: GroupingContext, group_id: UUID, *, username: str, now: datetime, cause: Cause
) -> None:
    """
    The start meeting does not take place; the group waits until a new time is set.

    Raises:
        DomainError: ``unknown_group``, ``not_confirmed``, or ``group_closed`` where it already counts as held.
    """
    work, desk = await open_group(session, office, group_id, now, cause)
    desk.postpone_meeting()
    note(work, desk, username, "meeting_not_held")
    await work.stage()


async def cancel_group(
    session: AsyncSession, office: GroupingContext, group_id: UUID, *, username: str, now: datetime, cause: Cause
) -> None:
    """
    The centre gives a group up; everybody waits again. The area is held, or the same people would be a group at once.

    Raises:
        DomainError: ``unknown_group`` or ``group_closed``.
    """
    work, desk = await open_group(session, office, group_id, now, cause)
    desk.cancel("by_centre")
    note(work, desk, username, "group_cancelled")
    await put_on_hold(work, desk.row.centre, desk.row.area, username)
    await run_matching(work, desk.row.area)
    await work.stage()


async def publish_draft(
    session: AsyncSession, office: GroupingContext, group_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """A draft's time has come: its members are asked. Nothing happens where it is none any more."""
    work, desk = await open_group(session, office, group_id, now, cause)
    if desk.is_draft:
        desk.publish()
        await run_matching(work, desk.row.area)
    await work.stage()


async def publish_draft_now(
    session: AsyncSession, office: GroupingContext, group_id: UUID, *, username: str, now: datetime, cause: Cause
) -> None:
    """
    Staff do not want to wait until a draft's time has come.

    Raises:
        DomainError: ``unknown_group`` or ``told_already``.
    """
    work, desk = await open_group(session, office, group_id, now, cause)
    desk.publish()
    note(work, desk, username, "draft_told")
    await run_matching(work, desk.row.area)
    await work.stage()


async def undo_draft(
    session: AsyncSession, office: GroupingContext, group_id: UUID, *, username: str, now: datetime, cause: Cause
) -> None:
    """
    Staff take a group back; everybody waits as before and nobody ever hears of it. The area is held, or the same
    people would be a group at once.

    Raises:
        DomainError: ``unknown_group`` or ``told_already``.
    """
    work, desk = await open_group(session, office, group_id, now, cause)
    if desk.row.state != GroupState.DRAFTED:
        raise DomainError("told_already", group_id=group_id)
    desk.cancel("undone")
    note(work, desk, username, "draft_undone")
    await put_on_hold(work, desk.row.centre, desk.row.area, username)
    await run_matching(work, desk.row.area)
    await work.stage()


async def extend_meeting(
    session: AsyncSession, office: GroupingContext, group_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """
    Too few are left for a start meeting that is near: it is put off once, and given up the second time.

    Raises:
        DomainError: ``unknown_group``.
    """
    work, desk = await open_group(session, office, group_id, now, cause)
    if not groups.is_short_of_members(desk.group, now):
        return
    if desk.row.extended or not desk.policy.extension_days:
        desk.cancel("too_few")
    else:
        desk.extend()
    await run_matching(work, desk.row.area)
    await work.stage()
    log.info("start_meeting_short", group_id=group_id, area=desk.row.area, state=desk.row.state)


async def complete_start_meeting(
    session: AsyncSession, office: GroupingContext, group_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """
    The start meeting's time has passed: the group has started and is closed, or was too small and is given up.

    Raises:
        DomainError: ``unknown_group``.
    """
    work, desk = await open_group(session, office, group_id, now, cause)
    area_id = desk.row.area
    if not groups.is_start_meeting_over(desk.group, now):
        return
    if len(desk.group.taken) >= desk.row.size_min:
        await desk.start()
    else:
        for seat in desk.group.seats:
            if seat.state is SeatState.OFFERED:
                await desk.release_seat(seat.id, "lapsed")
        desk.cancel("too_few")
    await run_matching(work, area_id)
    await work.stage()
    log.info("start_meeting_over", group_id=group_id, area=area_id, state=desk.row.state)
