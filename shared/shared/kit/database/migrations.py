"""Alembic for a service: one place that runs scripts, with a lock so that two starts do not race."""

from pathlib import Path
from typing import Final

from alembic import command, context
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic import SecretStr
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine

LOCK_TIMEOUT_SECONDS: Final = 5


def _config(scripts: Path, connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def run_env(metadata: MetaData) -> None:
    """What a service's ``migrations/env.py`` calls: run the scripts on the connection that was handed over."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


async def upgrade(url: SecretStr, scripts: Path) -> str | None:
    """
    Bring a database up to date.

    Args:
        url: ``postgresql+asyncpg://…`` with a role that may change the schema.
        scripts: The folder with ``env.py`` and ``versions/``.

    Returns:
        The revision it is at now.
    """

    def work(connection: Connection) -> str | None:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('selvhjelp.migrate'))"))
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'"))
        command.upgrade(_config(scripts, connection), "head")
        return MigrationContext.configure(connection).get_current_revision()

    engine = create_async_engine(url.get_secret_value(), hide_parameters=True)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


async def pending(url: SecretStr, scripts: Path) -> bool:
    """Whether the database is behind its scripts."""

    def work(connection: Connection) -> bool:
        head = ScriptDirectory.from_config(_config(scripts, connection)).get_current_head()
        return MigrationContext.configure(connection).get_current_revision() != head

    engine = create_async_engine(url.get_secret_value(), hide_parameters=True)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


async def differences(url: SecretStr, metadata: MetaData) -> list[str]:
    """What the tables in the code have that the migrated database lacks, or the other way round; empty when equal."""

    def work(connection: Connection) -> list[str]:
        migration = MigrationContext.configure(connection, opts={"compare_type": True})
        return [repr(difference) for difference in compare_metadata(migration, metadata)]

    engine = create_async_engine(url.get_secret_value(), hide_parameters=True)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


async def autogenerate(url: SecretStr, scripts: Path, message: str) -> None:
    """Write a new revision from the difference between code and database; a person reads it before it is committed."""

    def work(connection: Connection) -> None:
        command.revision(_config(scripts, connection), message=message, autogenerate=True)

    engine = create_async_engine(url.get_secret_value(), hide_parameters=True)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(work)
    finally:
        await engine.dispose()
