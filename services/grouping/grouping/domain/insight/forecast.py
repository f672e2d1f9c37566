"""
The probable wait until a start meeting, as a range of days, or None where too little is known.

People who fit a cell arrive independently of each other (Poisson) at an uncertain rate (gamma). The time until the k-th
arrival then has a beta-prime distribution. Two things make it longer and less certain: other groups take people who fit
too, and people who wait long may give up. The constants for these were fitted to simulated waits;
``docs/simulation.md`` says how well they hold in other simulations.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

COVERAGE: Final = 0.8
"""Share of started waits that lie within their range; half of the others are shorter, half longer."""
FEWEST_ARRIVALS: Final = 3
"""With fewer arrivals no range is given."""
WIDEST_DAYS: Final = 180
"""A wider range is not given, because it is of no use."""

VAGUE_DAYS: Final = 60
"""A wider range helps nobody to plan; staff read what is known instead."""

SHARE_NOT_TAKEN: Final = 0.3
"""Share of the people who fit a cell that no other group takes first."""
SHAPE_PER_ARRIVAL: Final = 0.05
SHAPE: Final = 0.6
"""
The shape of the gamma distribution is :data:`SHAPE`, plus :data:`SHAPE_PER_ARRIVAL` for each arrival seen. Arrivals
show well how many people come, but not how many of them other groups take, so each counts for a twentieth.
"""
FREE_SEAT_SHARE: Final = 0.2
"""Share of the people who get a seat that another person left; half of the notice has then passed on average."""
PATIENCE_DAYS: Final = 180.0
"""Average time until a waiting person gives up."""

_DAYS: Final = np.concatenate((np.arange(60.0), 60.0 * 1.05 ** np.arange(54)))
"""The grid of days: daily for two months, then in steps of 5 percent."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """
    Sign-ups that an area has seen.

    Attributes:
        count: Number of sign-ups.
        days: Number of days in which they arrived.
    """

    count: int
    days: float


@dataclass(frozen=True, slots=True)
class CellChance:
    """
    The chance of a group in one cell.

    Attributes:
        needed: Number of people who must still arrive.
        share: Share of the area's arrivals that fit the cell.
    """

    needed: int
    share: float


@dataclass(frozen=True, slots=True)
class Prior:
    """The assumption about a cell before any arrival is seen: a number of arrivals in a number of days."""

    arrivals: float
    days: float


@dataclass(frozen=True, slots=True)
class DayRange:
    """Whole days from now to the start meeting, both ends included."""

    from_days: int
    to_days: int

    @property
    def is_vague(self) -> bool:
        """True if the range is too wide to plan by."""
        return self.to_days - self.from_days > VAGUE_DAYS


WEAK_PRIOR: Final = Prior(arrivals=0.9, days=7.0)
"""One week of what is usual where few people come. Callers who see several areas pool them instead."""


def forecast(
    chances: Sequence[CellChance], arrivals: Arrivals, notice_days: float, prior: Prior = WEAK_PRIOR
) -> DayRange | None:
    """
    Return the range in which a waiting person's start meeting will be, provided the person goes on waiting.

    Args:
        chances: The person's best cells, a handful; the quickest decides. Cells with enough people are ignored: they
            lack a room or an igangsetter, and nothing is known about when one comes.
        arrivals: Recent arrivals in the person's area.
        notice_days: From the forming of a group to its start meeting.
        prior: Assumption about one cell, pooled over areas.

    Returns:
        A range that holds for :data:`COVERAGE` of the people who start, or None if it is unknown.
    """
    if arrivals.count < FEWEST_ARRIVALS or arrivals.days <= 0:
        return None
    started = started_by_day(chances, arrivals, notice_days, prior)
    still_waiting = np.exp(-_DAYS / PATIENCE_DAYS)
    started_in_time = np.cumsum(np.diff(started, prepend=0.0) * still_waiting)
    if started_in_time[-1] <= 0:
        return None
    quantiles = (1 - COVERAGE) / 2, (1 + COVERAGE) / 2
    first, last = np.searchsorted(started_in_time / started_in_time[-1], quantiles)
    # Rounded outwards on the grid: a range that is a little too wide is better than one that is too narrow.
    day_range = DayRange(int(_DAYS[max(first - 1, 0)]), int(np.ceil(_DAYS[last])))
    return day_range if day_range.to_days - day_range.from_days <= WIDEST_DAYS else None


def started_by_day(
    chances: Sequence[CellChance], arrivals: Arrivals, notice_days: float, prior: Prior = WEAK_PRIOR
) -> NDArray[np.float64]:
    """Return for each day of the grid the probability that the start meeting has been, if no person gives up."""
    incomplete = [chance for chance in chances if chance.needed > 0]
    if not incomplete:
        return np.zeros_like(_DAYS)
    enough = np.max([_enough_by_day(chance, arrivals, prior) for chance in incomplete], axis=0)
    after_full_notice, after_half_notice = (_delayed(enough, days) for days in (notice_days, notice_days / 2))
    return (1 - FREE_SEAT_SHARE) * after_full_notice + FREE_SEAT_SHARE * after_half_notice


def _enough_by_day(chance: CellChance, arrivals: Arrivals, prior: Prior) -> NDArray[np.float64]:
    """Return for each day of the grid the probability that enough people have arrived."""
    seen = chance.share * arrivals.count + prior.arrivals
    if seen <= 0:
        return np.zeros_like(_DAYS)
    rate = SHARE_NOT_TAKEN * seen / (arrivals.days + prior.days)
    shape = SHAPE + SHAPE_PER_ARRIVAL * seen
    from scipy.special import betainc  # noqa: PLC0415 - slow to load, for a page that is seldom opened

    enough: NDArray[np.float64] = betainc(chance.needed, shape, _DAYS / (_DAYS + shape / rate))
    return enough


def _delayed(by_day: NDArray[np.float64], days: float) -> NDArray[np.float64]:
    """Return the probabilities shifted to a number of days later."""
    return np.interp(_DAYS - days, _DAYS, by_day, left=0.0)
