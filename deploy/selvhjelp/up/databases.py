"""Roles, databases, migrations and the first staff user."""

from collections.abc import Callable
from typing import Final

import asyncpg

from devtools.local.postgres import Postgres
from selvhjelp.up.data_directory import DataDirectory, fingerprint
from shared.kit.database.scripts import migration_scripts

DATABASES: Final = ("intake", "intake_keys", "grouping", "notify")
STAFF_USERNAME: Final = "koordinator"


def url(server: Postgres, data: DataDirectory, database: str) -> str:
    """Return the `postgresql://…` URL of a database, with the role and password of the same name."""
    return server.url(database, user=database, password=data.secret(f"postgres_{database}"))


def driver_url(server: Postgres, data: DataDirectory, database: str) -> str:
    """Return the URL of a database for SQLAlchemy with asyncpg."""
    return server.driver_url(database, user=database, password=data.secret(f"postgres_{database}"))


async def provide(server: Postgres, data: DataDirectory, report: Callable[[str], None]) -> None:
    """
    Create missing roles, databases, tables and the first staff user.

    The data directory remembers the cluster and the migration scripts of the last run; if both are the same, the server
    is not asked.
    """
    scripts = {database: migration_scripts(database) for database in DATABASES}
    current = {"cluster": _cluster_id(server), "scripts": fingerprint(list(scripts.values()))}
    last_run = data.state().get("provided", {})
    if last_run.get("cluster") != current["cluster"]:
        await _create_databases(server, data)
    if last_run != current:
        from selvhjelp.up import contents  # noqa: PLC0415 - slow to import, and only needed to migrate

        report("updating the databases")
        await contents.migrate({driver_url(server, data, name): folder for name, folder in scripts.items()})
        if not data.state().get("staff"):
            await contents.add_staff_user(
                driver_url(server, data, "intake"), STAFF_USERNAME, data.password("staff_password")
            )
            data.update_state(staff=STAFF_USERNAME)
        data.update_state(provided=current)


async def _create_databases(server: Postgres, data: DataDirectory) -> None:
    connection = await asyncpg.connect(server.url())
    try:
        roles = {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
        existing = {row["datname"] for row in await connection.fetch("SELECT datname FROM pg_database")}
        await connection.execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")
        for name in DATABASES:
            password = data.secret(f"postgres_{name}")
            # A role that exists gets the password anew: the secrets of the data directory can be newer than the role.
            create_or_alter = "ALTER" if name in roles else "CREATE"
            await connection.execute(f"{create_or_alter} ROLE {name} LOGIN PASSWORD '{password}'")
            if name not in existing:
                await connection.execute(f"CREATE DATABASE {name} OWNER {name}")
            await connection.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    finally:
        await connection.close()


def _cluster_id(server: Postgres) -> str:
    """Return PostgreSQL's identifier of the cluster, the first 8 bytes of `pg_control`; a rebuilt one has another."""
    return (server.directory / "global" / "pg_control").read_bytes()[:8].hex()
