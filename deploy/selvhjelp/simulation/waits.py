"""What people are told about their wait when they come, from what has been seen until then."""

from collections import deque
from typing import Final

import numpy as np

from grouping.domain.insight.forecast import Arrivals, CellChance, DayRange, Prior, forecast
from grouping.domain.matching.cell_index import Numbers
from grouping.domain.matching.cells import WaitingPerson
from grouping.domain.matching.matcher import AreaMatcher
from selvhjelp.simulation.rules import NOTICE_DAYS, Rule

MEMORY_DAYS: Final = 180.0
"""Older arrivals say little of what is to come."""
BEST_CELLS: Final = 4
PRIOR_DAYS: Final = 7.0


class Waits:
    """
    Who has come lately, by cell and by place.

    A person's area is here the places that they can reach, and its arrivals are those who can reach the busiest of
    them: the whole country is one board in a simulation, and most of it says nothing about one person's wait.
    """

    def __init__(self, board: AreaMatcher, rule: Rule) -> None:
        self._board, self._rule = board, rule
        self._fitting = np.zeros(board.cell_index.size, dtype=np.int32)
        self._reaching = np.zeros(len(board.cell_index.places), dtype=np.int32)
        self._recent: deque[tuple[float, Numbers, Numbers]] = deque()
        self._pooled_arrivals, self._pooled_days = 0.0, 0.0

    def came(self, now: float, who: WaitingPerson) -> None:
        """Somebody signs up and is on the board."""
        crowd = self._board.pool
        cells, places = (
            crowd.cells_of(crowd.row_of_signup[who.signup_id]),
            self._board.cell_index.reachable_places(who.wishes).places,
        )
        self._fitting[cells] += 1
        self._reaching[places] += 1
        self._recent.append((now, cells, places))
        while self._recent[0][0] < now - MEMORY_DAYS:
            _, cells, places = self._recent.popleft()
            self._fitting[cells] -= 1
            self._reaching[places] -= 1

    def forecast(self) -> DayRange | None:
        """What is told to whoever came last, when they had no seat at once."""
        now, cells, places = self._recent[-1]
        days = min(now, MEMORY_DAYS)
        # Where a room or an igangsetter is lacking, how many come does not decide.
        cells = cells[self._board.capacity.available_now.ravel()[cells // len(self._board.cell_index.profiles)]]
        if not len(cells) or days <= 0:
            return None
        # Without the person, who came whatever the rate is.
        count = int(self._reaching[places].max()) - 1
        seen = self._fitting[cells] - 1
        needed = self._rule.quorum - self._board.waiting_counts[cells]
        best = np.argsort(needed / (seen + 1.0), kind="stable")[:BEST_CELLS]
        self._pooled_arrivals += float(seen[best[0]])
        self._pooled_days += days
        prior = Prior(PRIOR_DAYS * self._pooled_arrivals / self._pooled_days, PRIOR_DAYS)
        chances = [CellChance(int(needed[cell]), float(seen[cell]) / max(count, 1)) for cell in best.tolist()]
        return forecast(chances, Arrivals(count, days), NOTICE_DAYS, prior)
