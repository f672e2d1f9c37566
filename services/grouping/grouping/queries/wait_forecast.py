"""Forecast the wait of one person from recent sign-ups in the area."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.insight.forecast import Arrivals, CellChance, DayRange, forecast
from grouping.domain.matching.cells import WaitingPerson, Wishes, fits
from grouping.domain.matching.matcher import AreaMatcher
from shared.reference.areas import Area
from shared.reference.centres import Policy
from shared.reference.places import distance_km
from shared.timezone import OSLO_TZ

MEMORY: Final = timedelta(days=180)
"""Older sign-ups say little about the future."""

RECENT_DAYS: Final = 90
"""Days looked back for a sentence about recent sign-ups."""

BEST_CELLS: Final = 4
NEIGHBOURHOOD_KM: Final = 100.0
"""Hardly anyone travels further to a group."""

KM_PER_DEGREE: Final = 111.0
"""Kilometres in a degree of latitude, rounded down, so that no place is left out."""

HALF_A_WEEK_DAYS: Final = 3.5
"""Average time from the earliest day of a start meeting to the next occurrence of its slot."""


@dataclass(frozen=True, slots=True)
class SignupCount:
    """
    Sign-ups in one area within :data:`MEMORY`.

    Attributes:
        count: Number of sign-ups.
        first: Day of the first one; None if there was none.
    """

    count: int = 0
    first: date | None = None


@dataclass(frozen=True, slots=True)
class RecentSignups:
    """
    The sign-ups of the last days that are still there, and fit a slot.

    Attributes:
        count: Number of people, those who accept the slot if need be included.
        days: Number of days looked back.
    """

    count: int
    days: int


class Neighbourhood:
    """
    The surroundings of a person in a wide area: sign-ups further away say nothing about the groups there.

    Args:
        area: Of the person. One that is not wide is its own neighbourhood.
        wishes: The person's, with the approximate home.
    """

    def __init__(self, area: Area, wishes: Wishes) -> None:
        self._area = area
        self._home = wishes.latitude, wishes.longitude

    def signups(self, by_part: Mapping[str, SignupCount]) -> SignupCount:
        """Add up the sign-ups in the parts with a meeting place in the neighbourhood."""
        parts = [
            part
            for part in self._area.parts
            if not self._area.is_wide or any(self._is_near(place.latitude, place.longitude) for place in part.places)
        ]
        counts = [by_part[part.id] for part in parts if part.id in by_part]
        first_days = [count.first for count in counts if count.first is not None]
        return SignupCount(sum(count.count for count in counts), min(first_days, default=None))

    def people(self, newest: Iterable[WaitingPerson]) -> tuple[WaitingPerson, ...]:
        """Return those of these people who live in the neighbourhood."""
        if not self._area.is_wide:
            return tuple(newest)
        return tuple(person for person in newest if self._is_near(person.wishes.latitude, person.wishes.longitude))

    def _is_near(self, latitude: float, longitude: float) -> bool:
        # Most of a country is excluded by the latitude alone.
        if abs(latitude - self._home[0]) * KM_PER_DEGREE > NEIGHBOURHOOD_KM:
            return False
        return distance_km(*self._home, latitude, longitude) <= NEIGHBOURHOOD_KM


def recent_signups(newest: Iterable[WaitingPerson], slot: str, today: date, since: date | None) -> RecentSignups:
    """
    Count the recent sign-ups that fit a slot.

    Args:
        newest: The newest sign-ups.
        slot: Of the possible group.
        today: The last day that counts.
        since: The first day of which ``newest`` has all sign-ups; None if it has those of every day.
    """
    days = RECENT_DAYS if since is None else max(1, min(RECENT_DAYS, (today - since).days))
    first = today - timedelta(days=days)
    days_of_able = (one.signed_up_at for one in newest if slot in one.wishes.possible_slots)
    return RecentSignups(sum(moment.astimezone(OSLO_TZ).date() > first for moment in days_of_able), days)


async def count_signups(session: AsyncSession, part_ids: Collection[str], today: date) -> dict[str, SignupCount]:
    """Count the recent sign-ups of each area or part of an area; those without any are missing."""
    counts = await store.signups.arrivals_since(session, part_ids, today - MEMORY)
    return {part_id: SignupCount(*count) for part_id, count in counts.items()}


def forecast_wait(
    matcher: AreaMatcher,
    signup_id: UUID,
    *,
    signups: SignupCount,
    newest: Iterable[WaitingPerson],
    policy: Policy,
    today: date,
) -> DayRange | None:
    """
    Return the likely range of days until a person's start meeting; None if no forecast is possible.

    Args:
        matcher: The area's matcher; it must hold the person.
        signup_id: The person's sign-up.
        signups: Number of recent sign-ups in the area.
        newest: Wishes of the newest of them.
        policy: Answer deadline and notice of start meetings.
        today: The last day that ``signups`` covers.
    """
    others = [person for person in newest if person.signup_id != signup_id]
    cells = matcher.pool.cells_of(matcher.pool.row_of_signup[signup_id])
    # Nothing predicts when a room or an igangsetter becomes free, so only cells that lack nothing but people count.
    cells = cells[matcher.capacity.available_now.ravel()[cells // len(matcher.cell_index.profiles)]]
    if signups.first is None or not others or not len(cells):
        return None
    places = {place.id: place for place in matcher.cell_index.places}
    needed = matcher.config.size_min - matcher.waiting_counts[cells]
    chances = []
    for index in np.argsort(needed, kind="stable")[:BEST_CELLS].tolist():
        cell = matcher.cell_index.cell(int(cells[index]))
        share = sum(fits(other.wishes, cell, places[cell.place]) for other in others) / len(others)
        chances.append(CellChance(int(needed[index]), share))
    answer_days = policy.seat_deadline_hours / 24 / 2 if policy.seat_confirmation else 0.0
    notice_days = policy.start_notice_days + HALF_A_WEEK_DAYS + answer_days
    days = float((today - signups.first).days + 1)
    # The person's own sign-up says nothing about the rate of others.
    return forecast(chances, Arrivals(signups.count - 1, days), notice_days)
