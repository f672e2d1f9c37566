"""Events and dead letters of the version before, after the migration that lets them forget."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import asyncpg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from pydantic import SecretStr
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from devtools.testing.fixtures import Databases
from shared.kit.database.migrations import _config, upgrade
from shared.kit.database.scripts import migration_scripts

EVENTS = {
    "signups.ready.v1": b'{"event_id":"00000000-0000-0000-0000-0000000000e1","person_id":"%(ane)s","slots":[]}',
    "groups.meeting_called.v1": b'{"seats":[{"seat_id":"%(bo)s","person_id":"%(ane)s"},{"person_id":"%(bo)s"}]}',
    "groups.igangsetter_settled.v1": b'{"igangsetter_ids":["%(ane)s","%(bo)s"]}',
    "tasks.opened.v1": '{"person_id":null,"facts":{"sted":"Ås"}}'.encode(),
    "people.erased.v1": b'{"person_id":"%(ane)s"}',
}
ANE, BO, EVENT = UUID(int=0xA0), UUID(int=0xB0), UUID(int=0xE1)


def before(service: str) -> Callable[[str], Awaitable[None]]:
    """Return what migrates an empty database to the version before."""
    scripts = migration_scripts(service)

    async def migrate(url: str) -> None:
        def work(connection: Connection) -> None:
            config = _config(scripts, connection)
            steps = ScriptDirectory.from_config(config).walk_revisions()
            (own,) = [step for step in steps if step.path.endswith("_forgetful_events.py")]
            command.upgrade(config, str(own.down_revision))

        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.run_sync(work)
        await engine.dispose()

    return migrate


@pytest.mark.parametrize("service", ["intake", "grouping", "notify"])
async def test_upgrade_knows_whom_sent_events_name(database_url: Databases, service: str) -> None:
    url = await database_url(f"{service}_forgetful", before(service))
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    ids = {b"ane": str(ANE).encode(), b"bo": str(BO).encode()}
    for number, (subject, payload) in enumerate(EVENTS.items()):
        content = payload % ids if b"%" in payload else payload
        query = "INSERT INTO outbox (event_id, stream, subject, payload) VALUES ($1, 'X', $2, $3)"
        await connection.execute(query, UUID(int=number), subject, content)
        query = (
            "INSERT INTO dead_letters (consumer, stream, stream_sequence, subject, payload, reason, attempts)"
            " VALUES ('c', 'X', $1, 'x', $2, 'x', 1)"
        )
        await connection.execute(query, number, content if number else content + b"\xff\\ kari@example.org")
    await upgrade(SecretStr(url), migration_scripts(service))
    named = dict(await connection.fetch("SELECT subject, person_ids FROM outbox"))
    letters = await connection.fetch("SELECT event_id, payload FROM dead_letters ORDER BY id")
    await connection.close()
    assert {subject: set(ids) for subject, ids in named.items()} == {
        "signups.ready.v1": {ANE},
        "groups.meeting_called.v1": {ANE, BO},
        "groups.igangsetter_settled.v1": {ANE, BO},
        "tasks.opened.v1": set(),
        "people.erased.v1": set(),
    }
    assert [letter["event_id"] for letter in letters] == [EVENT, None, None, None, None]
    assert {letter["payload"] for letter in letters} == {None}
