"""The meetings ahead of a group with its igangsetter: called, skipped, moved, and reported afterwards."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Final
from uuid import UUID, uuid5

from grouping.domain import meetings
from grouping.domain.life.model import GroupLife, LifeState, Rhythm
from grouping.domain.life.rhythm import Occurrence, check, occurrences, on_day
from grouping.domain.meetings import Meeting, MeetingKind, MeetingState
from shared.errors import DomainError
from shared.timezone import OSLO_TZ

AHEAD: Final = 4
"""Number of meetings that are called at a time."""

_SEARCHED: Final = 60
"""Times of a rhythm that are looked through; no row of holidays and skipped days is as long."""


def meetings_ahead(life: GroupLife, now: datetime) -> tuple[Meeting, ...]:
    """Return the meetings of the rhythm that have not begun, the next one first."""
    return tuple(
        meeting
        for meeting in life.meetings
        if meeting.kind is MeetingKind.WEEKLY and meeting.is_scheduled and meeting.starts_at > now
    )


def skipped_holidays(life: GroupLife, now: datetime) -> tuple[Occurrence, ...]:
    """Return the times between now and the last meeting ahead that are skipped because they are holidays."""
    ahead = meetings_ahead(life, now)
    if life.rhythm is None or not ahead:
        return ()
    last = ahead[-1].starts_at
    times = islice(occurrences(life.rhythm, now), _SEARCHED)
    return tuple(time for time in times if time.starts_at < last and _is_skipped_holiday(life, time))


def must_be_ahead(life: GroupLife, meeting_id: UUID, now: datetime) -> None:
    """
    Check that the group is about to meet with its igangsetter, or with a visit.

    Raises:
        DomainError: ``unknown_meeting``, ``meeting_over``, ``on_its_own`` or ``group_ended``.
    """
    life.must_be(LifeState.ACCOMPANIED)
    _must_be_ahead(life.meeting(meeting_id), now)


def plan(life: GroupLife, now: datetime) -> GroupLife:
    """Call meetings until :data:`AHEAD` of them are ahead; holidays and skipped days are left out."""
    if life.state is not LifeState.ACCOMPANIED or life.rhythm is None:
        return life
    known = {meeting.id for meeting in life.meetings}
    number = len(meetings_ahead(life, now))
    for occurrence in islice(occurrences(life.rhythm, now), _SEARCHED):
        if number >= AHEAD:
            break
        left_out = occurrence.day in life.skipped_days or _is_skipped_holiday(life, occurrence)
        if not left_out and (meeting_id := _id(life, occurrence.day)) not in known:
            life = life.with_meeting(_called(meeting_id, life.rhythm, occurrence))
            number += 1
    return life


def set_rhythm(life: GroupLife, rhythm: Rhythm, now: datetime) -> GroupLife:
    """
    Let the group meet at other times; the meetings ahead are cancelled and called anew.

    Raises:
        DomainError: ``rhythm_impossible``, ``on_its_own`` or ``group_ended``.
    """
    life.must_be(LifeState.ACCOMPANIED)
    check(rhythm)
    if life.rhythm == rhythm:
        return life
    life = cancel_ahead(life, now)
    return plan(replace(life, rhythm=rhythm, rhythm_version=life.rhythm_version + 1), now)


def skip(life: GroupLife, meeting_id: UUID, now: datetime) -> GroupLife:
    """
    Skip one meeting ahead; skipping it twice changes nothing.

    Raises:
        DomainError: ``unknown_meeting``, ``meeting_over``, ``on_its_own`` or ``group_ended``.
    """
    life.must_be(LifeState.ACCOMPANIED)
    meeting = life.meeting(meeting_id)
    if meeting.state is MeetingState.CANCELLED:
        return life
    _must_be_ahead(meeting, now)
    day = meeting.starts_at.astimezone(OSLO_TZ).date()
    life = life.with_meeting(cancelled(meeting))
    return plan(replace(life, skipped_days=_future(life.skipped_days | {day}, now)), now)


def meet_anyway(life: GroupLife, day: date, now: datetime) -> GroupLife:
    """
    Call the meeting of a day that was left out, as a holiday or a day that was skipped.

    Raises:
        DomainError: ``not_in_rhythm``, ``meeting_in_the_past``, ``on_its_own`` or ``group_ended``.
    """
    life.must_be(LifeState.ACCOMPANIED)
    if life.rhythm is None:
        raise DomainError("not_in_rhythm", group_id=life.group_id)
    occurrence = on_day(life.rhythm, day)
    if occurrence.starts_at <= now:
        raise DomainError("meeting_in_the_past", group_id=life.group_id)
    meeting_id = _id(life, day)
    before = next((meeting for meeting in life.meetings if meeting.id == meeting_id), None)
    if before is not None and before.state is not MeetingState.CANCELLED:
        return life
    called = _called(meeting_id, life.rhythm, occurrence)
    if before is not None:  # the calendar of the members knows it as cancelled
        called = replace(called, state=MeetingState.MOVED, sequence=before.sequence + 1)
    return replace(
        life.with_meeting(called),
        skipped_days=_future(life.skipped_days - {day}, now),
        kept_days=_future(life.kept_days | {day}, now),
    )


def move(life: GroupLife, meeting_id: UUID, starts_at: datetime, place_text: str, now: datetime) -> GroupLife:
    """
    Move one meeting ahead; the others stay.

    Raises:
        DomainError: ``unknown_meeting``, ``meeting_over``, ``meeting_in_the_past``, ``on_its_own`` or ``group_ended``.
    """
    life.must_be(LifeState.ACCOMPANIED)
    meeting = life.meeting(meeting_id)
    _must_be_ahead(meeting, now)
    ends_at = starts_at + (meeting.ends_at - meeting.starts_at)
    moved = meetings.move(meeting, starts_at, ends_at, place_text, now)
    return life if moved is meeting else plan(life.with_meeting(moved), now)


def move_following(life: GroupLife, meeting_id: UUID, starts_at: datetime, place_text: str, now: datetime) -> GroupLife:
    """
    Move a meeting and all that follow it: the rhythm has its weekday, time and place from now on.

    Raises:
        DomainError: ``unknown_meeting``, ``meeting_over``, ``meeting_in_the_past``, ``rhythm_impossible``,
            ``on_its_own`` or ``group_ended``.
    """
    life.must_be(LifeState.ACCOMPANIED)
    _must_be_ahead(life.meeting(meeting_id), now)
    if starts_at <= now:
        raise DomainError("meeting_in_the_past", group_id=life.group_id)
    if life.rhythm is None:
        raise DomainError("not_in_rhythm", group_id=life.group_id)
    local = starts_at.astimezone(OSLO_TZ)
    at = local.time().replace(second=0, microsecond=0)
    following = replace(life.rhythm, weekday=local.weekday(), at=at, place_text=place_text, first_on=local.date())
    return set_rhythm(life, following, now)


def report(life: GroupLife, meeting_id: UUID, now: datetime, *, held: bool) -> GroupLife:
    """
    Record whether a meeting was held; the last report counts. Nobody counts who came.

    Raises:
        DomainError: ``unknown_meeting``, ``not_met``, ``report_too_late`` or ``group_ended``.
    """
    life.must_be(LifeState.ACCOMPANIED, LifeState.INDEPENDENT)
    meeting = life.meeting(meeting_id)
    called = replace(meeting, state=MeetingState.CALLED) if meeting.state is MeetingState.NOT_HELD else meeting
    reported = meetings.report_held(called, None, now)  # refuses what cannot be reported
    if not held:
        reported = replace(reported, state=MeetingState.NOT_HELD)
    return life if reported == meeting else life.with_meeting(reported)


def assume_held(life: GroupLife, now: datetime) -> GroupLife:
    """Count the meetings whose time has passed without a report as held."""
    for meeting in life.meetings:
        if meeting.is_over(now):
            life = life.with_meeting(meetings.assume_held(meeting, now))
    return life


def cancel_ahead(life: GroupLife, now: datetime) -> GroupLife:
    """Cancel all meetings ahead, visits too."""
    for meeting in life.meetings:
        if meeting.is_scheduled and meeting.starts_at > now:
            life = life.with_meeting(cancelled(meeting))
    return life


def cancel_weekly(life: GroupLife, now: datetime) -> GroupLife:
    """Cancel the meetings of the rhythm that are ahead."""
    for meeting in meetings_ahead(life, now):
        life = life.with_meeting(cancelled(meeting))
    return life


def _is_skipped_holiday(life: GroupLife, occurrence: Occurrence) -> bool:
    return occurrence.holiday is not None and occurrence.day not in life.kept_days


def _called(meeting_id: UUID, rhythm: Rhythm, occurrence: Occurrence) -> Meeting:
    return Meeting(meeting_id, MeetingKind.WEEKLY, occurrence.starts_at, occurrence.ends_at, rhythm.place_text)


def cancelled(meeting: Meeting) -> Meeting:
    """Return a meeting as cancelled, with the next sequence."""
    return replace(meetings.cancel(meeting), sequence=meeting.sequence + 1)


def _id(life: GroupLife, day: date) -> UUID:
    """Return the id of the meeting of a day; it depends on nothing else, so calling it again calls the same."""
    return uuid5(life.group_id, f"weekly|{life.rhythm_version}|{day.isoformat()}")


def _must_be_ahead(meeting: Meeting, now: datetime) -> None:
    if not meeting.is_scheduled or meeting.starts_at <= now:
        raise DomainError("meeting_over", meeting_id=meeting.id)


def _future(days: frozenset[date], now: datetime) -> frozenset[date]:
    today = (now.astimezone(UTC) - timedelta(days=1)).date()
    return frozenset(day for day in days if day >= today)
