"""
A meeting of a group, and its states.

A meeting is ``called``. It may be ``moved`` to another time or place, ``postponed`` until a new time is set, or
``cancelled``. Afterwards it was ``held`` or ``not_held``, or it is ``assumed_held`` until staff report.

Each function returns the changed meeting or raises :class:`shared.errors.DomainError`.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
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


@dataclass(frozen=True, slots=True)
class Meeting:
    """
    One meeting of a group.

    Attributes:
        place_text: The place as members read it.
        sequence: Number of changes of time or place (RFC 5545 SEQUENCE).
    """

    id: UUID
    kind: MeetingKind
    starts_at: datetime
    ends_at: datetime
    place_text: str
    state: MeetingState = MeetingState.CALLED
    sequence: int = 0

    @property
    def is_scheduled(self) -> bool:
        """True if the meeting takes place at its time."""
        return self.state in SCHEDULED

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
    Leave a meeting without a time until a new one is set.

    Raises:
        DomainError: ``meeting_over``.
    """
    _must_be_ahead(meeting)
    return replace(meeting, state=MeetingState.POSTPONED)


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


def report(meeting: Meeting, *, held: bool, now: datetime) -> Meeting:
    """
    Record whether a meeting was held; the last report counts.

    Raises:
        DomainError: ``not_met`` before the meeting begins, or if it is postponed or cancelled.
    """
    reported = meeting.state in {MeetingState.ASSUMED_HELD, MeetingState.HELD, MeetingState.NOT_HELD}
    if not (reported or meeting.has_begun(now)):
        raise DomainError("not_met", meeting_id=meeting.id)
    return replace(meeting, state=MeetingState.HELD if held else MeetingState.NOT_HELD)


def _must_be_ahead(meeting: Meeting) -> None:
    if not (meeting.is_scheduled or meeting.state is MeetingState.POSTPONED):
        raise DomainError("meeting_over", meeting_id=meeting.id)
