"""Rooms and igangsettere while groups are made and unmade: what is taken can be given back."""

from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from grouping.domain.matching.capacity import UNLIMITED
from grouping.domain.optimise.problem import Bools, Problem
from shared.reference.languages import LANGUAGES
from shared.reference.places import distance_km
from shared.reference.slots import SLOTS


class CapacityLedger:
    """
    What is left in an area.

    Attributes:
        ready: By cell, whether a group could begin there now.
    """

    def __init__(self, field: Problem) -> None:
        self.problem = field
        self.starters_needed = field.config.starters_min
        self._starters = sorted(field.config.starters, key=lambda one: one.id) if self.starters_needed else []
        self._free = np.array([one.remaining_groups for one in self._starters], dtype=np.int32)
        self._rooms = np.array([_at_once(place.max_groups) for place in field.places], dtype=np.int32)
        self._rooms = np.repeat(self._rooms[:, None], len(SLOTS), axis=1)
        for place_id, slot, count in field.config.occupied_rooms:
            if place_id in field.cell_index.place_numbers:
                self._rooms[field.cell_index.place_numbers[place_id], SLOTS.index(slot)] -= count
        self._cover = np.zeros((len(field.places), field.time_count), dtype=np.int32)
        self._times, self._km = self._times_of_starters(), self._km_of_starters()
        for number in range(len(self._starters)):
            if self._free[number] > 0:
                self._cover[self._where(number)] += 1
        self.available_now = np.zeros(field.cell_count, dtype=bool)
        self._ready = self.available_now.reshape(self._cover.shape)
        for place in range(len(field.places)):
            self._refresh(place)

    def room_slot(self, cell: int) -> int:
        """The place and slot of a cell as one number: groups there share its rooms."""
        place, time = divmod(cell, self.problem.time_count)
        return place * len(SLOTS) + int(self.problem.slot_of_time[time])

    def free_rooms(self, cell: int) -> int:
        """How many more groups there is room for at this cell's place and slot."""
        return int(self._rooms.flat[self.room_slot(cell)])

    def remaining_groups(self, starter: int) -> int:
        """How many more groups this igangsetter can take on."""
        return int(self._free[starter])

    def available_starters(self, cell: int) -> list[int]:
        """The igangsettere who could start a group in this cell, nearest first; of equals who can take on most."""
        place, time = divmod(cell, self.problem.time_count)
        km = self._km[:, place]
        found = np.flatnonzero(self._times[:, time] & np.isfinite(km) & (self._free > 0))
        order: list[int] = found[np.lexsort((found, -self._free[found], km[found]))].tolist()
        return order

    def reserve(self, cell: int) -> tuple[int, ...]:
        """Let a group begin in this cell, which must be ready; who starts it."""
        chosen = tuple(self.available_starters(cell)[: self.starters_needed]) if self.starters_needed else ()
        self._change(cell, chosen, -1)
        return chosen

    def reserve_with(self, cell: int, starters: tuple[int, ...]) -> None:
        """Let a group begin with these igangsettere, whether it is ready or not."""
        self._change(cell, starters, -1)

    def release(self, cell: int, starters: tuple[int, ...]) -> None:
        """A group is not made after all."""
        self._change(cell, starters, +1)

    def starter_ids(self, starters: tuple[int, ...]) -> tuple[UUID, ...]:
        """Who they are."""
        return tuple(self._starters[number].id for number in starters)

    def starter_numbers(self, starters: tuple[UUID, ...]) -> tuple[int, ...]:
        """Those of them who are known and needed."""
        return tuple(number for number, one in enumerate(self._starters) if one.id in starters)

    def _change(self, cell: int, starters: tuple[int, ...], by: int) -> None:
        place, time = divmod(cell, self.problem.time_count)
        slot = self.problem.slot_of_time[time]
        self._rooms[place, slot] += by
        touched = {place} if self._rooms[place, slot] in {0, 1} else set()
        for number in starters:
            self._free[number] += by
            if self._free[number] == max(0, by):
                where = self._where(number)
                self._cover[where] += by
                touched.update(where[0].ravel().tolist())
        for one in sorted(touched):
            self._refresh(one)

    def _refresh(self, place: int) -> None:
        rooms = self._rooms[place, self.problem.slot_of_time] > 0
        useful = self.problem.useful.reshape(self._cover.shape)[place]
        self._ready[place] = useful & rooms & (self._cover[place] >= self.starters_needed)

    def _where(self, number: int) -> tuple[NDArray[np.intp], ...]:
        return np.ix_(np.isfinite(self._km[number]), self._times[number])

    def _times_of_starters(self) -> Bools:
        profiles, languages = len(self.problem.cell_index.profiles), list(LANGUAGES)
        spoken = (self.problem.time_offsets // profiles % self.problem.cell_index.language_count).tolist()
        pairs = [
            (SLOTS[slot], languages[language])
            for slot, language in zip(self.problem.slot_of_time.tolist(), spoken, strict=True)
        ]
        found = [[slot in one.slots and code in one.languages for slot, code in pairs] for one in self._starters]
        return np.array(found, dtype=bool).reshape(len(found), self.problem.time_count)

    def _km_of_starters(self) -> NDArray[np.float64]:
        """From each igangsetter to each place; infinite where that is too far."""
        km = np.full((len(self._starters), len(self.problem.places)), np.inf)
        for number, one in enumerate(self._starters):
            for at, place in enumerate(self.problem.places):
                away = distance_km(one.latitude, one.longitude, place.latitude, place.longitude)
                km[number, at] = away if away <= one.reach_km else np.inf
        return km


def _at_once(limit: int | None) -> int:
    return int(UNLIMITED) if limit is None else limit
