"""
The best possible groups of few people, by an integer program.

Cells that share no person, room or igangsetter, not even through other cells, can be solved apart; a large area often
falls into many small components. A component too large to solve is left to local search.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from grouping.domain.optimise.ilp import GroupOffer, GroupProgram, OpenedOffer
from grouping.domain.optimise.limits import Stop, never, until
from grouping.domain.optimise.solution import Group, Solution
from shared.reference.slots import SLOTS

FEW_PEOPLE: Final = 24
MOST_UNKNOWNS_OF_FEW: Final = 2_500
"""Number of unknowns of the largest program solved for a component of at most :data:`FEW_PEOPLE` people."""
MOST_UNKNOWNS: Final = 1_000
"""The same for components of more people, whose programs are harder."""
MOST_PEOPLE: Final = 3_000
"""With more people, no component is solved exactly."""

Component = tuple[list[int], list[int]]
"""People and cells that depend on one another."""


def solve_small_components(solution: Solution, stop: Stop = never) -> set[int]:
    """Open the best groups of every component that is small enough; return the people of these components."""
    solved: set[int] = set()
    if len(solution.problem.people) <= MOST_PEOPLE:
        for people, cells in until(stop, _components(solution)):
            if _solve_component(solution, people, cells):
                solved.update(people)
    solution.commit()
    return solved


def _components(solution: Solution) -> list[Component]:
    """Return people and cells connected by a person who fits two cells, by a room or by an igangsetter."""
    problem, capacity = solution.problem, solution.capacity
    cells = np.flatnonzero(capacity.available_now).tolist()
    people_count = len(problem.people)
    room_nodes = {cell: people_count + capacity.room_slot(cell) for cell in cells}
    first_starter_node = people_count + len(problem.places) * len(SLOTS)
    edges: list[tuple[int, int]] = []
    for cell in cells:
        edges += [(person, room_nodes[cell]) for person in problem.people_fitting(cell).tolist()]
        if capacity.starters_wanted:
            starters = capacity.available_starters(cell)
            edges += [(first_starter_node + starter, room_nodes[cell]) for starter in starters]
    nodes = first_starter_node + len(problem.config.starters)
    ends = np.array(edges, dtype=np.int32).reshape(-1, 2)
    graph = csr_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(nodes, nodes))
    _, label_of_node = connected_components(graph)
    components: dict[int, Component] = {}
    for cell in cells:
        components.setdefault(int(label_of_node[room_nodes[cell]]), ([], []))[1].append(cell)
    for person in range(people_count):
        label = int(label_of_node[person])
        if label in components:
            components[label][0].append(person)
    return list(components.values())


def _solve_component(solution: Solution, people: list[int], cells: list[int]) -> bool:
    if sum(solution.problem.fitting_counts[cells]) > MOST_UNKNOWNS_OF_FEW:
        return False
    offers = _offers(solution, cells)
    unknowns = sum(len(offer.people) for offer in offers)
    if unknowns > (MOST_UNKNOWNS_OF_FEW if len(people) <= FEW_PEOPLE else MOST_UNKNOWNS):
        return False
    opened_offers = GroupProgram(solution, offers).solve()
    for opened in opened_offers or ():
        _open_groups(solution, opened)
    return opened_offers is not None


def _offers(solution: Solution, cells: Iterable[int]) -> list[GroupOffer]:
    """
    Return the groups that can be opened.

    Unless groups get igangsettere, a cell is left out if all its people fit another cell in the same room and slot.
    """
    problem, capacity = solution.problem, solution.capacity
    cells_by_room: dict[int, list[int]] = {}
    for cell in cells:
        cells_by_room.setdefault(capacity.room_slot(cell), []).append(cell)
    offers = []
    for room_cells in cells_by_room.values():
        kept: list[tuple[int, set[int]]] = []
        for cell in sorted(room_cells, key=lambda cell: (-len(problem.people_fitting(cell)), cell)):
            people = set(problem.people_fitting(cell).tolist())
            if capacity.starters_wanted or not any(people <= other_people for _, other_people in kept):
                kept.append((cell, people))
        for cell, people in kept:
            groups = min(capacity.free_rooms(cell), len(people) // problem.config.size_min)
            # Excluded pairs are constraints of an offer, so each offer is then one group.
            groups_per_offer = 1 if solution.exclusions else groups
            offer = GroupOffer(cell, sorted(people), solution.max_size_at(cell), groups_per_offer)
            offers += [offer] * (groups // groups_per_offer if groups else 0)
    return offers


def _open_groups(solution: Solution, opened: OpenedOffer) -> None:
    """Divide the people and igangsettere of an offer among its groups, as evenly as possible."""
    size, larger_groups = divmod(len(opened.members), opened.groups)
    first = 0
    for position in range(opened.groups):
        # An igangsetter stands in the list at most once for each group, and these entries are consecutive. So every
        # n-th entry, for n groups, never names an igangsetter twice.
        starters = tuple(opened.starters[position :: opened.groups])
        number = solution.open_group(Group(opened.offer.cell, opened.offer.max_size), starters)
        end = first + size + (position < larger_groups)
        for person in opened.members[first:end]:
            solution.assign(person, number)
        first = end
