"""Where people live: real kommuner, about as many in each as there are, spread around its postal codes."""

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
"""On average, for those postal codes that are put out of town."""
SMALL_KOMMUNE: Final = 15_000
"""Whoever lives in a kommune with fewer inhabitants is counted as living in the country; a fifth of us do."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Homes:
    """
    Points that people live at.

    Attributes:
        kommuner: Numbers, in order.
        points: Degrees, WGS 84; one for each postal code.
        rural: For each point whether its kommune is a small one.
        weights: For each point its share of the inhabitants.
        first: Where each kommune's points begin, and the end.
    """

    kommuner: tuple[str, ...]
    points: tuple[Point, ...]
    rural: tuple[bool, ...]
    weights: NDArray[np.float64]
    first: tuple[int, ...]

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Self:
        """
        One possible map.

        The register has most codes of a town in one point, so each is moved a little: as far as a town of that size
        reaches, and some of them out into the country.
        """
        register, inhabitants = reference.load(), reference.inhabitants()
        kommuner = tuple(sorted(inhabitants))
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
        """Numbers of so many points, likelier the more people live there."""
        chosen: list[int] = rng.choice(len(self.points), count, p=self.weights).tolist()
        return chosen

    def spread(self, rng: np.random.Generator, inhabitants_each: int) -> list[int]:
        """Numbers of points, one for every so many inhabitants of each kommune."""
        inhabitants = reference.inhabitants()
        return [
            int(rng.integers(start, end))
            for kommune, start, end in zip(self.kommuner, self.first, self.first[1:], strict=False)
            for _ in range(inhabitants[kommune] // inhabitants_each)
        ]

    def centre(self, kommune: str) -> Point:
        """The point that stands for the kommune."""
        place = reference.load().kommuner[kommune]
        return place.latitude, place.longitude

    def centres(self) -> tuple[Place, ...]:
        """The middle of each kommune as a place that is always free."""
        return tuple(Place(kommune, *self.centre(kommune), step_free=True) for kommune in self.kommuner)


def _moved(latitude: float, longitude: float, km: float, angle: float) -> Point:
    """A point so far away in this direction, to about a hundred metres."""
    north = latitude + km * math.sin(angle) / KM_PER_DEGREE
    east = longitude + km * math.cos(angle) / KM_PER_DEGREE / math.cos(math.radians(latitude))
    return round(north, 3), round(east, 3)
