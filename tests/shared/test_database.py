"""The transaction's callbacks, the listener, and the column helpers, on a real database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy import Executable, delete, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError, InterfaceError

from devtools.testing.fixtures import Databases
from shared.kit.database import pg_listen
from shared.kit.database.columns import one_of
from shared.kit.database.engine import Database, on_commit
from shared.kit.database.pg_listen import Listener, listen_forever
from tests.shared.support import toy as toys
from tests.shared.support.eventually import eventually


@pytest.fixture
async def database(database_url: Databases) -> AsyncIterator[Database]:
    database = Database(SecretStr(await database_url("toy", toys.Base.metadata)))
    yield database
    await database.dispose()


async def test_on_commit_runs_once_in_order_after_commit(database: Database) -> None:
    calls: list[str] = []
    async with database.transaction() as session:
        on_commit(session, lambda: calls.append("first"))
        on_commit(session, lambda: calls.append("second"))
        await session.execute(text("SELECT 1"))
        assert calls == []
    assert calls == ["first", "second"]
    async with database.transaction() as session:
        await session.execute(text("SELECT 1"))
    assert calls == ["first", "second"]


async def test_on_commit_after_rollback_never_runs(database: Database) -> None:
    calls: list[str] = []
    with suppress(LookupError):
        async with database.transaction() as session:
            on_commit(session, lambda: calls.append("never"))
            await session.execute(text("SELECT 1"))
            raise LookupError
    assert calls == []


async def test_on_commit_ignores_savepoints(database: Database) -> None:
    calls: list[str] = []
    async with database.transaction() as session:
        on_commit(session, lambda: calls.append("once"))
        with suppress(LookupError):
            async with session.begin_nested():
                raise LookupError
        async with session.begin_nested():
            await session.execute(text("SELECT 1"))
        assert calls == []
    assert calls == ["once"]


LETTERS = toys.dead_letters.table
LETTER = {"consumer": "c", "stream": "S", "stream_sequence": 1, "subject": "s", "reason": "r", "attempts": 1}


@pytest.mark.parametrize(
    ("statement", "writes"),
    [
        (select(LETTERS.c.id), 0),
        (select(LETTERS.c.id).with_for_update(), 0),
        (text("SELECT 1"), 0),
        (insert(LETTERS).values(LETTER | {"stream_sequence": 2}), 1),
        (insert(LETTERS).values(LETTER | {"stream_sequence": 2}).returning(LETTERS.c.id), 1),
        (update(LETTERS).values(attempts=2), 1),
        (update(LETTERS).values(attempts=2).where(LETTERS.c.id < 0), 0),
        (delete(LETTERS), 1),
        (delete(LETTERS).where(LETTERS.c.id < 0).returning(LETTERS.c.id), 0),
    ],
    ids=["select", "lock", "text", "insert", "returning", "update", "update none", "delete", "delete none"],
)
async def test_written_counts_committed_transactions(database: Database, statement: Executable, writes: int) -> None:
    async with database.transaction() as session:
        await session.execute(insert(LETTERS).values(LETTER))
    before, told = database.written(), list[int]()
    with database.watched(lambda: told.append(database.written())):
        async with database.transaction() as session:
            await session.execute(statement)
            await session.execute(statement if not writes else select(LETTERS.c.id))
            assert database.written() == before, "it is not committed"
        assert database.written() == before + writes
        with suppress(ValueError):
            async with database.transaction() as session:
                await session.execute(delete(LETTERS))
                raise ValueError
        assert database.written() == before + writes, "what was rolled back was not written"
    async with database.transaction() as session:
        await session.execute(delete(LETTERS))
    assert told == [before + 1] * writes, "a watcher is called after each that counts, while it watches"


async def test_row_of_is_committed_at_once(database: Database) -> None:
    row = await database.row_of(insert(LETTERS).returning(LETTERS.c.id), LETTER)
    async with database.transaction() as session:
        assert (await session.scalars(select(LETTERS.c.id))).all() == [row.id]


async def test_row_of_refused_by_a_constraint_leaves_nothing(database: Database) -> None:
    await database.row_of(insert(LETTERS).returning(LETTERS.c.id), LETTER)
    with pytest.raises(IntegrityError):
        await database.row_of(insert(LETTERS).returning(LETTERS.c.id), LETTER)
    async with database.transaction() as session:
        assert (await session.scalar(select(func.count()).select_from(LETTERS))) == 1


async def test_transaction_after_row_of_rolls_back_as_ever(database: Database) -> None:
    for _ in range(3):  # on the same connection of the pool
        await database.row_of(text("SELECT 1"), {})
        with suppress(LookupError):
            async with database.transaction() as session:
                await session.execute(insert(LETTERS).values(LETTER))
                raise LookupError
    async with database.transaction() as session:
        assert (await session.scalar(select(func.count()).select_from(LETTERS))) == 0


async def test_row_of_while_the_server_ends_is_an_interface_error(database: Database) -> None:
    with pytest.raises(InterfaceError):
        await database.row_of(text("SELECT pg_terminate_backend(pg_backend_pid())"), {})


async def test_transaction_with_the_driver_out_of_step_is_an_interface_error(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def out_of_step(*_: object, **__: object) -> None:
        raise asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress")

    async def ask() -> object:
        async with database.transaction() as session:
            return await session.scalar(text("select 1"))

    with monkeypatch.context() as patched:
        patched.setattr(asyncpg.Connection, "prepare", out_of_step)
        with pytest.raises(InterfaceError):
            await ask()
    assert await ask() == 1


async def test_listen_forever_wakes_and_reconnects(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pg_listen, "RETRY_SECONDS", (0.01,))
    sessions: list[int] = []
    woken: list[int] = []

    async def serve(listener: Listener) -> None:
        sessions.append(await listener.connection.fetchval("SELECT pg_backend_pid()"))
        while listener.connected:
            listener.clear()
            await listener.wait(60)
            woken.append(sessions[-1])

    async def sessions_are(count: int) -> bool:
        return len(sessions) == count

    async def is_woken() -> bool:
        return bool(woken)

    async def notify(statement: str) -> None:
        async with database.transaction() as session:
            await session.execute(text(statement))

    task = asyncio.create_task(listen_forever(database.connect, "toy", serve, interrupted="toy_interrupted"))
    await eventually(lambda: sessions_are(1))
    await notify("SELECT pg_notify('toy', '')")
    await eventually(is_woken)
    await notify(f"SELECT pg_terminate_backend({sessions[0]})")
    assert await eventually(lambda: sessions_are(2))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert sessions[0] != sessions[1]


def test_one_of_names_column_and_words() -> None:
    assert one_of("state", ["a", "b"]) == "state in ('a', 'b')"
