"""Queries about the tasks of all services, as the list of today shows them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.store.tables import ListedTask

_EMPTY: Final[dict[str, Any]] = {
    "kind": None,
    "centre": None,
    "visible_from": None,
    "due_at": None,
    "urgent_from": None,
    "person_id": None,
    "group_id": None,
    "path": None,
    "facts": {},
}


@dataclass(frozen=True)
class TaskScope:
    """
    The tasks that one member of staff sees at one moment.

    Attributes:
        centres: The centres whose tasks are shown.
        installation: True to show the tasks of the installation, which belong to no centre.
        hidden: Tasks that the member has just done; their ``Closed`` may still be on its way.
    """

    centres: frozenset[str]
    installation: bool
    now: datetime
    hidden: frozenset[UUID] = frozenset()


async def write(session: AsyncSession, task_id: UUID, version: int, **values: Any) -> None:
    """Write the newest event of a task: its fields or ``closed_at``; an older event changes nothing."""
    row = {**_EMPTY, "closed_at": None, **values, "task_id": task_id, "version": version}
    statement = insert(ListedTask).values(row)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["task_id"],
            set_={name: statement.excluded[name] for name in row if name != "task_id"},
            where=col(ListedTask.version) < statement.excluded.version,
        )
    )


async def close_of_person(session: AsyncSession, person_id: UUID, now: datetime) -> None:
    """Empty all tasks about a person; their ``Closed`` events come too."""
    await session.execute(
        sa.update(ListedTask).where(col(ListedTask.person_id) == person_id).values(**_EMPTY, closed_at=now)
    )


async def delete_closed_before(session: AsyncSession, moment: datetime) -> None:
    """Delete tasks that were closed before a moment."""
    await session.execute(sa.delete(ListedTask).where(col(ListedTask.closed_at) < moment))


async def count(session: AsyncSession, scope: TaskScope) -> dict[tuple[str | None, str | None, bool], int]:
    """Count the tasks by kind, centre and urgency."""
    urgent = _urgent(scope.now).label("urgent")
    query = (
        sa.select(col(ListedTask.kind), col(ListedTask.centre), urgent, sa.func.count())
        .where(_visible(scope))
        .group_by(col(ListedTask.kind), col(ListedTask.centre), urgent)
    )
    return {(kind, centre, bool(is_urgent)): number for kind, centre, is_urgent, number in await session.execute(query)}


async def page(
    session: AsyncSession,
    scope: TaskScope,
    *,
    kind: str | None,
    centre: str | None,
    urgent_only: bool,
    limit: int,
    offset: int,
) -> Sequence[tuple[ListedTask, bool]]:
    """Return part of the tasks with their urgency: urgent and overdue ones first, then by due time, then the rest."""
    urgent = _urgent(scope.now)
    query = (
        sa.select(ListedTask, urgent)
        .where(_visible(scope))
        .order_by(
            urgent.desc(),
            col(ListedTask.due_at).asc().nulls_last(),
            col(ListedTask.visible_from),
            col(ListedTask.kind),
            col(ListedTask.task_id),
        )
        .limit(limit)
        .offset(offset)
    )
    if kind is not None:
        query = query.where(col(ListedTask.kind) == kind)
    if centre is not None:
        query = query.where(col(ListedTask.centre) == centre)
    if urgent_only:
        query = query.where(urgent)
    return [(row, bool(is_urgent)) for row, is_urgent in await session.execute(query)]


def _visible(scope: TaskScope) -> sa.ColumnElement[bool]:
    centre = col(ListedTask.centre)
    owned = centre.in_(sorted(scope.centres))
    conditions: Collection[sa.ColumnElement[bool]] = (
        col(ListedTask.closed_at).is_(None),
        col(ListedTask.visible_from) <= scope.now,
        owned | centre.is_(None) if scope.installation else owned,
        col(ListedTask.task_id).not_in(sorted(scope.hidden)),
    )
    return sa.and_(*conditions)


def _urgent(now: datetime) -> sa.ColumnElement[bool]:
    return sa.func.coalesce(col(ListedTask.urgent_from) <= now, sa.false()) | sa.func.coalesce(
        col(ListedTask.due_at) <= now, sa.false()
    )
