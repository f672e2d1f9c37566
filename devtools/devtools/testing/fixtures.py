"""
Fixtures on real servers; a test package turns them on with ``pytest_plugins = ["devtools.testing.fixtures"]``.

- ``database_url``: ``url = await database_url("intake")`` is an empty database, migrated as in production;
  ``await database_url("x", metadata)`` builds it from tables instead
- ``nats_url``: a JetStream server with the streams and consumers of all services, all of them empty
- ``postgres_server``, ``nats_server``: the servers themselves, to kill and start again
- ``manual_clock``: stands still until the test moves it
"""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Final

import pytest
import pytest_asyncio

from devtools.local.nats import Nats
from devtools.local.postgres import Postgres
from devtools.testing import servers
from devtools.testing.databases import Cluster, Databases
from devtools.testing.identities import renew_streams
from shared.kit.clock import ManualClock

__all__ = ["Databases"]

MONDAY_NOON: Final = datetime(2026, 1, 5, 11, 0, tzinfo=UTC)  # 12:00 in Oslo


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """Start a PostgreSQL for this test process."""
    server = servers.new_postgres()
    yield server
    servers.discard(server)


@pytest.fixture(scope="session")
def nats_server() -> Iterator[Nats]:
    """Start a nats-server for this test process."""
    server = servers.new_nats()
    yield server
    servers.discard(server)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database_cluster(postgres_server: Postgres) -> AsyncIterator[Cluster]:
    """Return the templates and spare databases of this test process."""
    cluster = Cluster(postgres_server)
    yield cluster
    await cluster.close()


@pytest_asyncio.fixture
async def database_url(database_cluster: Cluster) -> AsyncIterator[Databases]:
    """Return a factory of databases that are given back after the test; await it with the name of a service."""
    databases = Databases(database_cluster)
    yield databases
    await databases.give_back()


@pytest_asyncio.fixture
async def nats_url(nats_server: Nats) -> str:
    """Make all streams of the server anew; return its address."""
    if not nats_server.alive:
        nats_server.start()
    await renew_streams(nats_server.url)
    return nats_server.url


@pytest.fixture
def manual_clock() -> ManualClock:
    """Return a clock that stands at noon in Oslo on Monday 5 January 2026 until it is moved."""
    return ManualClock(MONDAY_NOON)
