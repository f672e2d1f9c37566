"""
The best seats for all people in the open groups, by a minimum-cost flow.

Each cell receives at least as many people as its groups must keep, and at most as many as they have seats. Pinned
people and people of excluded pairs keep their seats, because a flow cannot express them.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from grouping.domain.matching.objective import LEAST_GAIN
from grouping.domain.optimise.problem import MANY_PEOPLE, Bools, Floats, Ints
from grouping.domain.optimise.solution import Solution

NEAREST_CELLS: Final = 12
"""Number of cells with groups considered for each person, besides the cell of the person's own group."""
NEAREST_CELLS_OF_MANY: Final = 6
"""The same with more than :data:`MANY_PEOPLE` people."""
COST_SCALE: Final = 9000
"""Scores are multiplied by this, since costs must be integers: a day's wait becomes 25 and a hundred metres 9."""


def reassign_by_flow(solution: Solution) -> bool:
    """Reassign all people to the seats of the existing groups; return True if the total score improved."""
    fixed = np.zeros(len(solution.group_of), dtype=bool)
    fixed[[person for group in solution.groups.values() for person in group.pinned]] = True
    fixed[list(solution.exclusions)] = True
    cells = sorted(cell for cell, groups in solution.groups_at.items() if groups)
    people, positions = _possible_seats(solution, cells, fixed)
    if not len(people):
        return False
    bounds = np.array([_bounds(solution, cell, fixed) for cell in cells], dtype=np.int64)
    scores = solution.problem.scores(people, np.array(cells)[positions])
    chosen = _solve(people, positions, scores, bounds)
    score_before = solution.total_score
    solution.commit()
    _reseat(solution, people[chosen], np.array(cells, dtype=np.int32)[positions[chosen]], fixed)
    if solution.total_score <= score_before + LEAST_GAIN:
        solution.rollback()
        return False
    solution.commit()
    return True


def min_size_of(solution: Solution, number: int) -> int:
    """Return the size that a group must keep: the floor, or its own size if that is less, and at least ``size_min``."""
    size = len(solution.groups[number].members)
    return max(solution.problem.config.size_min, min(solution.floor, size))


def _bounds(solution: Solution, cell: int, fixed: Bools) -> tuple[int, int]:
    """Return the least and the largest number of people who are not fixed that a cell's groups can have."""
    fewest = most = 0
    for number in solution.groups_at[cell]:
        group = solution.groups[number]
        fixed_members = int(fixed[group.members].sum())
        fewest += max(0, min_size_of(solution, number) - fixed_members)
        most += group.max_size - fixed_members
    return fewest, most


def _possible_seats(solution: Solution, cells: list[int], fixed: Bools) -> tuple[Ints, Ints]:
    """Return (person, cell) pairs to choose from, as two arrays; a cell is its position in ``cells``."""
    problem = solution.problem
    position_of = np.full(problem.cell_count, -1, dtype=np.int32)
    position_of[cells] = np.arange(len(cells), dtype=np.int32)
    cell_limit = NEAREST_CELLS if len(solution.group_of) <= MANY_PEOPLE else NEAREST_CELLS_OF_MANY
    none = np.zeros(0, dtype=np.int32)
    all_people, all_positions = [none], [none]
    for person in np.flatnonzero(~fixed).tolist():
        positions = position_of[problem.cells_of(person)]
        positions = positions[positions >= 0][:cell_limit]
        number = int(solution.group_of[person])
        if number >= 0:
            own_position = position_of[solution.groups[number].cell]
            if own_position not in positions:
                positions = np.append(positions, own_position)
        all_people.append(np.full(len(positions), person, dtype=np.int32))
        all_positions.append(positions)
    return np.concatenate(all_people), np.concatenate(all_positions)


def _solve(people: Ints, positions: Ints, scores: Floats, bounds: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the indices of the pairs that are in the best flow."""
    # Slow to load, and only this function needs it.
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow  # noqa: PLC0415 - slow to import

    distinct_people, person_nodes = np.unique(people, return_inverse=True)
    first_cell, sink = len(distinct_people), len(distinct_people) + len(bounds)
    cell_nodes = np.arange(first_cell, sink, dtype=np.int32)
    supplies = np.ones(len(distinct_people), dtype=np.int64)
    network = SimpleMinCostFlow()
    seat_arcs = network.add_arcs_with_capacity_and_unit_cost(
        person_nodes.astype(np.int32),
        (first_cell + positions).astype(np.int32),
        np.ones(len(person_nodes), dtype=np.int64),
        -np.rint(scores * COST_SCALE).astype(np.int64),
    )
    # People may stay without a seat, at no cost.
    network.add_arcs_with_capacity_and_unit_cost(
        np.arange(first_cell, dtype=np.int32),
        np.full(first_cell, sink, dtype=np.int32),
        supplies,
        np.zeros_like(supplies),
    )
    network.add_arcs_with_capacity_and_unit_cost(
        cell_nodes,
        np.full(len(cell_nodes), sink, dtype=np.int32),
        bounds[:, 1] - bounds[:, 0],
        np.zeros_like(bounds[:, 0]),
    )
    network.set_nodes_supplies(np.arange(first_cell, dtype=np.int32), supplies)
    network.set_nodes_supplies(cell_nodes, -bounds[:, 0])
    network.set_node_supply(sink, int(bounds[:, 0].sum()) - first_cell)
    if network.solve() != network.OPTIMAL:
        raise ArithmeticError("no flow, although the current seats are one")
    return np.flatnonzero(network.flows(seat_arcs) > 0)


def _reseat(solution: Solution, people: Ints, cells: Ints, fixed: Bools) -> None:
    """Seat people in their new cells. People whose cell stays the same keep their group if its size allows."""
    new_cell = dict(zip(people.tolist(), cells.tolist(), strict=True))
    min_sizes = {number: min_size_of(solution, number) for number in solution.groups}
    for group in solution.groups.values():
        for person in list(group.members):
            if not fixed[person] and new_cell.get(person) != group.cell:
                solution.unassign(person)
    for person, cell in new_cell.items():
        if solution.group_of[person] < 0:
            # The flow respects the seats of a cell, so one of its groups has a free seat.
            numbers = [number for number in solution.groups_at[cell] if _has_free_seat(solution, number)]
            solution.assign(person, max(numbers, key=lambda number: _need(solution, number, min_sizes[number])))
    for numbers in solution.groups_at.values():
        for number in numbers:
            while len(solution.groups[number].members) < min_sizes[number]:
                donor = max(numbers, key=lambda other: len(solution.groups[other].members) - min_sizes[other])
                person = next(person for person in solution.groups[donor].members if not fixed[person])
                solution.unassign(person)
                solution.assign(person, number)


def _has_free_seat(solution: Solution, number: int) -> bool:
    group = solution.groups[number]
    return len(group.members) < group.max_size


def _need(solution: Solution, number: int, min_size: int) -> tuple[int, int]:
    """Sort key of groups by the members they must get, then by their free seats."""
    group = solution.groups[number]
    size = len(group.members)
    return min_size - size, group.max_size - size
