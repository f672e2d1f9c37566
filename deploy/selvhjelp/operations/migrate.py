"""All four databases and the broker, brought up to date."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import Final, TypeVar

import asyncpg
from nats.errors import Error as NatsError
from pydantic import SecretStr
from sqlalchemy import MetaData
from sqlalchemy.exc import DBAPIError

from devtools.local.scripts import migration_scripts
from selvhjelp.installation import DATABASES, SERVICES, Installation
from selvhjelp.operations.connections import connect_once
from shared.events import STREAMS
from shared.kit.database.migrations import differences, pending, upgrade
from shared.kit.messaging import topology
from shared.kit.messaging.consumer import Consumer

RETRY_SECONDS: Final = 0.5

T = TypeVar("T")


@dataclass
class Done:
    """
    What was done.

    Attributes:
        databases: Each with the revision it is at now.
        changed: Those that were behind.
        streams, consumers: Those that are there as the code wants them.
    """

    databases: dict[str, str | None] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    streams: list[str] = field(default_factory=list)
    consumers: list[str] = field(default_factory=list)


async def migrate(installation: Installation, wait_seconds: float, say: Callable[[str], None]) -> Done:
    """
    Databases first, then streams and consumers; harmless when run again or by two at once.

    Args:
        installation: Which one.
        wait_seconds: How long servers may take until they answer; they are often started at the same moment.
        say: One line for each step.
    """
    done = Done()
    deadline = time.monotonic() + wait_seconds
    urls = {database: installation.database_url(database) for database in DATABASES}
    for database, url in urls.items():
        scripts = migration_scripts(database)
        behind = await _patiently(partial(pending, url, scripts), deadline)
        done.databases[database] = await upgrade(url, scripts)
        if behind:
            done.changed.append(database)
        say(f"{database:<12} {'oppdatert til' if behind else 'er på'} {done.databases[database]}")
    consumers = all_consumers()
    client = await _patiently(partial(connect_once, installation.nats_url, "selvhjelp-migrate"), deadline)
    try:
        await topology.ensure(client.jetstream(), consumers, installation.nats_replicas)
    finally:
        await client.close()
    done.streams = [stream.value for stream in STREAMS]
    done.consumers = [consumer.durable for consumer in consumers]
    say(f"{'NATS':<12} {len(done.streams)} strømmer, {len(done.consumers)} lesere")
    return done


def all_consumers() -> list[Consumer]:
    """What the three services listen to."""
    return [consumer for service in SERVICES for consumer in import_module(f"{service}.app").contract()]


def tables(database: str) -> MetaData:
    """The tables of a database as the code has them."""
    if database.startswith("intake"):
        schema = import_module("intake.schema")
        found: MetaData = schema.KEYS_METADATA if database == "intake_keys" else schema.METADATA
        return found
    metadata: MetaData = import_module(f"{database}.store").Base.metadata
    return metadata


async def compare_scripts() -> dict[str, list[str]]:
    """
    Migrate empty databases on a throw-away server and compare them with the code.

    Returns:
        For each database what differs; empty lists when the scripts make what the code wants.

    Raises:
        LocalError: There is no embedded PostgreSQL here.
    """
    from devtools.testing import servers  # noqa: PLC0415 - only where embedded servers are installed

    server = await asyncio.to_thread(servers.new_postgres)
    try:
        found = {}
        for database in DATABASES:
            connection = await asyncpg.connect(server.url())
            await connection.execute(f'CREATE DATABASE "{database}"')
            await connection.close()
            url = SecretStr(server.url(database).replace("postgresql://", "postgresql+asyncpg://", 1))
            await upgrade(url, migration_scripts(database))
            found[database] = await differences(url, tables(database))
        return found
    finally:
        await asyncio.to_thread(servers.discard, server)


async def _patiently(attempt: Callable[[], Awaitable[T]], deadline: float) -> T:
    while True:
        try:
            return await attempt()
        except (OSError, TimeoutError, NatsError, DBAPIError, asyncpg.CannotConnectNowError):
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(RETRY_SECONDS)
