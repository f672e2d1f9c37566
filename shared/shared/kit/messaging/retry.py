"""
The decision about a failed message: a later delivery, or a dead letter.

The delays are ours and not the broker's: a bare nak comes back at once, and a limit on deliveries at the
server drops messages in silence (nats-server #7817, #6538).
"""

import asyncio
import errno
import random
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import asyncpg
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from shared.errors import DomainError

DELAYS_SECONDS: Final = (0.2, 0.5, 1, 2, 5, 10, 30, 60, 120)
ATTEMPTS: Final = len(DELAYS_SECONDS) + 1
SLOW_ATTEMPTS: Final = 40
"""For work that takes too long: more than an hour, since a slow database makes all work look so."""
JITTER: Final = 0.2


NETWORK_ERRNOS: Final = frozenset(
    {
        errno.EADDRNOTAVAIL,
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
        errno.ENETDOWN,
        errno.ENETRESET,
        errno.ENETUNREACH,
        errno.ENOTCONN,
        errno.EPROTO,
    }
)
"""What the operating system says of a network or another machine that is away, beside `ConnectionError`."""

RESOURCE_ERRNOS: Final = frozenset(
    {
        errno.EAGAIN,
        errno.EDQUOT,
        errno.EIO,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOBUFS,
        errno.ENOMEM,
        errno.ENOSPC,
        errno.EROFS,
    }
)
"""What it says of this machine: disk, memory or open files are used up, or the disk is broken."""

DATABASE_STATES: Final = ("08", "25006", "53", "57P", "58")
"""The first letters of SQLSTATE where the server is away, read-only, full, stopping or broken."""


class Unreadable(DomainError):  # noqa: N818 - a reason, like its siblings
    """The bytes are no known event."""


class HandlerTimeout(Exception):  # noqa: N818 - a reason, like its siblings
    """The work took longer than our own limit; unlike a timeout of the network, that may be the fault of a message."""


@asynccontextmanager
async def time_limit(seconds: float) -> AsyncIterator[None]:
    """
    Cancel the work within after so many seconds; a timeout of anything that it waits for passes through.

    Raises:
        HandlerTimeout: The time is over.
    """
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            yield
    except TimeoutError as error:
        if limit.expired():
            raise HandlerTimeout from error
        raise


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

    A refusal by a rule is final at once. Failures of the database, the network or the machine are retried without end.
    Every other error is tried ``ATTEMPTS`` times, work that exceeds our own time limit ``SLOW_ATTEMPTS`` times.
    """
    if isinstance(error, DomainError | ValidationError):
        return DeadLetter(reason_of(error))
    attempts = SLOW_ATTEMPTS if isinstance(error, HandlerTimeout) else ATTEMPTS
    if attempt >= attempts and not is_infrastructure(error):
        return DeadLetter(reason_of(error))
    delay_seconds = DELAYS_SECONDS[min(attempt, len(DELAYS_SECONDS)) - 1]
    return Retry(delay_seconds * (1 + JITTER * random.random()))  # noqa: S311 - spreads load, hides nothing


def is_infrastructure(error: BaseException) -> bool:
    """Return True for a failure of the database, the network or the machine, False for one of the work itself."""
    if isinstance(error, DBAPIError):
        return isinstance(error, OperationalError | InterfaceError) or (
            error.connection_invalidated or _is_database_away(error.orig)
        )
    if isinstance(error, OSError):
        return _is_network(error) or error.errno in RESOURCE_ERRNOS
    of_driver = isinstance(error, NoConnectionFree | asyncpg.InterfaceError | asyncpg.InternalClientError)
    return of_driver or _is_database_away(error)


def _is_database_away(error: BaseException | None) -> bool:
    state = getattr(error, "sqlstate", None)
    return isinstance(state, str) and state.startswith(DATABASE_STATES)


def _is_network(error: OSError) -> bool:
    if isinstance(error, ConnectionError | TimeoutError | socket.gaierror | socket.herror | ssl.SSLError):
        return True
    # The way to a server that listens on a file of its own is gone, which is not a file of ours.
    socket_gone = isinstance(error, FileNotFoundError) and error.filename is None
    # asyncio has tried several addresses of one name.
    several = type(error) is OSError and error.errno is None and str(error).startswith("Multiple exceptions")
    return socket_gone or several or error.errno in NETWORK_ERRNOS


def reason_of(error: BaseException) -> str:
    """Return a reason without any value in it: the class of the error, its slug, or the names of invalid fields."""
    if isinstance(error, ValidationError):
        # Of a place within a field only the field: the key of a mapping is a value too.
        fields = sorted({f"{item['loc'][0] if item['loc'] else ''}:{item['type']}" for item in error.errors()})
        return "invalid " + ", ".join(fields)
    if isinstance(error, DomainError):
        return str(error)
    return type(error).__name__
