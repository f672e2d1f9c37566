"""Groups, and the groups for which a job has something to do."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, bindparam, case, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from grouping.domain.groups import LEAST_MEMBERS, GroupState, SeatState
from grouping.store.meetings import IS_SCHEDULED, IS_START_MEETING
from grouping.store.tables import Group, Meeting, Seat


async def get(session: AsyncSession, group_id: UUID) -> Group | None:
    """Return a group as it is in the database now."""
    return await session.get(Group, group_id, populate_existing=True)


_WITH_START_MEETINGS = (
    select(Group, Meeting)
    .select_from(Group)
    .outerjoin(Meeting, IS_START_MEETING)
    .where(col(Group.id) == func.any(bindparam("ids", type_=ARRAY(Uuid))))
    .execution_options(populate_existing=True)
)


async def with_start_meetings(session: AsyncSession, group_ids: Collection[UUID]) -> list[tuple[Group, Meeting | None]]:
    """Return those of these groups that exist, each with its start meeting, as they are in the database now."""
    rows = (await session.execute(_WITH_START_MEETINGS, {"ids": list(group_ids)})).all()
    return [(group, meeting) for group, meeting in rows]


async def area_of(session: AsyncSession, group_id: UUID) -> str | None:
    """Return the area of a group; it never changes, so this may be read before the area is locked."""
    area: str | None = await session.scalar(select(col(Group.area)).where(col(Group.id) == group_id))
    return area


async def with_meeting_over(session: AsyncSession, now: datetime) -> list[UUID]:
    """Return the confirmed groups whose start meeting has ended."""
    query = (
        select(col(Group.id))
        .join(Meeting, IS_START_MEETING)
        .where(col(Group.state) == GroupState.CONFIRMED, IS_SCHEDULED, col(Meeting.ends_at) <= now)
        .order_by(col(Meeting.ends_at), col(Group.id))
    )
    return list((await session.scalars(query)).all())


async def short_of_members(session: AsyncSession, before: datetime) -> list[UUID]:
    """Return the confirmed groups with too few members whose start meeting begins before a moment."""
    taken = (
        select(func.count())
        .where(col(Seat.group_id) == col(Group.id), col(Seat.state) == SeatState.TAKEN)
        .scalar_subquery()
    )
    query = (
        select(col(Group.id))
        .join(Meeting, IS_START_MEETING)
        .where(col(Group.state) == GroupState.CONFIRMED, IS_SCHEDULED, col(Meeting.starts_at) <= before)
        .where(taken < case((col(Group.start_reason).is_(None), col(Group.size_min)), else_=LEAST_MEMBERS))
        .order_by(col(Meeting.starts_at), col(Group.id))
    )
    return list((await session.scalars(query)).all())


def _is_given_up(now: datetime) -> ColumnElement[bool]:
    return and_(
        col(Group.state) == GroupState.PROPOSED,
        col(Group.live) < col(Group.size_min),
        col(Group.filling_until) <= now,
    )


async def areas_to_give_up_in(session: AsyncSession, now: datetime) -> list[str]:
    """Return the areas with proposals below their minimum that have looked for members long enough."""
    return list((await session.scalars(select(col(Group.area)).where(_is_given_up(now)).distinct())).all())


async def to_give_up(session: AsyncSession, area: str, now: datetime) -> list[UUID]:
    """Return the proposals of an area that are below their minimum and have looked for members long enough."""
    query = select(col(Group.id)).where(col(Group.area) == area, _is_given_up(now))
    return list((await session.scalars(query.order_by(col(Group.created_at), col(Group.id)))).all())


async def drafts_due(session: AsyncSession, now: datetime) -> list[UUID]:
    """Return the drafts whose time of publication has come."""
    query = (
        select(col(Group.id))
        .where(col(Group.state) == GroupState.DRAFTED, col(Group.publish_at) <= now)
        .order_by(col(Group.publish_at), col(Group.id))
    )
    return list((await session.scalars(query)).all())


async def drafts_in(session: AsyncSession, area: str) -> list[Group]:
    """Return the drafts of an area, oldest first."""
    query = select(Group).where(col(Group.area) == area, col(Group.state) == GroupState.DRAFTED)
    return list((await session.scalars(query.order_by(col(Group.created_at), col(Group.id)))).all())


async def areas_with_drafts(session: AsyncSession) -> list[str]:
    """Return the areas with drafts."""
    query = select(col(Group.area)).where(col(Group.state) == GroupState.DRAFTED).distinct().order_by(col(Group.area))
    return list((await session.scalars(query)).all())


async def allow_reopening(session: AsyncSession, *, allowed: bool) -> None:
    """Disable, for this transaction, the trigger that refuses to reopen a started group."""
    await session.execute(text(f"SET LOCAL grouping.reopening = '{'on' if allowed else 'off'}'"))
