"""What becomes of each person and each group in a simulation."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from grouping.domain.insight.forecast import DayRange
from grouping.domain.matching.cells import Cell
from selvhjelp.simulation.world import Arrival


class State(StrEnum):
    """Where somebody is; the first two may still change."""

    WAITING = "waiting"
    SEATED = "seated"
    STARTED = "started"
    GAVE_UP = "gave_up"
    WITHDREW = "withdrew"


@dataclass(slots=True)
class Life:
    """
    One person.

    Attributes:
        seatings: How many times they have been given a seat.
        ended: When their state became a last one.
        reason: Why they had to wait, said when they give up.
        told: Whether a wait was forecast for them when they came: not where they had a seat at once.
        forecast: What they were told; None where it was that we do not know.
    """

    arrival: Arrival
    state: State = State.WAITING
    seatings: int = 0
    ended: float | None = None
    reason: str | None = None
    told: bool = False
    forecast: DayRange | None = None

    @property
    def gives_up(self) -> float:
        """The day from which they do not wait any more; if they have a seat then, as soon as they lose it."""
        return self.arrival.day + self.arrival.patience_days

    @property
    def waited(self) -> float:
        """Days from sign-up to where it ended; only of somebody for whom it did."""
        assert self.ended is not None
        return self.ended - self.arrival.day


@dataclass(slots=True)
class Made:
    """
    One group.

    Attributes:
        members: Sign-ups of those who have a seat; as it was at the start or the release.
        meets: When the start meeting is.
        started: Whether it was held; None as long as it is ahead.
    """

    id: UUID
    cell: Cell
    day: float
    meets: float
    members: list[UUID]
    starters: tuple[UUID, ...]
    extended: bool = False
    started: bool | None = None
    kept: set[str] = field(default_factory=set)
