"""Queries about groups whose members grouping has forgotten."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.store.group_tables import ForgottenGroup


async def write(
    session: AsyncSession,
    group_id: UUID,
    version: int,
    kept: Collection[UUID],
    sealed: Collection[UUID],
    *,
    keep_until: datetime,
) -> None:
    """Write the newest state; an older event changes nothing."""
    statement = insert(ForgottenGroup).values(
        group_id=group_id, version=version, kept=sorted(kept), sealed=sorted(sealed), keep_until=keep_until
    )
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["group_id"],
            set_={name: statement.excluded[name] for name in ("version", "kept", "sealed", "keep_until")},
            where=col(ForgottenGroup.version) < statement.excluded.version,
        )
    )


async def get(session: AsyncSession, group_id: UUID) -> ForgottenGroup | None:
    """Return the group as it is in the database now, if its members are forgotten."""
    return await session.get(ForgottenGroup, group_id, populate_existing=True)


async def delete_until(session: AsyncSession, now: datetime) -> None:
    """Delete groups that no event can be about any more."""
    await session.execute(sa.delete(ForgottenGroup).where(col(ForgottenGroup.keep_until) <= now))
