"""Queries about the sessions of staff, and about the browsers in which they have signed in."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.store.staff_tables import KnownBrowser, StaffSession, StaffUser


async def by_token(session: AsyncSession, token_hash: bytes) -> tuple[StaffSession, StaffUser] | None:
    """Return the session of a cookie with its user."""
    query = (
        sa.select(StaffSession, StaffUser)
        .join_from(StaffSession, StaffUser, col(StaffSession.username) == col(StaffUser.username))
        .where(col(StaffSession.token_hash) == token_hash)
    )
    row = (await session.execute(query)).first()
    return (row[0], row[1]) if row else None


async def lock(session: AsyncSession, session_id: UUID, username: str) -> StaffSession | None:
    """Return a session of a user, locked."""
    query = sa.select(StaffSession).where(
        col(StaffSession.session_id) == session_id, col(StaffSession.username) == username
    )
    return (await session.scalars(query.with_for_update())).first()


async def of_user(session: AsyncSession, username: str) -> Sequence[StaffSession]:
    """Return the sessions of a user, the one that was used last first."""
    query = (
        sa.select(StaffSession)
        .where(col(StaffSession.username) == username)
        .order_by(col(StaffSession.seen_at).desc(), col(StaffSession.session_id).desc())
    )
    return (await session.scalars(query)).all()


async def delete_by_token(session: AsyncSession, token_hash: bytes) -> None:
    """Delete the session of a cookie."""
    await session.execute(sa.delete(StaffSession).where(col(StaffSession.token_hash) == token_hash))


async def delete(session: AsyncSession, session_id: UUID, username: str) -> bool:
    """Delete a session of a user; return True if there was one."""
    deleted = await session.execute(
        sa.delete(StaffSession)
        .where(col(StaffSession.session_id) == session_id, col(StaffSession.username) == username)
        .returning(col(StaffSession.session_id))
    )
    return deleted.first() is not None


async def delete_of_user(session: AsyncSession, username: str, *, but: UUID | None = None) -> None:
    """Delete all sessions of a user, except one if it is named."""
    query = sa.delete(StaffSession).where(col(StaffSession.username) == username)
    if but is not None:
        query = query.where(col(StaffSession.session_id) != but)
    await session.execute(query)


async def delete_old(session: AsyncSession, seen_before: datetime, opened_before: datetime) -> None:
    """Delete sessions that were idle since ``seen_before`` or opened before ``opened_before``."""
    await session.execute(
        sa.delete(StaffSession).where(
            (col(StaffSession.seen_at) < seen_before) | (col(StaffSession.opened_at) < opened_before)
        )
    )


async def knows_browser(session: AsyncSession, token_hash: bytes, username: str, since: datetime) -> bool:
    """Return True if a user has signed in with a browser since a moment."""
    query = sa.select(sa.literal(1)).where(
        col(KnownBrowser.token_hash) == token_hash,
        col(KnownBrowser.username) == username,
        col(KnownBrowser.seen_at) >= since,
    )
    return (await session.execute(query)).first() is not None


async def put_browser(session: AsyncSession, token_hash: bytes, username: str, now: datetime) -> None:
    """Remember that a user has signed in with a browser, and no other user with it any more."""
    values = {"username": username, "seen_at": now}
    statement = insert(KnownBrowser).values(token_hash=token_hash, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["token_hash"], set_=values))


async def forget_browsers(session: AsyncSession, username: str) -> None:
    """Forget the browsers of a user."""
    await session.execute(sa.delete(KnownBrowser).where(col(KnownBrowser.username) == username))


async def delete_old_browsers(session: AsyncSession, before: datetime) -> None:
    """Forget the browsers in which nobody has signed in since a moment."""
    await session.execute(sa.delete(KnownBrowser).where(col(KnownBrowser.seen_at) < before))
