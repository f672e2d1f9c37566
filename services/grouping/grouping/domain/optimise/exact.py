"""
The best groups of few people, by an integer program: nothing better is possible.

People who can never meet the same others are parts that know nothing of one another, so a large area is often many
small ones. A part too large to be solved is left to the moves.
"""

from typing import Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from grouping.domain.optimise.ilp import GroupOffer, GroupProgram
from grouping.domain.optimise.solution import Group, Solution
from shared.reference.slots import SLOTS

FEW_PEOPLE: Final = 24
FEW_UNKNOWNS: Final = 1_000
MANY_UNKNOWNS: Final = 2_500
ALL_PARTS_UP_TO: Final = 3_000
"""With more people than that their parts are not looked for."""


def solve_small_components(seating: Solution) -> set[int]:
    """Make the best groups of every part that is small enough; the people of those parts."""
    settled: set[int] = set()
    if len(seating.problem.people) <= ALL_PARTS_UP_TO:
        for people, cells in _parts(seating):
            if _settle(seating, people, cells):
                settled.update(people)
    seating.commit()
    return settled


def _parts(seating: Solution) -> list[tuple[list[int], list[int]]]:
    """People and cells that have to do with one another: through somebody who fits both, a room or an igangsetter."""
    cells = np.flatnonzero(seating.capacity.available_now).tolist()
    people = len(seating.problem.people)
    spots = {cell: people + seating.capacity.room_slot(cell) for cell in cells}
    last = people + len(seating.problem.places) * len(SLOTS)
    pairs: list[tuple[int, int]] = []
    for cell in cells:
        pairs += [(person, spots[cell]) for person in seating.problem.people_fitting(cell).tolist()]
        if seating.capacity.starters_needed:
            pairs += [(last + number, spots[cell]) for number in seating.capacity.available_starters(cell)]
    size = last + len(seating.problem.config.starters)
    ends = np.array(pairs, dtype=np.int32).reshape(-1, 2)
    _, part = connected_components(csr_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(size, size)))
    found: dict[int, tuple[list[int], list[int]]] = {}
    for cell in cells:
        found.setdefault(int(part[spots[cell]]), ([], []))[1].append(cell)
    for person in range(people):
        if int(part[person]) in found:
            found[int(part[person])][0].append(person)
    return list(found.values())


def _settle(seating: Solution, people: list[int], cells: list[int]) -> bool:
    if sum(seating.problem.fitting_counts[cells]) > MANY_UNKNOWNS:
        return False
    offers = _offers(seating, cells)
    unknowns = sum(len(offer.people) for offer in offers)
    if unknowns > (MANY_UNKNOWNS if len(people) <= FEW_PEOPLE else FEW_UNKNOWNS):
        return False
    answer = GroupProgram(seating, offers).solve()
    for offer, members, groups, starters in answer or ():
        _open(seating, offer, members, groups, starters)
    return answer is not None


def _offers(seating: Solution, cells: list[int]) -> list[GroupOffer]:
    """What can be opened; of two cells at one place and time the one whose people all fit the other is left out."""
    field, stock = seating.problem, seating.capacity
    by_spot: dict[int, list[int]] = {}
    for cell in cells:
        by_spot.setdefault(stock.room_slot(cell), []).append(cell)
    offers = []
    for own in by_spot.values():
        kept: list[tuple[int, set[int]]] = []
        for cell in sorted(own, key=lambda one: (-len(field.people_fitting(one)), one)):
            people = set(field.people_fitting(cell).tolist())
            if stock.starters_needed or not any(people <= others for _, others in kept):
                kept.append((cell, people))
        for cell, people in kept:
            groups = min(stock.free_rooms(cell), len(people) // field.config.size_min)
            each = 1 if seating.excluded else groups
            offer = GroupOffer(cell, sorted(people), seating.max_size_at(cell), each)
            offers += [offer] * (groups // each if groups else 0)
    return offers


def _open(seating: Solution, offer: GroupOffer, members: list[int], groups: int, starters: list[int]) -> None:
    # Nobody starts more groups of an offer than it has, so dealt out in turn nobody starts the same twice.
    even, over = divmod(len(members), groups)
    for at in range(groups):
        number = seating.open_group(Group(offer.cell, offer.max_size), tuple(starters[at::groups]))
        size = even + (at < over)
        for person in members[:size]:
            seating.assign(person, number)
        members = members[size:]
