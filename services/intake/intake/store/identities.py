"""Queries about what binds accounts of staff to an identity provider."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.store.staff_tables import StaffIdentity, UsedSignIn


async def lock(session: AsyncSession, issuer: str, subject: str) -> StaffIdentity | None:
    """Return what a subject is bound to, locked."""
    query = sa.select(StaffIdentity).where(col(StaffIdentity.issuer) == issuer, col(StaffIdentity.subject) == subject)
    return (await session.scalars(query.with_for_update())).first()


async def has_other(session: AsyncSession, issuer: str, username: str) -> bool:
    """Return True if an account is bound to a subject of a provider."""
    query = sa.select(sa.literal(1)).where(col(StaffIdentity.issuer) == issuer, col(StaffIdentity.username) == username)
    return (await session.execute(query)).first() is not None


async def bind(session: AsyncSession, issuer: str, subject: str, username: str, now: datetime) -> None:
    """Bind an account to a subject."""
    session.add(StaffIdentity(issuer=issuer, subject=subject, username=username, bound_at=now))
    await session.flush()


async def is_bound(session: AsyncSession, username: str) -> bool:
    """Return True if an account is bound to a subject of any provider."""
    query = sa.select(sa.literal(1)).where(col(StaffIdentity.username) == username)
    return (await session.execute(query)).first() is not None


async def unbind(session: AsyncSession, username: str) -> bool:
    """Free an account from every subject; return True if it was bound."""
    deleted = await session.execute(
        sa.delete(StaffIdentity).where(col(StaffIdentity.username) == username).returning(col(StaffIdentity.subject))
    )
    return deleted.first() is not None


async def use_attempt(session: AsyncSession, attempt_hash: bytes, expires_at: datetime) -> bool:
    """Use up an attempt; return False if it was used before."""
    row = insert(UsedSignIn).values(attempt_hash=attempt_hash, expires_at=expires_at)
    stored = await session.execute(row.on_conflict_do_nothing().returning(col(UsedSignIn.attempt_hash)))
    return stored.first() is not None


async def delete_used(session: AsyncSession, now: datetime) -> None:
    """Forget attempts that are too old to be brought back."""
    await session.execute(sa.delete(UsedSignIn).where(col(UsedSignIn.expires_at) < now))
