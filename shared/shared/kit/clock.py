"""The clock is an argument everywhere; these are the clocks there are."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells what time it is in the system, which is not always what time it is outside."""

    @property
    def speed(self) -> float:
        """Seconds of the system's time that pass in one real second."""

    def now(self) -> datetime:
        """The time now, aware and in UTC."""


class SystemClock:
    """The real time."""

    speed = 1.0

    def now(self) -> datetime:
        """The time now, aware and in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True)
class FastClock:
    """
    A clock that lives ``speed`` times as fast as the real one; for rehearsal and demo.

    Attributes:
        origin: What this clock showed when the real time was ``real_origin``.
        real_origin: See ``origin``.
        speed: Seconds of its time in one real second.
    """

    origin: datetime
    real_origin: datetime
    speed: float

    def now(self) -> datetime:
        """The time now, aware and in UTC."""
        real_seconds = time.time() - self.real_origin.timestamp()
        return self.origin + timedelta(seconds=real_seconds * self.speed)

    def spec(self) -> str:
        """This clock as text that :func:`clock_from` reads."""
        return f"{self.origin.isoformat()}|{self.real_origin.isoformat()}|{self.speed:g}"


class ManualClock:
    """A clock that stands still until it is moved; for tests."""

    speed = 1.0

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The time it was last moved to."""
        return self._now

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        self._now += by

    def set(self, to: datetime) -> None:
        """Jump to a time."""
        self._now = to.astimezone(UTC)


def clock_from(spec: str | None) -> Clock:
    """
    The clock that a setting names: nothing means the real one, ``origin|real_origin|speed`` a fast one.

    Raises:
        ValueError: The text is neither.
    """
    if not spec:
        return SystemClock()
    origin, real_origin, speed = spec.split("|")
    return FastClock(datetime.fromisoformat(origin), datetime.fromisoformat(real_origin), float(speed))
