"""
The operators of local search.

Each operator changes the solution only if that raises its total score, and leaves a complete arrangement after every
person or group, so that a search can end between any two of them.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from grouping.domain.matching.candidates import CANDIDATE_CELLS
from grouping.domain.matching.group_sizes import best_split
from grouping.domain.matching.objective import KM_WEIGHT, LACKING_COST, LEAST_GAIN, PLACED
from grouping.domain.optimise.problem import MANY_PEOPLE, Bools, Floats, Ints
from grouping.domain.optimise.solution import Group, Solution

CANDIDATE_CELLS_OF_MANY: Final = 2
"""The same as :data:`CANDIDATE_CELLS` with more than :data:`MANY_PEOPLE` people: results are as good, and sooner."""
STEAL_CELLS: Final = 12
"""Number of cells compared when members are stolen."""
RELOCATION_CELLS: Final = 4
"""Number of cells compared when a group is relocated."""
PEOPLE_PER_SEAT: Final = 4
"""Number of people considered for each seat, because some of them may exclude each other."""
MOST_STEALABLE: Final = 400
"""Number of members of other groups considered for one cell."""


@dataclass(slots=True)
class Candidate:
    """A group that could be opened, and the gain in total score."""

    cell: int
    members: list[int]
    gain: float


def construct_group(solution: Solution, required_member: int) -> bool:
    """Open the best group around one unassigned person, as the matcher would; return True if there is one."""
    problem = solution.problem
    cells = problem.cells_of(required_member)
    counts = solution.unassigned_counts[cells]
    possible = (counts >= problem.config.size_min) & solution.capacity.available_now[cells]
    if not possible.any():
        return False
    cells, counts = cells[possible], counts[possible]
    cell_limit = CANDIDATE_CELLS if len(problem.people) <= MANY_PEOPLE else CANDIDATE_CELLS_OF_MANY
    costs = _costs(solution, cells)
    ranking = np.lexsort((costs, -np.minimum(counts, problem.config.size_max)))[:cell_limit]
    best = _best(
        _new_group_candidate(solution, cell, required_member, cost)
        for cell, cost in zip(cells[ranking].tolist(), costs[ranking].tolist(), strict=True)
    )
    if best is None:
        return False
    open_group(solution, best)
    return True


def fill_free_seats(solution: Solution, people: Iterable[int]) -> int:
    """Give each of these unassigned people the best free seat, if there is one; return the number of seats."""
    seats = 0
    for person in people:
        cells = solution.problem.cells_of(person)
        open_cells = cells[solution.free_seats[cells] > 0]
        open_cells = open_cells[np.argsort(-solution.problem.scores(person, open_cells), kind="stable")]
        number = _group_with_free_seat(solution, person, open_cells.tolist())
        if number is not None:
            solution.assign(person, number)
            seats += 1
    return seats


def steal_members(solution: Solution, people: Iterable[int]) -> int:
    """
    Open a group around each unassigned person, with members of groups above the floor if too few people are unassigned.

    Returns:
        The number of groups opened.
    """
    problem, opened = solution.problem, 0
    for person in people:
        if solution.group_of[person] >= 0:
            continue
        cells = problem.cells_of(person)
        cells = cells[solution.capacity.available_now[cells]]
        counts = np.minimum(solution.unassigned_counts[cells], problem.config.size_max)
        costs = _costs(solution, cells)
        ranking = np.lexsort((costs, -counts))[:STEAL_CELLS]
        best = _best(
            _stealing_candidate(solution, cell, person, cost)
            for cell, cost in zip(cells[ranking].tolist(), costs[ranking].tolist(), strict=True)
        )
        if best is not None and best.gain > LEAST_GAIN:
            open_group(solution, best)
            opened += 1
    return opened


def relocate_groups(solution: Solution, groups: Iterable[int]) -> int:
    """Move whole groups to other cells where unassigned people can join them; return the number of moves."""
    moves = 0
    for number in groups:
        group = solution.groups[number]
        if group.pinned or len(group.members) >= group.max_size:
            continue
        best = _relocation_candidate(solution, group)
        if best is not None:
            relocate_group(solution, number, best)
            moves += 1
    return moves


def open_group(solution: Solution, candidate: Candidate) -> int:
    """Open a candidate group, taking its members out of their groups if they have any; return its number."""
    number = solution.open_group(Group(candidate.cell, solution.max_size_at(candidate.cell)))
    for person in candidate.members:
        if solution.group_of[person] >= 0:
            solution.unassign(person)
        solution.assign(person, number)
    return number


def relocate_group(solution: Solution, number: int, candidate: Candidate) -> int:
    """Replace a group by a candidate in another cell that includes all its members; return the new number."""
    before = solution.groups[number]
    for person in list(before.members):
        solution.unassign(person)
    solution.close_group(number)
    max_size = min(before.capacity, solution.max_size_at(candidate.cell))
    relocated = Group(candidate.cell, max_size, id=before.id, capacity=before.capacity)
    new_number = solution.open_group(relocated)
    for person in candidate.members:
        solution.assign(person, new_number)
    return new_number


def _best(candidates: Iterable[Candidate | None]) -> Candidate | None:
    possible = (candidate for candidate in candidates if candidate is not None)
    return max(possible, key=lambda candidate: candidate.gain, default=None)


def _costs(solution: Solution, cells: Ints) -> Floats:
    """Return by cell the cost of what a new group there would lack."""
    if solution.capacity.all_alike:
        return np.zeros(len(cells))
    return LACKING_COST * solution.capacity.lacking(cells).astype(np.float64)


def _costs_if_moved(solution: Solution, group: Group, cells: Ints) -> Floats:
    """Return by cell the cost of what a group would lack after a move."""
    if solution.capacity.all_alike:
        return np.zeros(len(cells))
    return LACKING_COST * solution.capacity.lacking_if_moved(cells, group.starters).astype(np.float64)


def _compatible_unassigned(solution: Solution, cell: int, required_member: int) -> list[int]:
    """Return the required member and unassigned people of a cell without excluded pairs, best score first."""
    most = PEOPLE_PER_SEAT * solution.max_size_at(cell)
    unassigned = solution.unassigned_fitting(cell, most)[:most]
    others = (person for person in unassigned if person != required_member)
    return solution.exclusions.compatible([required_member, *others])


def _new_group_candidate(solution: Solution, cell: int, required_member: int, cost: float) -> Candidate | None:
    members = _compatible_unassigned(solution, cell, required_member)
    sizes = best_split(len(members), solution.problem.config.size_min, solution.max_size_at(cell))
    if not sizes:
        return None
    members = members[: sizes[0]]
    return Candidate(cell, members, float(solution.problem.scores(members, cell).sum()) - cost)


def _group_with_free_seat(solution: Solution, person: int, cells: list[int]) -> int | None:
    """Return the first group in these cells with a free seat and without a person excluded by this one."""
    for cell in cells:
        for number in solution.groups_at[cell]:
            group = solution.groups[number]
            if len(group.members) < group.max_size and not solution.exclusions.conflicts(person, group.members):
                return number
    return None


def _stealing_candidate(solution: Solution, cell: int, required_member: int, cost: float) -> Candidate | None:
    """Return the unassigned people of a cell as a candidate, filled up to the least size with stolen members."""
    problem = solution.problem
    members = _compatible_unassigned(solution, cell, required_member)[: solution.max_size_at(cell)]
    gain = float(problem.scores(members, cell).sum()) - cost
    missing = problem.config.size_min - len(members)
    if missing > 0:
        stolen = _stealable(solution, cell, members, missing)
        if stolen is None:
            return None
        for person, person_gain in stolen:
            members.append(person)
            gain += person_gain
    return Candidate(cell, members, gain)


def _stealable(solution: Solution, cell: int, members: list[int], missing: int) -> list[tuple[int, float]] | None:
    """Return ``missing`` people, each with the gain of moving them to this cell; None if there are too few."""
    people = solution.problem.people_fitting(cell)
    above_floor = solution.group_size[solution.group_of[people]] > solution.floor
    people = people[above_floor][:MOST_STEALABLE]
    gains = solution.problem.scores(people, cell) - solution.score_of[people]
    stolen: list[tuple[int, float]] = []
    stolen_from: Counter[int] = Counter()
    new_members = list(members)
    for position in np.argsort(-gains, kind="stable").tolist():
        person = int(people[position])
        number = int(solution.group_of[person])
        spare = solution.group_size[number] - solution.floor - stolen_from[number]
        if spare <= 0 or person in solution.groups[number].pinned:
            continue
        if not solution.exclusions.conflicts(person, new_members):
            stolen_from[number] += 1
            new_members.append(person)
            stolen.append((person, float(gains[position])))
            if len(stolen) == missing:
                return stolen
    return None


def _relocation_candidate(solution: Solution, group: Group) -> Candidate | None:
    """Return the group, relocated with unassigned people in its free seats to the best cell; None if none is a gain."""
    problem, size = solution.problem, len(group.members)
    cells = problem.common_cells(group.members)
    max_sizes = np.minimum(problem.max_size_of_place[cells // problem.time_count], group.capacity)
    free_seats = np.minimum(max_sizes - size, solution.unassigned_counts[cells])
    possible = _available_to(solution, group, cells) & (free_seats > 0)
    cells, free_seats = cells[possible], free_seats[possible]
    if not len(cells):
        return None
    travel_km = problem.distances_km[problem.home_of[group.members]].sum(axis=0)
    # A quick estimate of the score: the filled seats, less the members' journeys as the objective weighs them.
    loss = KM_WEIGHT * travel_km[cells // problem.time_count] - PLACED * free_seats
    costs = _costs_if_moved(solution, group, cells)
    ranking = np.argsort(loss + costs, kind="stable")[:RELOCATION_CELLS]
    score_now = float(solution.score_of[group.members].sum()) - LACKING_COST * solution.lacking(group)
    best = None
    for cell, cost in zip(cells[ranking].tolist(), costs[ranking].tolist(), strict=True):
        seats = min(group.capacity, solution.max_size_at(cell)) - size
        unassigned = solution.unassigned_fitting(cell, PEOPLE_PER_SEAT * seats)[: PEOPLE_PER_SEAT * seats]
        members = group.members + solution.exclusions.compatible(unassigned, group.members)[:seats]
        gain = float(problem.scores(members, cell).sum()) - cost - score_now
        if gain > (best.gain if best else LEAST_GAIN):
            best = Candidate(cell, members, gain)
    return best


def _available_to(solution: Solution, group: Group, cells: Ints) -> Bools:
    """Return by cell: True if the group can meet there, in a free room or in the one it already has."""
    problem = solution.problem
    available: Bools = solution.capacity.available_now[cells]
    # In its own place and slot the group can also meet in another language, or with other wishes.
    own_room = cells // problem.time_count == group.cell // problem.time_count
    slots = problem.slot_of_time[cells % problem.time_count]
    own_room &= slots == problem.slot_of_time[group.cell % problem.time_count]
    available |= own_room
    return available
