"""The book of open tasks, on a real database."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from devtools.testing.fixtures import MONDAY_NOON, Databases
from shared.events.registry import EVENTS
from shared.events.tasks import Closed, Opened, TaskEvent
from shared.kit.database.engine import Database
from shared.kit.messaging.causes import Cause
from shared.kit.messaging.outbox import Outbox
from shared.kit.tasks import Task, TaskBook
from shared.timezone import OSLO_TZ

GROUP = UUID(int=7)
SCOPE = f"group:{GROUP}"


class Base(SQLModel, registry=registry()):
    pass


outbox = Outbox(Base.metadata)
book = TaskBook(Base.metadata, "grouping", outbox)


def a_task(kind: str = "group_filling", key: str = "1", person_id: UUID | None = None, taken: int = 3) -> Task:
    return Task(
        kind=kind,
        key=key,
        centre="link-bergen",
        path=f"/stab/grupper/{GROUP}",
        visible_from=MONDAY_NOON,
        due_at=MONDAY_NOON + timedelta(days=2),
        person_id=person_id,
        group_id=GROUP,
        facts={"taken": taken},
    )


@pytest.fixture
async def database(database_url: Databases) -> AsyncIterator[Database]:
    database = Database(SecretStr(await database_url("tasks", Base.metadata)))
    yield database
    await database.dispose()


async def sync(database: Database, *tasks: Task, cause: Cause, scope: str = SCOPE) -> list[TaskEvent]:
    """Sync a scope; return the events that were added."""
    async with database.transaction() as session:
        before = set(await session.scalars(sa.select(outbox.table.c.id)))
        await book.sync(session, scope, tasks, now=MONDAY_NOON, cause=cause)
    return [event for id_, event in await published(database) if id_ not in before]


async def published(database: Database) -> list[tuple[int, TaskEvent]]:
    async with database.transaction() as session:
        columns = outbox.table.c
        rows = (
            await session.execute(sa.select(columns.id, columns.subject, columns.payload).order_by(columns.id))
        ).all()
    events = [(id_, EVENTS[subject].model_validate_json(payload)) for id_, subject, payload in rows]
    return [(id_, event) for id_, event in events if isinstance(event, TaskEvent)]


async def test_new_task_is_opened_with_all_its_fields(database: Database) -> None:
    task = replace(a_task(person_id=UUID(int=1)), urgent_from=MONDAY_NOON + timedelta(days=1))
    (event,) = await sync(database, task, cause=Cause.fresh())
    assert isinstance(event, Opened)
    assert (event.version, event.service, event.kind, event.centre) == (1, "grouping", "group_filling", "link-bergen")
    assert (event.visible_from, event.due_at, event.urgent_from) == (task.visible_from, task.due_at, task.urgent_from)
    assert (event.person_id, event.group_id, event.path) == (UUID(int=1), GROUP, task.path)
    assert event.facts == {"taken": 3}


async def test_same_tasks_again_publish_nothing(database: Database) -> None:
    await sync(database, a_task(), a_task(key="2"), cause=Cause.fresh())
    assert await sync(database, a_task(key="2"), a_task(), cause=Cause.fresh()) == []


async def test_same_moment_in_another_zone_publishes_nothing(database: Database) -> None:
    await sync(database, a_task(), cause=Cause.fresh())
    oslo = replace(a_task(), visible_from=MONDAY_NOON.astimezone(OSLO_TZ))
    assert await sync(database, oslo, cause=Cause.fresh()) == []


async def test_visible_task_keeps_the_moment_it_became_visible(database: Database) -> None:
    await sync(database, a_task(), cause=Cause.fresh())
    earlier = replace(a_task(), visible_from=MONDAY_NOON - timedelta(days=1))
    assert await sync(database, earlier, cause=Cause.fresh()) == []


@pytest.mark.parametrize("tasks", [(), ("1",), ("1", "2"), ("2",), ("1", "3")], ids="".join)
async def test_differs_says_whether_a_sync_would_publish(database: Database, tasks: tuple[str, ...]) -> None:
    await sync(database, a_task(), a_task(key="2"), cause=Cause.fresh())
    wanted = [a_task(key=key) for key in tasks]
    async with database.transaction() as session:
        differs = await book.differs(session, {SCOPE: wanted}, now=MONDAY_NOON)
    assert differs == bool(await sync(database, *wanted, cause=Cause.fresh()))


@pytest.mark.parametrize(
    "change",
    [
        {"facts": {"taken": 4}},
        {"due_at": MONDAY_NOON},
        {"due_at": None},
        {"urgent_from": MONDAY_NOON},
        {"path": "/stab/rom"},
        {"person_id": UUID(int=5)},
        {"visible_from": MONDAY_NOON + timedelta(hours=1)},
    ],
    ids="+".join,
)
async def test_changed_task_is_opened_with_next_version(database: Database, change: dict[str, object]) -> None:
    (first,) = await sync(database, a_task(), cause=Cause.fresh())
    (event,) = await sync(database, replace(a_task(), **change), cause=Cause.fresh())  # type: ignore[arg-type]
    assert isinstance(event, Opened)
    assert (event.task_id, event.version) == (first.task_id, 2)


async def test_missing_task_is_closed_and_reopened_as_a_new_one(database: Database) -> None:
    (first,) = await sync(database, a_task(), cause=Cause.fresh())
    (closed,) = await sync(database, cause=Cause.fresh())
    assert isinstance(closed, Closed)
    assert (closed.task_id, closed.version) == (first.task_id, 2)
    (again,) = await sync(database, a_task(), cause=Cause.fresh())
    assert again.task_id != first.task_id


async def test_scopes_leave_each_other_alone(database: Database) -> None:
    await sync(database, a_task(), cause=Cause.fresh(), scope="group:1")
    await sync(database, a_task(), cause=Cause.fresh(), scope="group:2")
    assert len(await sync(database, cause=Cause.fresh(), scope="group:1")) == 1
    async with database.transaction() as session:
        assert await book.scopes(session, "group:") == ["group:2"]


async def test_rolled_back_sync_has_the_same_ids_when_repeated(database: Database) -> None:
    cause, ids = Cause.fresh(), []
    for _ in range(2):
        async with database.transaction() as session:
            await book.sync(session, SCOPE, [a_task()], now=MONDAY_NOON, cause=cause)
            ids.append(list(await session.scalars(sa.select(outbox.table.c.event_id))))
            await session.rollback()
    assert ids[0] == ids[1] != []


async def test_tasks_of_erased_person_are_closed(database: Database) -> None:
    await sync(database, a_task(person_id=UUID(int=1)), a_task(key="2", person_id=UUID(int=2)), cause=Cause.fresh())
    async with database.transaction() as session:
        await book.close_of_person(session, UUID(int=1), now=MONDAY_NOON, cause=Cause.fresh())
        rows = (await session.execute(sa.select(book.table))).mappings().all()
    assert [row["person_id"] for row in rows] == [UUID(int=2)]
    assert isinstance((await published(database))[-1][1], Closed)


@pytest.mark.parametrize("path", ["/api/x", "/stab/grupper?navn=kari", "https://example.org", "/stab/Kari", "stab/x"])
async def test_task_with_a_path_outside_staff_pages_is_refused(database: Database, path: str) -> None:
    async with database.transaction() as session:
        with pytest.raises(ValidationError):
            await book.sync(session, SCOPE, [replace(a_task(), path=path)], now=MONDAY_NOON, cause=Cause.fresh())


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(st.sampled_from("abcd"), st.integers(1, 3), max_size=4), max_size=6))
async def test_highest_versions_are_the_open_tasks(database: Database, states: list[dict[str, int]]) -> None:
    """Whatever happens to a scope, its events read in any order give the tasks of the last sync."""
    first = len(await published(database))
    for state in states:
        tasks = [a_task(key=key, taken=taken) for key, taken in state.items()]
        await sync(database, *tasks, cause=Cause.fresh())
    newest: dict[UUID, TaskEvent] = {}
    for _, event in reversed((await published(database))[first:]):
        if event.task_id not in newest or newest[event.task_id].version < event.version:
            newest[event.task_id] = event
    opened = [event.facts["taken"] for event in newest.values() if isinstance(event, Opened)]
    assert sorted(map(int, opened)) == sorted((states or [{}])[-1].values())
    await sync(database, cause=Cause.fresh())
