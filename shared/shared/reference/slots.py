"""When a group can meet: seven weekdays with a morning, a day and an evening each, by Norwegian wall clocks."""

from datetime import UTC, datetime, time, timedelta
from types import MappingProxyType
from typing import Final

from shared.timezone import OSLO_TZ

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PARTS: Final = ("morning", "day", "evening")
SLOTS: Final = tuple(f"{weekday}-{part}" for weekday in WEEKDAYS for part in PARTS)
"""All 21, Monday morning first."""

STARTS: Final = MappingProxyType({"morning": time(10), "day": time(13), "evening": time(18)})
"""When a meeting in each part of the day begins, local time."""

_WEEKDAYS: Final = MappingProxyType(
    {
        "nb": ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"),
        "nn": ("måndag", "tysdag", "onsdag", "torsdag", "fredag", "laurdag", "søndag"),
        "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    }
)
_PARTS: Final = MappingProxyType(
    {
        "nb": ("formiddag", "ettermiddag", "kveld"),
        "nn": ("føremiddag", "ettermiddag", "kveld"),
        "en": ("morning", "afternoon", "evening"),
    }
)


def weekday(slot: str) -> int:
    """The day of the week, Monday 0 as in :mod:`datetime`; ValueError where there is no such slot."""
    return _index(slot) // len(PARTS)


def part(slot: str) -> str:
    """The part of the day: morning, day or evening; ValueError where there is no such slot."""
    return PARTS[_index(slot) % len(PARTS)]


def weekday_label(day: int, language: str) -> str:
    """The name of a weekday, Monday 0, in nb, nn or en."""
    return _WEEKDAYS[language][day]


def part_label(name: str, language: str) -> str:
    """The name of a part of the day in nb, nn or en."""
    return _PARTS[language][PARTS.index(name)]


def label(slot: str, language: str) -> str:
    """The slot in words, such as "tirsdag kveld"."""
    return f"{weekday_label(weekday(slot), language)} {part_label(part(slot), language)}"


def first_meeting(slot: str, after: datetime, notice_days: int) -> datetime:
    """
    The first time the slot comes round when at least ``notice_days`` have passed, in UTC.

    Days are counted on the Norwegian calendar and the hour is that of the wall clock, so summer time moves nothing.

    Args:
        slot: One of :data:`SLOTS`; ValueError otherwise.
        after: An aware moment; ValueError where it is naive.
        notice_days: Zero or more.
    """
    if after.tzinfo is None:
        msg = "a moment without a time zone says nothing"
        raise ValueError(msg)
    earliest = after.astimezone(OSLO_TZ).replace(tzinfo=None) + timedelta(days=notice_days)
    starts = STARTS[part(slot)]
    day = earliest.date() + timedelta(days=(weekday(slot) - earliest.weekday()) % 7)
    if datetime.combine(day, starts) < earliest:
        day += timedelta(days=7)
    return datetime.combine(day, starts, tzinfo=OSLO_TZ).astimezone(UTC)


def _index(slot: str) -> int:
    if slot not in SLOTS:
        msg = "there is no such slot"
        raise ValueError(msg)
    return SLOTS.index(slot)
