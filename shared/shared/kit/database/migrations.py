"""Alembic for a service: run scripts under a lock, so that two starts do not race."""

from pathlib import Path
from typing import Final

from alembic import command, context
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic import SecretStr
from sqlalchemy import Connection, MetaData, text

from shared.kit.database.append_only import for_service_role
from shared.kit.database.connect import new_engine

LOCK_TIMEOUT_SECONDS: Final = 5


def _config(scripts: Path, connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def run_env(metadata: MetaData) -> None:
    """Run the scripts on the connection of :func:`upgrade`; a service's ``migrations/env.py`` calls this."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


async def upgrade(url: SecretStr, scripts: Path, revision: str = "head") -> str | None:
    """
    Bring a database up to date.

    Args:
        url: ``postgresql+asyncpg://…`` with a role that may change the schema.
        scripts: The folder with ``env.py`` and ``versions/``.
        revision: How far; a database that is further is left as it is.

    Returns:
        The revision of the database afterwards.
    """

    def work(connection: Connection) -> str | None:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('selvhjelp.migrate'))"))
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'"))
        command.upgrade(_config(scripts, connection), revision)
        connection.execute(text(for_service_role("REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM %I")))
        return MigrationContext.configure(connection).get_current_revision()

    engine = new_engine(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


async def pending(url: SecretStr, scripts: Path) -> bool:
    """Return True if the database is behind its scripts."""

    def work(connection: Connection) -> bool:
        head = ScriptDirectory.from_config(_config(scripts, connection)).get_current_head()
        return MigrationContext.configure(connection).get_current_revision() != head

    engine = new_engine(url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


async def differences(url: SecretStr, metadata: MetaData) -> list[str]:
    """Return the differences between the tables in the code and the migrated database; empty when equal."""

    def work(connection: Connection) -> list[str]:
        migration = MigrationContext.configure(connection, opts={"compare_type": True})
        return [repr(difference) for difference in compare_metadata(migration, metadata)]

    engine = new_engine(url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


async def autogenerate(url: SecretStr, scripts: Path, message: str) -> None:
    """Write a new revision from the differences between code and database; review it before the commit."""

    def work(connection: Connection) -> None:
        command.revision(_config(scripts, connection), message=message, autogenerate=True)

    engine = new_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(work)
    finally:
        await engine.dispose()
