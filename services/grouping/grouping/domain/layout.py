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
        home: The number of the point that it is from, for :attr:`Layout.ways`.
    """

    places: Numbers
    km: Kilometres
    home: int


class Layout:
    """
    The cells of one area; made anew when a place or what is offered changes.

    Attributes:
        ways: From each point where somebody lives to each place, kilometres with one decimal.
    """

    def __init__(self, places: tuple[Place, ...], offered: tuple[str, ...] = ()) -> None:
        self.places = places
        self.offered = offered
        self.profiles = profiles(offered)
        self.languages = len(_CODES)
        self.size = len(places) * self.stride
        self.number_of = {place.id: number for number, place in enumerate(places)}
        self._latitudes = np.radians(np.array([place.latitude for place in places], dtype=np.float64))
        self._longitudes = np.radians(np.array([place.longitude for place in places], dtype=np.float64))
        self._cosines = np.cos(self._latitudes)
        self._step_free = np.array([place.step_free for place in places], dtype=bool)
        self.ways = np.empty((64, len(places)), dtype=np.float32)
        self._homes: dict[tuple[float, float], int] = {}
        self._nearest: dict[tuple[int, bool], Numbers] = {}
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
        home = self._home(wishes.latitude, wishes.longitude)
        places = self._nearest_from(home, step_free=wishes.wheelchair)
        km = self.ways[home, places]
        count = int(km.searchsorted(np.float32(wishes.max_travel_km), side="right"))
        return Reach(places[:count], km[:count], home)

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

    def _home(self, latitude: float, longitude: float) -> int:
        home = self._homes.get((latitude, longitude))
        if home is None:
            home = self._homes[latitude, longitude] = len(self._homes)
            if home == len(self.ways):
                self.ways = np.concatenate((self.ways, np.empty_like(self.ways)))
            phi, lam = np.radians(latitude), np.radians(longitude)
            half = np.sin((self._latitudes - phi) / 2) ** 2
            half += np.cos(phi) * self._cosines * np.sin((self._longitudes - lam) / 2) ** 2
            km = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(1.0, half)))
            self.ways[home] = np.round(km, 1)
        return home

    def _nearest_from(self, home: int, *, step_free: bool) -> Numbers:
        key = home, step_free
        if key not in self._nearest:
            order = np.argsort(self.ways[home], kind="stable").astype(np.int32)
            self._nearest[key] = order[self._step_free[order]] if step_free else order
        return self._nearest[key]
