"""Conditions on meetings that queries of other modules share."""

from sqlalchemy import and_, literal_column
from sqlmodel import col

from grouping.domain.meetings import SCHEDULED, MeetingKind
from grouping.store.tables import Group, Meeting

IS_START_MEETING = and_(
    col(Meeting.group_id) == col(Group.id), col(Meeting.kind) == literal_column(f"'{MeetingKind.START}'")
)
"""Joins a group with its start meeting; the same condition as of the index ``meetings_one_start``."""

IS_SCHEDULED = col(Meeting.state).in_([literal_column(f"'{state}'") for state in sorted(SCHEDULED)])
"""True for a scheduled meeting; the same condition as of the index ``meetings_scheduled``."""
