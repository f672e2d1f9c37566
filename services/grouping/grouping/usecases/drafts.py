"""Groups that nobody has heard of: they are told of in time, or taken back as if they had never been."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain.groups import GroupState
from grouping.usecases.audit import hold, note, open_group
from grouping.usecases.context import GroupingContext
from grouping.usecases.matching import run_matching
from shared.errors import DomainError
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause

log = get_logger(__name__)


async def tell_draft(
    session: AsyncSession, office: GroupingContext, group_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """A draft's time has come: its members are asked. Nothing happens where it is none any more."""
    work, desk = await open_group(session, office, group_id, now, cause)
    if desk.drafted:
        desk.publish()
        await run_matching(work, desk.row.area)
    await work.finish()


async def tell_now(
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
    await work.finish()


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
    await hold(work, desk.row.centre, desk.row.area, username)
    await run_matching(work, desk.row.area)
    await work.finish()
