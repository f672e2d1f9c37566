"""
What becomes of a message that could not be handled: tried again later, or a dead letter.

The delays are ours and not the broker's: a bare nak comes back at once (messaging.md), and a limit on deliveries at the
server drops messages in silence (nats-server #7817, #6538).
"""

import random
from dataclasses import dataclass
from typing import Final

import asyncpg
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from shared.errors import DomainError

DELAYS_SECONDS: Final = (0.2, 0.5, 1, 2, 5, 10, 30, 60, 120)
ATTEMPTS: Final = len(DELAYS_SECONDS) + 1
JITTER: Final = 0.2


class Unreadable(DomainError):  # noqa: N818 - a reason, like its siblings
    """The bytes are no event that this service knows."""


@dataclass(frozen=True)
class Retry:
    """Try again after so many seconds."""

    delay_seconds: float


@dataclass(frozen=True)
class DeadLetter:
    """Keep it as a dead letter with this reason."""

    reason: str


def decide(error: BaseException, attempt: int) -> Retry | DeadLetter:
    """
    What to do after the ``attempt``-th delivery (from 1) failed with ``error``.

    A rule that says no is final at once. A database that is away is nobody's fault and is waited for without end.
    Anything else is tried ``ATTEMPTS`` times.
    """
    if isinstance(error, DomainError | ValidationError):
        return DeadLetter(reason_of(error))
    if attempt >= ATTEMPTS and not is_infrastructure(error):
        return DeadLetter(reason_of(error))
    delay_seconds = DELAYS_SECONDS[min(attempt, len(DELAYS_SECONDS)) - 1]
    return Retry(delay_seconds * (1 + JITTER * random.random()))  # noqa: S311 - spreads load, hides nothing


def is_infrastructure(error: BaseException) -> bool:
    """Whether the database or the network failed, rather than the work."""
    if isinstance(error, OperationalError | InterfaceError):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(
        error, ConnectionError | TimeoutError | OSError | asyncpg.PostgresConnectionError | asyncpg.InterfaceError
    )


def reason_of(error: BaseException) -> str:
    """A reason without any value in it: the class of the error, its slug, or the fields that are wrong."""
    if isinstance(error, ValidationError):
        fields = sorted({".".join(str(part) for part in item["loc"]) + ":" + item["type"] for item in error.errors()})
        return "invalid " + ", ".join(fields)
    if isinstance(error, DomainError):
        return str(error)
    return type(error).__name__
