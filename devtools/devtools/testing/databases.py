"""
Databases of tests: copies of a template, and emptied after a test for the next one that asks for the same kind.

To create a database, to open the first connection to it and to drop it costs six times as much as to empty it.
"""

import asyncio
import threading
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, NamedTuple, TypeVar

import asyncpg
from pydantic import SecretStr
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import create_async_engine

from devtools.local.postgres import SUPERUSER, Postgres
from shared.kit.database.migrations import upgrade
from shared.kit.database.scripts import migration_scripts

Build = Callable[[str], Awaitable[None]]
T = TypeVar("T")

MOST_SPARE: Final = 3
"""Databases of one kind that are kept for the next test."""

_END_SECONDS: Final = 60
_POLL_SECONDS: Final = 0.002

_OWN_OIDS: Final = 16384  # below are those of PostgreSQL itself

_END_SESSIONS: Final = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

# Emptying a table gives it a new file, so files and their versions of pg_class are left out.
_STRUCTURE: Final = f"""
    SELECT concat_ws(' ',
        (SELECT sum(hashtext(concat(oid, relname, relkind, relnatts, relchecks, relhastriggers, relacl))::bigint)
         FROM pg_class WHERE oid >= {_OWN_OIDS} AND relkind <> 't'),
        (SELECT sum(xmin::text::bigint) FROM pg_attribute WHERE attrelid >= {_OWN_OIDS}),
        (SELECT sum(xmin::text::bigint) FROM pg_constraint WHERE oid >= {_OWN_OIDS}),
        (SELECT sum(xmin::text::bigint) FROM pg_index WHERE indexrelid >= {_OWN_OIDS}),
        (SELECT sum(xmin::text::bigint) FROM pg_trigger WHERE oid >= {_OWN_OIDS}),
        (SELECT sum(xmin::text::bigint) FROM pg_proc WHERE oid >= {_OWN_OIDS}),
        (SELECT count(*) FROM pg_namespace),
        (SELECT count(*) FROM pg_statistic WHERE starelid >= {_OWN_OIDS}),
        (SELECT count(*) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
         WHERE datname = current_database())
    )
"""  # noqa: S608 - a number of our own

_USED: Final = """
    SELECT quote_ident(relname) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
"""

_VERSION: Final = "alembic_version"


class Template(NamedTuple):
    """
    The source of all databases of one kind.

    Attributes:
        structure: Tells whether a test has changed more than rows.
        reusable: False if the template has rows, which emptying would take away.
    """

    name: str
    structure: str
    reusable: bool


class Cluster:
    """
    One server with its templates and spare databases.

    Args:
        server: Started when it is needed; a test may have killed it.
    """

    def __init__(self, server: Postgres) -> None:
        self.server = server
        self._templates: dict[object, Template] = {}
        self._spare: dict[object, list[str]] = {}
        self._kinds: dict[str, object] = {}
        self._connections: dict[str, asyncpg.Connection[Any]] = {}
        # Connections outlive the event loops of tests.
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="databases", daemon=True)
        self._thread.start()

    async def take(self, service: str, build: MetaData | Build | None) -> str:
        """Return the name of an empty database; see :class:`Databases`."""
        kind = (service, build)
        if kind not in self._templates:
            self._templates[kind] = await self._make_template(service, build)
        if spare := self._spare.get(kind):
            return spare.pop()
        name = f"{service}_{uuid.uuid4().hex[:12]}"
        # A copy of files takes 20 ms, the default strategy 140 ms.
        await self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{self._templates[kind].name}" STRATEGY FILE_COPY')
        self._kinds[name] = kind
        return name

    async def give_back(self, name: str) -> None:
        """Empty a database and keep it, or drop it, also with open connections."""
        kind = self._kinds[name]
        template, spare = self._templates[kind], self._spare.setdefault(kind, [])
        if template.reusable and len(spare) < MOST_SPARE and self.server.alive:
            try:
                emptied = await self._aside(self._empty(name, template))
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                emptied = False
            if emptied:
                spare.append(name)
                return
        await self._aside(self._disconnect(name))
        await self._execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        del self._kinds[name]

    async def close(self) -> None:
        """Close all connections, for good."""
        for name in tuple(self._connections):
            await self._aside(self._disconnect(name))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def url(self, name: str) -> str:
        """Return the `postgresql+asyncpg://…` of a database."""
        return self.server.driver_url(name)

    async def _make_template(self, service: str, build: MetaData | Build | None) -> Template:
        name = f"template_{service}_{len(self._templates)}"
        await self._execute(f'DROP DATABASE IF EXISTS "{name}"')
        await self._execute(f'CREATE DATABASE "{name}"')
        if isinstance(build, MetaData):
            await _create_tables(self.url(name), build)
        else:
            await (build or _migrations(service))(self.url(name))
        structure, used = await self._aside(self._look(name))
        await self._aside(self._disconnect(name))
        return Template(name, structure, reusable=not used and (build is None or isinstance(build, MetaData)))

    async def _look(self, name: str) -> tuple[str, list[str]]:
        connection = await self._connection(name)
        structure: str = await connection.fetchval(_STRUCTURE)
        used = [row[0] for row in await connection.fetch(_USED)]
        return structure, [table for table in used if table != _VERSION]

    async def _empty(self, name: str, template: Template) -> bool:
        """Return False if a test has changed more than rows; the database is as it was then."""
        connection = await self._connection(name)
        async with asyncio.timeout(_END_SECONDS):
            while await connection.fetchval(_END_SESSIONS):  # noqa: ASYNC110 - nothing tells of an end
                await asyncio.sleep(_POLL_SECONDS)  # PostgreSQL's own wait looks every 100 ms
        structure, used = await self._look(name)
        if structure != template.structure:
            return False
        if used:
            await connection.execute(f"TRUNCATE {', '.join(used)} RESTART IDENTITY CASCADE")
        return True

    async def _execute(self, statement: str) -> None:
        if not self.server.alive:
            self.server.start()

        async def execute() -> None:
            await (await self._connection(SUPERUSER)).execute(statement)

        await self._aside(execute())

    async def _connection(self, name: str) -> "asyncpg.Connection[Any]":
        connection = self._connections.get(name)
        if connection is None or connection.is_closed():
            connection = self._connections[name] = await asyncpg.connect(self.server.url(name))
        return connection

    async def _disconnect(self, name: str) -> None:
        if connection := self._connections.pop(name, None):
            connection.terminate()

    async def _aside(self, work: Coroutine[Any, Any, T]) -> T:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))


class Databases:
    """Hands out the databases of one test."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._taken: list[str] = []

    async def __call__(self, service: str, build: MetaData | Build | None = None) -> str:
        """
        Return the `postgresql+asyncpg://…` of a fresh database of a service.

        Args:
            service: names the template; `intake`, `intake_keys`, `grouping`, `notify` or a test's own
            build: tables to create, or a coroutine function that gets the URL of the empty template and fills it;
                by default the service's own migrations

        """
        name = await self._cluster.take(service, build)
        self._taken.append(name)
        return self._cluster.url(name)

    async def give_back(self) -> None:
        """End all sessions in the databases of this test, and leave them to the next."""
        for name in self._taken:
            await self._cluster.give_back(name)
        self._taken.clear()


async def _create_tables(url: str, metadata: MetaData) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await engine.dispose()


def _migrations(service: str) -> Build:
    async def build(url: str) -> None:
        await upgrade(SecretStr(url), migration_scripts(service))

    return build
