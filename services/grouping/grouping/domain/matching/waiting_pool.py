"""Those who wait, as columns: found by the cell they fit, without asking each of them."""

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
    People by row; a row is used once, and its number says in which order they came here.

    Attributes:
        who: The person in each row.
        since, tie: When each signed up, as seconds, and a part of their sign-up's id; they order the line.
    """

    def __init__(self, layout: CellIndex) -> None:
        self.cell_index = layout
        self.row_of_signup: dict[UUID, int] = {}
        self.people: list[WaitingPerson] = []
        self.signed_up_seconds = np.empty(64, dtype=np.float64)
        self.tie_breaks = np.empty(64, dtype=np.uint64)
        self._bits = np.zeros(64, dtype=np.uint64)
        self._agreed = np.zeros(64, dtype=np.uint64)
        self._home = np.empty(64, dtype=np.int32)
        self._cells: list[tuple[ReachablePlaces, Numbers]] = []
        self._last: tuple[int, Numbers] = (-1, np.empty(0, dtype=np.int32))
        self._refused: dict[int, Numbers] = {}
        # Who can reach each place; rows that have left are swept out now and then.
        self._bags = [array("i") for _ in layout.places]
        self._reaches: dict[tuple[float, float, int, bool], ReachablePlaces] = {}
        self._masks: dict[bytes, tuple[int, int]] = {}

    def __contains__(self, signup_id: UUID) -> bool:
        return signup_id in self.row_of_signup

    def __len__(self) -> int:
        return len(self.row_of_signup)

    def add(self, who: WaitingPerson) -> int:
        """Somebody comes; their row."""
        row = len(self.people)
        if row == len(self.signed_up_seconds):
            self.signed_up_seconds, self.tie_breaks = _longer(self.signed_up_seconds), _longer(self.tie_breaks)
            self._bits, self._agreed = _longer(self._bits), _longer(self._agreed)
            self._home = _longer(self._home)
        reach, times = self._reach(who.wishes), self.cell_index.time_offsets(who.wishes)
        self.people.append(who)
        self._cells.append((reach, times))
        self.row_of_signup[who.signup_id] = row
        self.signed_up_seconds[row], self.tie_breaks[row] = who.signed_up_at.timestamp(), who.signup_id.int >> 64
        self._bits[row], self._agreed[row] = self._mask(times)
        self._home[row] = reach.home
        if who.declined:
            numbers = (self.cell_index.number(cell) for cell in who.declined)
            self._refused[row] = np.array([number for number in numbers if number is not None], dtype=np.int32)
        bags = self._bags
        for place in reach.places.tolist():
            bags[place].append(row)
        return row

    def remove(self, signup_id: UUID) -> int:
        """Somebody goes; the row that was theirs. KeyError where they are not here."""
        row = self.row_of_signup.pop(signup_id)
        self._bits[row] = 0
        self._refused.pop(row, None)
        return row

    def cells_of(self, row: int) -> Numbers:
        """The numbers of the cells that this person fits and has not refused, the nearest place first."""
        # Whoever comes is looked at several times before anybody else is.
        if self._last[0] != row:
            reach, times = self._cells[row]
            numbers = (reach.places[:, None] * np.int32(self.cell_index.cells_per_place) + times).ravel()
            refused = self._refused.get(row)
            self._last = row, numbers if refused is None else numbers[~np.isin(numbers, refused)]
        return self._last[1]

    def distances_km(self, row: int, numbers: Numbers) -> Kilometres:
        """How far this person has to each of these cells of theirs."""
        km: Kilometres = self.cell_index.distances_km[self._home[row], numbers // self.cell_index.cells_per_place]
        return km

    def distance_to_place_km(self, row: int, place: int) -> float:
        """How far this person has to a place within their reach, one decimal."""
        return round(float(self.cell_index.distances_km[self._home[row], place]), 1)

    def people_fitting(self, number: int) -> tuple[Numbers, Kilometres]:
        """The rows of those who fit this cell, in the order in which they came here, and how far each has."""
        place, time = divmod(number, self.cell_index.cells_per_place)
        # Not copied, so it has to be let go of before anything is put in.
        rows = np.frombuffer(self._bags[place], dtype=np.int32)
        bits = self._bits[rows]
        slot, rest = divmod(time, self.cell_index.cells_per_slot)
        language, profile = divmod(rest, len(self.cell_index.profiles))
        wanted = np.uint64((1 << slot) | (1 << (len(SLOTS) + language)))
        found = rows[(bits & wanted) == wanted]
        if len(self.cell_index.profiles) > 1:
            found = found[self._agreed[found] & np.uint64(1 << profile) != 0]
        present = np.count_nonzero(bits)
        if 2 * present < len(bits):
            self._bags[place] = array("i", rows[bits != 0].tobytes())
        if self._refused:
            found = found[[number not in self._refused.get(row, ()) for row in found.tolist()]]
        return found, self.cell_index.distances_km[self._home[found], place]

    def scores(self, rows: Numbers, km: Kilometres, now: datetime) -> NDArray[np.float64]:
        """What it is worth to place each of these people that far from home."""
        days = np.floor(np.maximum(0.0, now.timestamp() - self.signed_up_seconds[rows]) / SECONDS_PER_DAY)
        return score(days, km.astype(np.float64))

    def in_waiting_order(self, rows: Iterable[int]) -> list[int]:
        """These rows, longest waiting first."""
        return sorted(rows, key=lambda row: self.people[row].seniority)

    def rows(self) -> Iterator[int]:
        """The rows of everybody who is here."""
        return iter(self.row_of_signup.values())

    def _reach(self, wishes: Wishes) -> ReachablePlaces:
        """As the layout says; the same for all who live together and go as far."""
        key = wishes.latitude, wishes.longitude, wishes.max_travel_km, wishes.wheelchair
        found = self._reaches.get(key)
        if found is None:
            found = self._reaches[key] = self.cell_index.reachable_places(wishes)
        return found

    def _mask(self, times: Numbers) -> tuple[int, int]:
        """Slots and languages as bits of one number, what the person goes along with as bits of another."""
        key = times.tobytes()
        if key not in self._masks:
            slots, rest = np.divmod(times, self.cell_index.cells_per_slot)
            languages, profiles = np.divmod(rest, len(self.cell_index.profiles))
            bits = sum(1 << int(slot) for slot in set(slots.tolist()))
            bits |= sum(1 << (len(SLOTS) + int(language)) for language in set(languages.tolist()))
            self._masks[key] = bits, sum(1 << int(profile) for profile in set(profiles.tolist()))
        return self._masks[key]


def _longer(column: NDArray[Any]) -> NDArray[Any]:
    longer = np.zeros(2 * len(column), dtype=column.dtype)
    longer[: len(column)] = column
    return longer
