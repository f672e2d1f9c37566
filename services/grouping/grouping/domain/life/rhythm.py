"""The times at which a group meets: Norwegian wall time, so that summer time moves nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Final

from grouping.domain.life.model import Rhythm
from shared.errors import DomainError
from shared.reference.holidays import Holiday, holiday_at
from shared.timezone import OSLO_TZ

EVERY_WEEKS: Final = frozenset({1, 2})
EARLIEST: Final = time(7)
LATEST: Final = time(22)
"""The times between which a meeting can begin."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """
    One time in a rhythm.

    Attributes:
        day: The Norwegian day.
        holiday: The holiday that it falls on, on which groups do not meet unless they say so.
    """

    day: date
    starts_at: datetime
    ends_at: datetime
    holiday: Holiday | None


def check(rhythm: Rhythm) -> Rhythm:
    """
    Return a rhythm that can be kept.

    Raises:
        DomainError: ``rhythm_impossible``.
    """
    fits = rhythm.every_weeks in EVERY_WEEKS and EARLIEST <= rhythm.at <= LATEST and 15 <= rhythm.minutes <= 480
    if not fits or rhythm.first_on.weekday() != rhythm.weekday:
        raise DomainError("rhythm_impossible")
    return rhythm


def occurrences(rhythm: Rhythm, after: datetime) -> Iterator[Occurrence]:
    """Yield the times of a rhythm that begin after a moment, holidays too, without an end."""
    step = timedelta(weeks=rhythm.every_weeks)
    passed = max(0, (after.astimezone(OSLO_TZ).date() - rhythm.first_on) // step)
    for number in count(passed):
        occurrence = _on(rhythm, rhythm.first_on + number * step)
        if occurrence.starts_at > after:
            yield occurrence


def on_day(rhythm: Rhythm, day: date) -> Occurrence:
    """
    Return the time of a rhythm on one of its days.

    Raises:
        DomainError: ``not_in_rhythm``.
    """
    weeks, rest = divmod((day - rhythm.first_on).days, 7)
    if rest or weeks < 0 or weeks % rhythm.every_weeks:
        raise DomainError("not_in_rhythm")
    return _on(rhythm, day)


def weekly_from(starts_at: datetime, minutes: int, place_text: str) -> Rhythm:
    """Return the weekly rhythm whose first meeting is a week after a meeting."""
    local = starts_at.astimezone(OSLO_TZ)
    at = min(max(local.time(), EARLIEST), LATEST)
    return Rhythm(1, local.weekday(), at, minutes, place_text, local.date() + timedelta(weeks=1))


def _on(rhythm: Rhythm, day: date) -> Occurrence:
    local = datetime.combine(day, rhythm.at, tzinfo=OSLO_TZ)
    starts_at = local.astimezone(UTC)
    return Occurrence(day, starts_at, starts_at + timedelta(minutes=rhythm.minutes), holiday_at(local))
