"""
People and rooms that never were, where people live in Norway.

The shares are assumptions of the project's study of grouping (section 3.1), written beside what they decide.
"""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from grouping.domain.matching.cells import Place, WaitingPerson, Wishes
from shared.reference import places as reference

Floats = NDArray[np.float64]

NOW: Final = datetime(2026, 11, 2, 9, tzinfo=UTC)
OFFERED: Final = ("women", "young")
EVENINGS: Final = ("mon-evening", "tue-evening", "wed-evening", "thu-evening", "fri-evening")
EVENING_WEIGHTS: Final = (1.0, 1.2, 1.2, 1.1, 0.4)
EVENING_COUNTS: Final = (0.18, 0.33, 0.27, 0.15, 0.07)
"""Shares of people with one to five evenings; 2.6 on average."""
LANGUAGES: Final = ("nb", "en", "ar")
LANGUAGE_WEIGHTS: Final = (0.84, 0.10, 0.06)
TWO_LANGUAGES: Final = 0.36
LIMITS_KM: Final = (5, 10, 15, 20, 30, 40, 60)
LIMIT_WEIGHTS: Final = (0.10, 0.22, 0.20, 0.20, 0.15, 0.08, 0.05)
WHEELCHAIR: Final = 0.03
MEAN_WAIT_DAYS: Final = 30.0
WOMEN: Final = 0.62
YOUNG: Final = 0.25
WOULD: Final = 0.2
"""Share of the people concerned by a wish who accept it."""
NOTHING_ELSE: Final = 0.33
"""Share of the accepting people who require it."""
RURAL: Final = 0.18
RURAL_KM: Final = 10.0
KM_PER_DEGREE: Final = 111.2

INHABITANTS_PER_ROOM: Final = 8_000
FREE_EVENINGS: Final = (3, 4, 5)
SMALL_ROOM: Final = 0.1
STEP_FREE: Final = 0.8
PEOPLE_PER_GROUP_AT_ONCE: Final = 6_000
"""A room has one group per slot up to this many people in the country, two up to twice that, and so on."""


@dataclass(frozen=True, slots=True)
class Instance:
    """
    All that decides who can meet.

    Attributes:
        waiting: A person is their number in it.
        offered: The wishes that the centre offers.
    """

    name: str
    places: tuple[Place, ...]
    waiting: tuple[WaitingPerson, ...]
    now: datetime = NOW
    offered: tuple[str, ...] = OFFERED
    size_min: int = 5
    size_max: int = 8

    def waited_days(self) -> Floats:
        """Return the wait of each person in days, with fractions."""
        return np.array([(self.now - person.signed_up_at) / timedelta(days=1) for person in self.waiting])


def generate(people: int, seed: int) -> Instance:
    """Generate an instance; the same arguments give the same one. Takes a few seconds for 100,000 people."""
    rng = np.random.default_rng((people, seed))
    points, weights, towns = _homes(rng)
    rooms = _rooms(rng, points, towns, max(1, math.ceil(people / PEOPLE_PER_GROUP_AT_ONCE)))
    return Instance(f"{people}-{seed}", rooms, _people(rng, people, points, weights))


def _homes(rng: np.random.Generator) -> tuple[Floats, Floats, dict[str, list[int]]]:
    """
    A point for each postal code, its share of the country, and which codes are in each kommune.

    The register has most of a town in one point, so each code is moved a little: as far as its town is large, and some
    of them out into the country around.
    """
    codes = _codes()
    inhabitants = np.array([count for _, _, _, count, _ in codes], dtype=np.float64)
    share = inhabitants / np.array([among for _, _, _, _, among in codes])
    rural = rng.random(len(codes)) < RURAL
    away = np.where(rural, rng.exponential(RURAL_KM, len(codes)), rng.rayleigh(0.5 + np.sqrt(inhabitants) / 150))
    towns: dict[str, list[int]] = {}
    for number, (kommune, *_) in enumerate(codes):
        towns.setdefault(kommune, []).append(number)
    centres = np.array([(latitude, longitude) for _, latitude, longitude, _, _ in codes])
    return _moved(rng, centres, away), share / share.sum(), towns


@functools.cache
def _codes() -> tuple[tuple[str, float, float, int, int], ...]:
    """Return each postal code: kommune, latitude, longitude, inhabitants of the kommune, and its number of codes."""
    register = reference.load()
    results = []
    for kommune, count in reference.inhabitants().items():
        codes = [register.postal_code(code) for code in register.codes_of(kommune)]
        results += [(kommune, one.latitude, one.longitude, count, len(codes)) for one in codes if one]
    return tuple(results)


def _moved(rng: np.random.Generator, centre: Floats, away_km: Floats) -> Floats:
    """Return points moved by a distance in a random direction, rounded to about ten metres."""
    angle = rng.uniform(0, 2 * math.pi, len(centre))
    north = centre[:, 0] + away_km * np.sin(angle) / KM_PER_DEGREE
    east = centre[:, 1] + away_km * np.cos(angle) / KM_PER_DEGREE / np.cos(np.radians(centre[:, 0]))
    return np.column_stack((north, east)).round(4)


def _rooms(rng: np.random.Generator, points: Floats, towns: dict[str, list[int]], at_once: int) -> tuple[Place, ...]:
    """Draw one room in each kommune and one more for every 8,000 of its inhabitants."""
    inhabitants = reference.inhabitants()
    homes = [
        int(home)
        for kommune, codes in towns.items()
        for home in rng.choice(codes, 1 + inhabitants[kommune] // INHABITANTS_PER_ROOM)
    ]
    where = _moved(rng, points[homes], rng.rayleigh(0.5, len(homes)))
    free = _some(rng, np.ones(len(EVENINGS)), rng.choice(FREE_EVENINGS, len(homes)))
    return tuple(
        Place(
            id=f"room-{number}",
            latitude=float(where[number, 0]),
            longitude=float(where[number, 1]),
            step_free=bool(rng.random() < STEP_FREE),
            max_people=6 if rng.random() < SMALL_ROOM else 8,
            slots=frozenset(EVENINGS[evening] for evening in free[number]),
            max_groups=at_once,
        )
        for number in range(len(homes))
    )


def _people(rng: np.random.Generator, count: int, points: Floats, weights: Floats) -> tuple[WaitingPerson, ...]:
    home = rng.choice(len(points), count, p=weights)
    evenings = _some(rng, np.array(EVENING_WEIGHTS), rng.choice(range(1, 6), count, p=EVENING_COUNTS))
    languages = _some(rng, np.array(LANGUAGE_WEIGHTS), 1 + (rng.random(count) < TWO_LANGUAGES))
    limit = rng.choice(LIMITS_KM, count, p=LIMIT_WEIGHTS)
    wheelchair = rng.random(count) < WHEELCHAIR
    women, young = _wish(rng, count, WOMEN), _wish(rng, count, YOUNG)
    waited = rng.exponential(MEAN_WAIT_DAYS, count)
    wished = [
        {name for name, wish in zip(OFFERED, pair, strict=True) if wish} for pair in zip(women, young, strict=True)
    ]
    only = [
        {name for name, wish in zip(OFFERED, pair, strict=True) if wish > 1} for pair in zip(women, young, strict=True)
    ]
    return tuple(
        WaitingPerson(
            signup_id=UUID(int=2 * number + 1),
            person_id=UUID(int=2 * number + 2),
            wishes=Wishes(
                latitude=float(points[home[number], 0]),
                longitude=float(points[home[number], 1]),
                slots=tuple(EVENINGS[evening] for evening in evenings[number]),
                languages=tuple(LANGUAGES[language] for language in languages[number]),
                max_travel_km=int(limit[number]),
                wheelchair=bool(wheelchair[number]),
                accepts=frozenset(wished[number]),
                requires=frozenset(only[number]),
            ),
            signed_up_at=NOW - timedelta(seconds=int(waited[number] * 86_400)),
        )
        for number in range(count)
    )


def _wish(rng: np.random.Generator, count: int, share: float) -> NDArray[np.int64]:
    """Return for each person 0, 1 (accepts the wish) or 2 (requires it)."""
    would = rng.random(count) < share * WOULD
    nothing_else = rng.random(count) < NOTHING_ELSE
    return would.astype(np.int64) * (1 + nothing_else)


def _some(rng: np.random.Generator, weights: Floats, counts: NDArray[np.int64]) -> list[Sequence[int]]:
    """Draw this many different items for each count, by weight, the best liked first."""
    # Sorting exponential variables divided by weights draws without replacement, proportional to the weights.
    clocks = rng.exponential(1.0, (len(counts), len(weights))) / weights
    order = clocks.argsort(axis=1)
    return [order[row, :count].tolist() for row, count in enumerate(counts.tolist())]
