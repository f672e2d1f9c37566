"""Rooms and igangsettere during a search: every reservation can be released again."""

from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from grouping.domain.matching.capacity import free_rooms, starter_distances_km
from grouping.domain.optimise.problem import Bools, Ints, Problem
from shared.reference.slots import SLOTS


class CapacityLedger:
    """
    Free rooms and igangsettere by cell of a :class:`Problem`.

    :class:`grouping.domain.matching.capacity.CapacityIndex` counts the same for the matcher. The search changes
    capacity thousands of times a second, so this class numbers the igangsettere and refreshes all cells of a place.

    Attributes:
        starters_wanted: Number of igangsettere that a new group gets if so many are free.
        all_alike: True if no group lacks anything, wherever it begins.
        available_now: By cell: True if it is useful (see :class:`Problem`) and a group can begin there now.
    """

    def __init__(self, problem: Problem) -> None:
        config = problem.config
        self.problem = problem
        self.starters_wanted = config.starters_min
        self._starters = sorted(config.starters, key=lambda starter: starter.id) if self.starters_wanted else []
        self._lacks_room = np.array([place.lacks_room for place in problem.places], dtype=np.int32)
        self.all_alike = not self.starters_wanted and not self._lacks_room.any()
        self._remaining_groups = np.array([starter.remaining_groups for starter in self._starters], dtype=np.int32)
        self._free_rooms = free_rooms(config, problem.cell_index)
        self._starter_counts = np.zeros((len(problem.places), problem.time_count), dtype=np.int32)
        self._times_of_starter = self._suitable_times()
        self._distances_km = starter_distances_km(self._starters, problem.places)
        for starter in range(len(self._starters)):
            if self._remaining_groups[starter] > 0:
                self._starter_counts[self._cells_of_starter(starter)] += 1
        self.available_now = np.zeros(problem.cell_count, dtype=bool)
        self._available_by_place = self.available_now.reshape(self._starter_counts.shape)
        for place in range(len(problem.places)):
            self._refresh(place)

    def room_slot(self, cell: int) -> int:
        """Return the number of a cell's place and slot; all cells with this number share its rooms."""
        place, time = divmod(cell, self.problem.time_count)
        return place * len(SLOTS) + int(self.problem.slot_of_time[time])

    def free_rooms(self, cell: int) -> int:
        """Return the number of further groups with a room in this cell's place and slot."""
        return int(self._free_rooms.flat[self.room_slot(cell)])

    def remaining_groups(self, starter: int) -> int:
        """Return the number of further groups that an igangsetter can start."""
        return int(self._remaining_groups[starter])

    def available_starters(self, cell: int) -> list[int]:
        """Return the igangsettere who can start a group in this cell: nearest first, of equals the least busy."""
        place, time = divmod(cell, self.problem.time_count)
        distances_km = self._distances_km[:, place]
        starters = np.flatnonzero(
            self._times_of_starter[:, time] & np.isfinite(distances_km) & (self._remaining_groups > 0)
        )
        ranking = np.lexsort((starters, -self._remaining_groups[starters], distances_km[starters]))
        ranked: list[int] = starters[ranking].tolist()
        return ranked

    def lacking(self, cells: Ints) -> Ints:
        """Return by cell the number of things that a group there would lack: igangsettere and the room."""
        return self._lacking(cells, self._starter_counts.ravel()[cells])

    def lacking_if_moved(self, cells: Ints, starters: tuple[int, ...]) -> Ints:
        """Return the same for a group that releases these igangsettere first."""
        places, times = np.divmod(cells, self.problem.time_count)
        counts = self._starter_counts[places, times]
        for starter in starters:
            if self._remaining_groups[starter] == 0:
                counts += self._times_of_starter[starter, times] & np.isfinite(self._distances_km[starter, places])
        return self._lacking(cells, counts)

    def lacking_with(self, cell: int, starters: tuple[int, ...]) -> int:
        """Return the number of things that a group with these igangsettere lacks."""
        return max(0, self.starters_wanted - len(starters)) + int(self._lacks_room[cell // self.problem.time_count])

    def _lacking(self, cells: Ints, starter_counts: Ints) -> Ints:
        lacking: Ints = np.maximum(0, self.starters_wanted - starter_counts)
        return lacking + self._lacks_room[cells // self.problem.time_count]

    def reserve(self, cell: int) -> tuple[int, ...]:
        """
        Reserve a room and the best igangsettere for a group in an available cell.

        Returns:
            The igangsettere, fewer than wanted if too few are free.
        """
        starters = tuple(self.available_starters(cell)[: self.starters_wanted]) if self.starters_wanted else ()
        self._change(cell, starters, -1)
        return starters

    def reserve_with(self, cell: int, starters: tuple[int, ...]) -> None:
        """Reserve a room and these igangsettere, even if they are not available."""
        self._change(cell, starters, -1)

    def release(self, cell: int, starters: tuple[int, ...]) -> None:
        """Release the room and the igangsettere of a group."""
        self._change(cell, starters, +1)

    def starter_ids(self, starters: tuple[int, ...]) -> tuple[UUID, ...]:
        """Return the ids of igangsettere by number."""
        return tuple(self._starters[number].id for number in starters)

    def starter_numbers(self, starter_ids: tuple[UUID, ...]) -> tuple[int, ...]:
        """Return the numbers of igangsettere by id; unknown ids are left out, as are all if none are needed."""
        return tuple(number for number, starter in enumerate(self._starters) if starter.id in starter_ids)

    def _change(self, cell: int, starters: tuple[int, ...], by: int) -> None:
        place, time = divmod(cell, self.problem.time_count)
        slot = self.problem.slot_of_time[time]
        self._free_rooms[place, slot] += by
        if self._free_rooms[place, slot] in {0, 1}:
            self._refresh(place)
        for starter in starters:
            self._remaining_groups[starter] += by
            # Counts change only when the last remaining group is reserved, or the first one released.
            if self._remaining_groups[starter] == max(0, by):
                self._starter_counts[self._cells_of_starter(starter)] += by

    def _refresh(self, place: int) -> None:
        room_free = self._free_rooms[place, self.problem.slot_of_time] > 0
        useful = self.problem.useful.reshape(self._starter_counts.shape)[place]
        self._available_by_place[place] = useful & room_free

    def _cells_of_starter(self, starter: int) -> tuple[NDArray[np.intp], ...]:
        return np.ix_(np.isfinite(self._distances_km[starter]), self._times_of_starter[starter])

    def _suitable_times(self) -> Bools:
        """Return by igangsetter and time: True if the time suits."""
        slots = [SLOTS[slot] for slot in self.problem.slot_of_time.tolist()]
        times = list(zip(slots, self.problem.language_of_time, strict=True))
        suitable = [
            [slot in starter.slots and language in starter.languages for slot, language in times]
            for starter in self._starters
        ]
        return np.array(suitable, dtype=bool).reshape(len(suitable), self.problem.time_count)
