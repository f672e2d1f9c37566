"""Rooms and igangsettere: where and when a group could begin, if only there were enough people."""

from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from grouping.domain.matching.cell_index import CellIndex
from grouping.domain.matching.cells import Cell, Starter
from grouping.domain.matching.model import AreaConfig
from shared.reference.languages import LANGUAGES
from shared.reference.places import distance_km
from shared.reference.slots import SLOTS

UNLIMITED = np.int32(1_000_000)

Spots = NDArray[np.intp]
"""Places, slots and languages, as positions in :attr:`Resources.ready` laid flat."""


class CapacityIndex:
    """
    What is free, by place and slot, and by what an igangsetter can do.

    Attributes:
        ready: By place, slot and language: whether a group could begin there now.
        possible: By place and slot: whether a group ever could, so that it only lacks something for now.
    """

    def __init__(self, config: AreaConfig, layout: CellIndex) -> None:
        self.cell_index = layout
        self.starters_needed = config.starters_min
        places, slots = len(layout.places), len(SLOTS)
        self.feasible = np.zeros((places, slots), dtype=bool)
        self._rooms = np.zeros((places, slots), dtype=np.int32)
        for number, place in enumerate(layout.places):
            big_enough = place.max_people is None or place.max_people >= config.size_min
            self.feasible[number] = [big_enough and (place.slots is None or slot in place.slots) for slot in SLOTS]
            self._rooms[number] = UNLIMITED if place.max_groups is None else place.max_groups
        for place_id, slot, count in config.occupied_rooms:
            if place_id in layout.place_numbers:
                self._rooms[layout.place_numbers[place_id], SLOTS.index(slot)] -= count
        self._starters = {starter.id: starter for starter in config.starters}
        self._free = {starter.id: starter.remaining_groups for starter in config.starters}
        self._cover = np.zeros((places, slots, len(LANGUAGES)), dtype=np.int32)
        self._where = {starter.id: self._reach_of(starter) for starter in config.starters}
        for starter in config.starters:
            if starter.remaining_groups > 0:
                self._cover[self._where[starter.id]] += 1
        self.available_now = np.zeros(self._cover.shape, dtype=bool)
        self._refresh(np.ix_(range(places), range(slots), range(len(LANGUAGES))))

    def missing(self, cell: Cell) -> frozenset[str]:
        """What a group in this cell would have to wait for: "room", "starter", both or nothing."""
        place, slot = self.cell_index.place_numbers[cell.place], SLOTS.index(cell.slot)
        found = set()
        if self._rooms[place, slot] < 1:
            found.add("room")
        if self._cover[place, slot, list(LANGUAGES).index(cell.language)] < self.starters_needed:
            found.add("starter")
        return frozenset(found)

    def reserve(self, cell: Cell) -> tuple[UUID, ...]:
        """Let a group begin in this cell: its room is taken, and these igangsettere, the nearest who can, start it."""
        place = self.cell_index.places[self.cell_index.place_numbers[cell.place]]
        able = sorted(
            (distance_km(one.latitude, one.longitude, place.latitude, place.longitude), -self._free[one.id], one.id)
            for one in self._starters.values()
            if self._free[one.id] > 0 and self._covers(one, cell)
        )
        chosen = tuple(id_ for _, _, id_ in able[: self.starters_needed])
        for id_ in chosen:
            self._free[id_] -= 1
            if self._free[id_] == 0:
                self._cover[self._where[id_]] -= 1
                self._refresh(self._where[id_])
        where = self.cell_index.place_numbers[cell.place], SLOTS.index(cell.slot)
        self._rooms[where] -= 1
        if self._rooms[where] == 0:
            self.available_now[where] = False
        return chosen

    def release_room(self, cell: Cell) -> Spots:
        """A group has left its room, or never met in it; where a group can begin now and could not before."""
        place, slot = self.cell_index.place_numbers[cell.place], SLOTS.index(cell.slot)
        self._rooms[place, slot] += 1
        return self._refresh(np.ix_([place], [slot], range(len(LANGUAGES))))

    def release_starter(self, starter_id: UUID) -> Spots:
        """An igangsetter can take on one group more; where a group can begin now and could not before."""
        where = self._where[starter_id]
        self._free[starter_id] += 1
        if self._free[starter_id] == 1:
            self._cover[where] += 1
        return self._refresh(where)

    def _refresh(self, where: tuple[NDArray[np.intp], ...]) -> Spots:
        places, slots, languages = where
        before = self.available_now[where]
        rooms = self.feasible[places, slots] & (self._rooms[places, slots] > 0)
        self.available_now[where] = rooms & (self._cover[where] >= self.starters_needed)
        numbers = (places * len(SLOTS) + slots) * len(LANGUAGES) + languages
        return numbers[self.available_now[where] & ~before]

    def _covers(self, starter: Starter, cell: Cell) -> bool:
        places, slots, languages = self._where[starter.id]
        return (
            self.cell_index.place_numbers[cell.place] in places
            and SLOTS.index(cell.slot) in slots
            and list(LANGUAGES).index(cell.language) in languages
        )

    def _reach_of(self, starter: Starter) -> tuple[NDArray[np.intp], ...]:
        places = [
            number
            for number, place in enumerate(self.cell_index.places)
            if distance_km(starter.latitude, starter.longitude, place.latitude, place.longitude) <= starter.reach_km
        ]
        slots = [SLOTS.index(slot) for slot in sorted(starter.slots)]
        languages = [number for number, code in enumerate(LANGUAGES) if code in starter.languages]
        return np.ix_(places, slots, languages)
