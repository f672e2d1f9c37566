"""The order of the moves: those that are cheap and sure first, chance last."""

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np

from grouping.domain.optimise.min_cost_flow import reassign_by_flow
from grouping.domain.optimise.operators import construct_group, fill_free_seats, relocate_groups, steal_members
from grouping.domain.optimise.problem import MANY_PEOPLE
from grouping.domain.optimise.ruin_recreate import ruin_and_recreate
from grouping.domain.optimise.solution import Solution

PASSES: Final = 3


def construct(seating: Solution) -> None:
    """What the board would do for everybody at once: whoever has waited longest chooses first."""
    for person in range(len(seating.group_of)):
        if seating.group_of[person] < 0:
            construct_group(seating, person)
    seating.commit()


def local_search(seating: Solution, *, with_flow: bool) -> None:
    """Every move, again and again as long as any helps, but a few times at most; of many people the flow is one."""
    flows = PASSES if len(seating.group_of) <= MANY_PEOPLE else 1
    for _ in range(PASSES):
        done = (
            fill_free_seats(seating, _left(seating))
            + steal_members(seating, _left(seating))
            + relocate_groups(seating, list(seating.groups))
        )
        seating.commit()
        if with_flow and flows:
            flows -= 1
            done += reassign_by_flow(seating)
        if not done:
            break


def perturb(
    seating: Solution,
    people: Iterable[int],
    rounds: int,
    seed: int,
    stop: Callable[[], bool] | None,
    *,
    with_flow: bool,
) -> None:
    """Ruin and recreate around these people, and what the moves then find."""
    if rounds and ruin_and_recreate(seating, people, rounds, seed, stop):
        local_search(seating, with_flow=with_flow)


def _left(seating: Solution) -> list[int]:
    left: list[int] = np.flatnonzero(seating.group_of < 0).tolist()
    return left
