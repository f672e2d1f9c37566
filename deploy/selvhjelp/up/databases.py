"""Roles, databases, migrations and the first staff user."""

from collections.abc import Callable
from typing import Final

import asyncpg

from devtools.local.postgres import Postgres
from selvhjelp.up.data_directory import DataDirectory, fingerprint
from shared.kit.database.scripts import migration_scripts

DATABASES: Final = ("intake", "intake_keys", "grouping", "notify")
STAFF: Final = "koordinator"


def url(server: Postgres, data: DataDirectory, database: str) -> str:
    """Return the `postgresql://…` of a service's database, with its own role of the same name."""
    return server.url(database, user=database, password=data.secret(f"postgres_{database}"))


def driver_url(server: Postgres, data: DataDirectory, database: str) -> str:
    """Return the same address for SQLAlchemy."""
    return url(server, data, database).replace("postgresql://", "postgresql+asyncpg://", 1)


async def provide(server: Postgres, data: DataDirectory, say: Callable[[str], None]) -> None:
    """Create missing roles, databases, tables and the first staff user. Quick if nothing is missing."""
    scripts = {database: migration_scripts(database) for database in DATABASES}
    wanted = {"cluster": _cluster(server), "scripts": fingerprint(list(scripts.values()))}
    provided = data.state().get("provided", {})
    if provided.get("cluster") != wanted["cluster"]:
        await _create_databases(server, data)
    if provided != wanted:
        from selvhjelp.up import contents  # noqa: PLC0415 - only a run that migrates waits for its libraries

        say("databasene oppdateres")
        await contents.migrate({driver_url(server, data, name): folder for name, folder in scripts.items()})
        if not data.state().get("staff"):
            await contents.add_staff_user(driver_url(server, data, "intake"), STAFF, data.password("staff_password"))
            data.update_state(staff=STAFF)
        data.update_state(provided=wanted)


async def _create_databases(server: Postgres, data: DataDirectory) -> None:
    connection = await asyncpg.connect(server.url())
    try:
        roles = {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
        names = {row["datname"] for row in await connection.fetch("SELECT datname FROM pg_database")}
        await connection.execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")
        for name in DATABASES:
            password = data.secret(f"postgres_{name}")
            verb = "ALTER" if name in roles else "CREATE"
            await connection.execute(f"{verb} ROLE {name} LOGIN PASSWORD '{password}'")
            if name not in names:
                await connection.execute(f"CREATE DATABASE {name} OWNER {name}")
            await connection.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    finally:
        await connection.close()


def _cluster(server: Postgres) -> str:
    """Return the identifier of the cluster; a rebuilt cluster has another."""
    return (server.directory / "global" / "pg_control").read_bytes()[:8].hex()
