"""Roles, databases, migrations and the first member of staff."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import asyncpg

from devtools.local.postgres import Postgres
from devtools.local.scripts import migration_scripts
from selvhjelp.up.data_directory import Place, fingerprint

DATABASES: Final = ("intake", "intake_keys", "grouping", "notify")
STAFF: Final = "koordinator"


def url(server: Postgres, place: Place, database: str) -> str:
    """`postgresql://…` of a service's database with its own role, which has the database's name."""
    return server.url(database, user=database, password=place.secret(f"postgres_{database}"))


def driver_url(server: Postgres, place: Place, database: str) -> str:
    """The same for SQLAlchemy."""
    return url(server, place, database).replace("postgresql://", "postgresql+asyncpg://", 1)


async def provide(server: Postgres, place: Place, say: Callable[[str], None]) -> None:
    """Make what is missing: roles, databases, tables, the first member of staff.  Quick when nothing is."""
    scripts = {database: migration_scripts(database) for database in DATABASES}
    now = fingerprint(list(scripts.values()))
    done = place.state().get("provided", {})
    if done.get("cluster") != _cluster(server):
        await _make_databases(server, place)
    if done != {"cluster": _cluster(server), "scripts": now}:
        from pydantic import SecretStr  # noqa: PLC0415 - only a run that migrates waits for these libraries

        from shared.kit.database.migrations import upgrade  # noqa: PLC0415

        say("databasene oppdateres")
        for database, folder in scripts.items():
            await upgrade(SecretStr(driver_url(server, place, database)), folder)
        await _add_staff(server, place)
        place.keep(provided={"cluster": _cluster(server), "scripts": now})


async def _make_databases(server: Postgres, place: Place) -> None:
    connection = await asyncpg.connect(server.url())
    try:
        roles = {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
        names = {row["datname"] for row in await connection.fetch("SELECT datname FROM pg_database")}
        await connection.execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")
        for name in DATABASES:
            password = place.secret(f"postgres_{name}")
            verb = "ALTER" if name in roles else "CREATE"
            await connection.execute(f"{verb} ROLE {name} LOGIN PASSWORD '{password}'")
            if name not in names:
                await connection.execute(f"CREATE DATABASE {name} OWNER {name}")
            await connection.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    finally:
        await connection.close()


async def _add_staff(server: Postgres, place: Place) -> None:
    from pydantic import SecretStr  # noqa: PLC0415

    from intake.usecases.staff import add_staff  # noqa: PLC0415 - only a run that migrates waits for these libraries
    from shared.kit.database.engine import Database  # noqa: PLC0415

    if place.state().get("staff"):
        return
    database = Database(SecretStr(driver_url(server, place, "intake")))
    try:
        async with database.transaction() as session:
            roles = ("koordinator", "admin")
            await add_staff(session, STAFF, place.password("staff_password"), roles, (), datetime.now(UTC))
    finally:
        await database.dispose()
    place.keep(staff=STAFF)


def _cluster(server: Postgres) -> str:
    """What tells this cluster from one that was made anew."""
    return (server.directory / "global" / "pg_control").read_bytes()[:8].hex()
