"""Queries about the versions of policies, and the version that each group keeps."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.store.group_tables import GroupPolicy
from intake.store.tables import PolicyVersion


async def lock(session: AsyncSession) -> None:
    """Let one transaction at a time add versions."""
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext("intake.policies"))))


async def newest(session: AsyncSession, centre: str) -> PolicyVersion | None:
    """Return the version that holds; None before the first one."""
    query = sa.select(PolicyVersion).where(col(PolicyVersion.centre) == centre)
    return (await session.execute(query.order_by(col(PolicyVersion.number).desc()).limit(1))).scalar_one_or_none()


async def of_centre(session: AsyncSession, centre: str) -> list[PolicyVersion]:
    """Return all versions, the newest first."""
    query = sa.select(PolicyVersion).where(col(PolicyVersion.centre) == centre)
    return list((await session.execute(query.order_by(col(PolicyVersion.number).desc()))).scalars())


async def write_group(
    session: AsyncSession,
    group_id: UUID,
    *,
    centre: str | None = None,
    place: str | None = None,
    slot: str | None = None,
    policy_version: str | None = None,
    ended: bool = False,
    handed_over: bool = False,
    now: datetime,
) -> None:
    """Store what an event says about a group; events may come in any order and more than once."""
    values = {"centre": centre, "place": place, "slot": slot, "policy_version": policy_version}
    known = {name: value for name, value in values.items() if value is not None}
    over = {name: True for name, is_so in (("ended", ended), ("handed_over", handed_over)) if is_so}
    statement = insert(GroupPolicy).values(group_id=group_id, **values, **over, seen_at=now)
    changes = {**known, **over, "seen_at": now}
    await session.execute(statement.on_conflict_do_update(index_elements=["group_id"], set_=changes))


async def running_groups(session: AsyncSession, centre: str, except_version: str) -> list[GroupPolicy]:
    """Return the groups that have not ended and keep another version than this one."""
    query = sa.select(GroupPolicy).where(
        col(GroupPolicy.centre) == centre, ~col(GroupPolicy.ended), col(GroupPolicy.policy_version) != except_version
    )
    return list((await session.execute(query.order_by(col(GroupPolicy.seen_at), col(GroupPolicy.group_id)))).scalars())


async def is_handed_over(session: AsyncSession, group_id: UUID) -> bool:
    """Return True if the igangsetter of a group has withdrawn, or the group has ended."""
    group = await group_of(session, group_id)
    return group is not None and (group.handed_over or group.ended)


async def group_of(session: AsyncSession, group_id: UUID) -> GroupPolicy | None:
    """Return what is known about a group's version."""
    return await session.get(GroupPolicy, group_id)


async def kept_by_group(session: AsyncSession, group_id: UUID) -> PolicyVersion | None:
    """Return the version that a group keeps; None if it is not known."""
    query = sa.select(PolicyVersion).join(
        GroupPolicy,
        (col(GroupPolicy.centre) == col(PolicyVersion.centre))
        & (col(GroupPolicy.policy_version) == col(PolicyVersion.version)),
    )
    version: PolicyVersion | None = await session.scalar(query.where(col(GroupPolicy.group_id) == group_id))
    return version


async def versions_named(session: AsyncSession, centre: str) -> Collection[str]:
    """Return what the centre's versions are called."""
    query = sa.select(col(PolicyVersion.version)).where(col(PolicyVersion.centre) == centre)
    return set((await session.execute(query)).scalars())


async def forget_moment(session: AsyncSession, group_id: UUID) -> None:
    """Keep only the day of the newest event about a group: it may be that of what one of its members did."""
    day = sa.func.date_trunc("day", col(GroupPolicy.seen_at), "UTC")
    await session.execute(sa.update(GroupPolicy).where(col(GroupPolicy.group_id) == group_id).values(seen_at=day))


async def delete_ended_groups(session: AsyncSession, seen_before: datetime) -> None:
    """Delete groups that ended so long ago that no event about them can come."""
    await session.execute(sa.delete(GroupPolicy).where(col(GroupPolicy.ended), col(GroupPolicy.seen_at) < seen_before))
