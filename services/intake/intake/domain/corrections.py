"""What a change of wishes does to a seat that the person has."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

_NARROWING: Final = ("area", "latitude", "longitude", "max_travel_km", "languages", "wheelchair", "groups_also",
                     "groups_only", "digital", "centre")  # fmt: skip
"""Wishes other than times that decide whether a group suits."""


class SeatEffect(StrEnum):
    """
    The effect of new wishes on a seat.

    Attributes:
        KEPT: The group still suits.
        UNCERTAIN: Whether the group still suits depends on its place or its members; grouping decides.
        LOST: The group meets at a time that no longer suits.
    """

    KEPT = "kept"
    UNCERTAIN = "uncertain"
    LOST = "lost"


def seat_effect(seat_slot: str | None, old: Mapping[str, Any], new: Mapping[str, Any]) -> SeatEffect:
    """
    Return the effect of new wishes on the seat at a time.

    Args:
        seat_slot: The time of the group; None if it is not known.
        old: The wishes until now, by the names of their columns.
        new: The wishes from now on.
    """
    times = {*new.get("slots", ()), *new.get("slots_if_needed", ())}
    if seat_slot is not None and seat_slot not in times:
        return SeatEffect.LOST
    if seat_slot is None and not times >= {*old.get("slots", ()), *old.get("slots_if_needed", ())}:
        return SeatEffect.UNCERTAIN
    changed = any(old.get(name) != new.get(name) for name in _NARROWING)
    return SeatEffect.UNCERTAIN if changed else SeatEffect.KEPT
