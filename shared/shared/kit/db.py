"""PostgreSQL: one engine for each service, and the only place that commits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

STATEMENT_TIMEOUT_SECONDS = 5
LOCK_TIMEOUT_SECONDS = 3
IDLE_IN_TRANSACTION_TIMEOUT_SECONDS = 10
POOL_SIZE = 10
POOL_OVERFLOW = 10
CONNECT_TIMEOUT_SECONDS = 5


class Database:
    """
    A service's own database.

    Args:
        url: ``postgresql+asyncpg://…``
    """

    def __init__(self, url: SecretStr) -> None:
        self.url = url
        self.engine = create_async_engine(
            url.get_secret_value(),
            pool_size=POOL_SIZE,
            max_overflow=POOL_OVERFLOW,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={
                "timeout": CONNECT_TIMEOUT_SECONDS,
                "server_settings": {
                    "statement_timeout": f"{STATEMENT_TIMEOUT_SECONDS}s",
                    "lock_timeout": f"{LOCK_TIMEOUT_SECONDS}s",
                    "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_TIMEOUT_SECONDS}s",
                },
            },
        )

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session whose work is committed at the end, whole, or not at all."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @property
    def dsn(self) -> str:
        """The same address as asyncpg takes it."""
        return self.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)

    async def dispose(self) -> None:
        """Close all connections."""
        await self.engine.dispose()
