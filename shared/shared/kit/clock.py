"""Clocks; every function that needs the time gets one."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

SPEED_MAX: Final = 1_000_000.0
"""At a million, a year passes in half a minute."""


class Clock(Protocol):
    """The system's time, which in a rehearsal is not the real time."""

    @property
    def speed(self) -> float:
        """Seconds of the system's time in one real second."""

    def now(self) -> datetime:
        """Return the time now, aware and in UTC."""


class SystemClock:
    """The real time."""

    speed = 1.0

    def now(self) -> datetime:
        """Return the time now, aware and in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True)
class FastClock:
    """
    A clock that runs ``speed`` times as fast as the real one; for rehearsal and demo.

    Attributes:
        origin: The time of this clock at the real time ``real_origin``.
        real_origin: See ``origin``.
        speed: Seconds of its time in one real second.
    """

    origin: datetime
    real_origin: datetime
    speed: float

    def now(self) -> datetime:
        """Return the time now, aware and in UTC."""
        real_seconds = time.time() - self.real_origin.timestamp()
        return self.origin + timedelta(seconds=real_seconds * self.speed)

    def spec(self) -> str:
        """Return this clock as text that :func:`clock_from` reads."""
        return f"{self.origin.isoformat()}|{self.real_origin.isoformat()}|{self.speed:g}"


class ManualClock:
    """A clock that stands still until it is moved; for tests."""

    speed = 1.0

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """Return the time that it was last moved to."""
        return self._now

    def move(self, by: timedelta) -> None:
        """Move the clock forward."""
        self._now += by

    def set(self, to: datetime) -> None:
        """Set the clock to a time."""
        self._now = to.astimezone(UTC)


def clock_from(spec: str | None) -> Clock:
    """
    Return the clock of a setting: the real one if it is empty, a fast one for ``origin|real_origin|speed``.

    Raises:
        ValueError: The text is neither.
    """
    if not spec:
        return SystemClock()
    origin_text, real_text, speed_text = spec.split("|")
    origin, real_origin = datetime.fromisoformat(origin_text), datetime.fromisoformat(real_text)
    speed = float(speed_text)
    if origin.tzinfo is None or real_origin.tzinfo is None:
        raise ValueError("a time without its zone")
    if not 0 < speed <= SPEED_MAX:
        raise ValueError("a speed that no clock can have")
    return FastClock(origin, real_origin, speed)
