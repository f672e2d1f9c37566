"""The figures of grouping for ``/metrics``."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain.groups import GroupState
from grouping.store import views
from shared.kit.figures import SMALLEST_SHOWN, Family, Sample, counts, without_few

WAITING: Final = Family("selvhjelp_waiting", "Sign-ups that wait for a group; 1 to 4 are left out")
WAITED: Final = Family(
    "selvhjelp_waiting_days", "Days that those who wait have waited; left out while few wait", ("quantile",)
)
GROUPS: Final = Family("selvhjelp_groups", "Groups by state; 1 to 4 are left out", ("state",))
DIFFERENCES: Final = Family("selvhjelp_board_differences", "Differences found by the hourly check; always 0")
FAMILIES: Final = (WAITING, WAITED, GROUPS, DIFFERENCES)

QUANTILES: Final = (0.5, 0.9)


async def read_figures(
    session: AsyncSession, differences: Callable[[], int], now: Callable[[], datetime]
) -> Sequence[Sample]:
    """
    Return the figures.

    Args:
        session: A session.
        differences: Returns the number that the check of matchers has found.
        now: The clock of the system.
    """
    waiting, by_state = await views.totals(session)
    people = [Sample(WAITING, waiting), *counts(GROUPS, by_state, GroupState)]
    figures = [*without_few(people), Sample(DIFFERENCES, differences())]
    if waiting >= SMALLEST_SHOWN:
        days = await views.days_waited(session, QUANTILES, now())
        figures += [Sample(WAITED, day, (str(part),)) for part, day in zip(QUANTILES, days, strict=True)]
    return figures
