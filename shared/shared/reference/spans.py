"""Words for spans of time, such as how long something is kept."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

_NUMBERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "nb": "to tre fire fem seks sju åtte ni ti elleve tolv",
        "nn": "to tre fire fem seks sju åtte ni ti elleve tolv",
        "en": "two three four five six seven eight nine ten eleven twelve",
    }
)
"""From two to twelve; greater numbers are written in digits."""

_UNITS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = MappingProxyType(
    {
        "year": {"nb": ("et år", "år"), "nn": ("eitt år", "år"), "en": ("a year", "years")},
        "month": {"nb": ("en måned", "måneder"), "nn": ("ein månad", "månader"), "en": ("a month", "months")},
        "week": {"nb": ("en uke", "uker"), "nn": ("ei veke", "veker"), "en": ("a week", "weeks")},
        "day": {"nb": ("et døgn", "døgn"), "nn": ("eit døgn", "døgn"), "en": ("a day", "days")},
        "hour": {"nb": ("en time", "timer"), "nn": ("ein time", "timar"), "en": ("an hour", "hours")},
        "minute": {"nb": ("et minutt", "minutter"), "nn": ("eit minutt", "minutt"), "en": ("a minute", "minutes")},
    }
)
"""One of each unit, and its word after a number."""


def span_words(span: timedelta, locale: str) -> str:
    """Return a span in words of nb, nn or en, in its greatest whole unit; 30 days are a month, 365 a year."""
    number, unit = _measured(span)
    one, many = _UNITS[unit][locale]
    if number == 1:
        return one
    numbers = _NUMBERS[locale].split()
    return f"{numbers[number - 2] if 2 <= number <= len(numbers) + 1 else number} {many}"


def _measured(span: timedelta) -> tuple[int, str]:
    minutes = round(span.total_seconds() / 60)
    days, rest = divmod(minutes, 24 * 60)
    if not rest and days:
        if days % 365 == 0:
            return days // 365, "year"
        months = round(days * 12 / 365)
        if months and abs(days - months * 365 / 12) < 1:
            return months, "month"
        return (days // 7, "week") if days % 7 == 0 else (days, "day")
    return (minutes // 60, "hour") if minutes % 60 == 0 else (minutes, "minute")
