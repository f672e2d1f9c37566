"""
A meeting of a group, and its states.

A meeting is ``called``. It may be ``moved`` to another time or place, ``postponed`` until a new time is set, or
``cancelled``. Afterwards it is ``assumed_held`` until staff report that it was ``held``; if they report that it was
not, it is postponed.

Each function returns the changed meeting or raises :class:`shared.errors.DomainError`.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from shared.errors import DomainError


class MeetingKind(StrEnum):
    """The purpose of a meeting; a group has at most one start meeting."""

    START = "start"
    WEEKLY = "weekly"
    RETURN_VISIT = "return_visit"
    VISIT = "visit"
    CONFLICT_VISIT = "conflict_visit"


class MeetingState(StrEnum):
    """The states of a meeting; the module describes them."""

    CALLED = "called"
    MOVED = "moved"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"
    HELD = "held"
    NOT_HELD = "not_held"
    ASSUMED_HELD = "assumed_held"


SCHEDULED = frozenset({MeetingState.CALLED, MeetingState.MOVED})
"""The states in which the meeting takes place at its time."""

OVER = frozenset({MeetingState.HELD, MeetingState.ASSUMED_HELD})
"""The states in which the meeting counts as held."""

REPORT_TIME: Final = timedelta(days=14)
"""Time after the end of a meeting in which staff can report on it."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """
    One meeting of a group.

    Attributes:
        place_text: The place as members read it.
        sequence: Number of changes of time or place, and of postponements (RFC 5545 SEQUENCE).
        attendance: How many came, if staff have counted.
    """

    id: UUID
    kind: MeetingKind
    starts_at: datetime
    ends_at: datetime
    place_text: str
    state: MeetingState = MeetingState.CALLED
    sequence: int = 0
    attendance: int | None = None

    @property
    def is_scheduled(self) -> bool:
        """True if the meeting takes place at its time."""
        return self.state in SCHEDULED

    @property
    def is_postponed(self) -> bool:
        """True while the meeting waits for a new time."""
        return self.state is MeetingState.POSTPONED

    def has_begun(self, now: datetime) -> bool:
        """Return True if a scheduled meeting's beginning has passed."""
        return self.is_scheduled and now >= self.starts_at

    def is_over(self, now: datetime) -> bool:
        """Return True if a scheduled meeting's end has passed."""
        return self.is_scheduled and now >= self.ends_at


def move(meeting: Meeting, starts_at: datetime, ends_at: datetime, place_text: str, now: datetime) -> Meeting:
    """
    Set another time or place. A scheduled meeting that already has both is returned unchanged.

    Raises:
        DomainError: ``meeting_in_the_past`` or ``meeting_over``.
    """
    if starts_at <= now:
        raise DomainError("meeting_in_the_past", meeting_id=meeting.id)
    if meeting.is_scheduled and (meeting.starts_at, meeting.place_text) == (starts_at, place_text):
        return meeting
    return reschedule(meeting, starts_at, ends_at, place_text)


def reschedule(meeting: Meeting, starts_at: datetime, ends_at: datetime, place_text: str) -> Meeting:
    """
    Give a meeting a new time and place, and increment its sequence.

    Raises:
        DomainError: ``meeting_over``.
    """
    _must_be_ahead(meeting)
    return replace(
        meeting,
        starts_at=starts_at,
        ends_at=ends_at,
        place_text=place_text,
        state=MeetingState.MOVED,
        sequence=meeting.sequence + 1,
    )


def postpone(meeting: Meeting) -> Meeting:
    """
    Leave a meeting without a time until a new one is set. A postponed meeting is returned unchanged.

    Raises:
        DomainError: ``meeting_over``.
    """
    _must_be_ahead(meeting)
    if meeting.is_postponed:
        return meeting
    return replace(meeting, state=MeetingState.POSTPONED, sequence=meeting.sequence + 1)


def cancel(meeting: Meeting) -> Meeting:
    """Cancel a meeting that is scheduled or postponed; any other is returned unchanged."""
    if not (meeting.is_scheduled or meeting.state is MeetingState.POSTPONED):
        return meeting
    return replace(meeting, state=MeetingState.CANCELLED)


def assume_held(meeting: Meeting, now: datetime) -> Meeting:
    """
    Count a scheduled meeting as held because its time has passed without a report.

    Raises:
        DomainError: ``not_met``.
    """
    if not meeting.is_over(now):
        raise DomainError("not_met", meeting_id=meeting.id)
    return replace(meeting, state=MeetingState.ASSUMED_HELD)


def report_held(meeting: Meeting, attendance: int | None, now: datetime) -> Meeting:
    """
    Record that a meeting was held at its time; the last report counts.

    Raises:
        DomainError: ``not_met`` before the meeting begins, or if it has no time; ``report_too_late``.
    """
    _must_be_reportable(meeting, now)
    return replace(meeting, state=MeetingState.HELD, attendance=attendance)


def report_held_at(
    meeting: Meeting, starts_at: datetime, ends_at: datetime, attendance: int | None, now: datetime
) -> Meeting:
    """
    Record that a meeting, also a postponed one, was held at another time; a new time increments its sequence.

    A meeting that is still ahead was held earlier than it was called for.

    Raises:
        DomainError: ``held_in_the_future``; ``report_too_late``; ``not_met`` if the meeting is cancelled.
    """
    if starts_at > now:
        raise DomainError("held_in_the_future", meeting_id=meeting.id)
    if not (meeting.is_postponed or (meeting.is_scheduled and not meeting.has_begun(now))):
        _must_be_reportable(meeting, now)
    if now >= ends_at + REPORT_TIME:
        raise DomainError("report_too_late", meeting_id=meeting.id)
    as_called = meeting.starts_at == starts_at and not meeting.is_postponed
    return replace(
        meeting,
        state=MeetingState.HELD,
        starts_at=starts_at,
        ends_at=ends_at,
        attendance=attendance,
        sequence=meeting.sequence if as_called else meeting.sequence + 1,
    )


def report_not_held(meeting: Meeting, now: datetime) -> Meeting:
    """
    Record that a meeting was not held: it is postponed until a new time is set.

    Raises:
        DomainError: ``not_met`` before the meeting begins, or if it has no time; ``report_too_late``.
    """
    _must_be_reportable(meeting, now)
    return replace(meeting, state=MeetingState.POSTPONED, attendance=None, sequence=meeting.sequence + 1)


def can_report(meeting: Meeting, now: datetime) -> bool:
    """Return True if staff can report on the meeting as it was called."""
    return (meeting.state in OVER or meeting.has_begun(now)) and now < meeting.ends_at + REPORT_TIME


def _must_be_reportable(meeting: Meeting, now: datetime) -> None:
    if not (meeting.state in OVER or meeting.has_begun(now)):
        raise DomainError("not_met", meeting_id=meeting.id)
    if not can_report(meeting, now):
        raise DomainError("report_too_late", meeting_id=meeting.id)


def _must_be_ahead(meeting: Meeting) -> None:
    if not (meeting.is_scheduled or meeting.state is MeetingState.POSTPONED):
        raise DomainError("meeting_over", meeting_id=meeting.id)
