"""Queries about unfinished forms."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from intake.store.tables import Draft


async def lock(session: AsyncSession, draft_id: bytes, now: datetime) -> Draft | None:
    """Return the row for a change, None if it is gone or its time is over."""
    return (await session.scalars(_living(draft_id, now).with_for_update())).one_or_none()


async def get(session: AsyncSession, draft_id: bytes, now: datetime) -> Draft | None:
    """Return the row, None if it is gone or its time is over."""
    return (await session.scalars(_living(draft_id, now))).one_or_none()


async def put(session: AsyncSession, draft_id: bytes, sealed: bytes, expires_at: datetime) -> None:
    """Store a row, new or in place of the one with this id."""
    row = {"draft_id": draft_id, "sealed": sealed, "expires_at": expires_at}
    await session.execute(insert(Draft).values(row).on_conflict_do_update(index_elements=["draft_id"], set_=row))


async def delete(session: AsyncSession, draft_id: bytes) -> None:
    """Delete a row if it is there."""
    await session.execute(sa.delete(Draft).where(col(Draft.draft_id) == draft_id))


async def delete_expired(session: AsyncSession, now: datetime) -> None:
    """Delete all rows whose time is over."""
    await session.execute(sa.delete(Draft).where(col(Draft.expires_at) <= now))


def _living(draft_id: bytes, now: datetime) -> SelectOfScalar[Draft]:
    return select(Draft).where(col(Draft.draft_id) == draft_id, col(Draft.expires_at) > now)
