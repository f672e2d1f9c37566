"""
Ruin and recreate: close a few neighbouring groups and form others from their members, partly at random.

A slightly worse solution is accepted with a probability that falls from round to round (simulated annealing), so that
the search leaves local optima; the best solution is the result. A number of rounds and a seed decide everything, so
that the same people give the same groups on every machine.
"""

import random
from collections.abc import Iterable
from typing import Final

import numpy as np

from grouping.domain.matching.objective import LEAST_GAIN
from grouping.domain.optimise.limits import Stop, never, until
from grouping.domain.optimise.operators import Candidate, fill_free_seats, open_group, steal_members
from grouping.domain.optimise.problem import Ints
from grouping.domain.optimise.solution import Solution

MOST_RUINED: Final = 5
"""Groups closed in one round."""
NEIGHBOURS: Final = 30
"""Nearest groups of a person among which the ruined ones are drawn."""
UNASSIGNED_START: Final = 0.4
"""Share of rounds that begin with an unassigned person, if there is any; the others begin with any person."""
INITIAL_TEMPERATURE: Final = 0.3
"""Loss of score, relative to the best solution, that can be accepted in the first round."""


def ruin_and_recreate(solution: Solution, people: Iterable[int], rounds: int, seed: int, stop: Stop = never) -> bool:
    """Run rounds of ruin-and-recreate until ``stop()``, at most ``rounds``; return True if the total score improved."""
    rng = random.Random(seed)  # noqa: S311 - needs a seed, not secrecy
    # People who fit no useful cell cannot change anything.
    startable = np.array([person for person in people if len(solution.problem.cells_of(person))], dtype=np.int32)
    initial_score = best_score = solution.total_score
    best, is_best = solution.snapshot(), True
    for round_number in until(stop, range(rounds if len(startable) else 0)):
        solution.commit()
        if not _run_round(solution, _draw_start(solution, startable, rng), rng):
            solution.rollback()
            continue
        total_score = solution.total_score
        temperature = INITIAL_TEMPERATURE * (1 - round_number / rounds)
        if total_score > best_score + LEAST_GAIN:
            best_score = total_score
            best, is_best = solution.snapshot(), True
        elif total_score > best_score - temperature * rng.random():
            is_best = False
        else:
            solution.rollback()
    if not is_best:
        solution.restore(best)
    return best_score > initial_score + LEAST_GAIN


def _draw_start(solution: Solution, startable: Ints, rng: random.Random) -> int:
    if rng.random() < UNASSIGNED_START:
        unassigned = startable[solution.group_of[startable] < 0]
        if len(unassigned):
            return int(unassigned[rng.randrange(len(unassigned))])
    return int(startable[rng.randrange(len(startable))])


def _run_round(solution: Solution, start: int, rng: random.Random) -> bool:
    """Ruin and recreate around one person; return False if there is no group near or the new groups are too small."""
    neighbours = _neighbours(solution, start)
    if not neighbours:
        return False
    ruined = rng.sample(neighbours, min(len(neighbours), rng.randint(1, MOST_RUINED)))
    robust_before = sum(int(solution.group_size[number]) >= solution.floor for number in ruined)
    first_new = solution.next_number
    people = _ruin(solution, start, ruined)
    rng.shuffle(people)
    for person in people:
        if solution.group_of[person] < 0:
            candidate = _random_candidate(solution, person, rng)
            if candidate is not None:
                open_group(solution, candidate)
    unassigned = sorted(person for person in people if solution.group_of[person] < 0)
    fill_free_seats(solution, unassigned)
    steal_members(solution, unassigned)
    new_sizes = [int(solution.group_size[number]) for number in range(first_new, solution.next_number)]
    return sum(size >= solution.floor for size in new_sizes) >= min(robust_before, len(new_sizes))


def _ruin(solution: Solution, start: int, groups: list[int]) -> list[int]:
    """Close groups; return their members, and the start person if unassigned."""
    people = [start] if solution.group_of[start] < 0 else []
    for number in groups:
        for person in list(solution.groups[number].members):
            solution.unassign(person)
            people.append(person)
        solution.close_group(number)
    return people


def _neighbours(solution: Solution, person: int) -> list[int]:
    """Return the nearest groups in cells that the person fits, without groups that have pinned members."""
    groups: list[int] = []
    for cell in solution.problem.cells_of(person).tolist():
        groups += [number for number in solution.groups_at.get(cell, ()) if not solution.groups[number].pinned]
        if len(groups) >= NEIGHBOURS:
            break
    return groups


def _random_candidate(solution: Solution, required_member: int, rng: random.Random) -> Candidate | None:
    """Return a group around one person in a random cell, near rather than far, and of random size."""
    size_min = solution.problem.config.size_min
    cells = solution.problem.cells_of(required_member)
    cells = cells[(solution.unassigned_counts[cells] >= size_min) & solution.capacity.available_now[cells]]
    if not len(cells):
        return None
    # The smaller of two random positions prefers the nearest cells, which come first.
    cell = int(cells[min(rng.randrange(len(cells)), rng.randrange(len(cells)))])
    max_size = solution.max_size_at(cell)
    unassigned = solution.unassigned_fitting(cell, 2 * max_size)[: 2 * max_size]
    others = [person for person in unassigned if person != required_member]
    while len(others) > max_size and rng.random() < 0.5:
        others.pop(rng.randrange(len(others)))
    members = solution.exclusions.compatible([required_member, *others])
    size = size_min + min(rng.choice((0, 0, 0, 0, 1, 2, 3)), max_size - size_min)
    return Candidate(cell, members[:size], 0.0) if len(members) >= size_min else None
