"""The name by which people call a group: where and when it meets. Codes are never shown."""

from datetime import datetime
from types import MappingProxyType
from typing import Final

from shared.reference import slots
from shared.timezone import OSLO_TZ

_NORWEGIAN: Final = ("jan.", "feb.", "mars", "apr.", "mai", "juni", "juli", "aug.", "sep.", "okt.", "nov.", "des.")
_ENGLISH: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS: Final = MappingProxyType({"nb": _NORWEGIAN, "nn": _NORWEGIAN, "en": _ENGLISH})


def group_name(place: str, slot: str, starts_at: datetime | None, locale: str, number: int = 1) -> str:
    """
    Return the name of a group: "Bergen sentrum, tirsdag kveld, 8. des.".

    Args:
        place: The name of its room or meeting place.
        slot: When it meets; the weekday and part of the day of a start meeting at another time win over it.
        starts_at: The start meeting; None while it has no date.
        locale: nb, nn or en.
        number: Tells groups with the same name apart; only the second one and later ones state it.
    """
    name = _name(place, slot, starts_at, locale)
    return f"{name} ({number})" if number > 1 else name


def _name(place: str, slot: str, starts_at: datetime | None, locale: str) -> str:
    if starts_at is None:
        return f"{place}, {slots.label(slot, locale)}"
    local = starts_at.astimezone(OSLO_TZ)
    month = _MONTHS[locale][local.month - 1]
    day = f"{local.day} {month}" if locale == "en" else f"{local.day}. {month}"
    return f"{place}, {slots.label(slots.slot_of(local), locale)}, {day}"
