"""The order of the moves: those that are cheap and sure first, chance last."""

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np

from grouping.domain.optimise.min_cost_flow import flow
from grouping.domain.optimise.operators import convert, gather, insert, pull
from grouping.domain.optimise.problem import MANY_PEOPLE
from grouping.domain.optimise.ruin_recreate import ruin
from grouping.domain.optimise.solution import Solution

PASSES: Final = 3


def begin(seating: Solution) -> None:
    """What the board would do for everybody at once: whoever has waited longest chooses first."""
    for person in range(len(seating.group_of)):
        if seating.group_of[person] < 0:
            gather(seating, person)
    seating.keep()


def climb(seating: Solution, *, with_flow: bool) -> None:
    """Every move, again and again as long as any helps, but a few times at most; of many people the flow is one."""
    flows = PASSES if len(seating.group_of) <= MANY_PEOPLE else 1
    for _ in range(PASSES):
        done = insert(seating, _left(seating)) + pull(seating, _left(seating)) + convert(seating, list(seating.groups))
        seating.keep()
        if with_flow and flows:
            flows -= 1
            done += flow(seating)
        if not done:
            break


def wander(
    seating: Solution,
    people: Iterable[int],
    rounds: int,
    seed: int,
    stop: Callable[[], bool] | None,
    *,
    with_flow: bool,
) -> None:
    """Ruin and recreate around these people, and what the moves then find."""
    if rounds and ruin(seating, people, rounds, seed, stop):
        climb(seating, with_flow=with_flow)


def _left(seating: Solution) -> list[int]:
    left: list[int] = np.flatnonzero(seating.group_of < 0).tolist()
    return left
