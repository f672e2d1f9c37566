"""Calls of staff to people: when they are made, and how often in vain."""

from datetime import date, datetime, time, timedelta
from typing import Final

from shared.reference.holidays import is_day_off
from shared.timezone import OSLO_TZ

UNANSWERED_AT_MOST: Final = 3
"""Number of calls, or offers, in vain after which a person is left in peace."""

MORNING: Final = time(9)
"""When the first calls of a day are made, Norwegian time."""


def is_working_day(day: date) -> bool:
    """Return True on a day on which staff call people."""
    return day.weekday() < 5 and not is_day_off(day)


def next_morning(at: datetime) -> datetime:
    """Return the morning of the next working day."""
    day = at.astimezone(OSLO_TZ).date() + timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return datetime.combine(day, MORNING, OSLO_TZ)
