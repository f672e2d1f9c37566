"""A row of times for talks: one after the other on a day, on the same day of some weeks, by Norwegian clocks."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from shared.reference.holidays import is_day_off
from shared.timezone import oslo_moment

MINUTES: Final = (15, 20, 30, 45, 60, 90)
"""Lengths that a centre can choose."""

IN_A_ROW: Final = 12
WEEKS: Final = 12
"""The most times on one day, and weeks, that are opened at once."""


@dataclass(frozen=True, slots=True)
class Span:
    """A time from its start to its end, in UTC."""

    starts_at: datetime
    ends_at: datetime


def row_of_times(day: date, clock: time, *, minutes: int, in_a_row: int, weeks: int) -> tuple[Span, ...]:
    """
    Return times one after the other, at the same hour every week; days on which nobody is at work are left out.

    Args:
        day: The first day; it is kept even if it is a day off.
        clock: Start of the first time of each day, Norwegian wall time.
        minutes: Length of each.
        in_a_row: How many on each day.
        weeks: On how many weeks.
    """
    spans = []
    for week in range(weeks):
        on = day + timedelta(weeks=week)
        if week and is_day_off(on):
            continue
        first = oslo_moment(on, clock)
        for number in range(in_a_row):
            starts_at = first + timedelta(minutes=minutes * number)
            spans.append(Span(starts_at, starts_at + timedelta(minutes=minutes)))
    return tuple(spans)
