"""How fast mails go out, and when they pause because something is wrong with the server."""

from dataclasses import dataclass
from typing import Final

BREAKS_AFTER: Final = 20
BREAK_SECONDS: Final = 60.0
AWAY_SECONDS: Final = (1.0, 2.0, 5.0, 10.0, 30.0)


@dataclass
class CircuitBreaker:
    """
    Counts failures in a row.

    Attributes:
        failures: Attempts in a row that the server did not take.
        away: How often in a row it could not even be reached.
    """

    failures: int = 0
    away: int = 0

    def succeeded(self) -> None:
        """The server took a mail."""
        self.failures = self.away = 0

    def failed(self, *, reached: bool) -> float:
        """An attempt failed; how many seconds nothing should be tried now."""
        self.failures += 1
        self.away = 0 if reached else self.away + 1
        if self.failures >= BREAKS_AFTER and reached:
            self.failures = BREAKS_AFTER - 1  # one try after the pause, and the next failure pauses again
            return BREAK_SECONDS
        return 0.0 if reached else AWAY_SECONDS[min(self.away, len(AWAY_SECONDS)) - 1]


@dataclass
class TokenBucket:
    """
    At most ``per_minute`` mails in a minute, in real time; a minute's worth may go at once.

    Attributes:
        tokens: How many may go now.
        filled_at: Until when the tokens are counted, in seconds of a clock that only goes forward.
    """

    per_minute: int
    tokens: float
    filled_at: float

    def wait_seconds(self, at: float) -> float:
        """Take one; how many seconds to wait before it may go. A bucket of nothing never makes anybody wait."""
        if self.per_minute <= 0:
            return 0.0
        rate = self.per_minute / 60
        self.tokens = min(float(self.per_minute), self.tokens + max(0.0, at - self.filled_at) * rate)
        self.filled_at = at
        self.tokens -= 1
        return max(0.0, -self.tokens / rate)
