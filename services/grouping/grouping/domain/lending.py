"""Yearly deadlines of lenders of rooms."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Final

MISSED_SHOWN: Final = timedelta(days=14)
"""Time after a deadline in which it is still shown, so that nobody misses that it was missed."""


def next_due(month: int, day: int, *, since: date, done_on: date | None, today: date) -> date:
    """
    Return the deadline that staff have to deal with next.

    Args:
        month: The month of the deadline.
        day: Its day; in a shorter month the last one.
        since: The day on which staff wrote it down.
        done_on: The deadline that they have dealt with last.
        today: A deadline that was missed long before is skipped.
    """
    due = _in_year(since.year, month, day)
    while due < since or (done_on is not None and due <= done_on) or due + MISSED_SHOWN < today:
        due = _in_year(due.year + 1, month, day)
    return due


def _in_year(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))
