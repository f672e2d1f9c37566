"""
Arrivals, places and igangsettere: all random choices, made before anything is simulated.

Kommuner, their inhabitants and their postal codes are real. The wishes of people are invented, as in the project's
study of grouping (section 3.1): no figure here was ever counted.
"""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import numpy as np

from grouping.domain.matching.cells import Place, Starter, WaitingPerson, Wishes
from selvhjelp.simulation.homes import Homes
from selvhjelp.simulation.rules import SIZE_MAX

FIRST_MORNING: Final = datetime(2030, 1, 1, tzinfo=UTC)
DAYS_PER_YEAR: Final = 365.0

EVENINGS: Final = ("mon-evening", "tue-evening", "wed-evening", "thu-evening", "fri-evening")
LIKED: Final = (1.0, 1.0, 1.0, 1.0, 0.4)
HOW_MANY_EVENINGS: Final = (0.2, 0.3, 0.28, 0.14, 0.08)
"""Shares of people with one to five evenings; 2.6 on average."""
TONGUES: Final = (("nb",), ("nb", "en"), ("en",), ("nb", "pl"), ("pl",), ("en", "pl"))
SPOKEN: Final = (0.56, 0.28, 0.05, 0.05, 0.03, 0.03)
"""Shares of :data:`TONGUES`; a little more than a third speaks two languages."""
LIMITS_KM: Final = (5, 10, 15, 20, 30, 40, 60)
LIMITED: Final = (0.08, 0.2, 0.2, 0.22, 0.16, 0.08, 0.06)
MEAN_PATIENCE_DAYS: Final = 180.0

INHABITANTS_PER_ROOM: Final = 8_000
FREE_EVENINGS: Final = (3, 4, 5)
STARTER_REACH_KM: Final = (20, 30, 50)


@dataclass(frozen=True, slots=True)
class Arrival:
    """
    A person who signs up.

    Attributes:
        day: The day of the sign-up.
        patience_days: The longest wait that the person accepts.
        rural: True if the home is in a small kommune.
        seed: Decides the withdrawals.
    """

    day: float
    waiting: WaitingPerson
    patience_days: float
    rural: bool
    seed: str

    def withdrawal(self, seating: int, drop_out: float) -> float | None:
        """
        Return the moment at which the person gives back a seat.

        Args:
            seating: The number of the seat, from 1.
            drop_out: Share of people who withdraw from each seat. Withdrawals at one share also happen at any higher.

        Returns:
            A fraction of the time between seat and start meeting, or None if the person comes.
        """
        chance = random.Random(f"{self.seed} {seating}")  # noqa: S311 - invents people, guards nothing
        withdraws, when = chance.random() < drop_out, chance.random()
        return when if withdraws else None


@dataclass(frozen=True, slots=True)
class World:
    """Everything that is the same under every rule."""

    days: float
    arrivals: tuple[Arrival, ...]
    places: tuple[Place, ...]
    starters: tuple[Starter, ...]


def moment(day: float) -> datetime:
    """Return a day of the simulation as a time."""
    return FIRST_MORNING + timedelta(days=day)


def draw(years: int, per_year: int, seed: int, *, rooms: bool, igangsettere: int | None) -> World:
    """
    Draw a world; the same arguments give the same one.

    Args:
        years: Years of sign-ups.
        per_year: Sign-ups in a year, on average.
        seed: Seed of all random choices.
        rooms: True if groups need a room; otherwise any number can meet in the centre of each kommune.
        igangsettere: Number in the country, each for one group at a time; None if groups need none.
    """
    rng = np.random.default_rng((seed, 1))
    homes = Homes.draw(np.random.default_rng((seed, 2)))
    places = _rooms(np.random.default_rng((seed, 3)), homes) if rooms else homes.centres()
    starters = _starters(np.random.default_rng((seed, 4)), homes, igangsettere or 0)
    days = years * DAYS_PER_YEAR
    times = np.sort(rng.uniform(0, days, rng.poisson(per_year * years)))
    return World(days, _arrivals(rng, homes, times.tolist(), seed), places, starters)


def _arrivals(rng: np.random.Generator, homes: Homes, times: list[float], seed: int) -> tuple[Arrival, ...]:
    count = len(times)
    where = homes.choose(rng, count)
    evenings = _evenings(rng, rng.choice(range(1, 6), count, p=HOW_MANY_EVENINGS).tolist())
    tongues = rng.choice(len(TONGUES), count, p=SPOKEN)
    limits = rng.choice(LIMITS_KM, count, p=LIMITED)
    patience = rng.exponential(MEAN_PATIENCE_DAYS, count)
    return tuple(
        Arrival(
            day=day,
            waiting=WaitingPerson(
                UUID(int=2 * number + 1),
                UUID(int=2 * number + 2),
                Wishes(
                    *homes.points[where[number]],
                    slots=evenings[number],
                    languages=TONGUES[tongues[number]],
                    max_travel_km=int(limits[number]),
                    wheelchair=False,
                ),
                moment(day),
            ),
            patience_days=float(patience[number]),
            rural=homes.rural[where[number]],
            seed=f"{seed} {number}",
        )
        for number, day in enumerate(times)
    )


def _rooms(rng: np.random.Generator, homes: Homes) -> tuple[Place, ...]:
    """
    Draw one room in the centre of each kommune, and more by its inhabitants.

    All have a capacity of eight: smaller rooms would hinder only the rule that waits for eight.
    """
    spots = [homes.centre(kommune) for kommune in homes.kommuner]
    spots += [homes.points[home] for home in homes.spread(rng, INHABITANTS_PER_ROOM)]
    free = _evenings(rng, rng.choice(FREE_EVENINGS, len(spots)).tolist())
    return tuple(
        Place(
            f"rom-{number:04}", *spot, step_free=True, max_people=SIZE_MAX, slots=frozenset(free[number]), max_groups=1
        )
        for number, spot in enumerate(spots)
    )


def _starters(rng: np.random.Generator, homes: Homes, count: int) -> tuple[Starter, ...]:
    where = homes.choose(rng, count)
    free = _evenings(rng, rng.choice((2, 3), count).tolist())
    english = rng.random(count) < 0.4
    return tuple(
        Starter(
            UUID(int=(1 << 64) + number),
            *homes.points[where[number]],
            reach_km=int(rng.choice(STARTER_REACH_KM)),
            slots=frozenset(free[number]),
            languages=frozenset(("nb", "en") if english[number] else ("nb",)),
            remaining_groups=1,
        )
        for number in range(count)
    )


def _evenings(rng: np.random.Generator, counts: list[int]) -> list[tuple[str, ...]]:
    """Draw this many different evenings for each, the best liked first."""
    # Sorting exponential variables divided by weights draws without replacement, proportional to the weights.
    order = np.argsort(rng.exponential(1.0, (len(counts), len(EVENINGS))) / np.array(LIKED), axis=1)
    return [tuple(EVENINGS[evening] for evening in order[row, :count]) for row, count in enumerate(counts)]
