"""Several hosts of one database, of which one may be gone: the driver would spend its whole time on the first."""

import asyncio
from asyncio.staggered import staggered_race
from collections.abc import Mapping
from functools import partial
from itertools import zip_longest
from time import monotonic
from typing import Any, Final

import asyncpg
from sqlalchemy.engine import make_url

NEXT_AFTER_SECONDS: Final = 0.5
"""The next host is tried beside one that has not opened by then (RFC 8305)."""

PORT: Final = 5432
_failed_at: Final[dict[tuple[str, int], float]] = {}
"""When a host last opened nothing: it is tried last, so that looking up its name keeps no thread from the others."""


async def open_first(*address: str, **options: Any) -> "asyncpg.Connection[Any]":
    """
    Connect as asyncpg does; of several hosts, to the first that opens, each with the whole timeout.

    Raises:
        Exception: What the driver raised; of several hosts, what a server said rather than that there is none.
    """
    hosts = _hosts(address, options)
    if len(hosts) == 1:
        return await asyncpg.connect(*address, **options)
    hosts.sort(key=lambda host: _failed_at.get(host, 0))
    attempts = [partial(_open, host, address, options) for host in hosts]
    connection, _, errors = await staggered_race(attempts, NEXT_AFTER_SECONDS)
    if connection is not None:
        return connection
    raise telling([error for error in errors if error is not None])


async def _open(host: tuple[str, int], address: tuple[str, ...], options: dict[str, Any]) -> "asyncpg.Connection[Any]":
    name, port = host
    try:
        connection = await asyncpg.connect(*address, **options | {"host": name, "port": port})
    except (Exception, asyncio.CancelledError):
        _failed_at[host] = monotonic()
        raise
    _failed_at.pop(host, None)
    return connection


def telling(errors: list[Exception]) -> Exception:
    """Return a refused password, else what another server said, else why one cannot be reached."""
    return min(
        errors,
        key=lambda error: 0 if isinstance(error, asyncpg.InvalidPasswordError) else 1 + isinstance(error, OSError),
    )


def _hosts(address: tuple[str, ...], options: dict[str, Any]) -> list[tuple[str, int]]:
    """Return the hosts that SQLAlchemy passes as lists, and those in an address of asyncpg."""
    given: Mapping[str, Any] = options if "host" in options or not address else make_url(address[0]).query
    names, ports = (_listed(given.get(key)) for key in ("host", "port"))
    if len(names) == 1:
        return [("", 0)]
    return [(name, int(port or PORT)) for name, port in zip_longest(names, ports)]


def _listed(value: Any) -> list[Any]:
    if isinstance(value, str):
        return value.split(",")
    return list(value) if isinstance(value, list | tuple) else [value]
