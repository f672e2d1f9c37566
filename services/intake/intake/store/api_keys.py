"""Queries about the keys for the centres' own servers."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.store.api_key_tables import ApiKey


async def with_hash(session: AsyncSession, key_hash: bytes) -> ApiKey | None:
    """Return the key with this hash unless it was revoked."""
    query = sa.select(ApiKey).where(col(ApiKey.key_hash) == key_hash, col(ApiKey.revoked_at).is_(None))
    return (await session.scalars(query)).one_or_none()


async def all_keys(session: AsyncSession) -> Sequence[ApiKey]:
    """Return all keys, those of one centre together, the oldest first."""
    return (
        await session.scalars(
            sa.select(ApiKey).order_by(col(ApiKey.centre), col(ApiKey.created_at), col(ApiKey.key_id))
        )
    ).all()


async def revoke(session: AsyncSession, centre: str, now: datetime) -> int:
    """Revoke all keys of a centre, and return their number."""
    rows = await session.execute(
        sa.update(ApiKey)
        .where(col(ApiKey.centre) == centre, col(ApiKey.revoked_at).is_(None))
        .values(revoked_at=now)
        .returning(col(ApiKey.key_id))
    )
    return len(rows.all())
