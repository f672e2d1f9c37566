"""Roles, databases, migrations and the first staff user."""

from collections.abc import Callable
from typing import Final

from devtools.local.postgres import Postgres
from selvhjelp.up.data_directory import DataDirectory, fingerprint
from shared.kit.database.connect import connect
from shared.kit.database.scripts import migration_scripts

DATABASES: Final = ("intake", "intake_keys", "grouping", "notify")
STAFF_USERNAME: Final = "koordinator"


def url(server: Postgres, data: DataDirectory, database: str, role: str | None = None) -> str:
    """Return the `postgresql://…` URL of a database, with the role of the same name or another one."""
    role = role or database
    return server.url(database, user=role, password=data.secret(f"postgres_{role}"))


def driver_url(server: Postgres, data: DataDirectory, database: str, role: str | None = None) -> str:
    """Return the URL of a database for SQLAlchemy with asyncpg."""
    role = role or database
    return server.driver_url(database, user=role, password=data.secret(f"postgres_{role}"))


def owner(database: str) -> str:
    """Return the role that owns the tables of a database and migrates them."""
    return f"{database}_owner"


async def provide(server: Postgres, data: DataDirectory, report: Callable[[str], None]) -> None:
    """
    Create missing roles, databases, tables and the first staff user.

    The data directory remembers the cluster and the migration scripts of the last run; if both are the same, the server
    is not asked.
    """
    scripts = {database: migration_scripts(database) for database in DATABASES}
    current = {"cluster": _cluster_id(server), "owners": True, "scripts": fingerprint(list(scripts.values()))}
    last_run = data.state().get("provided", {})
    if (last_run.get("cluster"), last_run.get("owners")) != (current["cluster"], True):
        await _create_databases(server, data)
    if last_run != current:
        from selvhjelp.up import contents  # noqa: PLC0415 - slow to import, and only needed to migrate

        report("updating the databases")
        owners = {driver_url(server, data, name, owner(name)): folder for name, folder in scripts.items()}
        await contents.migrate(owners)
        if not data.state().get("staff"):
            await contents.add_staff_user(
                driver_url(server, data, "intake"), STAFF_USERNAME, data.password("staff_password")
            )
            data.update_state(staff=STAFF_USERNAME)
        data.update_state(provided=current)


async def _create_databases(server: Postgres, data: DataDirectory) -> None:
    connection = await connect(server.url())
    try:
        roles = {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
        owners = "SELECT datname, pg_get_userbyid(datdba) AS owner FROM pg_database"
        existing = {row["datname"]: row["owner"] for row in await connection.fetch(owners)}
        await connection.execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")
        for name in DATABASES:
            for role in (owner(name), name):
                # A role that exists gets the password anew: the secrets of the data directory can be newer than it.
                create_or_alter = "ALTER" if role in roles else "CREATE"
                password = data.secret(f"postgres_{role}")
                await connection.execute(f"{create_or_alter} ROLE {role} LOGIN PASSWORD '{password}'")
            if name not in existing:
                await connection.execute(f"CREATE DATABASE {name} OWNER {owner(name)}")
            await connection.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
            if existing.get(name) != owner(name):
                await connection.execute(f"ALTER DATABASE {name} OWNER TO {owner(name)}")
                await _give_tables_to_owner(server, name)
            await connection.execute(f"GRANT CONNECT ON DATABASE {name} TO {name}")
    finally:
        await connection.close()


async def _give_tables_to_owner(server: Postgres, name: str) -> None:
    """Give the schema to the owner, and rights on rows to the service's role, as deploy/postgres/databases.sh does."""
    connection = await connect(server.url(name))
    try:
        async with connection.transaction():
            await connection.execute(
                f"""
                REASSIGN OWNED BY {name} TO {owner(name)};
                REVOKE ALL ON SCHEMA public FROM PUBLIC;
                ALTER SCHEMA public OWNER TO {owner(name)};
                GRANT USAGE ON SCHEMA public TO {name};
                GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name};
                GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name};
                ALTER DEFAULT PRIVILEGES FOR ROLE {owner(name)} IN SCHEMA public
                    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {name};
                ALTER DEFAULT PRIVILEGES FOR ROLE {owner(name)} IN SCHEMA public
                    GRANT USAGE, SELECT ON SEQUENCES TO {name};
                """
            )
    finally:
        await connection.close()


def _cluster_id(server: Postgres) -> str:
    """Return PostgreSQL's identifier of the cluster, the first 8 bytes of `pg_control`; a rebuilt one has another."""
    return (server.directory / "global" / "pg_control").read_bytes()[:8].hex()
