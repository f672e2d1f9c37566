"""An arrangement of people in groups during a search: every step updates all counters and can be rolled back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import numpy as np

from grouping.domain.matching.exclusions import Exclusions
from grouping.domain.matching.objective import LACKING_COST
from grouping.domain.optimise.capacity_ledger import CapacityLedger
from grouping.domain.optimise.problem import Problem

UNASSIGNED: Final = -1
UNLIMITED: Final = 1_000_000


@dataclass(slots=True)
class Group:
    """
    A group of a solution.

    Attributes:
        cell: The number of its cell.
        max_size: Its largest size in this cell.
        starters: Numbers of its igangsettere.
        id: The id of its draft; None for a new group.
        capacity: Its largest size in any cell.
        pinned: Members who must stay in it. A group with pinned members keeps its cell.
        members: Numbers of its people.
    """

    cell: int
    max_size: int
    starters: tuple[int, ...] = ()
    id: UUID | None = None
    capacity: int = UNLIMITED
    pinned: frozenset[int] = frozenset()
    members: list[int] = field(default_factory=list)


class Solution:
    """
    An arrangement of the people of a :class:`Problem`.

    Attributes:
        floor: The size below which a group gives no member to another group.
        exclusions: Pairs of people, by number, who must never be in one group.
        group_of: By person: the number of the group, or :data:`UNASSIGNED`.
        score_of: By person: the score of the seat; 0 for unassigned people.
        unassigned_counts: By useful cell: number of unassigned people who fit.
        free_seats: By cell: free seats of the groups there.
        groups: By number. Numbers are not reused.
        next_number: The number of the next group.
        groups_at: By cell: numbers of the groups there.
        group_size: By group number: number of members. The last entry stays 0, for the index :data:`UNASSIGNED`.
    """

    def __init__(self, problem: Problem, floor: int) -> None:
        self.problem = problem
        self.capacity = CapacityLedger(problem)
        self.floor = floor
        self.exclusions = _exclusions_by_number(problem)
        self.group_of = np.full(len(problem.people), UNASSIGNED, dtype=np.int32)
        self.score_of = np.zeros(len(problem.people))
        self.unassigned_counts = np.where(problem.useful, problem.fitting_counts, 0)
        self.free_seats = np.zeros(problem.cell_count, dtype=np.int32)
        self.groups: dict[int, Group] = {}
        self.groups_at: dict[int, list[int]] = {}
        self.group_size = np.zeros(64, dtype=np.int32)
        self.next_number = 0
        self._undo_log: list[tuple[Callable[..., object], tuple[Any, ...]]] = []

    @property
    def total_score(self) -> float:
        """Sum of the scores of all seats, less the cost of what the groups lack."""
        score = float(self.score_of.sum())
        return score if self.capacity.all_alike else score - LACKING_COST * sum(map(self.lacking, self.groups.values()))

    def lacking(self, group: Group) -> int:
        """Return the number of things that a group lacks: igangsettere and the room."""
        return self.capacity.lacking_with(group.cell, group.starters)

    # Steps that can be rolled back

    def open_group(self, group: Group, starters: tuple[int, ...] | None = None) -> int:
        """
        Add an empty group, reserve its room and igangsettere, and return its number.

        Args:
            group: The group.
            starters: Its igangsettere; the best available ones if None.
        """
        if starters is None:
            group.starters = self.capacity.reserve(group.cell)
        else:
            group.starters = starters
            self.capacity.reserve_with(group.cell, starters)
        number = self.next_number
        self.next_number += 1
        if number + 1 >= len(self.group_size):
            self.group_size = np.concatenate((self.group_size, np.zeros_like(self.group_size)))
        self._insert(number, group)
        self._undo_log.append((self._remove, (number,)))
        return number

    def close_group(self, number: int) -> Group:
        """Remove an empty group and release its room and igangsettere."""
        group = self._remove(number)
        self._undo_log.append((self._reinsert, (number, group)))
        return group

    def assign(self, person: int, number: int) -> None:
        """Give an unassigned person a seat in a group."""
        self._place(person, number)
        self._undo_log.append((self._take_out, (person,)))

    def unassign(self, person: int) -> int:
        """Take a person out of their group and return the group's number."""
        number = self._take_out(person)
        self._undo_log.append((self._place, (person, number)))
        return number

    def commit(self) -> None:
        """Make all steps so far permanent."""
        self._undo_log.clear()

    def rollback(self) -> None:
        """Undo all steps since the last :meth:`commit`."""
        while self._undo_log:
            step, arguments = self._undo_log.pop()
            step(*arguments)

    def snapshot(self) -> list[tuple[Group, list[int]]]:
        """Return the groups with their members, for :meth:`restore`."""
        return [(group, list(group.members)) for group in self.groups.values()]

    def restore(self, snapshot: list[tuple[Group, list[int]]]) -> None:
        """Return to a snapshot and commit; the groups get new numbers."""
        for number in list(self.groups):
            for person in list(self.groups[number].members):
                self.unassign(person)
            self.close_group(number)
        for group, members in snapshot:
            number = self.open_group(group, group.starters)
            for person in members:
                self.assign(person, number)
        self.commit()

    # Reads

    def unassigned_people(self) -> list[int]:
        """Return the unassigned people in waiting list order."""
        people: list[int] = np.flatnonzero(self.group_of < 0).tolist()
        return people

    def unassigned_fitting(self, cell: int, most: int) -> list[int]:
        """
        Return unassigned people who fit the cell, best score first.

        May return more than ``most``, because people are read in blocks.
        """
        people = self.problem.people_fitting(cell)
        unassigned: list[int] = []
        start, block_size = 0, 8 * most
        while start < len(people) and len(unassigned) < most:
            block = people[start : start + block_size]
            unassigned += block[self.group_of[block] < 0].tolist()
            start, block_size = start + block_size, 4 * block_size
        return unassigned

    def max_size_at(self, cell: int) -> int:
        """Return the largest size of a group in this cell."""
        return int(self.problem.max_size_of_place[cell // self.problem.time_count])

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
        self.group_of[person] = UNASSIGNED
        self.score_of[person] = 0.0
        self.group_size[number] -= 1
        self.free_seats[group.cell] += 1
        self.unassigned_counts[self.problem.cells_of(person)] += 1
        return number


def _exclusions_by_number(problem: Problem) -> Exclusions[int]:
    number_of = {person.person_id: number for number, person in enumerate(problem.people)}
    pairs = (
        frozenset(number_of[person_id] for person_id in pair if person_id in number_of)
        for pair in problem.config.exclusions
    )
    return Exclusions(pairs)
