"""Queries about solved challenges."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.store.proof_of_work_tables import UsedProof


async def use(session: AsyncSession, proof_hash: bytes, expires_at: datetime) -> bool:
    """Store a solved challenge; return False if it was used before."""
    row = insert(UsedProof).values(proof_hash=proof_hash, expires_at=expires_at)
    stored = await session.execute(row.on_conflict_do_nothing().returning(col(UsedProof.proof_hash)))
    return stored.first() is not None


async def delete_expired(session: AsyncSession, now: datetime) -> None:
    """Delete the challenges that nobody can send any more."""
    await session.execute(sa.delete(UsedProof).where(col(UsedProof.expires_at) < now))
