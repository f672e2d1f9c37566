"""
The board: one counter for each cell, so that what happens to one person touches that person's cells and no others.

An open chair is filled before anything new is made. When a cell has as many as the policy asks for, and a room and an
igangsetter where they are needed, the group is made at once. The board is a projection: it can be built anew from
those who wait, and is then the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

import numpy as np

from grouping.domain.matching.candidates import CandidateGroup, candidate_groups, compatible_positions
from grouping.domain.matching.capacity import CapacityIndex, Spots
from grouping.domain.matching.cell_index import CellIndex
from grouping.domain.matching.cells import Cell, Place, WaitingPerson
from grouping.domain.matching.duplicates import DuplicateSignups
from grouping.domain.matching.exclusions import Exclusions
from grouping.domain.matching.model import (
    AreaConfig,
    AreaState,
    Assignment,
    Join,
    NewGroup,
    OpenGroup,
    Plan,
    assignment_at_distance,
    in_waiting_order,
)
from grouping.domain.matching.waiting_pool import WaitingPool

SPARE_ROWS: Final = 20_000
CANDIDATE_CELLS: Final = 4
"""Among how many cells somebody's group is chosen: the fullest, the nearest of equals."""


@dataclass(slots=True)
class _Open:
    """A group with chairs; ``number`` is its cell's."""

    number: int
    free_seats: int
    created_at: datetime
    members: set[UUID]


@dataclass(slots=True)
class _New:
    """A group that is being made."""

    cell: Cell
    number: int
    rows: list[int]
    starters: tuple[UUID, ...]
    free_seats: int


class AreaMatcher:
    """Those who wait in one area, their cells, and the groups with open chairs; :meth:`settle` decides."""

    def __init__(self, area: AreaState) -> None:
        places = tuple(sorted(area.config.places, key=lambda place: place.id))
        self.config = area.config
        self.cell_index = CellIndex(places, area.config.offered_wishes)
        self.pool = WaitingPool(self.cell_index)
        self.waiting_counts = np.zeros(self.cell_index.size, dtype=np.int32)
        self.free_seats = np.zeros(self.cell_index.size, dtype=np.int32)
        self.capacity = CapacityIndex(area.config, self.cell_index)
        self.open_groups: dict[UUID, _Open] = {}
        self._groups_at: dict[int, set[UUID]] = {}
        self._opened: set[UUID] = set()
        self._lacked: set[int] = set()
        self._row_of_person: dict[UUID, int] = {}
        self._doubles = DuplicateSignups()
        self._woken: set[UUID] = set()
        self._apart = Exclusions(area.config.exclusions)
        self.cell_index.precompute_distances(who.wishes for who in area.waiting)
        for who in in_waiting_order(area.waiting):
            self._enter(who)
        for who in area.waiting:
            if who.signup_id not in self.pool:
                self._doubles.add(who)
        for group in area.open_groups:
            self.set_open_group(group)

    # What happens

    def update_config(self, config: AreaConfig) -> bool:
        """
        Something about the area may have changed, but not its places, nor who waits.

        Returns:
            Whether everybody must be looked at by :meth:`settle`; whoever a room or an igangsetter was lacking is.
        """
        before, self.config = self.config, config
        if config == before:
            return False
        ready = self.capacity.available_now
        self.capacity = CapacityIndex(config, self.cell_index)
        self._ripen(np.flatnonzero(self.capacity.available_now & ~ready))
        self._apart = Exclusions(config.exclusions)
        return replace(before, occupied_rooms=config.occupied_rooms, starters=config.starters) != config

    def is_current(self, who: WaitingPerson) -> bool:
        """Whether this sign-up is here, with just these wishes; what decides nothing is taken over."""
        row = self.pool.row_of_signup.get(who.signup_id)
        if row is None or self.pool.people[row] != who:
            return False
        self.pool.people[row] = who
        return True

    def add(self, who: WaitingPerson) -> bool:
        """
        Somebody waits, or waits for something else than before. Of a person's sign-ups the oldest counts.

        Returns:
            Whether that is news, so that something may follow from it.
        """
        if self.is_current(who):
            return False
        self.remove(who.signup_id)
        mine = self._row_of_person.get(who.person_id)
        if mine is not None:
            other = self.pool.people[mine]
            if other.seniority < who.seniority:
                self._doubles.add(who)
                return False
            self._leave(mine)
            self._doubles.add(other)
        self._enter(who)
        return True

    def mark_for_evaluation(self, signup_id: UUID) -> None:
        """Let the next :meth:`settle` look at somebody too."""
        self._woken.add(signup_id)

    def remove(self, signup_id: UUID) -> None:
        """Somebody does not wait any more; nothing happens where they did not."""
        row = self.pool.row_of_signup.get(signup_id)
        if row is None:
            self._doubles.discard(signup_id)
            return
        person_id = self.pool.people[row].person_id
        self._leave(row)
        other = self._doubles.pop_oldest(person_id)
        if other is not None:
            self._enter(other)
            self.mark_for_evaluation(other.signup_id)

    @property
    def has_enough_for_a_group(self) -> bool:
        """Whether enough people for a group wait for anything at all; seldom so where the board has been at rest."""
        return bool((self.waiting_counts >= self.config.size_min).any())

    def snapshot(self) -> AreaState:
        """The area as it is on this board now."""
        groups = (
            OpenGroup(
                id_, self.cell_index.cell(group.number), group.free_seats, group.created_at, frozenset(group.members)
            )
            for id_, group in self.open_groups.items()
        )
        waiting = (*(self.pool.people[row] for row in self.pool.rows()), *self._doubles)
        return AreaState(replace(self.config, places=self.cell_index.places), waiting, tuple(groups))

    def replace_open_groups(self, groups: Iterable[OpenGroup]) -> None:
        """These, and no others, are on their way and have chairs."""
        now = {group.group_id: group for group in groups}
        for group_id in set(self.open_groups) - set(now):
            self.remove_open_group(group_id)
        for group in now.values():
            self.set_open_group(group)

    def set_open_group(self, group: OpenGroup) -> None:
        """A group is on its way, or has another number of chairs than before."""
        before = self.open_groups.get(group.group_id)
        waits = group.group_id in self._opened
        self.remove_open_group(group.group_id)
        number = self.cell_index.number(group.cell)
        if number is None or group.free_seats < 1:
            return
        if (
            before is None
            or before.number != number
            or before.free_seats < group.free_seats
            or before.members - group.members
        ):
            waits = True
        if waits:
            self._opened.add(group.group_id)
        self.open_groups[group.group_id] = _Open(number, group.free_seats, group.created_at, set(group.members))
        self._groups_at.setdefault(number, set()).add(group.group_id)
        self.free_seats[number] += group.free_seats

    def open_group_of(self, group: NewGroup, group_id: UUID, now: datetime) -> OpenGroup:
        """A group that has just been made, with the chairs that are left in it."""
        place = self.cell_index.places[self.cell_index.place_numbers[group.cell.place]]
        people = frozenset(member.waiting.person_id for member in group.members)
        return OpenGroup(group_id, group.cell, place.largest_group(self.config.size_max) - len(people), now, people)

    def remove_open_group(self, group_id: UUID) -> None:
        """A group has met, is full or is given up."""
        group = self.open_groups.pop(group_id, None)
        self._opened.discard(group_id)
        if group is not None:
            self.free_seats[group.number] -= group.free_seats
            self._groups_at[group.number].discard(group_id)

    def release_room(self, cell: Cell) -> None:
        """A room is free again at the cell's time; who only lacked it is seen to by the next :meth:`settle`."""
        self._ripen(self.capacity.release_room(cell))

    def release_starter(self, starter_id: UUID) -> None:
        """An igangsetter can take on one more; who only lacked them is seen to by the next :meth:`settle`."""
        self._ripen(self.capacity.release_starter(starter_id))

    def _ripen(self, spots: Spots) -> None:
        profiles = len(self.cell_index.profiles)
        numbers = (spots[:, None] * profiles + np.arange(profiles)).ravel()
        self._lacked.update(numbers[self.waiting_counts[numbers] >= self.config.size_min].tolist())

    def _enter(self, who: WaitingPerson) -> None:
        if len(self.pool.people) > 2 * len(self.pool) + SPARE_ROWS:
            self._sweep()
        row = self._row_of_person[who.person_id] = self.pool.add(who)
        self.waiting_counts[self.pool.cells_of(row)] += 1

    def _sweep(self) -> None:
        """Rows are used once, so now and then those that are empty are left behind."""
        here = [self.pool.people[row] for row in self.pool.rows()]
        self.pool = WaitingPool(self.cell_index)
        self._row_of_person = {who.person_id: self.pool.add(who) for who in here}

    def _leave(self, row: int) -> None:
        self.waiting_counts[self.pool.cells_of(row)] -= 1
        who = self.pool.people[row]
        self.pool.remove(who.signup_id)
        del self._row_of_person[who.person_id]

    # What is decided

    def decide(self, now: datetime, fresh: Iterable[UUID] | None = None) -> Plan:
        """
        What follows: who takes an open chair, and which groups are made. The board then is as after that.

        Args:
            now: Decides how long each has waited.
            fresh: Whose sign-ups are new here since the board was last at rest; everybody's where it never was, or
                where :meth:`reframe` says so.
        """
        rows = set(
            self.pool.rows()
            if fresh is None
            else (self.pool.row_of_signup[one] for one in {*fresh, *self._woken} if one in self.pool)
        )
        self._woken.clear()
        for number in self._lacked:
            rows.update(self.pool.people_fitting(number)[0].tolist())
        self._lacked.clear()
        anchors = self.pool.in_waiting_order(rows)
        joins = self._fill(anchors, now)
        made: list[_New] = []
        if not self.config.on_hold:
            for anchor in anchors:
                if self.pool.people[anchor].signup_id in self.pool:
                    group = self._form(anchor, now)
                    if group is not None:
                        made.append(group)
            self._fill_new(made)
        return Plan(tuple(joins), tuple(self._told(group, now) for group in made))

    def form_group(self, cell: Cell, size: int, now: datetime) -> NewGroup | None:
        """The group of the ``size`` longest waiting in a cell, for somebody who decides so; None where too few fit."""
        number = self.cell_index.number(cell)
        rows = [] if number is None else self.compatible_people(number)[:size]
        if number is None or len(rows) < size:
            return None
        starters = () if self.capacity.missing(cell) else self.capacity.reserve(cell)
        for row in rows:
            self._seat(row)
        return self._told(_New(cell, number, rows, starters, 0), now)

    def compatible_people(self, number: int) -> list[int]:
        """The rows of those who could meet in this cell, longest waiting first; none who must not meet another."""
        place, time = divmod(number, self.cell_index.cells_per_place)
        if not self.capacity.feasible[place, time // self.cell_index.cells_per_slot]:
            return []
        rows = self._line_at(number)
        return [rows[position] for position in compatible_positions(self.pool, self._apart, rows, self.config.size_min)]

    def _fill(self, anchors: list[int], now: datetime) -> list[Join]:
        asked = set(anchors if self.open_groups else ())
        for group_id in self._opened:
            asked.update(self.pool.people_fitting(self.open_groups[group_id].number)[0].tolist())
        self._opened.clear()
        joins = []
        for row in self.pool.in_waiting_order(asked):
            who = self.pool.people[row]
            found = self._chair_for(row)
            if found is not None:
                group = self.open_groups[found]
                cell = self.cell_index.cell(group.number)
                joins.append(Join(found, self._placed(row, cell, group.number, now)))
                group.free_seats -= 1
                group.members.add(who.person_id)
                self.free_seats[group.number] -= 1
                self._seat(row)
        return joins

    def _chair_for(self, row: int) -> UUID | None:
        cells = self.pool.cells_of(row)
        open_cells = cells[self.free_seats[cells] > 0]
        if not len(open_cells):
            return None
        way = dict(zip(open_cells.tolist(), self.pool.distances_km(row, open_cells).tolist(), strict=True))
        person_id = self.pool.people[row].person_id
        possible = [
            (km, self.open_groups[group_id].created_at, group_id)
            for number, km in way.items()
            for group_id in self._groups_at[number]
            if self.open_groups[group_id].free_seats > 0
            and not self._apart.conflicts(person_id, self.open_groups[group_id].members)
        ]
        return min(possible)[2] if possible else None

    def _form(self, anchor: int, now: datetime) -> _New | None:
        cells = self.pool.cells_of(anchor)
        counts = self.waiting_counts[cells]
        enough = (counts >= self.config.size_min).nonzero()[0]
        enough = enough[self.capacity.available_now.ravel()[cells[enough] // len(self.cell_index.profiles)]]
        if not len(enough):
            return None
        cells, counts = cells[enough], counts[enough]
        # Stable, and the nearest place comes first in ``cells``.
        ranked = cells[np.argsort(-np.minimum(counts, self.config.size_max), kind="stable")].tolist()
        found: list[CandidateGroup] = []
        while ranked and len(found) < CANDIDATE_CELLS:
            found += candidate_groups(self.pool, self._apart, self.config, ranked[:CANDIDATE_CELLS], anchor, now)
            ranked = ranked[CANDIDATE_CELLS:]
        if not found:
            return None
        best = max(found, key=lambda option: option.score)
        rows = self.pool.in_waiting_order(best.rows)
        for row in rows:
            self._seat(row)
        cell = self.cell_index.cell(best.cell_number)
        return _New(cell, best.cell_number, rows, self.capacity.reserve(cell), best.max_size - len(rows))

    def _fill_new(self, made: list[_New]) -> None:
        """Whoever is left over takes a chair in a group that was just made."""
        for group in made:
            people = {self.pool.people[row].person_id for row in group.rows}
            for row in self._line_at(group.number) if group.free_seats and self.waiting_counts[group.number] else ():
                person_id = self.pool.people[row].person_id
                if not self._apart.conflicts(person_id, people):
                    group.rows.append(row)
                    group.free_seats -= 1
                    people.add(person_id)
                    self._seat(row)
                if not group.free_seats:
                    break

    def _line_at(self, number: int) -> list[int]:
        rows, _ = self.pool.people_fitting(number)
        return self.pool.in_waiting_order(rows.tolist())

    def _seat(self, row: int) -> None:
        """This person has a seat, so none of their sign-ups waits."""
        self._doubles.discard_person(self.pool.people[row].person_id)
        self._leave(row)

    def _place(self, number: int) -> Place:
        return self.cell_index.places[number // self.cell_index.cells_per_place]

    def _placed(self, row: int, cell: Cell, number: int, now: datetime) -> Assignment:
        return assignment_at_distance(
            self.pool.people[row],
            cell,
            self.pool.distance_to_place_km(row, number // self.cell_index.cells_per_place),
            now,
        )

    def _told(self, group: _New, now: datetime) -> NewGroup:
        members = tuple(
            self._placed(row, group.cell, group.number, now) for row in self.pool.in_waiting_order(group.rows)
        )
        return NewGroup(group.cell, members, group.starters)


def plan(area: AreaState, now: datetime) -> Plan:
    """What should happen in an area that nobody has looked at yet: the same for the same area, always."""
    return AreaMatcher(area).decide(now)


def count_differences(board: AreaMatcher, anew: AreaMatcher) -> int:
    """In how many places a board differs from one that was built anew: cells, their chairs, people."""
    people = set(board.pool.row_of_signup) ^ set(anew.pool.row_of_signup)
    if board.cell_index.size != anew.cell_index.size:
        return board.cell_index.size + len(people)
    cells = np.count_nonzero(board.waiting_counts != anew.waiting_counts) + np.count_nonzero(
        board.free_seats != anew.free_seats
    )
    return int(cells) + len(people)
