"""The results for sign-ups of the second year: others wait already, and the end can still be seen."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Self

import numpy as np

from selvhjelp.simulation.participants import Participant, State
from selvhjelp.simulation.play import Play
from selvhjelp.simulation.world import DAYS_PER_YEAR

COHORT: Final = (DAYS_PER_YEAR, 2 * DAYS_PER_YEAR)

FATES: Final = (
    "started",
    "withdrew",
    "waiting",
    *("nobody", "travel", "evening", "language", "room", "starter", "round"),
)
"""All final states of a person; from the fourth on the person gave up, for lack of the named thing."""


@dataclass
class Tally:
    """
    Counts of one or more simulations; tallies can be added.

    Attributes:
        fates: Number of people by :data:`FATES`. "withdrew": gave back a seat. "waiting": still waiting, or seated.
        waits: Days from sign-up to start meeting of each person who started.
        sizes: Number of started groups by size.
        released: Number of groups that were dissolved because they were too small.
        country, town: In small and in large kommuner: people who started, and all people.
        forecasts: Of the people without a seat at once: number with a forecast range, and with "unknown".
        hits: Of the people with a range who started: number within it, before it and after it.
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
        """Count the results of one simulation."""
        participants = [
            participant
            for participant in play.participants.values()
            if COHORT[0] <= participant.arrival.day < COHORT[1]
        ]
        groups = [group for group in play.groups.values() if COHORT[0] <= group.day < COHORT[1]]
        has_range = [participant.forecast is not None for participant in participants if participant.forecast_given]
        return cls(
            Counter(_fate(participant) for participant in participants),
            [participant.waited for participant in participants if participant.state is State.STARTED],
            Counter(len(group.members) for group in groups if group.started),
            sum(group.started is False for group in groups),
            _started(participant for participant in participants if participant.arrival.rural),
            _started(participant for participant in participants if not participant.arrival.rural),
            (sum(has_range), len(has_range) - sum(has_range)),
            _hits(participants),
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
        """Number of sign-ups."""
        return self.fates.total()

    def share(self, fate: str) -> float:
        """Share of sign-ups that ended in this state."""
        return _ratio(self.fates[fate], self.people)

    def wait(self, quantile: float) -> float | None:
        """Return the quantile of waits in days; None if no person started."""
        return float(np.quantile(self.waits, quantile)) if self.waits else None

    @property
    def size(self) -> float:
        """Average size of a group at its start."""
        return _ratio(sum(size * count for size, count in self.sizes.items()), self.sizes.total())

    @property
    def released_share(self) -> float:
        """Share of groups that were dissolved, of all that started or were dissolved."""
        return _ratio(self.released, self.released + self.sizes.total())

    @property
    def coverage(self) -> float | None:
        """Share of people who started within their range, of all with a range who started; None if there are none."""
        return self.hits[0] / sum(self.hits) if sum(self.hits) else None

    def as_json(self) -> dict[str, Any]:
        """Return the results with the keys of the JSON output; shares are of 1, waits in days."""
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


def _fate(participant: Participant) -> str:
    if participant.state is State.GAVE_UP:
        assert participant.reason is not None
        return participant.reason
    return State.WAITING.value if participant.state is State.SEATED else participant.state.value


def _started(participants: Iterable[Participant]) -> tuple[int, int]:
    started = [participant.state is State.STARTED for participant in participants]
    return sum(started), len(started)


def _hits(participants: Iterable[Participant]) -> tuple[int, int, int]:
    before = within = after = 0
    for participant in participants:
        if participant.forecast is not None and participant.state is State.STARTED:
            # In whole days, as in the forecast.
            before += participant.waited < participant.forecast.from_days
            after += participant.waited >= participant.forecast.to_days + 1
            within += participant.forecast.from_days <= participant.waited < participant.forecast.to_days + 1
    return within, before, after


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
