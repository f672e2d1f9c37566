"""Which failures come again without end, and which end as a dead letter."""

import asyncio
import errno
import os
import socket
import ssl

import asyncpg
import nats.errors
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from shared.kit.messaging.retry import (
    ATTEMPTS,
    SLOW_ATTEMPTS,
    DeadLetter,
    HandlerTimeout,
    Retry,
    decide,
    is_infrastructure,
    time_limit,
)


def of_errno(number: int, filename: str | None = None) -> OSError:
    return OSError(number, os.strerror(number), filename) if filename else OSError(number, os.strerror(number))


def of_database(kind: type[asyncpg.PostgresError]) -> DBAPIError:
    return DBAPIError("select 1", None, kind("no"))


AWAY = [
    ConnectionRefusedError(),
    ConnectionResetError(),
    BrokenPipeError(),
    TimeoutError(),
    nats.errors.TimeoutError(),
    socket.gaierror(socket.EAI_AGAIN, "try again"),
    ssl.SSLError("handshake"),
    OSError("Multiple exceptions: [Errno 111] refused, [Errno 111] refused"),
    of_errno(errno.EHOSTUNREACH),
    of_errno(errno.ENETUNREACH),
    of_errno(errno.ENETDOWN),
    of_errno(errno.ENOENT),  # the socket of a server
    of_errno(errno.EMFILE, "/dev/null"),
    of_errno(errno.ENOSPC, "/tmp/full"),
    NoConnectionFree(),
    OperationalError("select 1", None, Exception()),
    asyncpg.CannotConnectNowError("starting"),
    asyncpg.ConnectionDoesNotExistError("gone"),
    asyncpg.InterfaceError("closed"),
    asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
    of_database(asyncpg.AdminShutdownError),
    of_database(asyncpg.DiskFullError),
    of_database(asyncpg.TooManyConnectionsError),
    of_database(asyncpg.ReadOnlySQLTransactionError),
]
OWN = [
    FileNotFoundError(errno.ENOENT, "No such file", "template.txt"),
    PermissionError(errno.EACCES, "Permission denied", "template.txt"),
    IsADirectoryError(errno.EISDIR, "Is a directory", "mails"),
    NotADirectoryError(errno.ENOTDIR, "Not a directory", "mails"),
    of_errno(errno.EINVAL),
    of_errno(errno.ENAMETOOLONG, "x"),
    OSError("any"),
    KeyError("field"),
    of_database(asyncpg.QueryCanceledError),  # our own limit on a statement
    of_database(asyncpg.UndefinedTableError),
    IntegrityError("insert", None, Exception()),
]


@pytest.mark.parametrize("error", AWAY, ids=repr)
def test_decide_retries_without_end_while_something_is_away(error: Exception) -> None:
    assert is_infrastructure(error)
    assert isinstance(decide(error, 1000), Retry)


@pytest.mark.parametrize("error", OWN, ids=repr)
def test_decide_ends_own_failure_as_dead_letter(error: Exception) -> None:
    assert isinstance(decide(error, ATTEMPTS - 1), Retry)
    assert decide(error, ATTEMPTS) == DeadLetter(type(error).__name__)


def test_slow_work_is_tried_for_an_hour_before_it_is_a_dead_letter() -> None:
    delays = [decide(HandlerTimeout(), attempt) for attempt in range(1, SLOW_ATTEMPTS)]
    assert sum(delay.delay_seconds for delay in delays if isinstance(delay, Retry)) > 3600
    assert decide(HandlerTimeout(), SLOW_ATTEMPTS) == DeadLetter("HandlerTimeout")


async def test_time_limit_over_is_our_own_timeout() -> None:
    with pytest.raises(HandlerTimeout):
        async with time_limit(0.01):
            await asyncio.Event().wait()


async def test_time_limit_passes_a_timeout_of_the_network_through() -> None:
    with pytest.raises(TimeoutError) as caught:
        async with time_limit(60):
            raise nats.errors.TimeoutError
    assert not isinstance(caught.value, HandlerTimeout)


async def test_time_limit_passes_a_cancellation_through() -> None:
    async def work() -> None:
        async with time_limit(60):
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
