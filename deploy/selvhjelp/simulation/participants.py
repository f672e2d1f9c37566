"""The state of each person and each group in a simulation."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from grouping.domain.insight.forecast import DayRange
from grouping.domain.matching.cells import Cell
from selvhjelp.simulation.world import Arrival


class State(StrEnum):
    """The state of a person; the first two can still change."""

    WAITING = "waiting"
    SEATED = "seated"
    STARTED = "started"
    GAVE_UP = "gave_up"
    WITHDREW = "withdrew"


@dataclass(slots=True)
class Participant:
    """
    One person of the simulation.

    Attributes:
        seatings: Number of seats the person has got so far.
        ended: The day of the last change of state; None while it can still change.
        reason: The reason for the wait, set when the person gives up.
        forecast_given: True if a wait was forecast on arrival; it is not for people who get a seat at once.
        forecast: The forecast; None if it was "unknown".
    """

    arrival: Arrival
    state: State = State.WAITING
    seatings: int = 0
    ended: float | None = None
    reason: str | None = None
    forecast_given: bool = False
    forecast: DayRange | None = None

    @property
    def gives_up(self) -> float:
        """The day from which the person does not wait any more; with a seat on that day, from the loss of the seat."""
        return self.arrival.day + self.arrival.patience_days

    @property
    def waited(self) -> float:
        """Days from sign-up to the last change of state, which must have been."""
        assert self.ended is not None
        return self.ended - self.arrival.day


@dataclass(slots=True)
class SimulatedGroup:
    """
    One group of the simulation.

    Attributes:
        day: The day on which it was formed.
        meets: The day of the start meeting.
        members: Sign-ups with a seat; after the start or the dissolution those of that day.
        extended: True if the start meeting was postponed once.
        started: True if the start meeting was held, False if the group was dissolved, None before.
        kept: Resources that it still has: "room", "starters".
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
