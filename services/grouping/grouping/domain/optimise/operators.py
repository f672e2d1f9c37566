"""The moves of local search; each is made only where what the arrangement is worth rises by it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from grouping.domain.matching.group_sizes import best_split
from grouping.domain.optimise.problem import MANY_PEOPLE
from grouping.domain.optimise.solution import Group, Solution

CANDIDATE_CELLS: Final = 4
CANDIDATE_CELLS_OF_MANY: Final = 2
"""
Number of cells considered when a group is constructed, as in :mod:`grouping.domain.matching.matcher`.
With many people the second value is as good and faster.
"""
PULLED: Final = 12
CONVERTED: Final = 4
WIDE: Final = 4
"""For each chair so many people are looked at, because some of them may not meet."""
SURPLUS: Final = 400
LEAST_GAIN: Final = 1e-9


@dataclass(slots=True)
class Candidate:
    """A group that could be opened: its cell, who would be in it, and by how much it is worth more."""

    cell: int
    members: list[int]
    gain: float


def construct_group(seating: Solution, anchor: int) -> bool:
    """A group for this person and others who are free, as the board would make it; whether there was one."""
    cells = seating.problem.cells_of(anchor)
    counts = seating.unassigned_counts[cells]
    enough = (counts >= seating.problem.config.size_min) & seating.capacity.available_now[cells]
    if not enough.any():
        return False
    cells, counts = cells[enough], counts[enough]
    choices = CANDIDATE_CELLS if len(seating.group_of) <= MANY_PEOPLE else CANDIDATE_CELLS_OF_MANY
    ranked = np.argsort(-np.minimum(counts, seating.problem.config.size_max), kind="stable")[:choices]
    ideas = (_gathering(seating, cell, anchor) for cell in cells[ranked].tolist())
    best = max((idea for idea in ideas if idea is not None), key=lambda idea: idea.gain, default=None)
    if best is None:
        return False
    open_group(seating, best)
    return True


def fill_free_seats(seating: Solution, people: Iterable[int]) -> int:
    """Whoever can takes the nearest free chair; how many could."""
    done = 0
    for person in people:
        cells = seating.problem.cells_of(person)
        with_chairs = cells[seating.free_seats[cells] > 0]
        number = _chair(seating, person, with_chairs.tolist())
        if number is not None:
            seating.assign(person, number)
            done += 1
    return done


def steal_members(seating: Solution, people: Iterable[int]) -> int:
    """A group for each who is free with others who are free, and with people that groups can do without; how many."""
    done = 0
    for person in people:
        if seating.group_of[person] >= 0:
            continue
        cells = seating.problem.cells_of(person)
        cells = cells[seating.capacity.available_now[cells]]
        order = np.argsort(
            -np.minimum(seating.unassigned_counts[cells], seating.problem.config.size_max), kind="stable"
        )[:PULLED]
        ideas = (_pulling(seating, cell, person) for cell in cells[order].tolist())
        best = max((idea for idea in ideas if idea is not None), key=lambda idea: idea.gain, default=None)
        if best is not None and best.gain > LEAST_GAIN:
            open_group(seating, best)
            done += 1
    return done


def relocate_groups(seating: Solution, groups: Iterable[int]) -> int:
    """Move a whole group to another cell where that lets others who are free come along; how many moved."""
    done = 0
    for number in groups:
        group = seating.groups[number]
        if group.pinned or len(group.members) >= group.max_size:
            continue
        best = _conversion(seating, group)
        if best is not None:
            relocate_group(seating, number, best)
            done += 1
    return done


def open_group(seating: Solution, idea: Candidate) -> int:
    """Open the group of an idea; whoever has a seat already leaves it."""
    number = seating.open_group(Group(idea.cell, seating.max_size_at(idea.cell)))
    for person in idea.members:
        if seating.group_of[person] >= 0:
            seating.unassign(person)
        seating.assign(person, number)
    return number


def relocate_group(seating: Solution, number: int, idea: Candidate) -> int:
    """Everybody in a group moves to another cell, with those who come along."""
    before = seating.groups[number]
    for person in list(before.members):
        seating.unassign(person)
    seating.close_group(number)
    most = min(before.capacity, seating.max_size_at(idea.cell))
    after = seating.open_group(Group(idea.cell, most, id=before.id, capacity=before.capacity))
    for person in idea.members:
        seating.assign(person, after)
    return after


def _gathering(seating: Solution, cell: int, anchor: int) -> Candidate | None:
    field = seating.problem
    most = seating.max_size_at(cell)
    free = seating.unassigned_fitting(cell, WIDE * most)[: WIDE * most]
    chosen = seating.compatible([anchor, *(one for one in free if one != anchor)])
    sizes = best_split(len(chosen), field.config.size_min, most)
    if not sizes:
        return None
    chosen = chosen[: sizes[0]]
    return Candidate(cell, chosen, float(field.scores(chosen, cell).sum()))


def _chair(seating: Solution, person: int, cells: list[int]) -> int | None:
    """The first group in these cells with a chair, and with nobody whom this person must not meet."""
    for cell in cells:
        for number in seating.groups_at[cell]:
            group = seating.groups[number]
            if len(group.members) < group.max_size and seating.compatible([person], group.members):
                return number
    return None


def _pulling(seating: Solution, cell: int, anchor: int) -> Candidate | None:
    field = seating.problem
    least, most = field.config.size_min, seating.max_size_at(cell)
    free = seating.unassigned_fitting(cell, WIDE * most)[: WIDE * most]
    chosen = seating.compatible([anchor, *(one for one in free if one != anchor)])[:most]
    gain = float(field.scores(chosen, cell).sum())
    if len(chosen) < least:
        rows = field.people_fitting(cell)
        surplus = rows[seating.group_size[seating.group_of[rows]] > seating.floor][:SURPLUS]
        more = field.scores(surplus, cell) - seating.score_of[surplus]
        order = np.argsort(-more, kind="stable")
        spent: Counter[int] = Counter()
        for at in order.tolist():
            person = int(surplus[at])
            number = int(seating.group_of[person])
            if spent[number] >= seating.group_size[number] - seating.floor or person in seating.groups[number].pinned:
                continue
            if seating.compatible([person], chosen):
                spent[number] += 1
                chosen.append(person)
                gain += float(more[at])
                if len(chosen) == least:
                    break
        else:
            return None
    return Candidate(cell, chosen, gain)


def _conversion(seating: Solution, group: Group) -> Candidate | None:
    field = seating.problem
    cells = field.common_cells(group.members)
    ready = seating.capacity.available_now[cells]
    if not seating.capacity.starters_needed:
        # Where it meets already it may also meet in another language, or with other wishes.
        here = cells // field.time_count == group.cell // field.time_count
        here &= field.slot_of_time[cells % field.time_count] == field.slot_of_time[group.cell % field.time_count]
        ready |= here
    most = np.minimum(field.max_size_of_place[cells // field.time_count], group.capacity)
    seats = np.minimum(most - len(group.members), seating.unassigned_counts[cells])
    cells, seats = cells[ready & (seats > 0)], seats[ready & (seats > 0)]
    if not len(cells):
        return None
    travel = field.distances_km[field.home_of[group.members]].sum(axis=0)
    order = np.argsort(travel[cells // field.time_count] / 100 - seats, kind="stable")[:CONVERTED]
    now = float(seating.score_of[group.members].sum())
    best = None
    for cell in cells[order].tolist():
        chairs = min(group.capacity, seating.max_size_at(cell)) - len(group.members)
        free = seating.unassigned_fitting(cell, WIDE * chairs)[: WIDE * chairs]
        people = group.members + seating.compatible(free, group.members)[:chairs]
        gain = float(field.scores(people, cell).sum()) - now
        if gain > (best.gain if best else LEAST_GAIN):
            best = Candidate(cell, people, gain)
    return best
