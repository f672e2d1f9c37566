"""Forecasts of the wait on arrival, from the arrivals until then."""

from collections import deque
from typing import Final

import numpy as np

from grouping.domain.insight.forecast import Arrivals, CellChance, DayRange, Prior, forecast
from grouping.domain.matching.cell_index import Numbers
from grouping.domain.matching.cells import WaitingPerson
from grouping.domain.matching.matcher import AreaMatcher
from selvhjelp.simulation.rules import NOTICE_DAYS, Rule

MEMORY_DAYS: Final = 180.0
"""Older arrivals say little about future ones."""
BEST_CELLS: Final = 4
PRIOR_DAYS: Final = 7.0


class WaitForecasts:
    """
    Recent arrivals by cell and by place.

    A simulation has one matcher for the whole country, most of which says nothing about one person's wait. A person's
    area therefore is the reachable places, and its arrivals are the people who can reach the busiest of them.
    """

    def __init__(self, matcher: AreaMatcher, rule: Rule) -> None:
        self._matcher, self._rule = matcher, rule
        self._fitting = np.zeros(matcher.cell_index.size, dtype=np.int32)
        self._reaching = np.zeros(len(matcher.cell_index.places), dtype=np.int32)
        self._recent: deque[tuple[float, Numbers, Numbers]] = deque()
        self._pooled_arrivals, self._pooled_days = 0.0, 0.0

    def add_arrival(self, now: float, person: WaitingPerson) -> None:
        """Count a person who has just been added to the matcher."""
        pool = self._matcher.pool
        cells = pool.cells_of(pool.row_of_signup[person.signup_id])
        places = self._matcher.cell_index.reachable_places(person.wishes).places
        self._fitting[cells] += 1
        self._reaching[places] += 1
        self._recent.append((now, cells, places))
        while self._recent[0][0] < now - MEMORY_DAYS:
            _, cells, places = self._recent.popleft()
            self._fitting[cells] -= 1
            self._reaching[places] -= 1

    def forecast(self) -> DayRange | None:
        """Return the forecast for the last arrival, who has no seat yet."""
        now, cells, places = self._recent[-1]
        days = min(now, MEMORY_DAYS)
        # If a room or an igangsetter is missing, arrivals do not decide.
        cells = cells[self._matcher.capacity.available_now.ravel()[cells // len(self._matcher.cell_index.profiles)]]
        if not len(cells) or days <= 0:
            return None
        # Without this person, who arrived at any rate.
        count = int(self._reaching[places].max()) - 1
        seen = self._fitting[cells] - 1
        needed = self._rule.quorum - self._matcher.waiting_counts[cells]
        best = np.argsort(needed / (seen + 1.0), kind="stable")[:BEST_CELLS]
        self._pooled_arrivals += float(seen[best[0]])
        self._pooled_days += days
        prior = Prior(PRIOR_DAYS * self._pooled_arrivals / self._pooled_days, PRIOR_DAYS)
        chances = [CellChance(int(needed[cell]), float(seen[cell]) / max(count, 1)) for cell in best.tolist()]
        return forecast(chances, Arrivals(count, days), NOTICE_DAYS, prior)
