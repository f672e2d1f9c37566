"""
The numbering of cells: every cell of an area has a number, and the cells that one person fits are found by arithmetic.

A number is made of the place, the slot, the language and what was wished, in this order, so that a person's cells are
the sums of "where they can get to" and "when and how they can meet".
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from grouping.domain.cells import Cell, Place, Wishes, profiles
from shared.reference.languages import LANGUAGES
from shared.reference.places import EARTH_RADIUS_KM
from shared.reference.slots import SLOTS

Numbers = NDArray[np.int32]
Kilometres = NDArray[np.float32]

_SLOT = {slot: number for number, slot in enumerate(SLOTS)}
_LANGUAGE = {code: number for number, code in enumerate(LANGUAGES)}
_CODES = tuple(LANGUAGES)


@dataclass(frozen=True, slots=True)
class Reach:
    """
    The places that a person can get to and into, nearest first.

    Attributes:
        places: Numbers of places.
        km: The way to each, one decimal.
    """

    places: Numbers
    km: Kilometres


class Layout:
    """The cells of one area; made anew when a place or what is offered changes."""

    def __init__(self, places: tuple[Place, ...], offered: tuple[str, ...] = ()) -> None:
        self.places = places
        self.offered = offered
        self.profiles = profiles(offered)
        self.languages = len(_CODES)
        self.size = len(places) * self.stride
        self.number_of = {place.id: number for number, place in enumerate(places)}
        self._latitudes = np.radians(np.array([place.latitude for place in places], dtype=np.float64))
        self._longitudes = np.radians(np.array([place.longitude for place in places], dtype=np.float64))
        self._step_free = np.array([place.step_free for place in places], dtype=bool)
        self._ways: dict[tuple[float, float, bool], Reach] = {}
        self._times: dict[tuple[object, ...], Numbers] = {}

    @cached_property
    def stride(self) -> int:
        """How many cells one place has."""
        return len(SLOTS) * self.times_of_slot

    @cached_property
    def times_of_slot(self) -> int:
        """How many cells one place has at one time: every language, with everything that can be wished."""
        return self.languages * len(self.profiles)

    def number(self, cell: Cell) -> int | None:
        """The cell's number; None where there is no such place, time or language here, or nobody may wish for that."""
        place = self.number_of.get(cell.place)
        if place is None or cell.slot not in _SLOT or cell.language not in _LANGUAGE:
            return None
        if cell.wishes not in self.profiles:
            return None
        time = _SLOT[cell.slot] * self.languages + _LANGUAGE[cell.language]
        return (place * len(SLOTS) * self.languages + time) * len(self.profiles) + self.profiles.index(cell.wishes)

    def cell(self, number: int) -> Cell:
        """The cell with this number."""
        rest, profile = divmod(int(number), len(self.profiles))
        rest, language = divmod(rest, self.languages)
        place, slot = divmod(rest, len(SLOTS))
        return Cell(self.places[place].id, SLOTS[slot], _CODES[language], self.profiles[profile])

    def reach(self, wishes: Wishes) -> Reach:
        """Where this person can meet others."""
        ways = self._ways_from(wishes.latitude, wishes.longitude, step_free=wishes.wheelchair)
        count = int(np.searchsorted(ways.km, np.float32(wishes.max_travel_km), side="right"))
        return Reach(ways.places[:count], ways.km[:count])

    def times(self, wishes: Wishes) -> Numbers:
        """What to add to a place's first number for each cell there that suits; of one place the first is 0."""
        key = (frozenset(wishes.slots), frozenset(wishes.languages), wishes.also, wishes.only)
        if key not in self._times:
            agreed = [
                number
                for number, profile in enumerate(self.profiles)
                if wishes.only <= frozenset(profile.split("+")) - {""} <= wishes.also | wishes.only
            ]
            self._times[key] = np.array(
                sorted(
                    (_SLOT[slot] * self.languages + _LANGUAGE[language]) * len(self.profiles) + profile
                    for slot in wishes.slots
                    for language in wishes.languages
                    if language in _LANGUAGE
                    for profile in agreed
                ),
                dtype=np.int32,
            )
        return self._times[key]

    def _ways_from(self, latitude: float, longitude: float, *, step_free: bool) -> Reach:
        key = (latitude, longitude, step_free)
        if key not in self._ways:
            phi, lam = np.radians(latitude), np.radians(longitude)
            half = np.sin((self._latitudes - phi) / 2) ** 2
            half += np.cos(phi) * np.cos(self._latitudes) * np.sin((self._longitudes - lam) / 2) ** 2
            km = np.round(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(1.0, half))), 1).astype(np.float32)
            order = np.argsort(km, kind="stable").astype(np.int32)
            if step_free:
                order = order[self._step_free[order]]
            self._ways[key] = Reach(order, km[order])
        return self._ways[key]
