"""Rate of sending, and pauses while the mail server refuses."""

from dataclasses import dataclass
from typing import Final

REFUSALS_TO_PAUSE: Final = 20
PAUSE_SECONDS: Final = 60.0
UNREACHABLE_TO_TELL: Final = 5
"""Attempts in a row, over about a minute, after which staff are told that the server does not answer."""

UNREACHABLE_PAUSE_SECONDS: Final = (1.0, 2.0, 5.0, 10.0, 30.0)


@dataclass
class CircuitBreaker:
    """
    Counts failures in a row.

    Attributes:
        failures: Attempts in a row that did not succeed.
        unreachable: Attempts in a row that could not reach the server.
    """

    failures: int = 0
    unreachable: int = 0

    def record_success(self) -> None:
        """Close the circuit: count from zero."""
        self.failures = self.unreachable = 0

    def record_failure(self, *, reached: bool) -> float:
        """Count a failed attempt, and return the pause before the next one in seconds."""
        self.failures += 1
        self.unreachable = 0 if reached else self.unreachable + 1
        if self.failures >= REFUSALS_TO_PAUSE and reached:
            self.failures = REFUSALS_TO_PAUSE - 1  # one attempt after the pause; if it fails, pause again
            return PAUSE_SECONDS
        if reached:
            return 0.0
        return UNREACHABLE_PAUSE_SECONDS[min(self.unreachable, len(UNREACHABLE_PAUSE_SECONDS)) - 1]


@dataclass
class TokenBucket:
    """
    At most ``per_minute`` mails in a minute of real time; a full bucket may be emptied at once.

    Attributes:
        per_minute: Rate and size of the bucket; 0 means unlimited.
        tokens: Mails that may be sent now; negative while mails wait.
        filled_at: Moment up to which tokens have been added, in seconds of a monotonic clock.
    """

    per_minute: int
    tokens: float
    filled_at: float

    @classmethod
    def full(cls, per_minute: int, at: float) -> "TokenBucket":
        """Return a full bucket."""
        return cls(per_minute, float(per_minute), at)

    def consume(self, at: float) -> float:
        """Consume a token and return the delay in seconds. A rate of 0 means unlimited."""
        if self.per_minute <= 0:
            return 0.0
        rate = self.per_minute / 60
        self.tokens = min(float(self.per_minute), self.tokens + max(0.0, at - self.filled_at) * rate)
        self.filled_at = at
        self.tokens -= 1
        return max(0.0, -self.tokens / rate)
