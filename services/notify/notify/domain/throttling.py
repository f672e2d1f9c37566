"""Rate of sending, and pauses while the mail server refuses."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Final, TypeVar

from notify.domain.hours import not_at_night

REFUSALS_TO_PAUSE: Final = 20
PAUSE_SECONDS: Final = 60.0
UNREACHABLE_TO_TELL: Final = 5
"""Attempts in a row, over about a minute, after which staff are told that the server does not answer."""

UNREACHABLE_PAUSE_SECONDS: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
BATCH_SECONDS: Final = 1.0
MINUTE_SECONDS: Final = 60 + 2 * BATCH_SECONDS
"""A mail may leave this much later than it was taken, so the minute is counted generously."""

LARGEST_BATCH: Final = 100
FEW: Final = 32
GATHER_SECONDS: Final = 0.1
"""After a batch of several mails, but fewer than :data:`FEW`, the next one gathers for so long: more are on the way."""

WINDOW_SECONDS: Final = 0.1
SMALLEST_WINDOW: Final = 8
LARGEST_WINDOW: Final = 32

MAY_WAIT_AFTER: Final = 8
"""Mails to one person within a day, after which those that can wait do so until the next morning."""

MOST_A_DAY: Final = 24
"""Mails to one person within a day, after which even urgent ones wait: nobody's mailbox is ever flooded."""

DAY: Final = timedelta(hours=24)

M = TypeVar("M")


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


def budget_waits_until(sent: int, now: datetime, *, may_wait: bool) -> datetime | None:
    """
    Return the time until which a mail waits, since its person has got so many within a day; None if it is sent now.

    Args:
        sent: Mails that have left for the person within :data:`DAY`.
        now: The time.
        may_wait: True if the mail is as good the next morning.
    """
    if sent >= MOST_A_DAY:
        return now + timedelta(hours=1)
    if may_wait and sent >= MAY_WAIT_AFTER:
        return not_at_night(now + timedelta(hours=12))
    return None


@dataclass
class MinuteLimit:
    """
    At most ``per_minute`` mails in any minute of real time.

    Attributes:
        per_minute: 0 means unlimited.
        taken_at: Moments at which mails were taken, in seconds of a monotonic clock.
    """

    per_minute: int
    taken_at: deque[float] = field(default_factory=deque)

    def take(self, most: int, at: float) -> int:
        """Take up to so many mails, and return their number."""
        if self.per_minute <= 0:
            return most
        while self.taken_at and self.taken_at[0] <= at - MINUTE_SECONDS:
            self.taken_at.popleft()
        taken = min(most, self.per_minute - len(self.taken_at))
        self.taken_at.extend([at] * taken)
        return taken

    def give_back(self, count: int) -> None:
        """Give back mails that were not sent."""
        for _ in range(min(count, len(self.taken_at))):
            self.taken_at.pop()


@dataclass
class BatchSize:
    """
    Number of mails to claim at once: as many as leave in about :data:`BATCH_SECONDS`.

    A claimed mail states what was true when it was claimed, so it must leave soon.

    Attributes:
        seconds_each: Mean time that the server needs for a mail; the newest count most.
        seconds_of_turn: Mean time in which outcomes are stored, and the attempts of the next mails begin.
    """

    seconds_each: float = BATCH_SECONDS / 8
    seconds_of_turn: float = 0.0

    def record(self, seconds: float) -> None:
        """Count the time of one mail."""
        self.seconds_each += (seconds - self.seconds_each) / 8

    def record_turn(self, seconds: float) -> None:
        """Count the time of one turn of the books."""
        self.seconds_of_turn += (seconds - self.seconds_of_turn) / 8

    @property
    def window(self) -> int:
        """
        Return the number of mails whose attempts begin together.

        They leave in :data:`WINDOW_SECONDS`, or while the next ones begin, so that the server never waits for us.
        """
        mails = int(max(WINDOW_SECONDS, self.seconds_of_turn) / max(self.seconds_each, 1e-6)) + 1
        return max(SMALLEST_WINDOW, min(LARGEST_WINDOW, mails))

    @property
    def mails(self) -> int:
        """Return the number of mails, from 1 to :data:`LARGEST_BATCH`."""
        return max(1, min(LARGEST_BATCH, int(BATCH_SECONDS / max(self.seconds_each, 1e-6))))


def windows(mails: Iterable[M], size: int, is_reminder: Callable[[M], bool]) -> list[list[M]]:
    """
    Divide mails evenly into groups whose attempts begin in one transaction.

    If the mailer dies, the outcome of a whole window is unknown, and a reminder is not sent again: so there is at most
    one in each window, as its last mail.
    """
    mails = list(mails)
    even_size = ceil(len(mails) / ceil(len(mails) / size)) if mails else size
    divided: list[list[M]] = [[]]
    for mail in mails:
        divided[-1].append(mail)
        if is_reminder(mail) or len(divided[-1]) == even_size:
            divided.append([])
    return [window for window in divided if window]
