"""What came of those who signed up in the second year: late enough that others waited, early enough to see the end."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Self

import numpy as np

from selvhjelp.simulation.lives import Life, State
from selvhjelp.simulation.play import Play
from selvhjelp.simulation.world import DAYS_PER_YEAR

COHORT: Final = (DAYS_PER_YEAR, 2 * DAYS_PER_YEAR)

FATES: Final = (
    "started",
    "withdrew",
    "waiting",
    *("nobody", "travel", "evening", "language", "room", "starter", "round"),
)
"""All that can have become of somebody; from the fourth on they gave up waiting, for want of that."""


@dataclass
class Tally:
    """
    Counts that can be added up over several courses of things.

    Attributes:
        fates: How many by :data:`FATES`; "withdrew" had a seat and did not come, "waiting" still does, or has a seat.
        waits: Days from sign-up to start meeting of each who started.
        sizes: Groups that started, by how many they were.
        released: Groups that were given up because they were too few.
        country, town: How many of those who live in small and large kommuner started, and how many they are.
        forecasts: Of those who did not have a seat at once, how many were told a range, how many that we do not know.
        hits: Of those who were told a range and started: how many within it, before it and after it.
    """

    fates: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    sizes: Counter[int] = field(default_factory=Counter)
    released: int = 0
    country: tuple[int, int] = (0, 0)
    town: tuple[int, int] = (0, 0)
    forecasts: tuple[int, int] = (0, 0)
    hits: tuple[int, int, int] = (0, 0, 0)

    @classmethod
    def of(cls, play: Play) -> Self:
        """What came of one play."""
        lives = [life for life in play.lives.values() if COHORT[0] <= life.arrival.day < COHORT[1]]
        groups = [group for group in play.groups.values() if COHORT[0] <= group.day < COHORT[1]]
        told = [life.forecast is not None for life in lives if life.told]
        return cls(
            Counter(_fate(life) for life in lives),
            [life.waited for life in lives if life.state is State.STARTED],
            Counter(len(group.members) for group in groups if group.started),
            sum(group.started is False for group in groups),
            _started(life for life in lives if life.arrival.rural),
            _started(life for life in lives if not life.arrival.rural),
            (sum(told), len(told) - sum(told)),
            _hits(lives),
        )

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.fates + other.fates,
            self.waits + other.waits,
            self.sizes + other.sizes,
            self.released + other.released,
            (self.country[0] + other.country[0], self.country[1] + other.country[1]),
            (self.town[0] + other.town[0], self.town[1] + other.town[1]),
            (self.forecasts[0] + other.forecasts[0], self.forecasts[1] + other.forecasts[1]),
            (self.hits[0] + other.hits[0], self.hits[1] + other.hits[1], self.hits[2] + other.hits[2]),
        )

    @property
    def people(self) -> int:
        """How many signed up."""
        return self.fates.total()

    def share(self, fate: str) -> float:
        """Of all who signed up, the share that this became of."""
        return _ratio(self.fates[fate], self.people)

    def wait(self, quantile: float) -> float | None:
        """Days that this share of those who started had waited at most; None where nobody did."""
        return float(np.quantile(self.waits, quantile)) if self.waits else None

    @property
    def size(self) -> float:
        """How many were in a group when it started, on average."""
        return _ratio(sum(size * count for size, count in self.sizes.items()), self.sizes.total())

    @property
    def released_share(self) -> float:
        """Of the groups that were made and came to their end, how many were given up."""
        return _ratio(self.released, self.released + self.sizes.total())

    @property
    def coverage(self) -> float | None:
        """Of those who were told a range and started, how many did within it; None where there are none."""
        return self.hits[0] / sum(self.hits) if sum(self.hits) else None

    def as_json(self) -> dict[str, Any]:
        """All of it, in the words of the JSON output; shares are of 1, waits in days."""
        return {
            "people": self.people,
            "started": self.share("started"),
            "wait_median": self.wait(0.5),
            "wait_p90": self.wait(0.9),
            "size": self.size,
            "sizes": {str(size): self.sizes[size] for size in sorted(self.sizes)},
            "groups_started": self.sizes.total(),
            "groups_released": self.released,
            "released": self.released_share,
            "started_in_towns": _ratio(*self.town),
            "started_in_the_country": _ratio(*self.country),
            "fates": {fate: self.fates[fate] for fate in FATES},
            "told_a_range": self.forecasts[0],
            "told_unknown": self.forecasts[1],
            "told_and_started": sum(self.hits),
            "coverage": self.coverage,
        }


def _fate(life: Life) -> str:
    if life.state is State.GAVE_UP:
        assert life.reason is not None
        return life.reason
    return State.WAITING.value if life.state is State.SEATED else life.state.value


def _started(lives: Iterable[Life]) -> tuple[int, int]:
    started = [life.state is State.STARTED for life in lives]
    return sum(started), len(started)


def _hits(lives: Iterable[Life]) -> tuple[int, int, int]:
    before = within = after = 0
    for life in lives:
        if life.forecast is not None and life.state is State.STARTED:
            # Whole days, as they were told.
            before += life.waited < life.forecast.from_days
            after += life.waited >= life.forecast.to_days + 1
            within += life.forecast.from_days <= life.waited < life.forecast.to_days + 1
    return within, before, after


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
