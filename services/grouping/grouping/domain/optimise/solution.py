"""Who sits where while it is being decided: every step keeps the counters right and can be taken back."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from dataclasses import field as having
from typing import Any, Final
from uuid import UUID

import numpy as np

from grouping.domain.optimise.capacity_ledger import CapacityLedger
from grouping.domain.optimise.problem import Problem

FREE: Final = -1
UNLIMITED: Final = 1_000_000


@dataclass(slots=True)
class Group:
    """
    A group that is, or could be, made.

    Attributes:
        cell: Its cell's number.
        most: How many it can have.
        starters: Numbers of the igangsettere who start it.
        id: What it is known by, where it is already written down.
        capacity: How many it can have wherever it meets.
        pinned: Who in it stays in it; as long as anybody does it keeps its cell.
    """

    cell: int
    max_size: int
    starters: tuple[int, ...] = ()
    id: UUID | None = None
    capacity: int = UNLIMITED
    pinned: frozenset[int] = frozenset()
    members: list[int] = having(default_factory=list)


class Solution:
    """
    An arrangement of everybody.

    Attributes:
        group_of: By person, the number of their group, or :data:`FREE`.
        counts: By cell, how many are free and fit it.
        chairs: By cell, how many more the groups there can take.
        size: By group, how many are in it.
        worth_of: By person, what their seat is worth; zero for those who are free.
        floor: Nobody is taken out of a group that then would have fewer.
        next: The number of the group that is opened next; numbers are used once.
    """

    def __init__(self, field: Problem, floor: int) -> None:
        self.problem = field
        self.capacity = CapacityLedger(field)
        self.floor = floor
        self.group_of = np.full(len(field.people), FREE, dtype=np.int32)
        self.score_of = np.zeros(len(field.people))
        self.unassigned_counts = np.where(field.useful, field.fitting_counts, 0)
        self.free_seats = np.zeros(field.cell_count, dtype=np.int32)
        self.groups: dict[int, Group] = {}
        self.groups_at: dict[int, list[int]] = {}
        # The last is read for whoever is free and stays zero.
        self.group_size = np.zeros(64, dtype=np.int32)
        self.next_number = 0
        self._log: list[tuple[Callable[..., object], tuple[Any, ...]]] = []
        number_of = {who.person_id: number for number, who in enumerate(field.people)}
        self.excluded: dict[int, set[int]] = {}
        for pair in field.config.exclusions:
            known = {number_of[one] for one in pair if one in number_of}
            for one in known:
                self.excluded.setdefault(one, set()).update(known - {one})

    @property
    def total_score(self) -> float:
        """What the arrangement is worth."""
        return float(self.score_of.sum())

    # Steps

    def open_group(self, group: Group, starters: tuple[int, ...] | None = None) -> int:
        """A group begins, with nobody in it yet; its room is taken, and these igangsettere or the nearest who can."""
        group.starters = self.capacity.reserve(group.cell) if starters is None else starters
        if starters is not None:
            self.capacity.reserve_with(group.cell, starters)
        number = self.next_number
        self.next_number += 1
        if number + 1 >= len(self.group_size):
            self.group_size = np.concatenate((self.group_size, np.zeros_like(self.group_size)))
        self._insert(number, group)
        self._log.append((self._remove, (number,)))
        return number

    def close_group(self, number: int) -> Group:
        """A group that nobody is in any more is given up."""
        group = self._remove(number)
        self._log.append((self._reinsert, (number, group)))
        return group

    def assign(self, person: int, number: int) -> None:
        """Somebody who is free takes a chair."""
        self._place(person, number)
        self._log.append((self._take_out, (person,)))

    def unassign(self, person: int) -> int:
        """Somebody gets up and is free; the group that they were in."""
        number = self._take_out(person)
        self._log.append((self._place, (person, number)))
        return number

    def commit(self) -> None:
        """What was done stays done."""
        self._log.clear()

    def rollback(self) -> None:
        """Everything since :meth:`keep` is taken back."""
        while self._log:
            step, arguments = self._log.pop()
            step(*arguments)

    def snapshot(self) -> list[tuple[Group, list[int]]]:
        """Who sits where, to come back to."""
        return [(group, list(group.members)) for group in self.groups.values()]

    def restore(self, arrangement: list[tuple[Group, list[int]]]) -> None:
        """As it was then, though the groups have other numbers."""
        for number in list(self.groups):
            for person in list(self.groups[number].members):
                self.unassign(person)
            self.close_group(number)
        for group, members in arrangement:
            number = self.open_group(group, group.starters)
            for person in members:
                self.assign(person, number)
        self.commit()

    # What is possible

    def unassigned_fitting(self, cell: int, most: int) -> list[int]:
        """Those who are free and fit this cell, whom it is worth most to place first; so many and a few more."""
        rows = self.problem.people_fitting(cell)
        found: list[int] = []
        start, step = 0, 8 * most
        while start < len(rows) and len(found) < most:
            part = rows[start : start + step]
            found += part[self.group_of[part] < 0].tolist()
            start, step = start + step, 4 * step
        return found

    def max_size_at(self, cell: int) -> int:
        """How many a group in this cell can have."""
        return int(self.problem.max_size_of_place[cell // self.problem.time_count])

    def compatible(self, people: Iterable[int], with_: Iterable[int] = ()) -> list[int]:
        """Of two who must not meet only the first; nobody who must not meet one of those who are there already."""
        if not self.excluded:
            return list(people)
        there, kept = set(with_), []
        for person in people:
            if not self.excluded.get(person, _NOBODY) & there:
                kept.append(person)
                there.add(person)
        return kept

    def _insert(self, number: int, group: Group) -> None:
        self.groups[number] = group
        self.groups_at.setdefault(group.cell, []).append(number)
        self.free_seats[group.cell] += group.max_size

    def _remove(self, number: int) -> Group:
        group = self.groups.pop(number)
        self.groups_at[group.cell].remove(number)
        self.free_seats[group.cell] -= group.max_size
        self.capacity.release(group.cell, group.starters)
        return group

    def _reinsert(self, number: int, group: Group) -> None:
        self.capacity.reserve_with(group.cell, group.starters)
        self._insert(number, group)

    def _place(self, person: int, number: int) -> None:
        group = self.groups[number]
        group.members.append(person)
        self.group_of[person] = number
        self.score_of[person] = self.problem.score(person, group.cell)
        self.group_size[number] += 1
        self.free_seats[group.cell] -= 1
        self.unassigned_counts[self.problem.cells_of(person)] -= 1

    def _take_out(self, person: int) -> int:
        number = int(self.group_of[person])
        group = self.groups[number]
        group.members.remove(person)
        self.group_of[person] = FREE
        self.score_of[person] = 0.0
        self.group_size[number] -= 1
        self.free_seats[group.cell] += 1
        self.unassigned_counts[self.problem.cells_of(person)] += 1
        return number


_NOBODY: Final[frozenset[int]] = frozenset()
