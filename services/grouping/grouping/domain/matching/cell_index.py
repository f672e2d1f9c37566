"""
The numbering of cells, and the arithmetic that finds the cells of one person.

A cell's number is made of its place, slot, language and wish profile, in this order. So the cells of one place are
consecutive, and a person's cells are the sums of two numbers: the first cell of a reachable place, and the offset of a
suitable slot, language and profile.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from grouping.domain.matching.cells import Cell, Place, Wishes, wish_profiles
from grouping.domain.matching.objective import DIGITAL_AS_KM
from shared.reference.languages import LANGUAGES
from shared.reference.places import EARTH_RADIUS_KM
from shared.reference.slots import SLOTS

Numbers = NDArray[np.int32]
Kilometres = NDArray[np.float32]

HORIZON_KM: Final = 100.0
"""Distances are measured at least this far around a home; hardly anyone travels further to a group."""

HOMES_PER_BATCH: Final = 512
"""Homes measured in one batch; a few MB."""

_SLOT_NUMBERS = {slot: number for number, slot in enumerate(SLOTS)}
_LANGUAGE_NUMBERS = {code: number for number, code in enumerate(LANGUAGES)}
_LANGUAGE_CODES = tuple(LANGUAGES)


@dataclass(frozen=True, slots=True)
class ReachablePlaces:
    """
    The places that a person can reach and enter, nearest first.

    Attributes:
        places: Place numbers.
        distances_km: The distance to each, one decimal.
        home: The number of the home, a row of :attr:`CellIndex.distances_km`.
    """

    places: Numbers
    distances_km: Kilometres
    home: int


class CellIndex:
    """
    The numbered cells of one area; rebuilt when a place or the offered wishes change.

    Attributes:
        places: By place number.
        profiles: By profile number: the possible wish profiles, see :func:`wish_profiles`.
        size: Number of cells.
        place_numbers: Place number by place id.
        distances_km: By home and place, kilometres with one decimal, for a place on screen as the objective counts it;
            infinite beyond the home's horizon.
    """

    def __init__(self, places: tuple[Place, ...], offered_wishes: tuple[str, ...] = ()) -> None:
        self.places = places
        self.offered_wishes = offered_wishes
        self.profiles = wish_profiles(offered_wishes)
        self.language_count = len(_LANGUAGE_CODES)
        self.size = len(places) * self.cells_per_place
        self.place_numbers = {place.id: number for number, place in enumerate(places)}
        self._latitudes = np.radians(np.array([place.latitude for place in places], dtype=np.float64))
        self._longitudes = np.radians(np.array([place.longitude for place in places], dtype=np.float64))
        self._cosines = np.cos(self._latitudes)
        self._place_vectors = _unit_vectors(self._latitudes, self._longitudes)
        self._digital = np.array([place.digital for place in places], dtype=bool)
        self._has_digital = bool(self._digital.any())
        self._step_free = np.array([place.step_free for place in places], dtype=bool)
        self.distances_km = np.empty((64, len(places)), dtype=np.float32)
        self._home_numbers: dict[tuple[float, float], int] = {}
        self._horizon_km: list[float] = []
        """By home: the distance within which all places are measured."""
        self._nearest_places: dict[tuple[int, bool], Numbers] = {}
        self._time_offsets: dict[tuple[object, ...], Numbers] = {}

    @cached_property
    def cells_per_place(self) -> int:
        """Number of cells of one place."""
        return len(SLOTS) * self.cells_per_slot

    @cached_property
    def cells_per_slot(self) -> int:
        """Number of cells of one place in one slot: every language with every wish profile."""
        return self.language_count * len(self.profiles)

    def number(self, cell: Cell) -> int | None:
        """Return the cell's number; None if its place, slot, language or wish profile does not exist in this area."""
        place = self.place_numbers.get(cell.place)
        if place is None or cell.slot not in _SLOT_NUMBERS or cell.language not in _LANGUAGE_NUMBERS:
            return None
        if cell.wishes not in self.profiles:
            return None
        slot = place * len(SLOTS) + _SLOT_NUMBERS[cell.slot]
        language = slot * self.language_count + _LANGUAGE_NUMBERS[cell.language]
        return language * len(self.profiles) + self.profiles.index(cell.wishes)

    def cell(self, number: int) -> Cell:
        """Return the cell with this number."""
        rest, profile = divmod(int(number), len(self.profiles))
        rest, language = divmod(rest, self.language_count)
        place, slot = divmod(rest, len(SLOTS))
        return Cell(self.places[place].id, SLOTS[slot], _LANGUAGE_CODES[language], self.profiles[profile])

    def reachable_places(self, wishes: Wishes) -> ReachablePlaces:
        """Return the places that this person can reach and enter."""
        home = self._measured_home(wishes.latitude, wishes.longitude, wishes.max_travel_km)
        places = self._places_by_distance(home, step_free=wishes.wheelchair)
        distances_km = self.distances_km[home, places]
        if not self._has_digital and wishes.digital != "only":
            count = int(distances_km.searchsorted(np.float32(wishes.max_travel_km), side="right"))
            return ReachablePlaces(places[:count], distances_km[:count], home)
        digital = self._digital[places]
        reachable = digital & (wishes.digital != "no")
        if wishes.digital != "only":
            reachable |= ~digital & (distances_km <= np.float32(wishes.max_travel_km))
        return ReachablePlaces(places[reachable], distances_km[reachable], home)

    def time_offsets(self, wishes: Wishes) -> Numbers:
        """
        Return the offsets of the suitable cells within any one place, ascending.

        A place's first cell plus an offset is a cell with a slot, a language and a profile that the person accepts.
        """
        key = wishes.possible_slots, wishes.languages, wishes.accepts, wishes.requires
        offsets = self._time_offsets.get(key)
        if offsets is None:
            profiles = [
                number
                for number, profile in enumerate(self.profiles)
                if wishes.requires <= frozenset(profile.split("+")) - {""} <= wishes.accepts | wishes.requires
            ]
            offsets = self._time_offsets[key] = np.array(
                sorted(
                    (_SLOT_NUMBERS[slot] * self.language_count + _LANGUAGE_NUMBERS[language]) * len(self.profiles)
                    + profile
                    for slot in wishes.possible_slots
                    for language in wishes.languages
                    if language in _LANGUAGE_NUMBERS
                    for profile in profiles
                ),
                dtype=np.int32,
            )
        return offsets

    def precompute_distances(self, wishes: Iterable[Wishes]) -> None:
        """Measure the distances of many people in batches, which is faster than one home at a time."""
        max_travel_km: dict[tuple[float, float], float] = {}
        for person in wishes:
            point = person.latitude, person.longitude
            max_travel_km[point] = max(max_travel_km.get(point, 0.0), person.max_travel_km)
        points = sorted(max_travel_km)
        for first in range(0, len(points), HOMES_PER_BATCH):
            batch = points[first : first + HOMES_PER_BATCH]
            self._measure(batch, max(max_travel_km[point] for point in batch))

    def _measured_home(self, latitude: float, longitude: float, within_km: float) -> int:
        home = self._home_numbers.get((latitude, longitude))
        if home is None or self._horizon_km[home] <= within_km:
            self._measure([(latitude, longitude)], within_km)
        return self._home_numbers[latitude, longitude]

    def _measure(self, points: list[tuple[float, float]], within_km: float) -> None:
        horizon_km = max(HORIZON_KM, within_km + 1.0)
        homes = np.array([self._add_home(point, horizon_km) for point in points])
        latitudes, longitudes = np.radians(np.array(points)).T
        # A scalar product finds the near pairs, and only these need the exact formula. (einsum, because a matrix
        # product would start threads.)
        cosines = np.einsum("hx,px->hp", _unit_vectors(latitudes, longitudes), self._place_vectors)
        home, place = (cosines >= np.cos(min(horizon_km / EARTH_RADIUS_KM, np.pi))).nonzero()
        haversine = np.sin((self._latitudes[place] - latitudes[home]) / 2) ** 2
        haversine += (
            np.cos(latitudes)[home]
            * self._cosines[place]
            * np.sin((self._longitudes[place] - longitudes[home]) / 2) ** 2
        )
        distances_km = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(1.0, haversine)))
        self.distances_km[homes[home], place] = np.round(distances_km, 1)
        if self._has_digital:
            self.distances_km[homes[:, None], np.flatnonzero(self._digital)] = DIGITAL_AS_KM

    def _add_home(self, point: tuple[float, float], horizon_km: float) -> int:
        """Return the number of a home, added if it is new; the caller must measure its distances up to the horizon."""
        home = self._home_numbers.setdefault(point, len(self._home_numbers))
        if home == len(self._horizon_km):
            self._horizon_km.append(horizon_km)
            if home == len(self.distances_km):
                self.distances_km = np.concatenate((self.distances_km, np.empty_like(self.distances_km)))
            self.distances_km[home] = np.inf
        self._horizon_km[home] = max(self._horizon_km[home], horizon_km)
        for step_free in (False, True):
            self._nearest_places.pop((home, step_free), None)
        return home

    def _places_by_distance(self, home: int, *, step_free: bool) -> Numbers:
        key = home, step_free
        if key not in self._nearest_places:
            distances_km = self.distances_km[home]
            measured = (distances_km < np.inf).nonzero()[0]
            places = measured[distances_km[measured].argsort(kind="stable")].astype(np.int32)
            self._nearest_places[key] = places[self._step_free[places]] if step_free else places
        return self._nearest_places[key]


def _unit_vectors(latitudes: NDArray[np.float64], longitudes: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack(
        (np.cos(latitudes) * np.cos(longitudes), np.cos(latitudes) * np.sin(longitudes), np.sin(latitudes)), axis=-1
    )
