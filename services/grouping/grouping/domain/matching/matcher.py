"""
Matching of one area as people arrive and leave.

The matcher keeps one counter per cell, so that a change of one person touches only that person's cells. A free seat is
filled before a group is formed. A group is formed as soon as a cell has as many people as the policy requires and a
free room, where places are limited; free igangsettere are assigned to it. The matcher is a projection of the database:
one that is rebuilt has the same state.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from grouping.domain.matching.candidates import (
    CANDIDATE_CELLS,
    FEW_PEOPLE,
    CandidateGroup,
    candidate_groups,
    compatible_positions,
)
from grouping.domain.matching.capacity import CapacityIndex, Spots
from grouping.domain.matching.cell_index import CellIndex, Numbers
from grouping.domain.matching.cells import Cell, WaitingPerson
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
from grouping.domain.matching.objective import IF_NEEDED_AS_KM, LACKING_COST, LEAST_GAIN
from grouping.domain.matching.open_groups import OpenGroupIndex
from grouping.domain.matching.waiting_pool import WaitingPool

SPARE_ROWS: Final = 20_000
"""Number of unused rows, beyond one per waiting person, after which the pool is rebuilt without them."""


@dataclass(slots=True)
class _FormingGroup:
    """A group that is being formed; ``rows`` are its members."""

    cell: Cell
    cell_number: int
    rows: list[int]
    starters: tuple[UUID, ...]
    free_seats: int


class AreaMatcher:
    """
    The waiting people, cells, open groups and free capacity of one area; :meth:`decide` matches them.

    Attributes:
        waiting_counts: By cell: number of waiting people who fit it and have not declined it.
        open_groups: Groups with free seats.
        capacity: Free rooms and igangsettere.
    """

    def __init__(self, area: AreaState) -> None:
        places = tuple(sorted(area.config.places, key=lambda place: place.id))
        self.config = area.config
        self.cell_index = CellIndex(places, area.config.offered_wishes)
        self.pool = WaitingPool(self.cell_index)
        self.waiting_counts = np.zeros(self.cell_index.size, dtype=np.int32)
        self.capacity = CapacityIndex(area.config, self.cell_index)
        self.open_groups = OpenGroupIndex(self.cell_index, area.open_groups)
        self._cells_to_evaluate: set[int] = set()
        """Cells with enough people in which a group can begin since the last decision."""
        self._signups_to_evaluate: set[UUID] = set()
        self._row_of_person: dict[UUID, int] = {}
        self._duplicates = DuplicateSignups()
        self._exclusions = Exclusions(area.config.exclusions)
        self._held_places = self._find_held_places()
        self.cell_index.precompute_distances(person.wishes for person in area.waiting)
        for person in in_waiting_order(area.waiting):
            self._enter(person)
        for person in area.waiting:
            if person.signup_id not in self.pool:
                self._duplicates.add(person)

    # Changes of people, groups and capacity

    def update_config(self, config: AreaConfig) -> bool:
        """
        Replace the configuration; its places and offered wishes must be the same as before.

        Returns:
            True if all waiting people must be re-evaluated. People who only lacked a room, or somebody who speaks
            their language, are re-evaluated in any case.
        """
        before, self.config = self.config, config
        if config == before:
            return False
        was_available = self.capacity.available_now
        self.capacity = CapacityIndex(config, self.cell_index)
        self._evaluate_later(np.flatnonzero(self.capacity.available_now & ~was_available))
        self._exclusions = Exclusions(config.exclusions)
        self._held_places = self._find_held_places()
        capacity_before = replace(
            before, occupied_rooms=config.occupied_rooms, starters=config.starters, languages=config.languages
        )
        return capacity_before != config

    def is_current(self, person: WaitingPerson) -> bool:
        """
        Return True if the matcher already holds this sign-up with identical wishes.

        Fields that do not affect matching, such as the language of mails, are updated.
        """
        row = self.pool.row_of_signup.get(person.signup_id)
        if row is None or self.pool.people[row] != person:
            return False
        self.pool.people[row] = person
        return True

    def add(self, person: WaitingPerson) -> bool:
        """
        Add a sign-up, or replace its wishes. Of several sign-ups of a person only the oldest takes part.

        Returns:
            True if the change can affect a decision; False for a known sign-up or a newer duplicate.
        """
        if self.is_current(person):
            return False
        self.remove(person.signup_id)
        row = self._row_of_person.get(person.person_id)
        if row is not None:
            other_signup = self.pool.people[row]
            if other_signup.seniority < person.seniority:
                self._duplicates.add(person)
                return False
            self._leave(row)
            self._duplicates.add(other_signup)
        self._enter(person)
        return True

    def mark_for_evaluation(self, signup_id: UUID) -> None:
        """Let the next :meth:`decide` evaluate this sign-up too."""
        self._signups_to_evaluate.add(signup_id)

    def remove(self, signup_id: UUID) -> None:
        """Remove a sign-up; nothing happens if it is unknown."""
        row = self.pool.row_of_signup.get(signup_id)
        if row is None:
            self._duplicates.discard(signup_id)
            return
        person_id = self.pool.people[row].person_id
        self._leave(row)
        next_signup = self._duplicates.pop_oldest(person_id)
        if next_signup is not None:
            self._enter(next_signup)
            self.mark_for_evaluation(next_signup.signup_id)

    @property
    def has_enough_for_a_group(self) -> bool:
        """True if any cell has enough people for a group; rare right after a decision."""
        return bool((self.waiting_counts >= self.config.size_min).any())

    def snapshot(self) -> AreaState:
        """Return the area as the matcher has it now."""
        waiting = (*(self.pool.people[row] for row in self.pool.rows()), *self._duplicates)
        return AreaState(replace(self.config, places=self.cell_index.places), waiting, self.open_groups.snapshot())

    def open_group_of(self, new_group: NewGroup, group_id: UUID, now: datetime) -> OpenGroup:
        """Return a group that was just formed, with its remaining free seats."""
        place = self.cell_index.places[self.cell_index.place_numbers[new_group.cell.place]]
        members = frozenset(member.waiting.person_id for member in new_group.members)
        free_seats = place.largest_group(self.config.size_max) - len(members)
        return OpenGroup(group_id, new_group.cell, free_seats, now, members)

    def release_room(self, cell: Cell) -> None:
        """Release a room in the cell's slot; :meth:`decide` re-evaluates people who only lacked it."""
        self._evaluate_later(self.capacity.release_room(cell))

    def release_starter(self, starter_id: UUID) -> None:
        """Release an igangsetter from one group, so that a new one can get them."""
        self.capacity.release_starter(starter_id)

    def _find_held_places(self) -> NDArray[np.bool_] | None:
        """Return by place: True if only staff form groups there; None if there is no such place."""
        held = self.config.held_places
        return np.array([place.id in held for place in self.cell_index.places], dtype=bool) if held else None

    def _evaluate_later(self, spots: Spots) -> None:
        """Let the next :meth:`decide` evaluate the cells in these spots that have enough people."""
        profile_count = len(self.cell_index.profiles)
        cells = (spots[:, None] * profile_count + np.arange(profile_count)).ravel()
        self._cells_to_evaluate.update(cells[self.waiting_counts[cells] >= self.config.size_min].tolist())

    def _enter(self, person: WaitingPerson) -> None:
        if len(self.pool.people) > 2 * len(self.pool) + SPARE_ROWS:
            self._rebuild_pool()
        row = self._row_of_person[person.person_id] = self.pool.add(person)
        self.waiting_counts[self.pool.cells_of(row)] += 1

    def _rebuild_pool(self) -> None:
        """Drop the rows of people who left, since the pool itself never reuses a row."""
        waiting = [self.pool.people[row] for row in self.pool.rows()]
        self.pool = WaitingPool(self.cell_index)
        self._row_of_person = {person.person_id: self.pool.add(person) for person in waiting}

    def _leave(self, row: int) -> None:
        self.waiting_counts[self.pool.cells_of(row)] -= 1
        person = self.pool.people[row]
        self.pool.remove(person.signup_id)
        del self._row_of_person[person.person_id]

    # Decisions

    def decide(self, now: datetime, new_signups: Iterable[UUID] | None = None) -> Plan:
        """
        Fill free seats and form groups; the matcher's state is then as if the plan were applied.

        Args:
            now: Decides how long each person has waited.
            new_signups: Sign-ups that were added since the last decision. None evaluates everyone: for the first
                decision, and after :meth:`update_config` returned True.
        """
        required_members = self.pool.in_waiting_order(self._rows_to_evaluate(new_signups))
        joins = self._fill_open_groups(required_members, now)
        groups: list[_FormingGroup] = []
        if not self.config.on_hold:
            for row in required_members:
                if self.pool.people[row].signup_id in self.pool:
                    group = self._form_around(row, now)
                    if group is not None:
                        groups.append(group)
            self._fill_new_groups(groups)
        return Plan(tuple(joins), tuple(self._new_group(group, now) for group in groups))

    def form_group(self, cell: Cell, size: int, now: datetime) -> NewGroup | None:
        """Form a group of the ``size`` longest waiting people of a cell; return None if too few can meet."""
        number = self.cell_index.number(cell)
        if number is None:
            return None
        rows = self.compatible_people(number)[:size]
        if len(rows) < size:
            return None
        starters = self.capacity.reserve(cell)
        for row in rows:
            self._seat(row)
        return self._new_group(_FormingGroup(cell, number, rows, starters, free_seats=0), now)

    def compatible_people(self, number: int, also: int | None = None) -> list[int]:
        """
        Return the rows of people who can meet in a cell, longest waiting first, without excluded pairs.

        Args:
            number: The cell's number.
            also: The row of one more person, who is taken to fit the cell.
        """
        place, offset = divmod(number, self.cell_index.cells_per_place)
        if not self.capacity.feasible[place, offset // self.cell_index.cells_per_slot]:
            return []
        rows = self._fitting_in_waiting_order(number)
        if also is not None:
            rows = self.pool.in_waiting_order([*rows, also])
        positions = compatible_positions(self.pool, self._exclusions, rows, self.config.size_min)
        return [rows[position] for position in positions]

    def _rows_to_evaluate(self, new_signups: Iterable[UUID] | None) -> set[int]:
        """Return the rows that a change can affect, and clear the marks; all rows if ``new_signups`` is None."""
        if new_signups is None:
            rows = set(self.pool.rows())
        else:
            signups = {*new_signups, *self._signups_to_evaluate}
            rows = {self.pool.row_of_signup[signup_id] for signup_id in signups if signup_id in self.pool}
        for number in self._cells_to_evaluate:
            rows.update(self.pool.people_fitting(number)[0].tolist())
        self._signups_to_evaluate.clear()
        self._cells_to_evaluate.clear()
        return rows

    def _fill_open_groups(self, evaluated: list[int], now: datetime) -> list[Join]:
        """Seat the evaluated people, and people who fit a cell with newly free seats, longest waiting first."""
        rows = set(evaluated if self.open_groups else ())
        for number in self.open_groups.pop_cells_to_fill():
            rows.update(self.pool.people_fitting(number)[0].tolist())
        joins = []
        for row in self.pool.in_waiting_order(rows):
            group_id = self._neediest_open_group(row)
            if group_id is not None:
                number = self.open_groups.cell_number(group_id)
                joins.append(Join(group_id, self._assignment(row, self.cell_index.cell(number), number, now)))
                self.open_groups.take_seat(group_id, self.pool.people[row].person_id)
                self._seat(row)
        return joins

    def _neediest_open_group(self, row: int) -> UUID | None:
        cells = self.pool.cells_of(row)
        open_cells = cells[self.open_groups.free_seats[cells] > 0]
        if not len(open_cells):
            return None
        distances_km = self.pool.distances_km(row, open_cells)
        distances_km += (IF_NEEDED_AS_KM * self.pool.only_if_needed(row, open_cells)).astype(np.float32)
        person_id = self.pool.people[row].person_id
        return self.open_groups.neediest(person_id, open_cells, distances_km, self._exclusions)

    def _form_around(self, required_member: int, now: datetime) -> _FormingGroup | None:
        """Form the best group around one person, if any of the person's cells has enough people and capacity."""
        cells = self.pool.cells_of(required_member)
        counts = self.waiting_counts[cells]
        possible = (counts >= self.config.size_min).nonzero()[0]
        spots = cells[possible] // len(self.cell_index.profiles)
        possible = possible[self.capacity.available_now.ravel()[spots]]
        if self._held_places is not None:
            possible = possible[~self._held_places[cells[possible] // self.cell_index.cells_per_place]]
        if not len(possible):
            return None
        cells, counts = cells[possible], counts[possible]
        # A stable sort, because the nearest place comes first in ``cells``.
        most = np.minimum(counts, self.config.size_max)
        costs = self._lacking_costs(cells)
        ranking = np.argsort(-most, kind="stable") if costs is None else np.lexsort((costs, -most))
        ranked, most_members = cells[ranking].tolist(), most[ranking].tolist()
        cost_of_cell = dict(zip(cells.tolist(), costs.tolist(), strict=True)) if costs is not None else {}
        most_cells = len(ranked) if len(self.pool) <= FEW_PEOPLE else CANDIDATE_CELLS
        best: CandidateGroup | None = None
        for first in range(0, len(ranked), CANDIDATE_CELLS):
            # No cell from here on can have a larger group.
            if best is not None and (first >= most_cells or most_members[first] < len(best.rows)):
                break
            batch = ranked[first : first + CANDIDATE_CELLS]
            for candidate in candidate_groups(self.pool, self._exclusions, self.config, batch, required_member, now):
                candidate.score -= cost_of_cell.get(candidate.cell_number, 0.0)
                if best is None or candidate.score > best.score + LEAST_GAIN:
                    best = candidate
        if best is None:
            return None
        rows = self.pool.in_waiting_order(best.rows)
        for row in rows:
            self._seat(row)
        cell = self.cell_index.cell(best.cell_number)
        return _FormingGroup(
            cell, best.cell_number, rows, self.capacity.reserve(cell), free_seats=best.max_size - len(rows)
        )

    def _lacking_costs(self, cells: Numbers) -> NDArray[np.float64] | None:
        """Return by cell the cost of what a group there would lack; None if it is the same everywhere."""
        if self.capacity.all_alike:
            return None
        return LACKING_COST * self.capacity.lacking(cells // len(self.cell_index.profiles)).astype(np.float64)

    def _fill_new_groups(self, groups: list[_FormingGroup]) -> None:
        """Give the free seats of new groups to people who are still waiting."""
        for group in groups:
            if not (group.free_seats and self.waiting_counts[group.cell_number]):
                continue
            members = {self.pool.people[row].person_id for row in group.rows}
            for row in self._fitting_in_waiting_order(group.cell_number):
                person_id = self.pool.people[row].person_id
                if not self._exclusions.conflicts(person_id, members):
                    group.rows.append(row)
                    group.free_seats -= 1
                    members.add(person_id)
                    self._seat(row)
                if not group.free_seats:
                    break

    def _fitting_in_waiting_order(self, number: int) -> list[int]:
        rows, _ = self.pool.people_fitting(number)
        return self.pool.in_waiting_order(rows.tolist())

    def _seat(self, row: int) -> None:
        """Remove all sign-ups of a person who got a seat."""
        self._duplicates.discard_person(self.pool.people[row].person_id)
        self._leave(row)

    def _assignment(self, row: int, cell: Cell, number: int, now: datetime) -> Assignment:
        distance_km = self.pool.distance_to_place_km(row, number // self.cell_index.cells_per_place)
        return assignment_at_distance(self.pool.people[row], cell, distance_km, now)

    def _new_group(self, group: _FormingGroup, now: datetime) -> NewGroup:
        rows = self.pool.in_waiting_order(group.rows)
        members = tuple(self._assignment(row, group.cell, group.cell_number, now) for row in rows)
        return NewGroup(group.cell, members, group.starters)


def plan(area: AreaState, now: datetime) -> Plan:
    """Return the plan of a matcher built for this area; equal areas give equal plans."""
    return AreaMatcher(area).decide(now)


def count_differences(matcher: AreaMatcher, rebuilt: AreaMatcher) -> int:
    """Return the number of cell counters, free seats and people in which a matcher differs from a rebuilt one."""
    people = set(matcher.pool.row_of_signup) ^ set(rebuilt.pool.row_of_signup)
    if matcher.cell_index.size != rebuilt.cell_index.size:
        return matcher.cell_index.size + len(people)
    counts = np.count_nonzero(matcher.waiting_counts != rebuilt.waiting_counts)
    seats = np.count_nonzero(matcher.open_groups.free_seats != rebuilt.open_groups.free_seats)
    return int(counts + seats) + len(people)
