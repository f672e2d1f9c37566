"""What a change of wishes does to a seat that the person has."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

_PLACE: Final = ("area", "latitude", "longitude", "centre")
"""Wishes of which any change decides anew whether a group suits; others only if they became narrower."""


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
    moved = any(old.get(name) != new.get(name) for name in _PLACE)
    return SeatEffect.UNCERTAIN if moved or _is_narrower(old, new) else SeatEffect.KEPT


def _is_narrower(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Return True if a group that suited the old wishes may not suit the new ones at the same place and time."""
    return (
        (new.get("max_travel_km") or 0) < (old.get("max_travel_km") or 0)
        or not set(new.get("languages") or ()) >= set(old.get("languages") or ())
        or bool(new.get("wheelchair") and not old.get("wheelchair"))
        or not set(new.get("groups_also") or ()) >= set(old.get("groups_also") or ())
        or not set(new.get("groups_only") or ()) <= set(old.get("groups_only") or ())
        or new.get("digital") not in {old.get("digital"), "also"}
    )
