"""Questions whether members still come to their start meeting: when each is asked, and of whom."""

from datetime import datetime, time, timedelta
from typing import Final
from uuid import UUID, uuid5

from notify.domain.calls import next_staff_hours
from notify.domain.facts import Meeting, Seat
from notify.domain.hours import reminder_at
from shared.reference.policy import COMING_QUESTION_DAYS
from shared.timezone import OSLO_TZ

FIRST_DAYS, LAST_DAYS = COMING_QUESTION_DAYS

REST: Final = timedelta(days=3)
"""Time in which a person who has said yes, or has been told a time or place, is not asked about it."""

_CALL_AT: Final = time(9)


def asked_at(meeting: Meeting, days: int) -> datetime:
    """
    Return the moment of the question some days before a meeting, never at night.

    The last one is an hour late: at two days a group below its minimum may be put off, which answers the question.
    """
    late = timedelta(hours=1) if days == LAST_DAYS else timedelta()
    return reminder_at(meeting.starts_at + late, days)


def question_id(seat: Seat, meeting: Meeting, days: int) -> UUID | None:
    """
    Return the id of the question some days before a meeting, the cause of its mail; None if it is not asked.

    It is one question for each time of the meeting: a new place does not ask it again.
    """
    if meeting.coming_question == "off" or seat.comes_to == meeting.starts_at:
        return None
    heard = [at for at in (seat.taken_at, meeting.called_at) if at is not None]
    if heard and max(heard) + REST > asked_at(meeting, days):
        return None
    return uuid5(meeting.id, f"coming {days} {meeting.starts_at.timestamp():.0f}")


def call_id(seat: Seat, meeting: Meeting) -> UUID | None:
    """Return the cause of the call to a person who has not answered the last question; None if there is no call."""
    if meeting.coming_question != "asked_then_called" or call_at(meeting) >= meeting.starts_at:
        return None
    return question_id(seat, meeting, LAST_DAYS)


def call_at(meeting: Meeting) -> datetime:
    """Return the time of that call: the morning before the meeting, or the next one on which staff work."""
    day_before = meeting.starts_at.astimezone(OSLO_TZ).date() - timedelta(days=1)
    return next_staff_hours(datetime.combine(day_before, _CALL_AT, OSLO_TZ))
