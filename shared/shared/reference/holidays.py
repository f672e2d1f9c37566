"""
Days on which no start meeting is proposed: public holidays, and the days around them on which people are away.

Staff work on some of these days: :func:`is_day_off` tells on which they do not.

The dates come from the library ``holidays``. Its names do not: it knows no nynorsk, for which it silently answers in
English, and joins the names of two holidays on one day. It also leaves out the eves.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from shared.timezone import OSLO_TZ

if TYPE_CHECKING:
    from holidays import HolidayBase

Holiday = Literal["christmas", "easter", "labour_day", "constitution_day", "ascension", "whitsun", "other"]

EVE: Final = time(16)
"""When an eve begins, local time: that of Palm Sunday, of Whitsun, or the 23rd of December."""

_CHRISTMAS: Final[dict[tuple[int, int], Holiday]] = {(12, day): "christmas" for day in range(24, 32)}
_FIXED: Final[Mapping[tuple[int, int], Holiday]] = MappingProxyType(
    {**_CHRISTMAS, (1, 1): "christmas", (5, 1): "labour_day", (5, 17): "constitution_day"}
)
_EASTER: Final[dict[int, Holiday]] = dict.fromkeys(range(-7, 2), "easter")
_MOVING: Final[Mapping[int, Holiday]] = MappingProxyType({**_EASTER, 39: "ascension", 49: "whitsun", 50: "whitsun"})
"""Days from Easter Sunday."""

_EVES: Final[Mapping[int, Holiday]] = MappingProxyType({-8: "easter", 48: "whitsun"})

_OFFICE_EVES: Final = frozenset({(12, 24), (12, 31)})

_EASTER_SUNDAY: Final = "Første påskedag"
"""Its name in the library."""

_LABELS: Final[Mapping[Holiday, tuple[str, str, str]]] = MappingProxyType(
    {
        "christmas": ("i jula", "i jula", "in the Christmas holiday"),
        "easter": ("i påsken", "i påska", "in the Easter holiday"),
        "labour_day": ("første mai", "fyrste mai", "Labour Day"),
        "constitution_day": ("grunnlovsdagen", "grunnlovsdagen", "Constitution Day"),
        "ascension": ("Kristi himmelfartsdag", "Kristi himmelfartsdag", "Ascension Day"),
        "whitsun": ("i pinsen", "i pinsa", "at Whitsun"),
        "other": ("en helligdag", "ein heilagdag", "a public holiday"),
    }
)


def holiday_at(moment: datetime) -> Holiday | None:
    """Return the holiday at an aware moment, by Norwegian clocks; None for an ordinary time."""
    local = moment.astimezone(OSLO_TZ)
    days, eves = _of_year(local.year)
    if local.time() >= EVE and local.date() in eves:
        return eves[local.date()]
    return days.get(local.date())


def is_day_off(day: date) -> bool:
    """Return True on a public holiday, Christmas Eve and New Year's Eve, when nobody is at work at a centre."""
    return day in _public(day.year) or (day.month, day.day) in _OFFICE_EVES


def holiday_label(holiday: Holiday, language: str) -> str:
    """Return the holiday in nb, nn or en, to follow "is" in a sentence."""
    return _LABELS[holiday][("nb", "nn", "en").index(language)]


def ordinary_week(moment: datetime) -> datetime:
    """Return the first moment at this weekday and Norwegian wall time, from this one on, that is no holiday."""
    zone = moment.tzinfo
    local = moment.astimezone(OSLO_TZ)
    while holiday_at(local) is not None:
        local += timedelta(days=7)  # wall time: summer time moves nothing
    return local.astimezone(zone)


@lru_cache(maxsize=32)
def _of_year(year: int) -> tuple[dict[date, Holiday], dict[date, Holiday]]:
    """Return the holidays of a year, and the eves."""
    public = _public(year)
    (sunday,) = public.get_named(_EASTER_SUNDAY)

    def days() -> Iterator[tuple[date, Holiday]]:
        yield from ((day, "other") for day in public)
        yield from ((sunday + timedelta(days=offset), holiday) for offset, holiday in _MOVING.items())
        yield from ((date(year, month, day), holiday) for (month, day), holiday in _FIXED.items())

    eves = {sunday + timedelta(days=offset): holiday for offset, holiday in _EVES.items()}
    return dict(days()), {**eves, date(year, 12, 23): "christmas"}


@lru_cache(maxsize=32)
def _public(year: int) -> "HolidayBase":
    """Return the public holidays of a year."""
    # Imported here, because it takes half a second to load.
    from holidays import country_holidays  # noqa: PLC0415

    return country_holidays("NO", years=year, language="no")
