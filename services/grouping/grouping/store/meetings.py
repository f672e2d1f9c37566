"""Meetings of groups."""

from uuid import UUID

from sqlalchemy import and_, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from grouping.domain.meetings import SCHEDULED, MeetingKind
from grouping.store.tables import Group, Meeting

IS_START_MEETING = and_(
    col(Meeting.group_id) == col(Group.id), col(Meeting.kind) == literal_column(f"'{MeetingKind.START}'")
)
"""Joins a group with its start meeting; the same condition as of the index ``meetings_one_start``."""

IS_SCHEDULED = col(Meeting.state).in_([literal_column(f"'{state}'") for state in sorted(SCHEDULED)])
"""True for a scheduled meeting; the same condition as of the index ``meetings_scheduled``."""


async def start_meeting_of(session: AsyncSession, group_id: UUID) -> Meeting | None:
    """Return the start meeting of a group; None before it is called."""
    query = select(Meeting).where(col(Meeting.group_id) == group_id, col(Meeting.kind) == MeetingKind.START)
    return (await session.scalars(query.execution_options(populate_existing=True))).first()
