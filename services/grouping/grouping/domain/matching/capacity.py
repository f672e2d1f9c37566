"""Rooms and igangsettere: where and when a group could begin, given enough people."""

from collections.abc import Sequence
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from grouping.domain.matching.cell_index import CellIndex
from grouping.domain.matching.cells import Cell, Place, Starter
from grouping.domain.matching.model import AreaConfig
from shared.reference.languages import LANGUAGES
from shared.reference.slots import SLOTS

UNLIMITED = np.int32(1_000_000)

_SLOT_NUMBERS = {slot: number for number, slot in enumerate(SLOTS)}
_LANGUAGE_NUMBERS = {code: number for number, code in enumerate(LANGUAGES)}

Spots = NDArray[np.intp]
"""Combinations of a place, a slot and a language, as positions in the flattened :attr:`CapacityIndex.available_now`."""


def free_rooms(config: AreaConfig, cell_index: CellIndex) -> NDArray[np.int32]:
    """Return the number of further groups that can meet, by place and slot."""
    limits = [UNLIMITED if place.max_groups is None else place.max_groups for place in cell_index.places]
    rooms = np.repeat(np.array(limits, dtype=np.int32)[:, None], len(SLOTS), axis=1)
    for place_id, slot, groups in config.occupied_rooms:
        if place_id in cell_index.place_numbers:
            rooms[cell_index.place_numbers[place_id], _SLOT_NUMBERS[slot]] -= groups
    return rooms


def starter_distances_km(starters: Sequence[Starter], places: Sequence[Place]) -> NDArray[np.float64]:
    """Return the distance from each igangsetter to each place; infinite beyond the igangsetter's reach."""
    distances_km = np.full((len(starters), len(places)), np.inf)
    for row, starter in enumerate(starters):
        for column, place in enumerate(places):
            km = place.km_from(starter.latitude, starter.longitude)
            if km <= starter.reach_km:
                distances_km[row, column] = km
    return distances_km


class CapacityIndex:
    """
    Free rooms and igangsettere of one area.

    :class:`grouping.domain.optimise.capacity_ledger.CapacityLedger` counts the same things for the search, by cell and
    with every step reversible; the two share the functions above.

    Attributes:
        starters_wanted: Number of igangsettere that a new group gets if so many are free.
        available_now: By place, slot and language: True if a group can begin there now.
        feasible: By place and slot: True if a group can ever meet there, whatever is in use now.
        all_alike: True if no group lacks anything, wherever it begins.
    """

    def __init__(self, config: AreaConfig, cell_index: CellIndex) -> None:
        self.cell_index = cell_index
        self.starters_wanted = config.starters_min
        self._is_spoken = np.array([config.is_spoken(code) for code in LANGUAGES], dtype=bool)
        self._lacks_room = np.array([place.lacks_room for place in cell_index.places], dtype=np.int32)
        self.all_alike = not config.starters_min and not self._lacks_room.any()
        places, slots = len(cell_index.places), len(SLOTS)
        self.feasible = np.zeros((places, slots), dtype=bool)
        for number, place in enumerate(cell_index.places):
            large_enough = place.max_people is None or place.max_people >= config.size_min
            self.feasible[number] = [large_enough and (place.slots is None or slot in place.slots) for slot in SLOTS]
        self._free_rooms = free_rooms(config, cell_index)
        self._starters = {starter.id: starter for starter in config.starters}
        self._remaining_groups = {starter.id: starter.remaining_groups for starter in config.starters}
        distances_km = starter_distances_km(config.starters, cell_index.places)
        self._distances_km = {starter.id: row for starter, row in zip(config.starters, distances_km, strict=True)}
        self._spots_of_starter = {starter.id: self._spots_of(starter) for starter in config.starters}
        self._starter_counts = np.zeros((places, slots, len(LANGUAGES)), dtype=np.int32)
        for starter in config.starters:
            if starter.remaining_groups > 0:
                self._starter_counts[self._spots_of_starter[starter.id]] += 1
        self.available_now = np.zeros(self._starter_counts.shape, dtype=bool)
        self._refresh(np.ix_(range(places), range(slots), range(len(LANGUAGES))))

    def missing(self, cell: Cell) -> frozenset[str]:
        """
        Return what keeps a group from forming in this cell, given enough people: "room", "starter", both or none.

        An igangsetter is missing if nobody who is registered speaks the language.
        """
        place, slot, language = self._spot(cell)
        missing = set()
        if self._free_rooms[place, slot] < 1:
            missing.add("room")
        if not self._is_spoken[language]:
            missing.add("starter")
        return frozenset(missing)

    def lacking(self, spots: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return by spot the number of things that a group there would lack: igangsettere and the room."""
        starters: NDArray[np.int32] = np.maximum(0, self.starters_wanted - self._starter_counts.ravel()[spots])
        return starters + self._lacks_room[spots // (len(SLOTS) * len(LANGUAGES))]

    def free_room_count(self, place_id: str, slot: str) -> int:
        """Return the number of further groups that can meet at a place in a slot."""
        return int(self._free_rooms[self.cell_index.place_numbers[place_id], _SLOT_NUMBERS[slot]])

    def remaining_groups(self, starter_id: UUID) -> int:
        """Return the number of further groups that an igangsetter can start."""
        return self._remaining_groups[starter_id]

    def reserve(self, cell: Cell) -> tuple[UUID, ...]:
        """
        Reserve a room and the nearest free igangsettere for a group in this cell.

        Returns:
            The igangsettere's ids, fewer than wanted if too few are free.
        """
        place, slot, _ = self._spot(cell)
        candidates = sorted(
            (self._distances_km[id_][place], -remaining, id_)
            for id_, remaining in self._remaining_groups.items()
            if remaining > 0
            and np.isfinite(self._distances_km[id_][place])
            and cell.slot in self._starters[id_].slots
            and cell.language in self._starters[id_].languages
        )
        chosen = tuple(id_ for _, _, id_ in candidates[: self.starters_wanted])
        for id_ in chosen:
            self._remaining_groups[id_] -= 1
            if self._remaining_groups[id_] == 0:
                self._starter_counts[self._spots_of_starter[id_]] -= 1
        self._free_rooms[place, slot] -= 1
        if self._free_rooms[place, slot] == 0:
            self.available_now[place, slot] = False
        return chosen

    def release_room(self, cell: Cell) -> Spots:
        """Release a room in the cell's slot; return the newly available spots."""
        place, slot, _ = self._spot(cell)
        self._free_rooms[place, slot] += 1
        return self._refresh(np.ix_([place], [slot], range(len(LANGUAGES))))

    def release_starter(self, starter_id: UUID) -> None:
        """Add one to the groups that an igangsetter can still start."""
        self._remaining_groups[starter_id] += 1
        if self._remaining_groups[starter_id] == 1:
            self._starter_counts[self._spots_of_starter[starter_id]] += 1

    def _spot(self, cell: Cell) -> tuple[int, int, int]:
        place = self.cell_index.place_numbers[cell.place]
        return place, _SLOT_NUMBERS[cell.slot], _LANGUAGE_NUMBERS[cell.language]

    def _refresh(self, spots: tuple[NDArray[np.intp], ...]) -> Spots:
        """Recompute :attr:`available_now` for some spots; return the newly available ones."""
        places, slots, languages = spots
        before = self.available_now[spots]
        rooms = self.feasible[places, slots] & (self._free_rooms[places, slots] > 0)
        self.available_now[spots] = rooms & self._is_spoken[languages]
        numbers = (places * len(SLOTS) + slots) * len(LANGUAGES) + languages
        return numbers[self.available_now[spots] & ~before]

    def _spots_of(self, starter: Starter) -> tuple[NDArray[np.intp], ...]:
        places = np.flatnonzero(np.isfinite(self._distances_km[starter.id])).tolist()
        slots = [_SLOT_NUMBERS[slot] for slot in sorted(starter.slots)]
        languages = [number for code, number in _LANGUAGE_NUMBERS.items() if code in starter.languages]
        return np.ix_(places, slots, languages)
