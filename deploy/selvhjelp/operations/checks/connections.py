"""Check that PostgreSQL has room for the connections of all copies of all services."""

from collections.abc import Iterator, Mapping
from typing import Final

from selvhjelp.operations.checks.finding import Finding, ok, warning

PART: Final = "databases"
DATABASES_OF: Final = {"intake": 2, "grouping": 1, "notify": 1}
LISTENING: Final = 3
"""Connections of a copy beside its pools: its relay, its worker, and what follows the settings of centres."""

OTHERS: Final = 8
"""For the command, a backup and monitoring."""


def connections_needed(copies: Mapping[str, int], connections: Mapping[str, int]) -> int:
    """
    Return the most connections that an installation opens.

    Args:
        copies: Of each service.
        connections: The most of one copy to each of its databases, by service.
    """
    services = (
        copies[service] * (DATABASES_OF[service] * connections[service] + LISTENING) for service in DATABASES_OF
    )
    return sum(services) + OTHERS


def connections_that_fit(copies: Mapping[str, int], room: int) -> int:
    """Return the most connections of each copy to each database that a server has room for."""
    pools = sum(copies[service] * DATABASES_OF[service] for service in DATABASES_OF)
    return (room - OTHERS - LISTENING * sum(copies.values())) // pools


def check_connections(copies: Mapping[str, int], connections: Mapping[str, int], room: int) -> Iterator[Finding]:
    """
    Compare what an installation may open with what its server takes.

    Args:
        copies: Of each service.
        connections: The most of one copy to each of its databases, by service.
        room: What the server takes from others than superusers.
    """
    needed = connections_needed(copies, connections)
    if needed <= room:
        yield ok(PART, f"PostgreSQL has room for all connections: {needed} of {room}")
        return
    fit = connections_that_fit(copies, room)
    lower = f"DATABASE_CONNECTIONS={fit} or a higher max_connections" if fit >= 4 else "a higher max_connections"
    yield warning(PART, f"under load, connections to PostgreSQL run out: {needed} for {room}", f"set {lower}")
