"""Migrate the four databases and set up streams and consumers at the broker."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import Final, TypeVar

import asyncpg
from nats.errors import Error as NatsError
from sqlalchemy import MetaData
from sqlalchemy.exc import DBAPIError

from selvhjelp.console import CommandError
from selvhjelp.installation import DATABASES, Installation
from selvhjelp.operations.connections import connect_once
from selvhjelp.operations.journal import refill_journal
from selvhjelp.operations.streams import provide_streams
from shared.events import STREAMS
from shared.kit.database.migrations import pending, upgrade
from shared.kit.database.scripts import migration_scripts
from shared.kit.messaging import topology

RETRY_SECONDS: Final = 0.5

T = TypeVar("T")


@dataclass
class MigrationResult:
    """
    The state after a migration.

    Attributes:
        databases: The revision of each database.
        changed: Databases that were behind.
        streams, consumers: Names of those that exist now as the code defines them.
    """

    databases: dict[str, str | None] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    streams: list[str] = field(default_factory=list)
    consumers: list[str] = field(default_factory=list)


async def migrate(installation: Installation, wait_seconds: float, say: Callable[[str], None]) -> MigrationResult:
    """
    Migrate all databases, then create or update streams and consumers. Safe to repeat and to run twice at once.

    Args:
        installation: The installation to migrate.
        wait_seconds: How long the servers may take to answer; they are often started at the same moment.
        say: Called with one line for each step.

    Raises:
        CommandError: The migration scripts are not here, as in the image of a service.
    """
    result = MigrationResult()
    deadline = time.monotonic() + wait_seconds
    urls = {database: installation.database_url(database) for database in DATABASES}
    for database, url in urls.items():
        try:
            scripts = migration_scripts(database)
        except LookupError as error:
            raise CommandError(str(error)) from None
        behind = await _retry_until(deadline, partial(pending, url, scripts))
        result.databases[database] = await upgrade(url, scripts)
        if behind:
            result.changed.append(database)
        say(f"{database:<12} {'updated to' if behind else 'is at'} {result.databases[database]}")
    await _retry_until(deadline, partial(provide_streams, installation))
    client = await _retry_until(deadline, partial(connect_once, installation.nats_url, installation.operator))
    try:
        refilled = await refill_journal(installation, client)
    finally:
        await client.close()
    result.streams = [stream.value for stream in STREAMS]
    result.consumers = list(topology.DURABLES)
    if refilled:
        say(f"{'NATS':<12} the journal of erasures was filled again: {refilled}")
    say(f"{'NATS':<12} {len(result.streams)} streams, {len(result.consumers)} consumers")
    return result


def tables(database: str) -> MetaData:
    """Return the tables of a database as the code defines them."""
    if database.startswith("intake"):
        schema = import_module("intake.schema")
        intake: MetaData = schema.KEYS_METADATA if database == "intake_keys" else schema.METADATA
        return intake
    metadata: MetaData = import_module(f"{database}.store").Base.metadata
    return metadata


async def _retry_until(deadline: float, attempt: Callable[[], Awaitable[T]]) -> T:
    while True:
        try:
            return await attempt()
        except (OSError, TimeoutError, NatsError, DBAPIError, asyncpg.CannotConnectNowError):
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(RETRY_SECONDS)
