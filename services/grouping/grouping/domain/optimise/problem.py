"""
An area as columns: the people who fit each cell, found by arithmetic for all people at once.

People are numbered in waiting list order, so that the result does not depend on the order of the input. A *time* is a
slot, a language and a wish profile; only times that suit a person are numbered. A *pattern* is the set of times that
suit a person.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from grouping.domain.matching.cell_index import CellIndex
from grouping.domain.matching.cells import Cell, WaitingPerson, Wishes
from grouping.domain.matching.model import AreaState, in_waiting_order
from grouping.domain.matching.objective import IF_NEEDED_AS_KM, KM_WEIGHT, score
from shared.reference.languages import LANGUAGES
from shared.reference.slots import SLOTS

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MANY_PEOPLE: Final = 20_000
"""With more people than this the search takes shortcuts."""
NEAREST_PLACES: Final = 40
"""With more than :data:`MANY_PEOPLE` people only this many of the nearest places of each person are considered."""

_LANGUAGE_CODES = tuple(LANGUAGES)


class Problem:
    """
    All people and cells of an area at one moment; it never changes.

    :class:`grouping.domain.matching.waiting_pool.WaitingPool` indexes people who come and go; the two share
    :class:`CellIndex`. Here all people are sorted by score once, which is too slow for a pool that changes.

    Attributes:
        people: By number, longest waiting first, each person once.
        base_scores: By person: the score of a seat at home at a suitable time, without travel.
        costs: By pattern and time: what a seat at the time costs, which is nothing unless it suits only if need be.
        home_of, max_km_of, uses_wheelchair: By person: the number of the home, the range, and the need for step-free
            access.
        pattern_of: By person: the pattern of suitable times.
        suitable: By pattern and time: True if the time suits.
        distances_km: By home and place.
        time_count: Number of times.
        time_offsets: By time: its offset within a place, see :meth:`CellIndex.time_offsets`.
        slot_of_time: By time: the number of its slot.
        language_of_time: By time: the code of its language.
        max_size_of_place: By place: the largest size of a group there.
        feasible: By place and time: True if a group can ever meet there.
        fitting_counts: By cell: number of people who fit and have not declined it.
        useful: By cell: True if it is feasible and enough people fit.
    """

    def __init__(self, area: AreaState, now: datetime, people: Iterable[WaitingPerson] | None = None) -> None:
        self.config = area.config
        self.now = now
        self.people = tuple(in_waiting_order(area.waiting if people is None else people))
        places = tuple(sorted(area.config.places, key=lambda place: place.id))
        self.cell_index = CellIndex(places, area.config.offered_wishes)
        self.places = places
        self.is_digital = np.array([place.digital for place in places], dtype=bool)
        self.has_digital = bool(self.is_digital.any()) or any(person.wishes.digital == "only" for person in self.people)
        waited_days = np.array([max(0, (now - person.signed_up_at).days) for person in self.people], dtype=np.float64)
        self.base_scores = score(waited_days, np.zeros(len(waited_days)))
        self._number_people()
        self._measure_homes()
        self._check_places()
        self._people_of_place: list[tuple[Ints, Ints]] = []
        self._people_fitting: dict[int, Ints] = {}
        self._cells_of: dict[int, Ints] = {}
        self._nearest_places: dict[tuple[int, bool], tuple[Ints, NDArray[np.float32]]] = {}
        self._declined_cells: dict[int, list[int]] = {}
        self._declined_by: dict[int, list[int]] = {}
        self._count_fitting()
        self.useful = self.feasible.ravel() & (self.fitting_counts >= self.config.size_min)

    @property
    def cell_count(self) -> int:
        """Number of cells."""
        return len(self.places) * self.time_count

    def people_fitting(self, cell: int) -> Ints:
        """Return the people who fit a cell, highest score first."""
        if cell not in self._people_fitting:
            place, time = divmod(cell, self.time_count)
            people, patterns = self._people_of_place[place]
            fitting = people[self._suitable_at[time][patterns]]
            if cell in self._declined_by:
                fitting = fitting[~np.isin(fitting, self._declined_by[cell])]
            if self._any_costs:
                fitting = fitting[np.argsort(-self.scores(fitting, cell), kind="stable")]
            self._people_fitting[cell] = fitting
        return self._people_fitting[cell]

    def cells_of(self, person: int) -> Ints:
        """Return the useful cells that a person fits, the nearest place first."""
        if person not in self._cells_of:
            home, wheelchair = int(self.home_of[person]), bool(self.uses_wheelchair[person])
            places, distances_km = self._places_by_distance(home, wheelchair=wheelchair)
            if self.has_digital:
                near = places[self._reaches(np.array([person]), places)[0]]
            else:
                near = places[: np.searchsorted(distances_km, self.max_km_of[person], side="right")]
            times = self._times_of_pattern[self.pattern_of[person]]
            self._cells_of[person] = self._useful_cells(near, times, [person])
        return self._cells_of[person]

    def common_cells(self, people: list[int]) -> Ints:
        """Return the useful cells that all of these people fit."""
        near = self._reaches(np.array(people), np.arange(len(self.places))).all(axis=0)
        if self.uses_wheelchair[people].any():
            near &= self.step_free
        times = np.flatnonzero(self.suitable[self.pattern_of[people]].all(axis=0)).astype(np.int32)
        return self._useful_cells(np.flatnonzero(near).astype(np.int32), times, people)

    def score(self, person: int, cell: int) -> float:
        """Return the score of a seat for a person in a cell."""
        distance_km = self.distances_km[self.home_of[person], cell // self.time_count]
        return float(self.base_scores[person] - KM_WEIGHT * distance_km - self._cost(person, cell))

    def scores(self, people: Any, cells: Any) -> Floats:
        """Return the score of a seat for each person in one cell, or in a cell each."""
        distances_km = self.distances_km[self.home_of[people], cells // self.time_count]
        scores: Floats = self.base_scores[people] - KM_WEIGHT * distances_km
        return scores - self._cost(people, cells) if self._any_costs else scores

    def _cost(self, people: Any, cells: Any) -> Any:
        return self.costs[self.pattern_of[people], cells % self.time_count]

    def cell(self, number: int) -> Cell:
        """Return the cell with this number."""
        place, time = divmod(int(number), self.time_count)
        return self.cell_index.cell(place * self.cell_index.cells_per_place + int(self.time_offsets[time]))

    def number(self, cell: Cell) -> int | None:
        """Return the cell's number; None if it suits no person or its place is not in the area."""
        index_number = self.cell_index.number(cell)
        if index_number is None:
            return None
        place, offset = divmod(index_number, self.cell_index.cells_per_place)
        time = int(np.searchsorted(self.time_offsets, offset))
        exists = time < self.time_count and self.time_offsets[time] == offset
        return place * self.time_count + time if exists else None

    def _useful_cells(self, places: Ints, times: Ints, people: list[int]) -> Ints:
        """Return the useful cells of some places and times that none of these people declined."""
        cells: Ints = (places[:, None] * np.int32(self.time_count) + times).ravel()
        cells = cells[self.useful[cells]]
        for person in people:
            if person in self._declined_cells:
                cells = cells[~np.isin(cells, self._declined_cells[person])]
        return cells

    def _number_people(self) -> None:
        """Assign numbers to homes, times and patterns of times."""
        homes: dict[tuple[float, float], int] = {}
        patterns: dict[tuple[bytes, frozenset[str]], int] = {}
        if_needed_of_pattern: list[frozenset[str]] = []
        pattern_of_wishes: dict[tuple[object, ...], int] = {}
        self._wishes_of_home: list[Wishes] = []
        offsets_of_pattern: list[Ints] = []
        home_of, pattern_of = [], []
        for person in self.people:
            wishes = person.wishes
            point = wishes.latitude, wishes.longitude
            if point not in homes:
                homes[point] = len(homes)
                self._wishes_of_home.append(wishes)
            home_of.append(homes[point])
            key = wishes.slots, wishes.slots_if_needed, wishes.languages, wishes.accepts, wishes.requires
            if key not in pattern_of_wishes:
                offsets = self.cell_index.time_offsets(wishes)
                if_needed = frozenset(filter(wishes.only_if_needed, wishes.slots_if_needed))
                pattern_of_wishes[key] = patterns.setdefault((offsets.tobytes(), if_needed), len(patterns))
                if len(offsets_of_pattern) < len(patterns):
                    offsets_of_pattern.append(offsets)
                    if_needed_of_pattern.append(if_needed)
            pattern_of.append(pattern_of_wishes[key])
        self.home_of, self.pattern_of = np.array(home_of, dtype=np.int32), np.array(pattern_of, dtype=np.int32)
        self.max_km_of = np.array([person.wishes.max_travel_km for person in self.people], dtype=np.float32)
        self.uses_wheelchair = np.array([person.wishes.wheelchair for person in self.people], dtype=bool)
        no_times = np.zeros(0, dtype=np.int32)
        self.time_offsets = np.unique(np.concatenate(offsets_of_pattern)) if offsets_of_pattern else no_times
        self.time_count = len(self.time_offsets)
        self.suitable = np.array([np.isin(self.time_offsets, offsets) for offsets in offsets_of_pattern], dtype=bool)
        self.suitable = self.suitable.reshape(len(offsets_of_pattern), self.time_count)
        self._suitable_at = np.ascontiguousarray(self.suitable.T)
        self._times_of_pattern = [np.flatnonzero(times).astype(np.int32) for times in self.suitable]
        self.slot_of_time = self.time_offsets // self.cell_index.cells_per_slot
        languages = self.time_offsets // len(self.cell_index.profiles) % self.cell_index.language_count
        self.language_of_time = [_LANGUAGE_CODES[language] for language in languages.tolist()]
        self._any_costs = any(if_needed_of_pattern)
        slots = [SLOTS[slot] for slot in self.slot_of_time.tolist()]
        self.costs = (
            KM_WEIGHT
            * IF_NEEDED_AS_KM
            * np.array(
                [[slot in if_needed for slot in slots] for if_needed in if_needed_of_pattern], dtype=np.float64
            ).reshape(len(if_needed_of_pattern), self.time_count)
        )
        self.accepts_digital = np.array([person.wishes.digital != "no" for person in self.people], dtype=bool)
        self.accepts_travel = np.array([person.wishes.digital != "only" for person in self.people], dtype=bool)

    def _measure_homes(self) -> None:
        self.distances_km = np.full((len(self._wishes_of_home), len(self.places)), np.inf, dtype=np.float32)
        for home, wishes in enumerate(self._wishes_of_home):
            unlimited = replace(wishes, max_travel_km=1_000_000, wheelchair=False, digital="also")
            reachable = self.cell_index.reachable_places(unlimited)
            self.distances_km[home, reachable.places] = reachable.distances_km

    def _check_places(self) -> None:
        size_max = self.config.size_max
        self.step_free = np.array([place.step_free for place in self.places], dtype=bool)
        self.max_size_of_place = np.array([place.largest_group(size_max) for place in self.places], dtype=np.int32)
        self.feasible = np.array(
            [
                [place.slots is None or SLOTS[slot] in place.slots for slot in self.slot_of_time]
                for place in self.places
            ],
            dtype=bool,
        ).reshape(len(self.places), self.time_count)
        self.feasible[self.max_size_of_place < self.config.size_min] = False
        self.feasible[:, [not self.config.is_spoken(code) for code in self.language_of_time]] = False
        if len(self.people) > MANY_PEOPLE:
            self._limit_to_nearest(~self.uses_wheelchair, self.distances_km)
            self._limit_to_nearest(self.uses_wheelchair, self.distances_km[:, self.step_free])

    def _limit_to_nearest(self, people: Bools, distances_km: NDArray[np.float32]) -> None:
        """Reduce the range of some people to the :data:`NEAREST_PLACES` nearest of these places."""
        if distances_km.shape[1] > NEAREST_PLACES:
            last = np.partition(distances_km, NEAREST_PLACES - 1, axis=1)[:, NEAREST_PLACES - 1]
            self.max_km_of[people] = np.minimum(self.max_km_of, last[self.home_of])[people]

    def _count_fitting(self) -> None:
        """Sort the people of each place by score, and count the people who fit each cell."""
        pattern_counts = np.zeros((len(self.places), len(self.suitable)), dtype=np.float32)
        home_distances_km = np.ascontiguousarray(self.distances_km.T)
        for place, distances_km in enumerate(home_distances_km):
            near = np.flatnonzero(self._reaches_place(place, distances_km)).astype(np.int32)
            if not self.step_free[place]:
                near = near[~self.uses_wheelchair[near]]
            scores = self.base_scores[near] - KM_WEIGHT * distances_km[self.home_of[near]]
            people = near[np.argsort(-scores, kind="stable")]
            self._people_of_place.append((people, self.pattern_of[people]))
            pattern_counts[place] = np.bincount(self.pattern_of[near], minlength=len(self.suitable))
        self.fitting_counts = (pattern_counts @ self.suitable.astype(np.float32)).astype(np.int32).ravel()
        for person, waiting in enumerate(self.people):
            if waiting.declined:
                self._subtract_declined(person, waiting.declined)

    def _reaches_place(self, place: int, distances_km: NDArray[np.float32]) -> Bools:
        """Return by person: True if the place is within reach, or on screen for people who accept that."""
        if self.places[place].digital:
            return self.accepts_digital
        near: Bools = (distances_km[self.home_of] <= self.max_km_of) & self.accepts_travel
        return near

    def _reaches(self, people: Any, places: Any) -> Bools:
        """Return the same for some people and places, by person and place."""
        near = self.distances_km[self.home_of[people][:, None], places] <= self.max_km_of[people][:, None]
        near &= self.accepts_travel[people][:, None]
        digital = self.is_digital[places]
        reaches: Bools = np.where(digital, self.accepts_digital[people][:, None], near)
        return reaches

    def _subtract_declined(self, person: int, cells: Iterable[Cell]) -> None:
        for number in sorted(number for number in map(self.number, cells) if number is not None):
            place, time = divmod(number, self.time_count)
            if self.suitable[self.pattern_of[person], time] and person in self._people_of_place[place][0]:
                self._declined_cells.setdefault(person, []).append(number)
                self._declined_by.setdefault(number, []).append(person)
                self.fitting_counts[number] -= 1

    def _places_by_distance(self, home: int, *, wheelchair: bool) -> tuple[Ints, NDArray[np.float32]]:
        key = home, wheelchair
        if key not in self._nearest_places:
            places = np.argsort(self.distances_km[home], kind="stable").astype(np.int32)
            if wheelchair:
                places = places[self.step_free[places]]
            self._nearest_places[key] = places, self.distances_km[home][places]
        return self._nearest_places[key]
