"""The question whether a member still comes to the start meeting."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from grouping.domain.groups import Group, GroupState, SeatState
from grouping.domain.meetings import Meeting
from shared.errors import DomainError
from shared.reference.policy import COMING_QUESTION_DAYS, Policy

ASKED_FROM: Final = timedelta(days=max(COMING_QUESTION_DAYS))


def meeting_to_come_to(group: Group, seat_id: UUID, now: datetime) -> Meeting:
    """
    Return the start meeting to which a member can say that they come.

    Raises:
        DomainError: ``no_meeting_ahead`` if they have no seat, or if no start meeting is ahead.
    """
    meeting = group.start_meeting
    is_member = group.seat(seat_id).state is SeatState.TAKEN and group.state is GroupState.CONFIRMED
    if not is_member or meeting is None or not meeting.is_scheduled or meeting.has_begun(now):
        raise DomainError("no_meeting_ahead", seat_id=seat_id)
    return meeting


def is_asked(policy: Policy, starts_at: datetime, now: datetime) -> bool:
    """Return True once members of a group are asked if they still come to a start meeting, until it begins."""
    return policy.coming_question != "off" and starts_at - ASKED_FROM <= now < starts_at
