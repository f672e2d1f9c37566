"""The task about dead letters."""

from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from devtools.testing.fixtures import Databases
from shared.events.registry import EVENTS
from shared.events.tasks import Closed, Opened, TaskEvent
from shared.kit.clock import ManualClock
from shared.kit.database.engine import Database
from shared.kit.dead_letter_task import sync_task
from shared.kit.messaging.dead_letters import DeadLetters
from shared.kit.messaging.inbox import Inbox
from shared.kit.messaging.outbox import Outbox
from shared.kit.tasks import TaskBook
from shared.reference.task_kinds import TASK_KINDS


class Base(SQLModel, registry=registry()):
    pass


outbox = Outbox(Base.metadata)
dead_letters = DeadLetters(Base.metadata, Inbox(Base.metadata))
book = TaskBook(Base.metadata, "notify", outbox)


@pytest.fixture
async def database(database_url: Databases) -> AsyncIterator[Database]:
    database = Database(SecretStr(await database_url("dead_letter_task", Base.metadata)))
    yield database
    await database.dispose()


async def bury(database: Database, sequence: int) -> None:
    async with database.transaction() as session:
        await dead_letters.store(
            session, consumer="notify-groups", stream="GROUPS", stream_sequence=sequence, subject="groups.x.v1",
            payload=b"{}", reason="unknown_event", attempts=1,
        )  # fmt: skip


async def events(database: Database) -> list[TaskEvent]:
    async with database.transaction() as session:
        columns = outbox.table.c
        rows = await session.execute(sa.select(columns.subject, columns.payload).order_by(columns.id))
        found = [EVENTS[subject].model_validate_json(payload) for subject, payload in rows]
    return [event for event in found if isinstance(event, TaskEvent)]


async def test_dead_letters_are_one_task_until_all_are_gone(database: Database, manual_clock: ManualClock) -> None:
    async def look() -> list[TaskEvent]:
        for _ in range(2):
            await sync_task(database, dead_letters, book, "notify", manual_clock)
        return await events(database)

    assert await look() == []
    await bury(database, 1)
    (first,) = await look()
    assert isinstance(first, Opened)
    assert (first.centre, first.facts) == (None, {"service": "notify", "count": 1})
    assert set(first.facts) == TASK_KINDS[first.kind]
    await bury(database, 2)
    *_, second = await look()
    assert isinstance(second, Opened)
    assert (second.task_id, second.facts["count"]) == (first.task_id, 2)
    async with database.transaction() as session:
        await session.execute(dead_letters.table.delete())
    *_, last = await look()
    assert isinstance(last, Closed)
