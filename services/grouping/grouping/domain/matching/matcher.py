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

from grouping.domain.matching.candidates import CandidateGroup, at_peace, candidate_groups
from grouping.domain.matching.capacity import CapacityIndex, Spots
from grouping.domain.matching.cell_index import CellIndex
from grouping.domain.matching.cells import Cell, Place, Waiting
from grouping.domain.matching.duplicates import DuplicateSignups
from grouping.domain.matching.exclusions import Exclusions
from grouping.domain.matching.model import AreaState, Forming, Join, OpenGroup, Placed, Plan, line, placed_at
from grouping.domain.matching.waiting_pool import WaitingPool

SPARE_ROWS: Final = 20_000
CHOICES: Final = 4
"""Among how many cells somebody's group is chosen: the fullest, the nearest of equals."""


@dataclass(slots=True)
class _Open:
    """A group with chairs; ``number`` is its cell's."""

    number: int
    chairs: int
    created_at: datetime
    members: set[UUID]


@dataclass(slots=True)
class _New:
    """A group that is being made."""

    cell: Cell
    number: int
    rows: list[int]
    starters: tuple[UUID, ...]
    chairs: int


class AreaMatcher:
    """Those who wait in one area, their cells, and the groups with open chairs; :meth:`settle` decides."""

    def __init__(self, area: AreaState) -> None:
        places = tuple(sorted(area.places, key=lambda place: place.id))
        self.area = replace(area, waiting=(), open_groups=())
        self.layout = CellIndex(places, area.offered)
        self.crowd = WaitingPool(self.layout)
        self.counts = np.zeros(self.layout.size, dtype=np.int32)
        self.chairs = np.zeros(self.layout.size, dtype=np.int32)
        self.resources = CapacityIndex(area, self.layout)
        self.groups: dict[UUID, _Open] = {}
        self._groups_at: dict[int, set[UUID]] = {}
        self._opened: set[UUID] = set()
        self._lacked: set[int] = set()
        self._row_of_person: dict[UUID, int] = {}
        self._doubles = DuplicateSignups()
        self._woken: set[UUID] = set()
        self._apart = Exclusions(area.apart)
        self.layout.learn(who.wishes for who in area.waiting)
        for who in line(area.waiting):
            self._enter(who)
        for who in area.waiting:
            if who.signup_id not in self.crowd:
                self._doubles.put(who)
        for group in area.open_groups:
            self.put_group(group)

    # What happens

    def reframe(self, area: AreaState) -> bool:
        """
        Something about the area may have changed, but not its places, nor who waits.

        Returns:
            Whether everybody must be looked at by :meth:`settle`; whoever a room or an igangsetter was lacking is.
        """
        before, self.area = self.area, area
        if area == before:
            return False
        ready = self.resources.ready
        self.resources = CapacityIndex(area, self.layout)
        self._ripen(np.flatnonzero(self.resources.ready & ~ready))
        self._apart = Exclusions(area.apart)
        return replace(before, taken=area.taken, starters=area.starters) != area

    def knows(self, who: Waiting) -> bool:
        """Whether this sign-up is here, with just these wishes; what decides nothing is taken over."""
        row = self.crowd.row_of.get(who.signup_id)
        if row is None or self.crowd.who[row] != who:
            return False
        self.crowd.who[row] = who
        return True

    def add(self, who: Waiting) -> bool:
        """
        Somebody waits, or waits for something else than before. Of a person's sign-ups the oldest counts.

        Returns:
            Whether that is news, so that something may follow from it.
        """
        if self.knows(who):
            return False
        self.remove(who.signup_id)
        mine = self._row_of_person.get(who.person_id)
        if mine is not None:
            other = self.crowd.who[mine]
            if other.seniority < who.seniority:
                self._doubles.put(who)
                return False
            self._leave(mine)
            self._doubles.put(other)
        self._enter(who)
        return True

    def look_at(self, signup_id: UUID) -> None:
        """Let the next :meth:`settle` look at somebody too."""
        self._woken.add(signup_id)

    def remove(self, signup_id: UUID) -> None:
        """Somebody does not wait any more; nothing happens where they did not."""
        row = self.crowd.row_of.get(signup_id)
        if row is None:
            self._doubles.drop(signup_id)
            return
        person_id = self.crowd.who[row].person_id
        self._leave(row)
        other = self._doubles.take_oldest(person_id)
        if other is not None:
            self._enter(other)
            self.look_at(other.signup_id)

    @property
    def crowded(self) -> bool:
        """Whether enough people for a group wait for anything at all; seldom so where the board has been at rest."""
        return bool((self.counts >= self.area.size_min).any())

    def state(self) -> AreaState:
        """The area as it is on this board now."""
        groups = (
            OpenGroup(id_, self.layout.cell(group.number), group.chairs, group.created_at, frozenset(group.members))
            for id_, group in self.groups.items()
        )
        waiting = (*(self.crowd.who[row] for row in self.crowd.here()), *self._doubles)
        return replace(self.area, places=self.layout.places, waiting=waiting, open_groups=tuple(groups))

    def put_groups(self, groups: Iterable[OpenGroup]) -> None:
        """These, and no others, are on their way and have chairs."""
        now = {group.group_id: group for group in groups}
        for group_id in set(self.groups) - set(now):
            self.drop_group(group_id)
        for group in now.values():
            self.put_group(group)

    def put_group(self, group: OpenGroup) -> None:
        """A group is on its way, or has another number of chairs than before."""
        before = self.groups.get(group.group_id)
        waits = group.group_id in self._opened
        self.drop_group(group.group_id)
        number = self.layout.number(group.cell)
        if number is None or group.chairs < 1:
            return
        if before is None or before.number != number or before.chairs < group.chairs or before.members - group.members:
            waits = True
        if waits:
            self._opened.add(group.group_id)
        self.groups[group.group_id] = _Open(number, group.chairs, group.created_at, set(group.members))
        self._groups_at.setdefault(number, set()).add(group.group_id)
        self.chairs[number] += group.chairs

    def opened(self, group: Forming, group_id: UUID, now: datetime) -> OpenGroup:
        """A group that has just been made, with the chairs that are left in it."""
        place = self.layout.places[self.layout.number_of[group.cell.place]]
        people = frozenset(member.waiting.person_id for member in group.members)
        return OpenGroup(group_id, group.cell, place.most(self.area.size_max) - len(people), now, people)

    def drop_group(self, group_id: UUID) -> None:
        """A group has met, is full or is given up."""
        group = self.groups.pop(group_id, None)
        self._opened.discard(group_id)
        if group is not None:
            self.chairs[group.number] -= group.chairs
            self._groups_at[group.number].discard(group_id)

    def give_room(self, cell: Cell) -> None:
        """A room is free again at the cell's time; who only lacked it is seen to by the next :meth:`settle`."""
        self._ripen(self.resources.give_room(cell))

    def give_starter(self, starter_id: UUID) -> None:
        """An igangsetter can take on one more; who only lacked them is seen to by the next :meth:`settle`."""
        self._ripen(self.resources.give_starter(starter_id))

    def _ripen(self, spots: Spots) -> None:
        profiles = len(self.layout.profiles)
        numbers = (spots[:, None] * profiles + np.arange(profiles)).ravel()
        self._lacked.update(numbers[self.counts[numbers] >= self.area.size_min].tolist())

    def _enter(self, who: Waiting) -> None:
        if len(self.crowd.who) > 2 * len(self.crowd) + SPARE_ROWS:
            self._sweep()
        row = self._row_of_person[who.person_id] = self.crowd.add(who)
        self.counts[self.crowd.cells(row)] += 1

    def _sweep(self) -> None:
        """Rows are used once, so now and then those that are empty are left behind."""
        here = [self.crowd.who[row] for row in self.crowd.here()]
        self.crowd = WaitingPool(self.layout)
        self._row_of_person = {who.person_id: self.crowd.add(who) for who in here}

    def _leave(self, row: int) -> None:
        self.counts[self.crowd.cells(row)] -= 1
        who = self.crowd.who[row]
        self.crowd.remove(who.signup_id)
        del self._row_of_person[who.person_id]

    # What is decided

    def settle(self, now: datetime, fresh: Iterable[UUID] | None = None) -> Plan:
        """
        What follows: who takes an open chair, and which groups are made. The board then is as after that.

        Args:
            now: Decides how long each has waited.
            fresh: Whose sign-ups are new here since the board was last at rest; everybody's where it never was, or
                where :meth:`reframe` says so.
        """
        rows = set(
            self.crowd.here()
            if fresh is None
            else (self.crowd.row_of[one] for one in {*fresh, *self._woken} if one in self.crowd)
        )
        self._woken.clear()
        for number in self._lacked:
            rows.update(self.crowd.fitting(number)[0].tolist())
        self._lacked.clear()
        anchors = self.crowd.line(rows)
        joins = self._fill(anchors, now)
        made: list[_New] = []
        if not self.area.held:
            for anchor in anchors:
                if self.crowd.who[anchor].signup_id in self.crowd:
                    group = self._form(anchor, now)
                    if group is not None:
                        made.append(group)
            self._fill_new(made)
        return Plan(tuple(joins), tuple(self._told(group, now) for group in made))

    def make(self, cell: Cell, size: int, now: datetime) -> Forming | None:
        """The group of the ``size`` longest waiting in a cell, for somebody who decides so; None where too few fit."""
        number = self.layout.number(cell)
        rows = [] if number is None else self.possible(number)[:size]
        if number is None or len(rows) < size:
            return None
        starters = () if self.resources.lacking(cell) else self.resources.take(cell)
        for row in rows:
            self._seat(row)
        return self._told(_New(cell, number, rows, starters, 0), now)

    def possible(self, number: int) -> list[int]:
        """The rows of those who could meet in this cell, longest waiting first; none who must not meet another."""
        place, time = divmod(number, self.layout.stride)
        if not self.resources.possible[place, time // self.layout.times_of_slot]:
            return []
        rows = self._line_at(number)
        return [rows[position] for position in at_peace(self.crowd, self._apart, rows, self.area.size_min)]

    def _fill(self, anchors: list[int], now: datetime) -> list[Join]:
        asked = set(anchors if self.groups else ())
        for group_id in self._opened:
            asked.update(self.crowd.fitting(self.groups[group_id].number)[0].tolist())
        self._opened.clear()
        joins = []
        for row in self.crowd.line(asked):
            who = self.crowd.who[row]
            found = self._chair_for(row)
            if found is not None:
                group = self.groups[found]
                cell = self.layout.cell(group.number)
                joins.append(Join(found, self._placed(row, cell, group.number, now)))
                group.chairs -= 1
                group.members.add(who.person_id)
                self.chairs[group.number] -= 1
                self._seat(row)
        return joins

    def _chair_for(self, row: int) -> UUID | None:
        cells = self.crowd.cells(row)
        open_cells = cells[self.chairs[cells] > 0]
        if not len(open_cells):
            return None
        way = dict(zip(open_cells.tolist(), self.crowd.km(row, open_cells).tolist(), strict=True))
        person_id = self.crowd.who[row].person_id
        possible = [
            (km, self.groups[group_id].created_at, group_id)
            for number, km in way.items()
            for group_id in self._groups_at[number]
            if self.groups[group_id].chairs > 0 and not self._apart.parts(person_id, self.groups[group_id].members)
        ]
        return min(possible)[2] if possible else None

    def _form(self, anchor: int, now: datetime) -> _New | None:
        cells = self.crowd.cells(anchor)
        counts = self.counts[cells]
        enough = (counts >= self.area.size_min).nonzero()[0]
        enough = enough[self.resources.ready.ravel()[cells[enough] // len(self.layout.profiles)]]
        if not len(enough):
            return None
        cells, counts = cells[enough], counts[enough]
        # Stable, and the nearest place comes first in ``cells``.
        ranked = cells[np.argsort(-np.minimum(counts, self.area.size_max), kind="stable")].tolist()
        found: list[CandidateGroup] = []
        while ranked and len(found) < CHOICES:
            found += candidate_groups(self.crowd, self._apart, self.area, ranked[:CHOICES], anchor, now)
            ranked = ranked[CHOICES:]
        if not found:
            return None
        best = max(found, key=lambda option: option.worth)
        rows = self.crowd.line(best.rows)
        for row in rows:
            self._seat(row)
        cell = self.layout.cell(best.number)
        return _New(cell, best.number, rows, self.resources.take(cell), best.most - len(rows))

    def _fill_new(self, made: list[_New]) -> None:
        """Whoever is left over takes a chair in a group that was just made."""
        for group in made:
            people = {self.crowd.who[row].person_id for row in group.rows}
            for row in self._line_at(group.number) if group.chairs and self.counts[group.number] else ():
                person_id = self.crowd.who[row].person_id
                if not self._apart.parts(person_id, people):
                    group.rows.append(row)
                    group.chairs -= 1
                    people.add(person_id)
                    self._seat(row)
                if not group.chairs:
                    break

    def _line_at(self, number: int) -> list[int]:
        rows, _ = self.crowd.fitting(number)
        return self.crowd.line(rows.tolist())

    def _seat(self, row: int) -> None:
        """This person has a seat, so none of their sign-ups waits."""
        self._doubles.forget(self.crowd.who[row].person_id)
        self._leave(row)

    def _place(self, number: int) -> Place:
        return self.layout.places[number // self.layout.stride]

    def _placed(self, row: int, cell: Cell, number: int, now: datetime) -> Placed:
        return placed_at(self.crowd.who[row], cell, self.crowd.km_to(row, number // self.layout.stride), now)

    def _told(self, group: _New, now: datetime) -> Forming:
        members = tuple(self._placed(row, group.cell, group.number, now) for row in self.crowd.line(group.rows))
        return Forming(group.cell, members, group.starters)


def plan(area: AreaState, now: datetime) -> Plan:
    """What should happen in an area that nobody has looked at yet: the same for the same area, always."""
    return AreaMatcher(area).settle(now)


def differences(board: AreaMatcher, anew: AreaMatcher) -> int:
    """In how many places a board differs from one that was built anew: cells, their chairs, people."""
    people = set(board.crowd.row_of) ^ set(anew.crowd.row_of)
    if board.layout.size != anew.layout.size:
        return board.layout.size + len(people)
    cells = np.count_nonzero(board.counts != anew.counts) + np.count_nonzero(board.chairs != anew.chairs)
    return int(cells) + len(people)
