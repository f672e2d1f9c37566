"""
An area as columns: who fits which cell, found by arithmetic for everybody at once.

People are numbered as the line has them, longest waiting first, so that the same people give the same groups in
whatever order they are told of. Of a place's cells only those times are numbered that suit somebody.
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
from grouping.domain.matching.objective import KM_WEIGHT, score
from shared.reference.slots import SLOTS

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MANY_PEOPLE: Final = 20_000
NEAREST_PLACES: Final = 40
"""With more people than that only so many of the places in each person's reach are looked at, the nearest."""


class Problem:
    """
    Everybody and every cell of an area; it never changes.

    Attributes:
        people: By number, longest waiting first, each person once.
        base: What it is worth to place each, before they travel.
        home, limit, kind: By person: the number of where they live, how far they go, and of what suits them.
        suits: By kind: which times do; a time is a slot, a language and what was wished.
        km: From each home to each place.
        slot: By time, the number of its slot.
        seats: By place, how many a group there can have.
        possible: By place and time, whether a group there has room and is let in.
        useful: By cell, whether besides there are enough who fit it.
        reachable: By cell, how many fit.
    """

    def __init__(self, area: AreaState, now: datetime, people: Iterable[WaitingPerson] | None = None) -> None:
        self.config = area.config
        self.now = now
        self.people = tuple(in_waiting_order(area.waiting if people is None else people))
        self.cell_index = layout = CellIndex(
            tuple(sorted(area.config.places, key=lambda place: place.id)), area.config.offered_wishes
        )
        self.places = layout.places
        days = np.array([max(0, (now - who.signed_up_at).days) for who in self.people], dtype=np.float64)
        self.base_scores = score(days, np.zeros(len(days)))
        self._read_people()
        self._read_places()
        self._bags: list[tuple[Ints, Ints]] = []
        self._rows: dict[int, Ints] = {}
        self._own: dict[int, Ints] = {}
        self._order: dict[tuple[int, bool], tuple[Ints, NDArray[np.float32]]] = {}
        self._count()

    @property
    def cell_count(self) -> int:
        """How many cells there are."""
        return len(self.places) * self.time_count

    def people_fitting(self, cell: int) -> Ints:
        """Who fits this cell, whom it is worth most to place there first."""
        if cell not in self._rows:
            place, time = divmod(cell, self.time_count)
            bag, kinds = self._bags[place]
            found = bag[self._suits_at[time][kinds]]
            if cell in self._refusing:
                found = found[~np.isin(found, self._refusing[cell])]
            self._rows[cell] = found
        return self._rows[cell]

    def cells_of(self, person: int) -> Ints:
        """The useful cells that this person fits, the nearest place first."""
        if person not in self._own:
            places, km = self._ways(int(self.home_of[person]), wheelchair=bool(self.uses_wheelchair[person]))
            near = places[: np.searchsorted(km, self.max_km_of[person], side="right")]
            cells = (near[:, None] * np.int32(self.time_count) + self._times_of[self.kind_of[person]]).ravel()
            cells = cells[self.useful[cells]]
            if person in self._refused:
                cells = cells[~np.isin(cells, self._refused[person])]
            self._own[person] = cells
        return self._own[person]

    def common_cells(self, people: list[int]) -> Ints:
        """The useful cells that all of these fit."""
        near = (self.distances_km[self.home_of[people]] <= self.max_km_of[people, None]).all(axis=0)
        if self.uses_wheelchair[people].any():
            near &= self.step_free
        times = np.flatnonzero(self.suits[self.kind_of[people]].all(axis=0)).astype(np.int32)
        cells: Ints = (np.flatnonzero(near).astype(np.int32)[:, None] * np.int32(self.time_count) + times).ravel()
        cells = cells[self.useful[cells]]
        for person in people:
            if person in self._refused:
                cells = cells[~np.isin(cells, self._refused[person])]
        return cells

    def score(self, person: int, cell: int) -> float:
        """What it is worth to place this person in this cell."""
        return float(
            self.base_scores[person] - KM_WEIGHT * self.distances_km[self.home_of[person], cell // self.time_count]
        )

    def scores(self, people: Any, cells: Any) -> Floats:
        """What it is worth to place each of these people in this cell, or each in a cell of their own."""
        found: Floats = (
            self.base_scores[people] - KM_WEIGHT * self.distances_km[self.home_of[people], cells // self.time_count]
        )
        return found

    def cell(self, number: int) -> Cell:
        """The cell with this number."""
        place, time = divmod(int(number), self.time_count)
        return self.cell_index.cell(place * self.cell_index.cells_per_place + int(self.time_offsets[time]))

    def number(self, cell: Cell) -> int | None:
        """The cell's number; None where it suits nobody or its place is not here."""
        found = self.cell_index.number(cell)
        if found is None:
            return None
        place, offset = divmod(found, self.cell_index.cells_per_place)
        time = int(np.searchsorted(self.time_offsets, offset))
        fits = time < self.time_count and self.time_offsets[time] == offset
        return place * self.time_count + time if fits else None

    def _read_people(self) -> None:
        homes: dict[tuple[float, float], int] = {}
        kinds: dict[bytes, int] = {}
        same: dict[tuple[object, ...], int] = {}
        points: list[Wishes] = []
        offsets: list[Ints] = []
        home, kind = [], []
        for who in self.people:
            wishes = who.wishes
            point = wishes.latitude, wishes.longitude
            if point not in homes:
                homes[point] = len(homes)
                points.append(wishes)
            home.append(homes[point])
            key = wishes.slots, wishes.languages, wishes.accepts, wishes.requires
            if key not in same:
                times = self.cell_index.time_offsets(wishes)
                same[key] = kinds.setdefault(times.tobytes(), len(kinds))
                if len(offsets) < len(kinds):
                    offsets.append(times)
            kind.append(same[key])
        self.home_of, self.kind_of = np.array(home, dtype=np.int32), np.array(kind, dtype=np.int32)
        self.max_km_of = np.array([who.wishes.max_travel_km for who in self.people], dtype=np.float32)
        self.uses_wheelchair = np.array([who.wishes.wheelchair for who in self.people], dtype=bool)
        self.time_offsets = np.unique(np.concatenate(offsets)) if offsets else np.zeros(0, dtype=np.int32)
        self.time_count = len(self.time_offsets)
        self.suits = np.array([np.isin(self.time_offsets, times) for times in offsets], dtype=bool)
        self.suits = self.suits.reshape(len(offsets), self.time_count)
        self._suits_at = np.ascontiguousarray(self.suits.T)
        self._times_of = [np.flatnonzero(row).astype(np.int32) for row in self.suits]
        self.slot_of_time = self.time_offsets // self.cell_index.cells_per_slot
        self.distances_km = np.full((len(points), len(self.places)), np.inf, dtype=np.float32)
        for number, wishes in enumerate(points):
            everywhere = self.cell_index.reachable_places(replace(wishes, max_travel_km=1_000_000, wheelchair=False))
            self.distances_km[number, everywhere.places] = everywhere.distances_km

    def _read_places(self) -> None:
        most = self.config.size_max
        self.step_free = np.array([place.step_free for place in self.places], dtype=bool)
        self.max_size_of_place = np.array([place.largest_group(most) for place in self.places], dtype=np.int32)
        self.feasible = np.array(
            [
                [place.slots is None or SLOTS[slot] in place.slots for slot in self.slot_of_time]
                for place in self.places
            ],
            dtype=bool,
        ).reshape(len(self.places), self.time_count)
        self.feasible[self.max_size_of_place < self.config.size_min] = False
        if len(self.people) > MANY_PEOPLE:
            for people, km in (
                (~self.uses_wheelchair, self.distances_km),
                (self.uses_wheelchair, self.distances_km[:, self.step_free]),
            ):
                if km.shape[1] > NEAREST_PLACES:
                    last = np.partition(km, NEAREST_PLACES - 1, axis=1)[:, NEAREST_PLACES - 1]
                    self.max_km_of[people] = np.minimum(self.max_km_of, last[self.home_of])[people]

    def _count(self) -> None:
        """How many fit each cell, and where that could ever be enough for a group."""
        kinds = np.zeros((len(self.places), len(self.suits)), dtype=np.float32)
        across = np.ascontiguousarray(self.distances_km.T)
        for place in range(len(self.places)):
            near = np.flatnonzero(across[place][self.home_of] <= self.max_km_of).astype(np.int32)
            if not self.step_free[place]:
                near = near[~self.uses_wheelchair[near]]
            value = self.base_scores[near] - KM_WEIGHT * across[place][self.home_of[near]]
            bag = near[np.argsort(-value, kind="stable")]
            self._bags.append((bag, self.kind_of[bag]))
            kinds[place] = np.bincount(self.kind_of[near], minlength=len(self.suits))
        self.fitting_counts = (kinds @ self.suits.astype(np.float32)).astype(np.int32).ravel()
        self._refused: dict[int, list[int]] = {}
        self._refusing: dict[int, list[int]] = {}
        for person, who in enumerate(self.people):
            if who.declined:
                self._refuse(person, who.declined)
        self.useful = self.feasible.ravel() & (self.fitting_counts >= self.config.size_min)

    def _refuse(self, person: int, cells: Iterable[Cell]) -> None:
        for number in sorted(number for number in map(self.number, cells) if number is not None):
            place, time = divmod(number, self.time_count)
            if self.suits[self.kind_of[person], time] and person in self._bags[place][0]:
                self._refused.setdefault(person, []).append(number)
                self._refusing.setdefault(number, []).append(person)
                self.fitting_counts[number] -= 1

    def _ways(self, home: int, *, wheelchair: bool) -> tuple[Ints, NDArray[np.float32]]:
        key = home, wheelchair
        if key not in self._order:
            order = np.argsort(self.distances_km[home], kind="stable").astype(np.int32)
            if wheelchair:
                order = order[self.step_free[order]]
            self._order[key] = order, self.distances_km[home][order]
        return self._order[key]
