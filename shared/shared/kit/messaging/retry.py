"""
The decision about a failed message: a later delivery, or a dead letter.

The delays are ours and not the broker's: a bare nak comes back at once, and a limit on deliveries at the
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
    """The bytes are no known event."""


@dataclass(frozen=True)
class Retry:
    """Deliver again after so many seconds."""

    delay_seconds: float


@dataclass(frozen=True)
class DeadLetter:
    """Keep the message as a dead letter with this reason."""

    reason: str


def decide(error: BaseException, attempt: int) -> Retry | DeadLetter:
    """
    Return the consequence of ``error`` at the ``attempt``-th delivery (from 1).

    A refusal by a rule is final at once. Failures of the database or the network are retried without end. Every other
    error is tried ``ATTEMPTS`` times.
    """
    if isinstance(error, DomainError | ValidationError):
        return DeadLetter(reason_of(error))
    if attempt >= ATTEMPTS and not is_infrastructure(error):
        return DeadLetter(reason_of(error))
    delay_seconds = DELAYS_SECONDS[min(attempt, len(DELAYS_SECONDS)) - 1]
    return Retry(delay_seconds * (1 + JITTER * random.random()))  # noqa: S311 - spreads load, hides nothing


def is_infrastructure(error: BaseException) -> bool:
    """Return True for a failure of the database or the network, False for one of the work itself."""
    if isinstance(error, OperationalError | InterfaceError):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(
        error, ConnectionError | TimeoutError | OSError | asyncpg.PostgresConnectionError | asyncpg.InterfaceError
    )


def reason_of(error: BaseException) -> str:
    """Return a reason without any value in it: the class of the error, its slug, or the names of invalid fields."""
    if isinstance(error, ValidationError):
        # Of a place within a field only the field: the key of a mapping is a value too.
        fields = sorted({f"{item['loc'][0] if item['loc'] else ''}:{item['type']}" for item in error.errors()})
        return "invalid " + ", ".join(fields)
    if isinstance(error, DomainError):
        return str(error)
    return type(error).__name__
