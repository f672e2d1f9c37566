"""Tasks of staff: the open ones of a service as rows, and every change of them as an event for the list of today."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import (
    Column,
    Index,
    Integer,
    MetaData,
    RowMapping,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    delete,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.events import Event
from shared.events.tasks import Closed, Opened
from shared.kit.ids import derived_id
from shared.kit.messaging.causes import Cause
from shared.kit.messaging.outbox import Outbox

_NOT_KEPT: Final = frozenset({"event_id", "occurred_at", "correlation_id", "task_id", "version"})
"""Fields of ``Opened`` that change with each event."""

_NIL: Final = UUID(int=0)


@dataclass(frozen=True)
class Task:
    """
    Something that a member of staff has to do; :class:`shared.events.tasks.Opened` explains the fields.

    Attributes:
        key: Tells two tasks of one kind and scope apart; a task with the same kind and key is the same task.
    """

    kind: str
    key: str
    centre: str | None
    path: str
    visible_from: datetime
    due_at: datetime | None = None
    urgent_from: datetime | None = None
    person_id: UUID | None = None
    group_id: UUID | None = None
    facts: Mapping[str, str | int] = field(default_factory=dict)


class TaskBook:
    """
    The table ``tasks`` on a service's own MetaData: its open tasks, each in a scope as ``group:<id>``.

    Args:
        metadata: The service's.
        service: Its name, which the events state.
        outbox: Takes the events.
    """

    def __init__(self, metadata: MetaData, service: Literal["intake", "grouping", "notify"], outbox: Outbox) -> None:
        self._service: Final = service
        self._outbox = outbox
        self.table = Table(
            "tasks",
            metadata,
            Column("task_id", Uuid, primary_key=True),
            Column("scope", String(100), nullable=False),
            Column("kind", String(40), nullable=False),
            Column("key", String(100), nullable=False),
            Column("version", Integer, nullable=False),
            Column("person_id", Uuid),
            Column("payload", JSONB, nullable=False),
            UniqueConstraint("scope", "kind", "key", name="tasks_scope_kind_key"),
        )
        Index("tasks_person", self.table.c.person_id, postgresql_where=text("person_id IS NOT NULL"))

    async def sync(
        self, session: AsyncSession, scope: str, tasks: Iterable[Task], *, now: datetime, cause: Cause
    ) -> None:
        """
        Make the open tasks of a scope equal to these, and publish what changed. Idempotent.

        Call it once for each scope and cause, and with the scope's lock held.
        """
        await self.sync_scopes(session, {scope: tasks}, now=now, cause=cause)

    async def sync_scopes(
        self, session: AsyncSession, tasks: Mapping[str, Iterable[Task]], *, now: datetime, cause: Cause
    ) -> None:
        """Do the same for several scopes in one query."""
        if not tasks:
            return
        columns = self.table.c
        query = select(self.table).where(columns.scope.in_(sorted(tasks))).order_by(columns.task_id)
        gone = {(row["scope"], row["kind"], row["key"]): row for row in (await session.execute(query)).mappings().all()}
        events: list[Event] = []
        for scope, scope_tasks in tasks.items():
            for task in scope_tasks:
                event = await self._write(
                    session, scope, task, gone.pop((scope, task.kind, task.key), None), now, cause
                )
                events += [event] if event else []
        events += await self._close(session, gone.values(), now, cause)
        await self._outbox.add(session, *events)

    async def close_of_person(self, session: AsyncSession, person_id: UUID, *, now: datetime, cause: Cause) -> None:
        """Close all tasks about a person, who is erased."""
        query = select(self.table).where(self.table.c.person_id == person_id).order_by(self.table.c.task_id)
        rows = (await session.execute(query)).mappings().all()
        await self._outbox.add(session, *await self._close(session, rows, now, cause))

    async def scopes(self, session: AsyncSession, prefix: str) -> list[str]:
        """Return the scopes with open tasks that begin with a prefix, as ``group:``."""
        columns = self.table.c
        query = select(columns.scope).where(columns.scope.startswith(prefix, autoescape=True)).distinct()
        return sorted(await session.scalars(query))

    async def differs(self, session: AsyncSession, tasks: Mapping[str, Iterable[Task]], *, now: datetime) -> bool:
        """Return True if a sync of these scopes would publish anything."""
        query = select(self.table).where(self.table.c.scope.in_(sorted(tasks)))
        left = {(row["scope"], row["kind"], row["key"]): row for row in (await session.execute(query)).mappings().all()}
        for scope, scope_tasks in tasks.items():
            for task in scope_tasks:
                row = left.pop((scope, task.kind, task.key), None)
                if row is None or row["payload"] != self._payload(task, row, now):
                    return True
        return bool(left)

    def _payload(self, task: Task, row: RowMapping | None, now: datetime) -> dict[str, Any]:
        """Return the fields of ``Opened`` that the row keeps; a visible task keeps the moment it became visible."""
        event = Opened(
            event_id=_NIL,
            occurred_at=now,
            correlation_id=_NIL,
            task_id=_NIL,
            version=1,
            service=self._service,
            kind=task.kind,
            centre=task.centre,
            visible_from=task.visible_from.astimezone(UTC),
            due_at=task.due_at and task.due_at.astimezone(UTC),
            urgent_from=task.urgent_from and task.urgent_from.astimezone(UTC),
            person_id=task.person_id,
            group_id=task.group_id,
            path=task.path,
            facts=dict(task.facts),
        )
        payload = event.model_dump(mode="json", exclude=set(_NOT_KEPT))
        if row and task.visible_from <= now and datetime.fromisoformat(row["payload"]["visible_from"]) <= now:
            payload["visible_from"] = row["payload"]["visible_from"]
        return payload

    async def _write(
        self, session: AsyncSession, scope: str, task: Task, row: RowMapping | None, now: datetime, cause: Cause
    ) -> Opened | None:
        """Insert or update the row of a task; return its event, None if nothing changed."""
        payload = self._payload(task, row, now)
        if row is not None and row["payload"] == payload:
            return None
        task_id = row["task_id"] if row else derived_id(cause.id, "task", scope, task.kind, task.key)
        version = row["version"] + 1 if row else 1
        values: dict[str, Any] = {"version": version, "person_id": task.person_id, "payload": payload}
        if row is None:
            identity = {"task_id": task_id, "scope": scope, "kind": task.kind, "key": task.key}
            await session.execute(insert(self.table).values(**identity, **values))
        else:
            await session.execute(update(self.table).where(self.table.c.task_id == task_id).values(**values))
        stamp = cause.stamp(Opened, f"{task_id}|{version}", now)
        return Opened.model_validate({**payload, **stamp, "task_id": task_id, "version": version})

    async def _close(
        self, session: AsyncSession, rows: Iterable[RowMapping], now: datetime, cause: Cause
    ) -> list[Closed]:
        """Delete the rows of tasks and return their events."""
        events = [
            Closed(
                **cause.stamp(Closed, f"{row['task_id']}|{row['version'] + 1}", now),
                task_id=row["task_id"],
                version=row["version"] + 1,
            )
            for row in rows
        ]
        if events:
            ids = [event.task_id for event in events]
            await session.execute(delete(self.table).where(self.table.c.task_id.in_(ids)))
        return events
