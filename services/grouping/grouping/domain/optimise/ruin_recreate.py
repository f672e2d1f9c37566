"""
Ruin and recreate: a few neighbouring groups are given up and others are made of their people, by chance and by worth.

A little worse is accepted for a while, less and less, so that the search gets out of corners; the best is what counts.
The rounds decide how long it goes on and a seed what chance brings, so that the same people give the same groups on
any machine.
"""

import random
from collections.abc import Callable, Iterable
from typing import Final

import numpy as np

from grouping.domain.optimise.operators import LEAST_GAIN, Candidate, fill_free_seats, open_group, steal_members
from grouping.domain.optimise.problem import Ints
from grouping.domain.optimise.solution import Solution

MOST_RUINED: Final = 5
NEIGHBOURS: Final = 30
"""Among so many groups that somebody fits, the nearest, those that are ruined are chosen."""
OFTEN_LEFT_OUT: Final = 0.4
"""How often a round is about somebody who has no seat."""
INITIAL_TEMPERATURE: Final = 0.3
"""Of worth; how much less than the best is accepted at first."""


def ruin_and_recreate(
    seating: Solution, people: Iterable[int], rounds: int, seed: int, stop: Callable[[], bool] | None = None
) -> bool:
    """So many rounds around these people, or fewer where ``stop`` says so; whether that made it worth more."""
    chance = random.Random(seed)  # noqa: S311 -- nothing here is secret
    able = np.array([person for person in people if len(seating.problem.cells_of(person))], dtype=np.int32)
    start = best = seating.total_score
    kept, wandered = seating.snapshot(), False
    for at in range(rounds if len(able) else 0):
        if stop is not None and stop():
            break
        seating.commit()
        if not _round(seating, _start(seating, able, chance), chance):
            seating.rollback()
            continue
        after = seating.total_score
        if after > best + LEAST_GAIN:
            best = after
            kept, wandered = seating.snapshot(), False
        elif after > best - INITIAL_TEMPERATURE * (1 - at / rounds) * chance.random():
            wandered = True
        else:
            seating.rollback()
    if wandered:
        seating.restore(kept)
    return best > start + LEAST_GAIN


def _start(seating: Solution, able: Ints, chance: random.Random) -> int:
    if chance.random() < OFTEN_LEFT_OUT:
        left_out = able[seating.group_of[able] < 0]
        if len(left_out):
            return int(left_out[chance.randrange(len(left_out))])
    return int(able[chance.randrange(len(able))])


def _round(seating: Solution, start: int, chance: random.Random) -> bool:
    """Ruin around this person and recreate; False where there was nothing to ruin, or where too small groups came."""
    near = _neighbours(seating, start)
    if not near:
        return False
    ruined = chance.sample(near, min(len(near), chance.randint(1, MOST_RUINED)))
    robust = sum(int(seating.group_size[number]) >= seating.floor for number in ruined)
    pool = [start] if seating.group_of[start] < 0 else []
    first = seating.next_number
    for number in ruined:
        for person in list(seating.groups[number].members):
            seating.unassign(person)
            pool.append(person)
        seating.close_group(number)
    chance.shuffle(pool)
    for person in pool:
        if seating.group_of[person] < 0:
            idea = _by_chance(seating, person, chance)
            if idea is not None:
                open_group(seating, idea)
    left = sorted(person for person in pool if seating.group_of[person] < 0)
    fill_free_seats(seating, left)
    steal_members(seating, left)
    made = [int(seating.group_size[number]) for number in range(first, seating.next_number)]
    return sum(size >= seating.floor for size in made) >= min(robust, len(made))


def _neighbours(seating: Solution, person: int) -> list[int]:
    """The nearest groups that this person fits and that nobody is pinned in."""
    near: list[int] = []
    for cell in seating.problem.cells_of(person).tolist():
        near += [number for number in seating.groups_at.get(cell, ()) if not seating.groups[number].pinned]
        if len(near) >= NEIGHBOURS:
            break
    return near


def _by_chance(seating: Solution, anchor: int, chance: random.Random) -> Candidate | None:
    field = seating.problem
    least = field.config.size_min
    cells = field.cells_of(anchor)
    cells = cells[(seating.unassigned_counts[cells] >= least) & seating.capacity.available_now[cells]]
    if not len(cells):
        return None
    # Rather near than far.
    cell = int(cells[min(chance.randrange(len(cells)), chance.randrange(len(cells)))])
    most = seating.max_size_at(cell)
    free = [one for one in seating.unassigned_fitting(cell, 2 * most)[: 2 * most] if one != anchor]
    while len(free) > most and chance.random() < 0.5:
        free.pop(chance.randrange(len(free)))
    chosen = seating.compatible([anchor, *free])
    size = least + min(chance.choice((0, 0, 0, 0, 1, 2, 3)), most - least)
    return Candidate(cell, chosen[:size], 0.0) if len(chosen) >= least else None
