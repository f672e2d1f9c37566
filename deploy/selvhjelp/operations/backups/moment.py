"""
One moment of all databases: nothing that a service handled is in the copy without being in the copy of who sent it.

While all outboxes are locked against new rows, no event can begin anywhere, and so none can be handled that is not in
its sender's outbox. The locks last until each database has its snapshot: milliseconds, in which commits wait.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from selvhjelp.operations.backups.rows import Connection
from shared.kit.database.connect import connect

LOCK_SECONDS: Final = 10


@asynccontextmanager
async def same_moment(dsns: Mapping[str, str]) -> AsyncIterator[dict[str, Connection]]:
    """
    Open a read-only transaction on each database, all of them at one moment.

    Args:
        dsns: The address of each database, with the role that owns the tables.
    """
    async with AsyncExitStack() as stack:
        readers = {name: await _connect(stack, dsn) for name, dsn in dsns.items()}
        async with AsyncExitStack() as locks:
            for name, dsn in dsns.items():
                if name != "intake_keys":
                    await _lock_outbox(locks, dsn)
            await asyncio.gather(*(_snapshot(reader) for reader in readers.values()))
        yield readers


async def _connect(stack: AsyncExitStack, dsn: str) -> Connection:
    connection = await connect(dsn)
    stack.push_async_callback(connection.close)
    return connection


async def _lock_outbox(stack: AsyncExitStack, dsn: str) -> None:
    connection = await _connect(stack, dsn)
    await connection.execute("BEGIN")
    await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
    await connection.execute("LOCK TABLE outbox IN SHARE MODE")


async def _snapshot(connection: Connection) -> None:
    await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    await connection.execute("SELECT 1")
