"""Conditions on meetings that queries of other modules share, and the meaning of a meeting's place."""

from sqlalchemy import and_, literal_column
from sqlmodel import col

from grouping.domain.meetings import SCHEDULED, MeetingKind
from grouping.store.room_tables import Room
from grouping.store.tables import Group, Meeting
from shared.reference.centres import Centre

IS_START_MEETING = and_(
    col(Meeting.group_id) == col(Group.id), col(Meeting.kind) == literal_column(f"'{MeetingKind.START}'")
)
"""Joins a group with its start meeting; the same condition as of the index ``meetings_one_start``."""

IS_SCHEDULED = col(Meeting.state).in_([literal_column(f"'{state}'") for state in sorted(SCHEDULED)])
"""True for a scheduled meeting; the same condition as of the index ``meetings_scheduled``."""


def is_address(centre: Centre | None, group: Group, room: Room | None, place_text: str) -> bool:
    """
    Return True if members can find the meeting by this text.

    The installation's default text names only a part of town, except where people form groups by themselves: there it
    says where they meet. A room that has been given back is no place to meet either.
    """
    if group.room_free_at is not None and room is not None and place_text == room.full_address:
        return False
    runs_groups = group.policy.get("runs_groups", True)  # by the policy that the group keeps
    return centre is None or not runs_groups or not centre.is_default_place(group.place, place_text)
