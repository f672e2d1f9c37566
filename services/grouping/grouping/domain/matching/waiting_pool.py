"""The waiting people as columns, so that the people who fit a cell are found by arrays instead of one by one."""

from array import array
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from grouping.domain.matching.cell_index import CellIndex, Kilometres, Numbers, ReachablePlaces
from grouping.domain.matching.cells import WaitingPerson, Wishes
from grouping.domain.matching.objective import score
from shared.reference.slots import SLOTS

SECONDS_PER_DAY = 86400.0


class WaitingPool:
    """
    Waiting people by row. No row is reused, so row numbers are in the order of arrival.

    :class:`grouping.domain.optimise.problem.Problem` also indexes people by cell, but for a fixed set of people, sorted
    by score and with only the times that suit one of them. One class for both would slow each of them down.

    Attributes:
        people: The person in each row; rows of people who left keep their person.
        row_of_signup: The row of each waiting person, by sign-up id.
        signed_up_seconds, tie_breaks: By row: time of the sign-up and half of its id. They decide the waiting list
            order.
    """

    def __init__(self, cell_index: CellIndex) -> None:
        self.cell_index = cell_index
        self.row_of_signup: dict[UUID, int] = {}
        self.people: list[WaitingPerson] = []
        self.signed_up_seconds = np.empty(64, dtype=np.float64)
        self.tie_breaks = np.empty(64, dtype=np.uint64)
        self._time_bits = np.zeros(64, dtype=np.uint64)
        self._profile_bits = np.zeros(64, dtype=np.uint64)
        self._if_needed_bits = np.zeros(64, dtype=np.uint64)
        self._homes = np.empty(64, dtype=np.int32)
        self._cell_parts: list[tuple[ReachablePlaces, Numbers]] = []
        self._last_cells: tuple[int, Numbers] = (-1, np.empty(0, dtype=np.int32))
        self._declined: dict[int, Numbers] = {}
        self._any_if_needed = False
        self._rows_of_place = [array("i") for _ in cell_index.places]
        """By place: rows of people who can reach it. Rows of people who left are dropped once they are the majority."""
        self._reachable: dict[tuple[float, float, int, bool, str], ReachablePlaces] = {}
        self._bit_masks: dict[bytes, tuple[int, int]] = {}

    def __contains__(self, signup_id: UUID) -> bool:
        return signup_id in self.row_of_signup

    def __len__(self) -> int:
        return len(self.row_of_signup)

    def add(self, person: WaitingPerson) -> int:
        """Add a person and return the row."""
        row = len(self.people)
        if row == len(self.signed_up_seconds):
            self.signed_up_seconds, self.tie_breaks = _grown(self.signed_up_seconds), _grown(self.tie_breaks)
            self._time_bits, self._profile_bits = _grown(self._time_bits), _grown(self._profile_bits)
            self._homes, self._if_needed_bits = _grown(self._homes), _grown(self._if_needed_bits)
        reachable, offsets = self._reachable_places(person.wishes), self.cell_index.time_offsets(person.wishes)
        self.people.append(person)
        self._cell_parts.append((reachable, offsets))
        self.row_of_signup[person.signup_id] = row
        self.signed_up_seconds[row] = person.signed_up_at.timestamp()
        self.tie_breaks[row] = person.signup_id.int >> 64
        self._time_bits[row], self._profile_bits[row] = self._bits_of(offsets)
        self._homes[row] = reachable.home
        self._if_needed_bits[row] = sum(
            1 << number for number, slot in enumerate(SLOTS) if person.wishes.only_if_needed(slot)
        )
        self._any_if_needed |= bool(self._if_needed_bits[row])
        if person.declined:
            numbers = (self.cell_index.number(cell) for cell in person.declined)
            self._declined[row] = np.array([number for number in numbers if number is not None], dtype=np.int32)
        rows_of_place = self._rows_of_place
        for place in reachable.places.tolist():
            rows_of_place[place].append(row)
        return row

    def remove(self, signup_id: UUID) -> int:
        """
        Remove a person and return the row.

        Raises:
            KeyError: The sign-up is not in the pool.
        """
        row = self.row_of_signup.pop(signup_id)
        self._time_bits[row] = 0  # fits no cell from now on
        self._declined.pop(row, None)
        return row

    def cells_of(self, row: int) -> Numbers:
        """Return the cells that this person fits and has not declined, the nearest place first."""
        # Called several times in a row for each new person, so the last result is cached.
        if self._last_cells[0] != row:
            reachable, offsets = self._cell_parts[row]
            cells = (reachable.places[:, None] * np.int32(self.cell_index.cells_per_place) + offsets).ravel()
            declined = self._declined.get(row)
            self._last_cells = row, cells if declined is None else cells[~np.isin(cells, declined)]
        return self._last_cells[1]

    def distances_km(self, row: int, cells: Numbers) -> Kilometres:
        """Return the distance of one person to each of some cells within reach."""
        places = cells // self.cell_index.cells_per_place
        distances_km: Kilometres = self.cell_index.distances_km[self._homes[row], places]
        return distances_km

    def distance_to_place_km(self, row: int, place: int) -> float:
        """Return the distance of one person to a place within reach, one decimal; 0 on screen."""
        if self.cell_index.places[place].digital:
            return 0.0
        return round(float(self.cell_index.distances_km[self._homes[row], place]), 1)

    def people_fitting(self, cell: int) -> tuple[Numbers, Kilometres]:
        """Return the rows of the people who fit a cell, in order of arrival, and the distance of each."""
        index = self.cell_index
        place, offset = divmod(cell, index.cells_per_place)
        # While this view exists, no row can be appended to the array.
        rows = np.frombuffer(self._rows_of_place[place], dtype=np.int32)
        bits = self._time_bits[rows]
        slot, rest = divmod(offset, index.cells_per_slot)
        language, profile = divmod(rest, len(index.profiles))
        required = np.uint64((1 << slot) | (1 << (len(SLOTS) + language)))
        fitting = rows[(bits & required) == required]
        if len(index.profiles) > 1:
            fitting = fitting[self._profile_bits[fitting] & np.uint64(1 << profile) != 0]
        waiting = np.count_nonzero(bits)
        if 2 * waiting < len(bits):
            self._rows_of_place[place] = array("i", rows[bits != 0].tobytes())
        if self._declined:
            fitting = fitting[[cell not in self._declined.get(row, ()) for row in fitting.tolist()]]
        return fitting, index.distances_km[self._homes[fitting], place]

    def only_if_needed(self, rows: Any, cells: Any) -> NDArray[np.bool_]:
        """Return by row, in one cell or in a cell each: True if the cell's slot suits the person only if need be."""
        slots = (cells % self.cell_index.cells_per_place) // self.cell_index.cells_per_slot
        bits: NDArray[np.bool_] = self._if_needed_bits[rows] >> np.asarray(slots, dtype=np.uint64) & np.uint64(1) != 0
        return bits

    def scores(self, rows: Numbers, distances_km: Kilometres, cells: Numbers, now: datetime) -> NDArray[np.float64]:
        """Return the score of a seat at these distances in these cells, by row."""
        waited_days = np.floor(np.maximum(0.0, now.timestamp() - self.signed_up_seconds[rows]) / SECONDS_PER_DAY)
        if_needed = self.only_if_needed(rows, cells) if self._any_if_needed else None
        return score(waited_days, distances_km.astype(np.float64), if_needed)

    def in_waiting_order(self, rows: Iterable[int]) -> list[int]:
        """Return rows sorted longest waiting first."""
        return sorted(rows, key=lambda row: self.people[row].seniority)

    def rows(self) -> Iterator[int]:
        """Iterate over the rows of all waiting people."""
        return iter(self.row_of_signup.values())

    def _reachable_places(self, wishes: Wishes) -> ReachablePlaces:
        """Return the reachable places, measured once for people with the same home and range."""
        key = wishes.latitude, wishes.longitude, wishes.max_travel_km, wishes.wheelchair, wishes.digital
        reachable = self._reachable.get(key)
        if reachable is None:
            reachable = self._reachable[key] = self.cell_index.reachable_places(wishes)
        return reachable

    def _bits_of(self, offsets: Numbers) -> tuple[int, int]:
        """Return slots and languages as bits of one number, and wish profiles as bits of another."""
        key = offsets.tobytes()
        if key not in self._bit_masks:
            slots, rest = np.divmod(offsets, self.cell_index.cells_per_slot)
            languages, profiles = np.divmod(rest, len(self.cell_index.profiles))
            time_bits = sum(1 << int(slot) for slot in set(slots.tolist()))
            time_bits |= sum(1 << (len(SLOTS) + int(language)) for language in set(languages.tolist()))
            self._bit_masks[key] = time_bits, sum(1 << int(profile) for profile in set(profiles.tolist()))
        return self._bit_masks[key]


def _grown(column: NDArray[Any]) -> NDArray[Any]:
    """Return the column with twice the length, filled with zeros."""
    grown = np.zeros(2 * len(column), dtype=column.dtype)
    grown[: len(column)] = column
    return grown
