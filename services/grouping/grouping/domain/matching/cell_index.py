"""
The numbering of cells: every cell of an area has a number, and the cells that one person fits are found by arithmetic.

A number is made of the place, the slot, the language and what was wished, in this order, so that a person's cells are
the sums of "where they can get to" and "when and how they can meet".
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from grouping.domain.matching.cells import Cell, Place, Wishes, wish_profiles
from shared.reference.languages import LANGUAGES
from shared.reference.places import EARTH_RADIUS_KM
from shared.reference.slots import SLOTS

Numbers = NDArray[np.int32]
Kilometres = NDArray[np.float32]

HORIZON_KM: Final = 100.0
"""Further than nearly anybody goes to a group."""

TOGETHER: Final = 512
"""Homes that are measured together; a few MB."""

_SLOT = {slot: number for number, slot in enumerate(SLOTS)}
_LANGUAGE = {code: number for number, code in enumerate(LANGUAGES)}
_CODES = tuple(LANGUAGES)


@dataclass(frozen=True, slots=True)
class ReachablePlaces:
    """
    The places that a person can get to and into, nearest first.

    Attributes:
        places: Numbers of places.
        km: The way to each, one decimal.
        home: The number of the point that it is from, for :attr:`Layout.ways`.
    """

    places: Numbers
    distances_km: Kilometres
    home: int


class CellIndex:
    """
    The cells of one area; made anew when a place or what is offered changes.

    Attributes:
        ways: From each point where somebody lives to each place, kilometres with one decimal; infinite where nobody
            who lives there goes so far.
    """

    def __init__(self, places: tuple[Place, ...], offered: tuple[str, ...] = ()) -> None:
        self.places = places
        self.offered_wishes = offered
        self.profiles = wish_profiles(offered)
        self.language_count = len(_CODES)
        self.size = len(places) * self.cells_per_place
        self.place_numbers = {place.id: number for number, place in enumerate(places)}
        self._latitudes = np.radians(np.array([place.latitude for place in places], dtype=np.float64))
        self._longitudes = np.radians(np.array([place.longitude for place in places], dtype=np.float64))
        self._cosines = np.cos(self._latitudes)
        self._points = _on_sphere(self._latitudes, self._longitudes)
        self._step_free = np.array([place.step_free for place in places], dtype=bool)
        self.distances_km = np.empty((64, len(places)), dtype=np.float32)
        self._homes: dict[tuple[float, float], int] = {}
        self._horizon_km: list[float] = []
        """How far around each home the ways are known."""
        self._nearest: dict[tuple[int, bool], Numbers] = {}
        self._times: dict[tuple[object, ...], Numbers] = {}

    @cached_property
    def cells_per_place(self) -> int:
        """How many cells one place has."""
        return len(SLOTS) * self.cells_per_slot

    @cached_property
    def cells_per_slot(self) -> int:
        """How many cells one place has at one time: every language, with everything that can be wished."""
        return self.language_count * len(self.profiles)

    def number(self, cell: Cell) -> int | None:
        """The cell's number; None where there is no such place, time or language here, or nobody may wish for that."""
        place = self.place_numbers.get(cell.place)
        if place is None or cell.slot not in _SLOT or cell.language not in _LANGUAGE:
            return None
        if cell.wishes not in self.profiles:
            return None
        time = _SLOT[cell.slot] * self.language_count + _LANGUAGE[cell.language]
        return (place * len(SLOTS) * self.language_count + time) * len(self.profiles) + self.profiles.index(cell.wishes)

    def cell(self, number: int) -> Cell:
        """The cell with this number."""
        rest, profile = divmod(int(number), len(self.profiles))
        rest, language = divmod(rest, self.language_count)
        place, slot = divmod(rest, len(SLOTS))
        return Cell(self.places[place].id, SLOTS[slot], _CODES[language], self.profiles[profile])

    def reachable_places(self, wishes: Wishes) -> ReachablePlaces:
        """Where this person can meet others."""
        home = self._home(wishes.latitude, wishes.longitude, wishes.max_travel_km)
        places = self._nearest_from(home, step_free=wishes.wheelchair)
        km = self.distances_km[home, places]
        count = int(km.searchsorted(np.float32(wishes.max_travel_km), side="right"))
        return ReachablePlaces(places[:count], km[:count], home)

    def time_offsets(self, wishes: Wishes) -> Numbers:
        """What to add to a place's first number for each cell there that suits; of one place the first is 0."""
        key = wishes.slots, wishes.languages, wishes.accepts, wishes.requires
        found = self._times.get(key)
        if found is None:
            agreed = [
                number
                for number, profile in enumerate(self.profiles)
                if wishes.requires <= frozenset(profile.split("+")) - {""} <= wishes.accepts | wishes.requires
            ]
            found = self._times[key] = np.array(
                sorted(
                    (_SLOT[slot] * self.language_count + _LANGUAGE[language]) * len(self.profiles) + profile
                    for slot in wishes.slots
                    for language in wishes.languages
                    if language in _LANGUAGE
                    for profile in agreed
                ),
                dtype=np.int32,
            )
        return found

    def precompute_distances(self, wishes: Iterable[Wishes]) -> None:
        """Measure the ways of many people together, which takes less time than one after the other."""
        within: dict[tuple[float, float], float] = {}
        for one in wishes:
            point = one.latitude, one.longitude
            within[point] = max(within.get(point, 0.0), one.max_travel_km)
        points = sorted(within)
        for first in range(0, len(points), TOGETHER):
            some = points[first : first + TOGETHER]
            self._measure(some, max(within[point] for point in some))

    def _home(self, latitude: float, longitude: float, within_km: float) -> int:
        home = self._homes.get((latitude, longitude))
        if home is None or self._horizon_km[home] <= within_km:
            self._measure([(latitude, longitude)], within_km)
        return self._homes[latitude, longitude]

    def _measure(self, points: list[tuple[float, float]], within_km: float) -> None:
        horizon = max(HORIZON_KM, within_km + 1.0)
        homes = np.array([self._number(point, horizon) for point in points])
        phi, lam = np.radians(np.array(points)).T
        # A product tells who is near; only there is it worth while to be exact. (A matrix product would wake threads.)
        cosines = np.einsum("hx,px->hp", _on_sphere(phi, lam), self._points)
        home, place = (cosines >= np.cos(min(horizon / EARTH_RADIUS_KM, np.pi))).nonzero()
        half = np.sin((self._latitudes[place] - phi[home]) / 2) ** 2
        half += np.cos(phi)[home] * self._cosines[place] * np.sin((self._longitudes[place] - lam[home]) / 2) ** 2
        km = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(1.0, half)))
        self.distances_km[homes[home], place] = np.round(km, 1)

    def _number(self, point: tuple[float, float], horizon_km: float) -> int:
        home = self._homes.setdefault(point, len(self._homes))
        if home == len(self._horizon_km):
            self._horizon_km.append(horizon_km)
            if home == len(self.distances_km):
                self.distances_km = np.concatenate((self.distances_km, np.empty_like(self.distances_km)))
            self.distances_km[home] = np.inf
        self._horizon_km[home] = max(self._horizon_km[home], horizon_km)
        for step_free in (False, True):
            self._nearest.pop((home, step_free), None)
        return home

    def _nearest_from(self, home: int, *, step_free: bool) -> Numbers:
        key = home, step_free
        if key not in self._nearest:
            ways = self.distances_km[home]
            near = (ways < np.inf).nonzero()[0]
            order = near[ways[near].argsort(kind="stable")].astype(np.int32)
            self._nearest[key] = order[self._step_free[order]] if step_free else order
        return self._nearest[key]


def _on_sphere(phi: NDArray[np.float64], lam: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack((np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)), axis=-1)
