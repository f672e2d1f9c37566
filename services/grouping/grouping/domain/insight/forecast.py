"""
How long somebody may have to wait, as an honest range, or that we do not know yet.

People who fit a cell come at a rate that is itself uncertain (gamma), each independently of the others (Poisson); the
time until the k-th of them has come then has a beta-prime distribution. Two things make it slower and less sure than
that: others' groups take people whom this one could have met, and who waits long may give up before. The constants
for these were fitted to simulated waits (``docs/simulation.md`` says how well they hold in others).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

SURE: Final = 0.8
"""Of those who start, so many start within their range; half of the others earlier, half later."""
FEWEST_ARRIVALS: Final = 3
"""With fewer we have seen nothing yet."""
WIDEST_DAYS: Final = 180
"""A longer range than this tells nobody anything."""

KEPT: Final = 0.3
"""Of those who fit a cell, the share that is not met by another group first."""
EVIDENCE: Final = 0.05
SHAPE: Final = 0.6
"""
The gamma's shape is this, and :data:`EVIDENCE` for each arrival seen. What was seen tells well how many come, but not
how many of them another group takes, so each arrival counts for a twentieth of one.
"""
CHAIR: Final = 0.2
"""The share that gets a chair which somebody else has left, so that the start meeting is already near."""
PATIENCE_DAYS: Final = 180.0
"""How long people wait before they give up, on average: who starts at all has not waited for ever."""

_DAYS: Final = np.concatenate((np.arange(60.0), 60.0 * 1.05 ** np.arange(54)))


@dataclass(frozen=True, slots=True)
class Arrivals:
    """
    Sign-ups that an area has seen.

    Attributes:
        count: How many.
        days: In how many days.
    """

    count: int
    days: float


@dataclass(frozen=True, slots=True)
class CellChance:
    """
    A cell that the person could get a group in.

    Attributes:
        needed: How many more must come before there are enough.
        share: Of the area's arrivals, the share that fits the cell.
    """

    needed: int
    share: float


@dataclass(frozen=True, slots=True)
class Prior:
    """What is supposed of a cell before anybody who fits it has been seen: so many, in so many days."""

    arrivals: float
    days: float


@dataclass(frozen=True, slots=True)
class DayRange:
    """Whole days from now to the start meeting, both included."""

    from_days: int
    to_days: int


WEAK: Final = Prior(arrivals=0.9, days=7.0)
"""One week of what is usual where few come; a caller who sees several areas pools them instead."""


def forecast(
    chances: Sequence[CellChance], arrivals: Arrivals, notice_days: float, prior: Prior = WEAK
) -> DayRange | None:
    """
    When somebody who waits will have their start meeting, if they go on waiting until then.

    Args:
        chances: The person's best cells, a handful; the quickest decides. One where nobody more is needed lacks a room
            or an igangsetter, and of when that comes nothing is known here, so it does not count.
        arrivals: Recent ones in the person's area.
        notice_days: From when a group is made to its start meeting.
        prior: Of one cell, pooled over areas.

    Returns:
        A range that holds for :data:`SURE` of those who start, or None: we do not know yet.
    """
    lacking = [chance for chance in chances if chance.needed > 0]
    if not lacking or arrivals.count < FEWEST_ARRIVALS or arrivals.days <= 0:
        return None
    enough = np.max([_enough_by(chance, arrivals, prior) for chance in lacking], axis=0)
    later, sooner = (_shifted(enough, lag) for lag in (notice_days, notice_days / 2))
    begun = (1 - CHAIR) * later + CHAIR * sooner
    stayed = np.cumsum(np.diff(begun, prepend=0.0) * np.exp(-_DAYS / PATIENCE_DAYS))
    if stayed[-1] <= 0:
        return None
    first, last = np.searchsorted(stayed / stayed[-1], ((1 - SURE) / 2, (1 + SURE) / 2))
    # Outwards to the grid, so that the range is rather too wide than too narrow.
    found = DayRange(int(_DAYS[max(first - 1, 0)]), int(np.ceil(_DAYS[last])))
    return found if found.to_days - found.from_days <= WIDEST_DAYS else None


def _enough_by(chance: CellChance, arrivals: Arrivals, prior: Prior) -> NDArray[np.float64]:
    """For each day of the grid, how likely it is that those who are needed have come."""
    seen = chance.share * arrivals.count + prior.arrivals
    if seen <= 0:
        return np.zeros_like(_DAYS)
    rate = KEPT * seen / (arrivals.days + prior.days)
    shape = SHAPE + EVIDENCE * seen
    from scipy.special import betainc  # noqa: PLC0415 - much to load for a page that is seldom asked for

    come: NDArray[np.float64] = betainc(chance.needed, shape, _DAYS / (_DAYS + shape / rate))
    return come


def _shifted(by_day: NDArray[np.float64], days: float) -> NDArray[np.float64]:
    """The same so many days later."""
    return np.interp(_DAYS - days, _DAYS, by_day, left=0.0)
