"""Rows from which the tasks of staff follow, and the reminders that staff have put off."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from grouping.domain.groups import GroupState
from grouping.domain.signups import SignupStatus
from grouping.store.meetings import IS_START_MEETING
from grouping.store.starter_tables import GroupStarter
from grouping.store.tables import AreaHold, Group, Meeting, Signup, WaitReview, task_book


def _path_area() -> sa.ColumnElement[str]:
    """Return the area in the path of a task about an area or a wait."""
    return sa.func.split_part(task_book.table.c.payload["path"].astext, "/", 4)


async def of_group(session: AsyncSession, group_id: UUID, task_id: UUID) -> tuple[str, str] | None:
    """Return kind and key of an open task about a group before its start or after it; None if it has no such task."""
    columns, scopes = task_book.table.c, (f"group:{group_id}", f"life:{group_id}")
    query = sa.select(columns.kind, columns.key).where(columns.task_id == task_id, columns.scope.in_(scopes))
    row = (await session.execute(query)).first()
    return (row[0], row[1]) if row else None


async def published_groups(session: AsyncSession, group_ids: Collection[UUID]) -> list[tuple[Group, Meeting | None]]:
    """Return those of these groups that are proposed or confirmed, each with its start meeting."""
    if not group_ids:
        return []
    query = (
        sa.select(Group, Meeting)
        .select_from(Group)
        .outerjoin(Meeting, IS_START_MEETING)
        .where(
            col(Group.id).in_(list(group_ids)),
            col(Group.state).in_([GroupState.PROPOSED.value, GroupState.CONFIRMED.value]),
        )
    )
    return [(group, meeting) for group, meeting in await session.execute(query)]


async def starters_of(session: AsyncSession, group_ids: Collection[UUID]) -> dict[UUID, int]:
    """Count the igangsettere of these groups; groups without any are missing."""
    if not group_ids:
        return {}
    group_id = col(GroupStarter.group_id)
    query = sa.select(group_id, sa.func.count()).where(group_id.in_(list(group_ids))).group_by(group_id)
    return {row[0]: row[1] for row in await session.execute(query)}


async def groups_to_look_at(session: AsyncSession, area: str) -> list[UUID]:
    """Return the groups of an area that can need something, and those that have a task."""
    with_task = sa.select(sa.cast(sa.func.substr(task_book.table.c.scope, 7), sa.Uuid)).where(
        task_book.table.c.scope.startswith("group:")
    )
    query = sa.select(col(Group.id)).where(
        col(Group.area) == area,
        col(Group.state).in_([GroupState.PROPOSED.value, GroupState.CONFIRMED.value]) | col(Group.id).in_(with_task),
    )
    return list(await session.scalars(query.order_by(col(Group.created_at), col(Group.id))))


async def areas_with_tasks(session: AsyncSession) -> set[str]:
    """Return the areas of holds and waits with a task, and of groups with one."""
    scope = task_book.table.c.scope
    of_paths = sa.select(_path_area()).where(scope.startswith("area:") | scope.startswith("wait:"))
    group_ids = sa.select(sa.cast(sa.func.substr(scope, 7), sa.Uuid)).where(scope.startswith("group:"))
    of_groups = sa.select(col(Group.area)).where(col(Group.id).in_(group_ids))
    return {*await session.scalars(of_paths), *await session.scalars(of_groups)}


async def holds_of(session: AsyncSession, area_ids: Collection[str]) -> list[AreaHold]:
    """Return those of these areas and parts of areas that are on hold."""
    query = sa.select(AreaHold).where(col(AreaHold.area).in_(list(area_ids))).order_by(col(AreaHold.area))
    return list(await session.scalars(query.execution_options(populate_existing=True)))


async def waits_with_tasks(session: AsyncSession, area: str) -> list[str]:
    """Return the sign-ups of an area with a task about their wait."""
    scope = task_book.table.c.scope
    query = sa.select(sa.func.substr(scope, 6)).where(scope.startswith("wait:"), _path_area() == area)
    return list(await session.scalars(query))


async def long_waits(session: AsyncSession, area: str, *, signed_up_until: datetime, now: datetime) -> list[Signup]:
    """
    Return the people of an area who wait since before a moment.

    Those who have taken a pause wait for nothing, and staff can put the reminder off.
    """
    signed_up_at: sa.ColumnElement[bool] = col(Signup.signed_up_at) <= signed_up_until
    put_off = sa.exists().where(col(WaitReview.signup_id) == col(Signup.signup_id), col(WaitReview.until) > now)
    query = sa.select(Signup).where(
        col(Signup.area) == area,
        col(Signup.status) == SignupStatus.WAITING.value,
        ~col(Signup.paused),
        signed_up_at,
        ~put_off,
    )
    return list(await session.scalars(query))


async def put_off_wait(session: AsyncSession, signup_id: UUID, until: datetime) -> None:
    """Remind staff of a long wait again at a moment and not before."""
    statement = insert(WaitReview).values(signup_id=signup_id, until=until)
    await session.execute(statement.on_conflict_do_update(index_elements=["signup_id"], set_={"until": until}))
