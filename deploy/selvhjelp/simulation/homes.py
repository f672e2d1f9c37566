"""Homes of invented people: in real kommuner, by their inhabitants, spread around their postal codes."""

import math
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from grouping.domain.matching.cells import Place
from shared.reference import places as reference

KM_PER_DEGREE: Final = 111.2
OUT_OF_TOWN: Final = 0.18
OUT_OF_TOWN_KM: Final = 10.0
"""Average distance of the postal codes that are moved out of town."""
SMALL_KOMMUNE: Final = 15_000
"""Kommuner with fewer inhabitants count as rural; a fifth of the population lives in one."""

MOST_INHABITANTS: Final = 10_000_000
"""More than any kommune has."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Homes:
    """
    Points at which people live.

    Attributes:
        kommuner: Numbers, in order.
        points: One for each postal code, degrees, WGS 84.
        rural: By point: True if its kommune is a small one.
        weights: By point: its share of the inhabitants.
        first: By kommune: the number of its first point; then the number of all points.
    """

    kommuner: tuple[str, ...]
    points: tuple[Point, ...]
    rural: tuple[bool, ...]
    weights: NDArray[np.float64]
    first: tuple[int, ...]

    @classmethod
    def draw(cls, rng: np.random.Generator, *, least: int = 0, most: int = MOST_INHABITANTS) -> Self:
        """
        Draw one possible map of the kommuner with at least ``least`` and at most ``most`` inhabitants.

        The register has most codes of a town in one point, so each is moved a little: within the size of such a town,
        and some of them out of town.
        """
        register, inhabitants = reference.load(), reference.inhabitants()
        kommuner = tuple(sorted(kommune for kommune, count in inhabitants.items() if least <= count <= most))
        points, rural, weights, first = [], [], [], [0]
        for kommune in kommuner:
            codes, count = register.codes_of(kommune), inhabitants[kommune]
            for code in codes:
                place = register.postal_code(code)
                assert place is not None
                km = rng.rayleigh(0.5 + math.sqrt(count) / 150)
                if rng.random() < OUT_OF_TOWN:
                    km = rng.exponential(OUT_OF_TOWN_KM)
                points.append(_moved(place.latitude, place.longitude, km, rng.uniform(0, 2 * math.pi)))
                rural.append(count < SMALL_KOMMUNE)
                weights.append(count / len(codes))
            first.append(len(points))
        shares = np.array(weights)
        return cls(kommuner, tuple(points), tuple(rural), shares / shares.sum(), tuple(first))

    def choose(self, rng: np.random.Generator, count: int) -> list[int]:
        """Draw numbers of points, weighted by inhabitants."""
        chosen: list[int] = rng.choice(len(self.points), count, p=self.weights).tolist()
        return chosen

    def spread(self, rng: np.random.Generator, inhabitants_each: int) -> list[int]:
        """Draw numbers of points in each kommune, one for every ``inhabitants_each`` inhabitants."""
        inhabitants = reference.inhabitants()
        return [
            int(rng.integers(start, end))
            for kommune, start, end in zip(self.kommuner, self.first, self.first[1:], strict=False)
            for _ in range(inhabitants[kommune] // inhabitants_each)
        ]

    def centre(self, kommune: str) -> Point:
        """Return the point of a kommune in the register."""
        place = reference.load().kommuner[kommune]
        return place.latitude, place.longitude

    def centres(self) -> tuple[Place, ...]:
        """Return the centre of each kommune as a place that is always free."""
        return tuple(Place(kommune, *self.centre(kommune), step_free=True) for kommune in self.kommuner)


def _moved(latitude: float, longitude: float, km: float, angle: float) -> Point:
    """Return the point at a distance in a direction, rounded to about a hundred metres."""
    north = latitude + km * math.sin(angle) / KM_PER_DEGREE
    east = longitude + km * math.cos(angle) / KM_PER_DEGREE / math.cos(math.radians(latitude))
    return round(north, 3), round(east, 3)
