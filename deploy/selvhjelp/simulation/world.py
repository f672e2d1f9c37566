"""
The input of a simulation: arrivals, places and igangsettere, all drawn before it begins.

Kommuner, their inhabitants and their postal codes are real. The wishes of people are invented, as in the project's
study of grouping (section 3.1): no figure here was ever counted.
"""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

import numpy as np

from grouping.domain.matching.cells import Place, Starter, WaitingPerson, Wishes
from selvhjelp.simulation.homes import MOST_INHABITANTS, SMALL_KOMMUNE, Homes
from selvhjelp.simulation.rules import SIZE_MAX

FIRST_MORNING: Final = datetime(2030, 1, 1, tzinfo=UTC)
DAYS_PER_YEAR: Final = 365.0

EVENINGS: Final = ("mon-evening", "tue-evening", "wed-evening", "thu-evening", "fri-evening")
EVENING_WEIGHTS: Final = (1.0, 1.0, 1.0, 1.0, 0.4)
"""By evening: its popularity."""
EVENING_COUNT_SHARES: Final = (0.2, 0.3, 0.28, 0.14, 0.08)
"""Shares of people with one to five evenings; 2.6 on average."""
LANGUAGES: Final = (("nb",), ("nb", "en"), ("en",), ("nb", "pl"), ("pl",), ("en", "pl"))
LANGUAGE_SHARES: Final = (0.56, 0.28, 0.05, 0.05, 0.03, 0.03)
"""Shares of :data:`LANGUAGES`; a little more than a third speaks two languages."""
LIMITS_KM: Final = (5, 10, 15, 20, 30, 40, 60)
LIMIT_SHARES: Final = (0.08, 0.2, 0.2, 0.22, 0.16, 0.08, 0.06)
"""Shares of people with each of :data:`LIMITS_KM`, the longest journey that they accept."""
MEAN_PATIENCE_DAYS: Final = 180.0

INHABITANTS_PER_ROOM: Final = 8_000
ROOM_EVENING_COUNTS: Final = (3, 4, 5)
"""Possible numbers of evenings on which a room is free; equally likely."""
STARTER_REACH_KM: Final = (20, 30, 50)


@dataclass(frozen=True, slots=True)
class Arrival:
    """
    A person who signs up.

    Attributes:
        day: Days from the start of the simulation to the sign-up.
        patience_days: The longest wait that the person accepts.
        rural: True if the home is in a small kommune.
        seed: Decides from which seats the person withdraws, and when.
    """

    day: float
    waiting: WaitingPerson
    patience_days: float
    rural: bool
    seed: str

    def withdrawal(self, seat_number: int, drop_out: float) -> float | None:
        """
        Return the moment at which the person gives back a seat, as a fraction of the time from seat to start meeting.

        Args:
            seat_number: The number of the seat among those of the person, from 1.
            drop_out: Share of people who withdraw from each seat. A higher share only adds withdrawals.

        Returns:
            The fraction, or None if the person comes to the start meeting.
        """
        chance = random.Random(f"{self.seed} {seat_number}")  # noqa: S311 - invents people, guards nothing
        withdraws, when = chance.random() < drop_out, chance.random()
        return when if withdraws else None


@dataclass(frozen=True, slots=True)
class World:
    """The input of a simulation; the same for every compared rule."""

    days: float
    arrivals: tuple[Arrival, ...]
    places: tuple[Place, ...]
    starters: tuple[Starter, ...]


def moment(day: float) -> datetime:
    """Convert a day of the simulation to a time."""
    return FIRST_MORNING + timedelta(days=day)


class Region(StrEnum):
    """The kommuner in which people live: all, or only those of one size."""

    COUNTRY = "country"
    CITIES = "cities"
    TOWNS = "towns"
    SPARSE = "sparse"


INHABITANTS: Final = MappingProxyType(
    {
        Region.COUNTRY: (0, MOST_INHABITANTS),
        Region.CITIES: (100_000, MOST_INHABITANTS),
        Region.TOWNS: (SMALL_KOMMUNE, 99_999),
        Region.SPARSE: (0, SMALL_KOMMUNE - 1),
    }
)
"""Least and most inhabitants of the kommuner of each region."""


def draw(
    years: int,
    per_year: int,
    seed: int,
    *,
    rooms: bool,
    igangsettere: int | None,
    region: Region = Region.COUNTRY,
) -> World:
    """
    Draw a world; the same arguments give the same one.

    Args:
        years: Years of sign-ups.
        per_year: Sign-ups in a year in the region, on average.
        seed: Seed of all random choices.
        rooms: True if groups need a room; otherwise any number of groups can meet in the centre of each kommune.
        igangsettere: Number of them in the region, each with one group at a time; None if groups need none.
        region: The kommuner.
    """
    rng = np.random.default_rng((seed, 1))
    least, most = INHABITANTS[region]
    homes = Homes.draw(np.random.default_rng((seed, 2)), least=least, most=most)
    places = _rooms(np.random.default_rng((seed, 3)), homes) if rooms else homes.centres()
    starters = _starters(np.random.default_rng((seed, 4)), homes, igangsettere or 0)
    days = years * DAYS_PER_YEAR
    times = np.sort(rng.uniform(0, days, rng.poisson(per_year * years)))
    return World(days, _arrivals(rng, homes, times.tolist(), seed), places, starters)


def _arrivals(rng: np.random.Generator, homes: Homes, times: list[float], seed: int) -> tuple[Arrival, ...]:
    count = len(times)
    home_numbers = homes.choose(rng, count)
    evenings = _evenings(rng, rng.choice(range(1, 6), count, p=EVENING_COUNT_SHARES).tolist())
    languages = rng.choice(len(LANGUAGES), count, p=LANGUAGE_SHARES)
    limits_km = rng.choice(LIMITS_KM, count, p=LIMIT_SHARES)
    patience = rng.exponential(MEAN_PATIENCE_DAYS, count)
    return tuple(
        Arrival(
            day=day,
            waiting=WaitingPerson(
                UUID(int=2 * number + 1),
                UUID(int=2 * number + 2),
                Wishes(
                    *homes.points[home_numbers[number]],
                    slots=evenings[number],
                    languages=LANGUAGES[languages[number]],
                    max_travel_km=int(limits_km[number]),
                    wheelchair=False,
                ),
                moment(day),
            ),
            patience_days=float(patience[number]),
            rural=homes.rural[home_numbers[number]],
            seed=f"{seed} {number}",
        )
        for number, day in enumerate(times)
    )


def _rooms(rng: np.random.Generator, homes: Homes) -> tuple[Place, ...]:
    """
    Draw one room in the centre of each kommune, and more by its inhabitants.

    All have room for eight people: smaller rooms would only hinder the rule that waits for eight.
    """
    points = [homes.centre(kommune) for kommune in homes.kommuner]
    points += [homes.points[home] for home in homes.spread(rng, INHABITANTS_PER_ROOM)]
    free_evenings = _evenings(rng, rng.choice(ROOM_EVENING_COUNTS, len(points)).tolist())
    return tuple(
        Place(
            f"rom-{number:04}",
            *point,
            step_free=True,
            max_people=SIZE_MAX,
            slots=frozenset(free_evenings[number]),
            max_groups=1,
        )
        for number, point in enumerate(points)
    )


def _starters(rng: np.random.Generator, homes: Homes, count: int) -> tuple[Starter, ...]:
    home_numbers = homes.choose(rng, count)
    free_evenings = _evenings(rng, rng.choice((2, 3), count).tolist())
    speaks_english = rng.random(count) < 0.4
    return tuple(
        Starter(
            UUID(int=(1 << 64) + number),
            *homes.points[home_numbers[number]],
            reach_km=int(rng.choice(STARTER_REACH_KM)),
            slots=frozenset(free_evenings[number]),
            languages=frozenset(("nb", "en") if speaks_english[number] else ("nb",)),
            remaining_groups=1,
        )
        for number in range(count)
    )


def _evenings(rng: np.random.Generator, counts: list[int]) -> list[tuple[str, ...]]:
    """Draw for each count as many different evenings, by popularity."""
    # Sorting exponential variables divided by weights draws without replacement, proportional to the weights.
    order = np.argsort(rng.exponential(1.0, (len(counts), len(EVENINGS))) / np.array(EVENING_WEIGHTS), axis=1)
    return [tuple(EVENINGS[evening] for evening in order[row, :count]) for row, count in enumerate(counts)]
