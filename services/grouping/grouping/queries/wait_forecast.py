"""How long somebody will probably wait: from how many have signed up in their area, and what those wanted."""

from datetime import datetime, timedelta
from typing import Final

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.insight.forecast import Arrivals, CellChance, DayRange, forecast
from grouping.domain.matching.cells import WaitingPerson, fits
from grouping.domain.matching.matcher import AreaMatcher
from shared.reference.centres import Policy
from shared.timezone import OSLO_TZ

MEMORY: Final = timedelta(days=180)
"""Older arrivals say little of what is to come."""

BEST_CELLS: Final = 4
HALF_A_WEEK_DAYS: Final = 3.5
"""From the earliest day of a start meeting to the next time its slot comes round, on average."""


async def wait_of(
    session: AsyncSession, board: AreaMatcher, area_id: str, who: WaitingPerson, policy: Policy, now: datetime
) -> DayRange | None:
    """
    The range in which somebody's start meeting will probably lie, in days from now; None where nobody knows.

    Args:
        session: To ask how many have signed up.
        board: Of the person's area, with the person on it.
        area_id: Its id.
        who: The person.
        policy: How long people have to answer, and what notice they get.
        now: The end of what has been seen.
    """
    since = (now - MEMORY).astimezone(OSLO_TZ).date()
    count, first = await store.signups.arrivals_since(session, area_id, since)
    if first is None:
        return None
    days = float((now.astimezone(OSLO_TZ).date() - first).days + 1)
    others = [one for one in await store.signups.recent(session, area_id) if one.signup_id != who.signup_id]
    numbers = board.pool.cells_of(board.pool.row_of_signup[who.signup_id])
    # Of when a room or an igangsetter comes nothing is known, so only people may be what is missing.
    numbers = numbers[board.capacity.available_now.ravel()[numbers // len(board.cell_index.profiles)]]
    if not others or not len(numbers):
        return None
    at = {place.id: place for place in board.cell_index.places}
    needed = board.config.size_min - board.waiting_counts[numbers]
    chances = []
    for index in np.argsort(needed, kind="stable")[:BEST_CELLS].tolist():
        cell = board.cell_index.cell(int(numbers[index]))
        share = sum(fits(one.wishes, cell, at[cell.place]) for one in others) / len(others)
        chances.append(CellChance(int(needed[index]), share))
    answer_days = policy.seat_deadline_hours / 24 / 2 if policy.seat_confirmation else 0.0
    notice_days = policy.start_notice_days + HALF_A_WEEK_DAYS + answer_days
    # Without the person, who came whatever the rate is.
    return forecast(chances, Arrivals(count - 1, days), notice_days)
