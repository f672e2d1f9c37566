"""Queries about staff users and their sessions."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.store.staff_tables import StaffSession, StaffUser


async def get(session: AsyncSession, username: str) -> StaffUser | None:
    """Return the user of this name."""
    return await session.get(StaffUser, username)


async def put(
    session: AsyncSession, username: str, password_hash: str, roles: list[str], centres: list[str], now: datetime
) -> None:
    """Insert or replace a user; sessions of a replaced user are deleted."""
    access = {"password_hash": password_hash, "roles": roles, "centres": centres, "disabled_at": None}
    statement = insert(StaffUser).values(username=username, created_at=now, **access)
    await session.execute(statement.on_conflict_do_update(index_elements=["username"], set_=access))
    await session.execute(sa.delete(StaffSession).where(col(StaffSession.username) == username))


async def disable(session: AsyncSession, username: str, now: datetime) -> bool:
    """Disable a user and delete the user's sessions; return True if the user existed."""
    await session.execute(sa.delete(StaffSession).where(col(StaffSession.username) == username))
    updated = await session.execute(
        sa.update(StaffUser)
        .where(col(StaffUser.username) == username)
        .values(disabled_at=now)
        .returning(col(StaffUser.username))
    )
    return updated.first() is not None


async def session_by_token(session: AsyncSession, token_hash: bytes) -> tuple[StaffSession, StaffUser] | None:
    """Return the session of a cookie with its user."""
    query = (
        sa.select(StaffSession, StaffUser)
        .join_from(StaffSession, StaffUser, col(StaffSession.username) == col(StaffUser.username))
        .where(col(StaffSession.token_hash) == token_hash)
    )
    row = (await session.execute(query)).first()
    return (row[0], row[1]) if row else None


async def delete_session(session: AsyncSession, session_id: UUID) -> None:
    """Delete a session."""
    await session.execute(sa.delete(StaffSession).where(col(StaffSession.session_id) == session_id))


async def delete_old_sessions(session: AsyncSession, seen_before: datetime, opened_before: datetime) -> None:
    """Delete sessions that were idle since ``seen_before`` or opened before ``opened_before``."""
    await session.execute(
        sa.delete(StaffSession).where(
            (col(StaffSession.seen_at) < seen_before) | (col(StaffSession.opened_at) < opened_before)
        )
    )
