"""Queries about the start meetings of groups, as grouping's newest event states them."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.store.group_tables import GroupMeeting


async def write(
    session: AsyncSession,
    group_id: UUID,
    version: int,
    *,
    starts_at: datetime | None,
    place_text: str | None,
    keep_until: datetime,
) -> None:
    """Write the newest time and place; an older event changes nothing."""
    statement = insert(GroupMeeting).values(
        group_id=group_id, version=version, starts_at=starts_at, place_text=place_text, keep_until=keep_until
    )
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["group_id"],
            set_={name: statement.excluded[name] for name in ("version", "starts_at", "place_text", "keep_until")},
            where=col(GroupMeeting.version) < statement.excluded.version,
        )
    )


async def get(session: AsyncSession, group_id: UUID) -> GroupMeeting | None:
    """Return the start meeting of a group, if it is known."""
    return await session.get(GroupMeeting, group_id)


async def delete_until(session: AsyncSession, now: datetime) -> None:
    """Delete meetings that are kept no longer."""
    await session.execute(sa.delete(GroupMeeting).where(col(GroupMeeting.keep_until) <= now))
