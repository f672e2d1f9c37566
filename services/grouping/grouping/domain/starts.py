"""The start of a group: its start meeting was held, counts as held, or is reported as not held after all."""

from dataclasses import replace
from datetime import datetime

from grouping.domain import meetings
from grouping.domain.groups import Group, GroupState, SeatState, start_meeting_ahead, undecided
from grouping.domain.meetings import Meeting
from shared.errors import DomainError


def met(group: Group) -> Meeting:
    """
    Return the start meeting of a group that can have met.

    Raises:
        DomainError: ``not_confirmed``, ``group_cancelled``, or ``report_too_late`` once the members are deleted.
    """
    if group.state not in {GroupState.CONFIRMED, GroupState.STARTED} or group.start_meeting is None:
        raise DomainError(
            "group_cancelled" if group.state is GroupState.CANCELLED else "not_confirmed", group_id=group.id
        )
    if not group.taken and group.state is GroupState.STARTED:
        raise DomainError("report_too_late", group_id=group.id)
    return group.start_meeting


def report_held(group: Group, meeting: Meeting) -> Group:
    """
    Start the group because its start meeting was held, and close it; of a started group only the meeting changes.

    Args:
        group: A confirmed or started group.
        meeting: Its start meeting, as reported.

    Raises:
        DomainError: ``not_confirmed``, ``too_few_members``, or ``report_too_late`` once the members are deleted.
    """
    met(group)
    if group.state is GroupState.STARTED:
        return replace(group, start_meeting=meeting)
    if len(group.taken) < group.least:
        raise DomainError("too_few_members", group_id=group.id)
    return _started(group, meeting)


def report_not_held(group: Group, now: datetime) -> Group:
    """
    Postpone the start meeting because it was not held; a group that counted as started is confirmed again.

    Its members keep their seats.

    Raises:
        DomainError: ``not_confirmed``, ``not_met``, or ``report_too_late``, also once the members are deleted.
    """
    meeting = meetings.report_not_held(met(group), now)
    return replace(undecided(group), state=GroupState.CONFIRMED, start_meeting=meeting)


def is_start_meeting_over(group: Group, now: datetime) -> bool:
    """Return True if the start meeting's time has passed, so that it counts as held."""
    over = group.start_meeting is not None and group.start_meeting.is_over(now)
    return group.state is GroupState.CONFIRMED and over


def must_be_ready_to_start(group: Group, now: datetime) -> None:
    """
    Check that the start meeting is over and enough members are left.

    Raises:
        DomainError: ``not_met`` or ``too_few``.
    """
    if not is_start_meeting_over(group, now):
        raise DomainError("not_met", group_id=group.id)
    if len(group.taken) < group.least:
        raise DomainError("too_few", group_id=group.id)


def start(group: Group, now: datetime) -> Group:
    """
    Start the group after its start meeting: it is closed to newcomers, and open offers lapse.

    Raises:
        DomainError: See :func:`must_be_ready_to_start`.
    """
    must_be_ready_to_start(group, now)
    return _started(group, meetings.assume_held(start_meeting_ahead(group), now))


def _started(group: Group, meeting: Meeting) -> Group:
    seats = tuple(
        replace(seat, state=SeatState.RELEASED, reason="lapsed") if seat.state is SeatState.OFFERED else seat
        for seat in group.seats
    )
    return replace(group, state=GroupState.STARTED, seats=seats, start_meeting=meeting)
