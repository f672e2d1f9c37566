"""The moves of local search; each is made only where what the arrangement is worth rises by it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from grouping.domain.matching.group_sizes import best_split
from grouping.domain.optimise.problem import MANY_PEOPLE
from grouping.domain.optimise.solution import Group, Solution

CHOICES: Final = 4
CHOICES_OF_MANY: Final = 2
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
class Idea:
    """A group that could be opened: its cell, who would be in it, and by how much it is worth more."""

    cell: int
    people: list[int]
    gain: float


def gather(seating: Solution, anchor: int) -> bool:
    """A group for this person and others who are free, as the board would make it; whether there was one."""
    cells = seating.field.own(anchor)
    counts = seating.counts[cells]
    enough = (counts >= seating.field.area.size_min) & seating.stock.ready[cells]
    if not enough.any():
        return False
    cells, counts = cells[enough], counts[enough]
    choices = CHOICES if len(seating.group_of) <= MANY_PEOPLE else CHOICES_OF_MANY
    ranked = np.argsort(-np.minimum(counts, seating.field.area.size_max), kind="stable")[:choices]
    ideas = (_gathering(seating, cell, anchor) for cell in cells[ranked].tolist())
    best = max((idea for idea in ideas if idea is not None), key=lambda idea: idea.gain, default=None)
    if best is None:
        return False
    found(seating, best)
    return True


def insert(seating: Solution, people: Iterable[int]) -> int:
    """Whoever can takes the nearest free chair; how many could."""
    done = 0
    for person in people:
        cells = seating.field.own(person)
        with_chairs = cells[seating.chairs[cells] > 0]
        number = _chair(seating, person, with_chairs.tolist())
        if number is not None:
            seating.seat(person, number)
            done += 1
    return done


def pull(seating: Solution, people: Iterable[int]) -> int:
    """A group for each who is free with others who are free, and with people that groups can do without; how many."""
    done = 0
    for person in people:
        if seating.group_of[person] >= 0:
            continue
        cells = seating.field.own(person)
        cells = cells[seating.stock.ready[cells]]
        order = np.argsort(-np.minimum(seating.counts[cells], seating.field.area.size_max), kind="stable")[:PULLED]
        ideas = (_pulling(seating, cell, person) for cell in cells[order].tolist())
        best = max((idea for idea in ideas if idea is not None), key=lambda idea: idea.gain, default=None)
        if best is not None and best.gain > LEAST_GAIN:
            found(seating, best)
            done += 1
    return done


def convert(seating: Solution, groups: Iterable[int]) -> int:
    """Move a whole group to another cell where that lets others who are free come along; how many moved."""
    done = 0
    for number in groups:
        group = seating.groups[number]
        if group.pinned or len(group.members) >= group.most:
            continue
        best = _conversion(seating, group)
        if best is not None:
            move(seating, number, best)
            done += 1
    return done


def found(seating: Solution, idea: Idea) -> int:
    """Open the group of an idea; whoever has a seat already leaves it."""
    number = seating.open(Group(idea.cell, seating.most_at(idea.cell)))
    for person in idea.people:
        if seating.group_of[person] >= 0:
            seating.leave(person)
        seating.seat(person, number)
    return number


def move(seating: Solution, number: int, idea: Idea) -> int:
    """Everybody in a group moves to another cell, with those who come along."""
    before = seating.groups[number]
    for person in list(before.members):
        seating.leave(person)
    seating.close(number)
    most = min(before.capacity, seating.most_at(idea.cell))
    after = seating.open(Group(idea.cell, most, id=before.id, capacity=before.capacity))
    for person in idea.people:
        seating.seat(person, after)
    return after


def _gathering(seating: Solution, cell: int, anchor: int) -> Idea | None:
    field = seating.field
    most = seating.most_at(cell)
    free = seating.free(cell, WIDE * most)[: WIDE * most]
    chosen = seating.at_peace([anchor, *(one for one in free if one != anchor)])
    sizes = best_split(len(chosen), field.area.size_min, most)
    if not sizes:
        return None
    chosen = chosen[: sizes[0]]
    return Idea(cell, chosen, float(field.values(chosen, cell).sum()))


def _chair(seating: Solution, person: int, cells: list[int]) -> int | None:
    """The first group in these cells with a chair, and with nobody whom this person must not meet."""
    for cell in cells:
        for number in seating.at[cell]:
            group = seating.groups[number]
            if len(group.members) < group.most and seating.at_peace([person], group.members):
                return number
    return None


def _pulling(seating: Solution, cell: int, anchor: int) -> Idea | None:
    field = seating.field
    least, most = field.area.size_min, seating.most_at(cell)
    free = seating.free(cell, WIDE * most)[: WIDE * most]
    chosen = seating.at_peace([anchor, *(one for one in free if one != anchor)])[:most]
    gain = float(field.values(chosen, cell).sum())
    if len(chosen) < least:
        rows = field.rows(cell)
        surplus = rows[seating.size[seating.group_of[rows]] > seating.floor][:SURPLUS]
        more = field.values(surplus, cell) - seating.worth_of[surplus]
        order = np.argsort(-more, kind="stable")
        spent: Counter[int] = Counter()
        for at in order.tolist():
            person = int(surplus[at])
            number = int(seating.group_of[person])
            if spent[number] >= seating.size[number] - seating.floor or person in seating.groups[number].pinned:
                continue
            if seating.at_peace([person], chosen):
                spent[number] += 1
                chosen.append(person)
                gain += float(more[at])
                if len(chosen) == least:
                    break
        else:
            return None
    return Idea(cell, chosen, gain)


def _conversion(seating: Solution, group: Group) -> Idea | None:
    field = seating.field
    cells = field.common(group.members)
    ready = seating.stock.ready[cells]
    if not seating.stock.needed:
        # Where it meets already it may also meet in another language, or with other wishes.
        here = cells // field.times == group.cell // field.times
        here &= field.slot[cells % field.times] == field.slot[group.cell % field.times]
        ready |= here
    most = np.minimum(field.seats[cells // field.times], group.capacity)
    seats = np.minimum(most - len(group.members), seating.counts[cells])
    cells, seats = cells[ready & (seats > 0)], seats[ready & (seats > 0)]
    if not len(cells):
        return None
    travel = field.km[field.home[group.members]].sum(axis=0)
    order = np.argsort(travel[cells // field.times] / 100 - seats, kind="stable")[:CONVERTED]
    now = float(seating.worth_of[group.members].sum())
    best = None
    for cell in cells[order].tolist():
        chairs = min(group.capacity, seating.most_at(cell)) - len(group.members)
        free = seating.free(cell, WIDE * chairs)[: WIDE * chairs]
        people = group.members + seating.at_peace(free, group.members)[:chairs]
        gain = float(field.values(people, cell).sum()) - now
        if gain > (best.gain if best else LEAST_GAIN):
            best = Idea(cell, people, gain)
    return best
