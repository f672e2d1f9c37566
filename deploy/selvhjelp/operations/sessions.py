"""Sessions on the databases of an installation, for commands."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kit.database.engine import Database


@asynccontextmanager
async def database_session(url: SecretStr) -> AsyncIterator[AsyncSession]:
    """Open a transaction on a database, and close its connections afterwards."""
    database = Database(url)
    try:
        async with database.transaction() as session:
            yield session
    finally:
        await database.dispose()
