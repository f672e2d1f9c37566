"""The order of the moves: those that are cheap and sure first, chance last."""

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np

from grouping.domain.repair.field import MANY_PEOPLE
from grouping.domain.repair.flow import flow
from grouping.domain.repair.moves import convert, gather, insert, pull
from grouping.domain.repair.ruin import ruin
from grouping.domain.repair.seating import Seating

PASSES: Final = 3


def begin(seating: Seating) -> None:
    """What the board would do for everybody at once: whoever has waited longest chooses first."""
    for person in range(len(seating.group_of)):
        if seating.group_of[person] < 0:
            gather(seating, person)
    seating.keep()


def climb(seating: Seating, *, with_flow: bool) -> None:
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
    seating: Seating, people: Iterable[int], rounds: int, seed: int, stop: Callable[[], bool] | None, *, with_flow: bool
) -> None:
    """Ruin and recreate around these people, and what the moves then find."""
    if rounds and ruin(seating, people, rounds, seed, stop):
        climb(seating, with_flow=with_flow)


def _left(seating: Seating) -> list[int]:
    left: list[int] = np.flatnonzero(seating.group_of < 0).tolist()
    return left
