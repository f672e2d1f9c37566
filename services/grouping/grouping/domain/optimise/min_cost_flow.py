"""
Who sits where, all at once: with the open groups as they are, the best seats for everybody are a flow of least cost.

Each cell is given as many as its groups must have and takes more up to their chairs. Those who are pinned, and those
who must not meet somebody, stay where they are; a flow cannot see them.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from grouping.domain.optimise.operators import LEAST_GAIN
from grouping.domain.optimise.problem import MANY_PEOPLE, Floats, Ints
from grouping.domain.optimise.solution import Solution

NEAREST_CELLS: Final = 12
NEAREST_OF_MANY: Final = 6
"""Besides their own seat, so many open cells are looked at for each person; the second where there are many people."""
WHOLE: Final = 9000
"""Times this, what a day's wait and a hundred metres are worth are whole numbers, as the flow's costs must be."""


def reassign_by_flow(seating: Solution) -> bool:
    """Give everybody the best seats in the groups that there are; whether that is worth more than before."""
    fixed = np.zeros(len(seating.group_of), dtype=bool)
    fixed[[person for group in seating.groups.values() for person in group.pinned]] = True
    fixed[list(seating.excluded)] = True
    cells = sorted(cell for cell, groups in seating.groups_at.items() if groups)
    person, cell = _ways(seating, cells, fixed)
    if not len(person):
        return False
    bounds = np.array([_bounds(seating, one, fixed) for one in cells], dtype=np.int64)
    chosen = _solve(person, cell, seating.problem.scores(person, np.array(cells)[cell]), bounds)
    before = seating.total_score
    seating.commit()
    _reseat(seating, person[chosen], np.array(cells, dtype=np.int32)[cell[chosen]], fixed)
    if seating.total_score <= before + LEAST_GAIN:
        seating.rollback()
        return False
    seating.commit()
    return True


def min_size_of(seating: Solution, number: int) -> int:
    """How many a group must keep: never fewer than it may have, and not fewer than the floor where it has as many."""
    size = len(seating.groups[number].members)
    return max(seating.problem.config.size_min, min(seating.floor, size))


def _bounds(seating: Solution, cell: int, fixed: NDArray[np.bool_]) -> tuple[int, int]:
    """How many besides those who are fixed this cell's groups must and can have."""
    least = most = 0
    for number in seating.groups_at[cell]:
        group = seating.groups[number]
        there = int(fixed[group.members].sum())
        least += max(0, min_size_of(seating, number) - there)
        most += group.max_size - there
    return least, most


def _ways(seating: Solution, cells: list[int], fixed: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Every person with every open cell that is looked at for them, the cell as its place in ``cells``."""
    field = seating.problem
    index = np.full(field.cell_count, -1, dtype=np.int32)
    index[cells] = np.arange(len(cells), dtype=np.int32)
    nearest = NEAREST_CELLS if len(seating.group_of) <= MANY_PEOPLE else NEAREST_OF_MANY
    people, ways = [], []
    for person in np.flatnonzero(~fixed).tolist():
        own = index[field.cells_of(person)]
        own = own[own >= 0][:nearest]
        number = int(seating.group_of[person])
        if number >= 0:
            seat = index[seating.groups[number].cell]
            if seat not in own:
                own = np.append(own, seat)
        people.append(np.full(len(own), person, dtype=np.int32))
        ways.append(own)
    nobody = np.zeros(0, dtype=np.int32)
    return np.concatenate([nobody, *people]), np.concatenate([nobody, *ways])


def _solve(person: Ints, cell: Ints, value: Floats, bounds: NDArray[np.int64]) -> NDArray[np.intp]:
    """Which of these pairs are in the best flow."""
    # Slow to load, and only this needs it.
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow  # noqa: PLC0415

    people, node = np.unique(person, return_inverse=True)
    first, out = len(people), len(people) + len(bounds)
    ends = np.arange(first, out, dtype=np.int32)
    one = np.ones(len(people), dtype=np.int64)
    network = SimpleMinCostFlow()
    seats = network.add_arcs_with_capacity_and_unit_cost(
        node.astype(np.int32),
        (first + cell).astype(np.int32),
        np.ones(len(node), dtype=np.int64),
        -np.rint(value * WHOLE).astype(np.int64),
    )
    network.add_arcs_with_capacity_and_unit_cost(
        np.arange(first, dtype=np.int32), np.full(first, out, dtype=np.int32), one, np.zeros_like(one)
    )
    network.add_arcs_with_capacity_and_unit_cost(
        ends, np.full(len(ends), out, dtype=np.int32), bounds[:, 1] - bounds[:, 0], np.zeros_like(bounds[:, 0])
    )
    network.set_nodes_supplies(np.arange(first, dtype=np.int32), one)
    network.set_nodes_supplies(ends, -bounds[:, 0])
    network.set_node_supply(out, int(bounds[:, 0].sum()) - first)
    if network.solve() != network.OPTIMAL:
        raise ArithmeticError("the seats as they are were a flow")
    return np.flatnonzero(network.flows(seats) > 0)


def _reseat(seating: Solution, people: Ints, cells: Ints, fixed: NDArray[np.bool_]) -> None:
    """Seat these people in these cells; whoever can stays in their group."""
    goal = dict(zip(people.tolist(), cells.tolist(), strict=True))
    least = {number: min_size_of(seating, number) for number in seating.groups}
    for group in seating.groups.values():
        for person in list(group.members):
            if not fixed[person] and goal.get(person) != group.cell:
                seating.unassign(person)
    for person, cell in goal.items():
        if seating.group_of[person] < 0:
            groups = seating.groups_at[cell]
            seating.assign(person, max(groups, key=lambda one: _need(seating, one, least[one])))
    for groups in seating.groups_at.values():
        for number in groups:
            while len(seating.groups[number].members) < least[number]:
                donor = max(groups, key=lambda one: len(seating.groups[one].members) - least[one])
                person = next(one for one in seating.groups[donor].members if not fixed[one])
                seating.unassign(person)
                seating.assign(person, number)


def _need(seating: Solution, number: int, least: int) -> tuple[int, int]:
    group = seating.groups[number]
    size = len(group.members)
    return least - size, group.max_size - size
