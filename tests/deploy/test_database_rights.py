"""What the role of each service may do in PostgreSQL: role x database x table x verb, on a real server."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from devtools.local.postgres import Postgres
from devtools.testing import servers
from selvhjelp.operations.checks.databases import unverified
from selvhjelp.up import databases
from selvhjelp.up.data_directory import DataDirectory

VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN")
ROWS = {"SELECT", "INSERT", "UPDATE", "DELETE"}
LESS = {
    **{(name, "alembic_version"): {"SELECT"} for name in databases.DATABASES},
    **{(name, "audit_log"): {"SELECT", "INSERT", "DELETE"} for name in ("intake", "grouping", "notify")},
    ("intake", "contact_readings"): {"SELECT", "INSERT", "DELETE"},
}
"""Tables in which a service may do less than read and write rows; what DELETE does there, see below."""
TOO_YOUNG = timedelta(days=359)
OLD_ENOUGH = timedelta(days=361)
ENTRY = (
    "INSERT INTO audit_log (at, actor, action, object_kind, object_id, details) VALUES (now(), $1, 'a', 'b', 'c', $2)"
)
READING = "INSERT INTO contact_readings (person_id, reader, purpose, read_at) VALUES ($1, 'kari', $2, now())"


@pytest.fixture(scope="module")
def provided(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Postgres, DataDirectory]]:
    """Return a server as `selvhjelp up` prepares it."""
    data = DataDirectory(tmp_path_factory.mktemp("data"))
    server = servers.new_postgres()
    try:
        asyncio.run(databases.provide(server, data, lambda _: None))
        yield server, data
    finally:
        servers.discard(server)


@pytest.fixture
async def connect(provided: tuple[Postgres, DataDirectory]) -> AsyncIterator["Connect"]:
    connections = Connect(*provided)
    yield connections
    await connections.close()


class Connect:
    """Connections by database and role; the superuser's where no role is named."""

    def __init__(self, server: Postgres, data: DataDirectory) -> None:
        self._server, self._data = server, data
        self._open: list[asyncpg.Connection] = []

    async def __call__(self, database: str, role: str | None = None) -> asyncpg.Connection:
        url = self._server.url(database) if role is None else databases.url(self._server, self._data, database, role)
        self._open.append(await asyncpg.connect(url))
        return self._open[-1]

    async def close(self) -> None:
        for connection in self._open:
            await connection.close()


@pytest.mark.parametrize(
    ("url", "environment", "warned"),
    [
        ("postgresql+asyncpg://a:b@db.example/x", {}, True),
        ("postgresql+asyncpg://a:b@db.example/x", {"PGSSLMODE": "require"}, True),
        ("postgresql+asyncpg://a:b@db.example/x?ssl=require", {}, True),
        ("postgresql+asyncpg://a:b@db.example/x", {"PGSSLMODE": "verify-full"}, False),
        ("postgresql+asyncpg://a:b@db.example/x?ssl=verify-full", {}, False),
        ("postgresql+asyncpg://a:b@127.0.0.1:5432/x", {}, False),
        ("postgresql+asyncpg://a:b@/x?host=/var/run/postgresql", {}, False),
        ("postgresql+asyncpg://a:b@/x?host=/tmp,db.example", {}, True),
    ],
)
def test_database_beyond_this_machine_needs_a_certificate(url: str, environment: dict[str, str], warned: bool) -> None:
    assert bool([*unverified([url], environment)]) == warned


@pytest.mark.asvs("8.2.1", "13.2.2")
@pytest.mark.parametrize("database", databases.DATABASES)
async def test_each_role_has_exactly_its_rights_on_each_table(database: str, connect: Connect) -> None:
    superuser = await connect(database)
    query = """
        SELECT roles.name AS role, c.relname AS table, verbs.name AS verb FROM pg_class c
        CROSS JOIN unnest($1::text[]) AS roles(name) CROSS JOIN unnest($2::text[]) AS verbs(name)
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
          AND has_table_privilege(roles.name, c.oid, verbs.name)"""
    given = {
        (row["role"], row["table"], row["verb"]) for row in await superuser.fetch(query, databases.DATABASES, VERBS)
    }
    names = [row[0] for row in await superuser.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]

    allowed = {(database, table, verb) for table in names for verb in LESS.get((database, table), ROWS)}
    assert len(names) > 1
    assert given - allowed == set()
    assert allowed - given == set()


@pytest.mark.asvs("13.2.2")
@pytest.mark.parametrize("role", databases.DATABASES)
async def test_role_connects_to_its_own_database_only(role: str, connect: Connect) -> None:
    for database in (*databases.DATABASES, "postgres", "template1"):
        if database == role:
            assert await (await connect(database, role)).fetchval("SELECT 1") == 1
        else:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connect(database, role)


@pytest.mark.asvs("13.2.2")
@pytest.mark.parametrize("role", databases.DATABASES)
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE public.own (id int)",
        "CREATE SCHEMA own",
        "CREATE ROLE own",
        "DROP TABLE alembic_version",
        "TRUNCATE alembic_version",
        "UPDATE alembic_version SET version_num = '0001'",
        "ALTER TABLE alembic_version OWNER TO CURRENT_USER",
        "COPY alembic_version TO PROGRAM 'true'",
        "SELECT pg_read_file('PG_VERSION')",
        "SELECT * FROM pg_authid",
        "SET ROLE {role}_owner",
    ],
)
async def test_role_cannot_change_more_than_rows(role: str, statement: str, connect: Connect) -> None:
    connection = await connect(role, role)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(statement.format(role=role))


@pytest.mark.asvs("16.4.2")
@pytest.mark.parametrize("role", ["intake", "grouping", "notify"])
async def test_service_cannot_change_or_shorten_its_audit_log(role: str, connect: Connect) -> None:
    service, superuser = await connect(role, role), await connect(role)
    await service.execute(ENTRY, "kari", "{}")
    shift = "UPDATE audit_log SET recorded_at = now() - $1::interval"

    for statement in (
        "UPDATE audit_log SET actor = 'ola'",
        "UPDATE audit_log SET at = now() - interval '400 days'",
        "UPDATE audit_log SET recorded_at = now() - interval '400 days'",
        "TRUNCATE audit_log",
        "DROP TRIGGER audit_log_append_only ON audit_log",
        "ALTER TABLE audit_log DISABLE TRIGGER ALL",
        "CREATE OR REPLACE FUNCTION audit_log_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN END $$",
        "SET session_replication_role = replica",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await service.execute(statement)
    for age in (timedelta(0), TOO_YOUNG):
        await superuser.execute(shift, age)
        assert await service.execute("DELETE FROM audit_log") == "DELETE 0"
    await superuser.execute(shift, OLD_ENOUGH)
    assert await service.execute("DELETE FROM audit_log") == "DELETE 1"


async def test_grouping_can_only_take_the_group_out_of_an_act(connect: Connect) -> None:
    service = await connect("grouping", "grouping")
    await service.execute(ENTRY, "kari", '{"group_id": "g", "to": "room"}')

    for details in ("{}", '{"group_id": "h", "to": "room"}', '{"to": "hall"}', '{"to": "room", "more": "x"}', "null"):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await service.execute("UPDATE audit_log SET details = $1", details)
    await service.execute("UPDATE audit_log SET details = details - 'group_id'")
    assert await service.fetchval("SELECT details FROM audit_log") == '{"to": "room"}'


@pytest.mark.parametrize(
    ("purpose", "deleted"), [("mail", 1), ("start_contact", 1), ("list", 1), ("page", 0), ("export", 0), ("call", 0)]
)
async def test_intake_deletes_only_readings_of_several_people(purpose: str, deleted: int, connect: Connect) -> None:
    service, superuser = await connect("intake", "intake"), await connect("intake")
    person_id = uuid4()
    await service.execute(READING, person_id, purpose)

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await service.execute("UPDATE contact_readings SET reader = 'ola'")
    delete = "DELETE FROM contact_readings WHERE person_id = $1"
    assert await service.execute(delete, person_id) == f"DELETE {deleted}"
    await superuser.execute("UPDATE contact_readings SET recorded_at = now() - $1::interval", OLD_ENOUGH)
    assert await service.execute(delete, person_id) == f"DELETE {1 - deleted}"


async def test_older_data_directory_keeps_its_rows_and_gets_owners(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    server = servers.new_postgres()
    try:
        superuser = await asyncpg.connect(server.url())
        password = data.secret("postgres_notify")
        await superuser.execute(f"CREATE ROLE notify LOGIN PASSWORD '{password}'")
        await superuser.execute("CREATE DATABASE notify OWNER notify")
        await superuser.close()
        before = await asyncpg.connect(databases.url(server, data, "notify"))
        await before.execute("CREATE TABLE kept (id int GENERATED BY DEFAULT AS IDENTITY, word text)")
        await before.execute("INSERT INTO kept (word) VALUES ('before')")
        await before.close()

        await databases.provide(server, data, lambda _: None)
        after = await asyncpg.connect(databases.url(server, data, "notify"))
        await after.execute("INSERT INTO kept (word) VALUES ('after')")
        assert [row["word"] for row in await after.fetch("SELECT word FROM kept ORDER BY id")] == ["before", "after"]
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await after.execute("DROP TABLE kept")
        await after.close()
    finally:
        servers.discard(server)
