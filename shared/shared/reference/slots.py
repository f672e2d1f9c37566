"""Slots: seven weekdays with a morning, a day and an evening each, in Norwegian local time."""

from datetime import UTC, datetime, time, timedelta
from types import MappingProxyType
from typing import Final

from shared.reference.holidays import ordinary_week
from shared.timezone import OSLO_TZ

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PARTS: Final = ("morning", "day", "evening")
SLOTS: Final = tuple(f"{weekday}-{part}" for weekday in WEEKDAYS for part in PARTS)
"""All 21, Monday morning first."""

STARTS: Final = MappingProxyType({"morning": time(10), "day": time(13), "evening": time(18)})
"""Start of a meeting in each part of the day, local time."""

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
    """Return the day of the week, Monday 0 as in :mod:`datetime`; ValueError for an unknown slot."""
    return _index(slot) // len(PARTS)


def part(slot: str) -> str:
    """Return the part of the day: morning, day or evening; ValueError for an unknown slot."""
    return PARTS[_index(slot) % len(PARTS)]


def weekday_label(day: int, language: str) -> str:
    """Return the name of a weekday, Monday 0, in nb, nn or en."""
    return _WEEKDAYS[language][day]


def part_label(name: str, language: str) -> str:
    """Return the name of a part of the day in nb, nn or en."""
    return _PARTS[language][PARTS.index(name)]


def label(slot: str, language: str) -> str:
    """Return the slot in words, such as "tirsdag kveld"."""
    return f"{weekday_label(weekday(slot), language)} {part_label(part(slot), language)}"


def slot_of(local: datetime) -> str:
    """Return the slot of a Norwegian wall time: the last part of the day that has begun, or the morning."""
    begun = [name for name in PARTS if STARTS[name] <= local.time().replace(tzinfo=None)]
    return f"{WEEKDAYS[local.weekday()]}-{begun[-1] if begun else PARTS[0]}"


def first_meeting(slot: str, after: datetime, notice_days: int) -> datetime:
    """
    Return the first start of the slot that is at least ``notice_days`` away and on no holiday, in UTC.

    Days are counted on the Norwegian calendar in local time, so summer time moves nothing.

    Args:
        slot: One of :data:`SLOTS`; ValueError otherwise.
        after: An aware moment; ValueError if it is naive.
        notice_days: Zero or more.
    """
    if after.tzinfo is None:
        msg = "a moment needs a time zone"
        raise ValueError(msg)
    earliest = after.astimezone(OSLO_TZ).replace(tzinfo=None) + timedelta(days=notice_days)
    starts = STARTS[part(slot)]
    day = earliest.date() + timedelta(days=(weekday(slot) - earliest.weekday()) % 7)
    if datetime.combine(day, starts) < earliest:
        day += timedelta(days=7)
    return ordinary_week(datetime.combine(day, starts, tzinfo=OSLO_TZ)).astimezone(UTC)


def postponed_by(starts_at: datetime, days: int) -> datetime:
    """
    Return the same wall time ``days`` later, or the first such week after it without a holiday, in UTC.

    Args:
        starts_at: An aware moment.
        days: A number of whole weeks.
    """
    return ordinary_week(starts_at.astimezone(OSLO_TZ) + timedelta(days=days)).astimezone(UTC)


def _index(slot: str) -> int:
    if slot not in SLOTS:
        msg = "there is no such slot"
        raise ValueError(msg)
    return SLOTS.index(slot)
