"""
Two upper bounds on the objective of any grouping.

Both give each person a price and let every place and time choose the groups with the highest score above their prices:
that is exact and costs a sort. The sum of the prices and of what is chosen is a bound whatever the prices are
(Lagrange), and with the best prices it is that of the linear program over all possible groups (Dantzig and Wolfe),
which column generation finds for a few hundred people. For more people the prices follow a subgradient.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csc_array

from tests.bench.grouping.edges import Edges, Floats, build
from tests.bench.grouping.instances import Instance

FIRST_STEP: Final = 0.04
LAST_STEP: Final = 0.0003
DRIFT: Final = 0.9
SPREAD: Final = 0.99
"""Step sizes of the prices, found by experiment on instances of 500 to 20,000 people."""
SETTLED: Final = 1e-4
"""Column generation stops when its program and its bound differ by no more than this share."""
MOST_COLUMNS: Final = 2_000
WIDER: Final = 1024.0
"""Larger than any difference of values or prices, so that one sort keeps the cells apart."""


@dataclass(frozen=True, slots=True)
class Priced:
    """
    The best group of each cell at some prices.

    Attributes:
        cell: The cells that have a group with a score above its prices.
        score: By how much, for each of these.
        members: A row for each of these: the numbers of edges, -1 where there are fewer than the columns.
    """

    cell: NDArray[np.int64]
    score: Floats
    members: NDArray[np.int64]


def priced(edges: Edges, prices: Floats) -> Priced:
    """Return the best group of every cell: the least size, and more people while their score exceeds their price."""
    left = edges.value - prices[edges.person]
    top = np.maximum.reduceat(left, edges.start[:-1]) if len(left) else np.zeros(0)
    # A member with a price above the value of all others makes the group worthless.
    floor = np.where(top > 0, -(edges.size_min - 1) * top, np.inf)
    kept = np.flatnonzero(left >= np.repeat(floor, np.diff(edges.start)))
    left, cell = left[kept], edges.cell[kept]
    order = np.argsort(cell * WIDER - left)
    kept, left, cell = kept[order], left[order], cell[order]
    first = np.flatnonzero(np.diff(cell, prepend=-1))
    row = np.cumsum(np.diff(cell, prepend=-1) != 0) - 1
    rank = np.arange(len(cell)) - first[row]
    sat = rank < edges.seats[cell]
    width = int(edges.seats.max(initial=edges.size_min))
    table = np.full((len(first), width), -np.inf)
    members = np.full((len(first), width), -1, dtype=np.int64)
    table[row[sat], rank[sat]] = left[sat]
    members[row[sat], rank[sat]] = kept[sat]
    total = table[:, : edges.size_min].sum(axis=1) + np.maximum(table[:, edges.size_min :], 0.0).sum(axis=1)
    members[:, edges.size_min :][table[:, edges.size_min :] <= 0] = -1
    good = total > 0
    return Priced(cell[first[good]].astype(np.int64), total[good], members[good])


def value_at(edges: Edges, prices: Floats, found: Priced) -> float:
    """Return the bound that these prices prove."""
    best = np.zeros(len(edges.at_once))
    np.maximum.at(best, edges.spot[found.cell], found.score)
    return float(prices.sum() + edges.at_once @ best)


def lagrange(edges: Edges, rounds: int = 600) -> tuple[float, Floats]:
    """
    The least bound found and the prices that prove it.

    The steps are those of Adam, each price with a pace of its own; the paths of a plain subgradient are longer.

    Args:
        rounds: Each is one look at all edges.
    """
    best = np.zeros(edges.people)
    np.maximum.at(best, edges.person, edges.value)
    counts = best > 0
    # A person without whom a group is impossible can have a price far above the value of one seat.
    prices, kept, least = best, best, np.inf
    drift, spread = np.zeros(edges.people), np.zeros(edges.people)
    for turn in range(rounds):
        result = priced(edges, prices)
        bound = value_at(edges, prices, result)
        if bound < least:
            least, kept = bound, prices
        slope = counts - _times(edges, result)
        drift = DRIFT * drift + (1 - DRIFT) * slope
        spread = SPREAD * spread + (1 - SPREAD) * slope**2
        pace = FIRST_STEP * (LAST_STEP / FIRST_STEP) ** (turn / rounds)
        ahead = drift / (1 - DRIFT ** (turn + 1)) / (np.sqrt(spread / (1 - SPREAD ** (turn + 1))) + 1e-3)
        prices = np.maximum(prices - pace * ahead, 0.0)
    return least, kept


def proven(instance: Instance, prices: Floats, together: int = 50) -> float:
    """
    The bound that prices prove for the whole instance, whatever edges they were found with.

    Args:
        together: How many places are looked at at once; it costs memory and changes nothing.
    """
    own = float(prices.sum())
    total = own
    for first in range(0, len(instance.places), together):
        edges = build(replace(instance, places=instance.places[first : first + together]))
        total += value_at(edges, prices, priced(edges, prices)) - own
    return total


def program(edges: Edges, bound: float, centre: Floats, rounds: int = 60) -> tuple[float, float]:
    """
    The linear program over all possible groups, by column generation.

    Args:
        bound, centre: What :func:`lagrange` found.
        rounds: At most so many; fewer only make the bound less sharp.

    Returns:
        The bound, and the value that the program has reached: the best bound there is lies between the two.
    """
    columns = _Columns(edges)
    for share in (0.97, 0.99, 1.0):
        columns.add(priced(edges, centre * share), np.full(len(edges.at_once), -np.inf))
    reached = 0.0
    for _ in range(rounds):
        reached, prices, spot_prices = columns.solve()
        # Better prices lie between the best known ones and those of the program.
        for trial in ((centre + prices) / 2, prices):
            result = priced(edges, trial)
            value = value_at(edges, trial, result)
            if value < bound:
                bound, centre = value, trial
            if columns.add(result, spot_prices):
                break
        else:
            break
        if bound - reached <= SETTLED * bound:
            break
    return bound, reached


class _Columns:
    """The columns of the program: all groups known so far."""

    def __init__(self, edges: Edges) -> None:
        self._edges = edges
        self._limits = np.concatenate((np.ones(edges.people), edges.at_once))
        self._known: set[tuple[int, ...]] = set()
        self._rows: list[int] = []
        self._ends: list[int] = [0]
        self._gains: list[float] = []

    def add(self, found: Priced, spot_prices: Floats) -> int:
        """Add groups with a value above the price of their place and time; return the number of new ones."""
        extra = found.score - spot_prices[self._edges.spot[found.cell]]
        before = len(self._gains)
        for index in np.argsort(-extra)[:MOST_COLUMNS].tolist():
            if extra[index] <= 1e-9:
                break
            members = found.members[index]
            members = members[members >= 0]
            spot = int(self._edges.spot[found.cell[index]])
            rows = (*self._edges.person[members].tolist(), self._edges.people + spot)
            if rows not in self._known:
                self._known.add(rows)
                self._rows.extend(rows)
                self._ends.append(len(self._rows))
                self._gains.append(float(self._edges.value[members].sum()))
        return len(self._gains) - before

    def solve(self) -> tuple[float, Floats, Floats]:
        """Return the optimum over these groups, and its prices of people and of places and times."""
        if not self._gains:
            return 0.0, np.zeros(self._edges.people), np.zeros(len(self._edges.at_once))
        matrix = csc_array(
            (np.ones(len(self._rows)), self._rows, self._ends), shape=(len(self._limits), len(self._gains))
        )
        answer = linprog(-np.array(self._gains), A_ub=matrix, b_ub=self._limits, method="highs")
        prices = np.maximum(-answer.ineqlin.marginals, 0.0)
        return -float(answer.fun), prices[: self._edges.people], prices[self._edges.people :]


def _times(edges: Edges, found: Priced) -> Floats:
    """Return the number of groups of each person if every place and time takes its best groups."""
    spot = edges.spot[found.cell]
    order = np.lexsort((-found.score, spot))
    spots, first = np.unique(spot[order], return_index=True)
    members = found.members[order[first]]
    real = members >= 0
    times = np.repeat(edges.at_once[spots], members.shape[1])[real.ravel()]
    return np.bincount(edges.person[members[real]], times, edges.people).astype(np.float64)
