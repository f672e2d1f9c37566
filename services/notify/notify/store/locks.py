"""Advisory locks by name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kit.database.engine import Database

_NAME = sa.func.unnest(sa.bindparam("names", type_=ARRAY(sa.Text))).column_valued("name")
_HOLD_ALL = sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(_NAME, 0)))


async def hold(session: AsyncSession, *names: str) -> None:
    """Wait for the lock of each name in this order, and hold them until the transaction ends."""
    await session.execute(_HOLD_ALL, {"names": names})


@asynccontextmanager
async def alone(database: Database, name: str) -> AsyncIterator[bool]:
    """Hold the lock of this name over several transactions; yield False at once if another process has it."""
    key = sa.func.hashtextextended(name, 0)
    async with database.engine.connect() as connection:
        taken = bool(await connection.scalar(sa.select(sa.func.pg_try_advisory_lock(key))))
        try:
            yield taken
        finally:
            if taken:
                await connection.execute(sa.select(sa.func.pg_advisory_unlock(key)))
