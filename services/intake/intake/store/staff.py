"""Queries about staff and their sessions."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from intake.store.tables import Base, StaffSession, StaffUser

_USERS, _SESSIONS = Base.metadata.tables["staff_users"], Base.metadata.tables["staff_sessions"]


async def user(session: AsyncSession, username: str) -> StaffUser | None:
    """The user of this name."""
    return await session.get(StaffUser, username)


async def put_user(
    session: AsyncSession, username: str, password_hash: str, roles: list[str], centres: list[str], now: datetime
) -> None:
    """Writes a user, new or over the old one, and ends the sessions of the old one."""
    access = {"password_hash": password_hash, "roles": roles, "centres": centres, "disabled_at": None}
    statement = insert(_USERS).values(username=username, created_at=now, **access)
    await session.execute(statement.on_conflict_do_update(index_elements=["username"], set_=access))
    await session.execute(sa.delete(_SESSIONS).where(_SESSIONS.c.username == username))


async def disable(session: AsyncSession, username: str, now: datetime) -> bool:
    """Disables a user and ends their sessions; whether there was one."""
    await session.execute(sa.delete(_SESSIONS).where(_SESSIONS.c.username == username))
    done = await session.execute(
        sa.update(_USERS).where(_USERS.c.username == username).values(disabled_at=now).returning(_USERS.c.username)
    )
    return done.first() is not None


async def session_of(session: AsyncSession, token_hash: bytes) -> tuple[StaffSession, StaffUser] | None:
    """The session of this cookie with its user."""
    query = (
        sa.select(StaffSession, StaffUser)
        .join_from(StaffSession, StaffUser, _SESSIONS.c.username == _USERS.c.username)
        .where(_SESSIONS.c.token_hash == token_hash)
    )
    row = (await session.execute(query)).first()
    return (row[0], row[1]) if row else None


async def end_session(session: AsyncSession, session_id: UUID) -> None:
    """Ends a session."""
    await session.execute(sa.delete(_SESSIONS).where(_SESSIONS.c.session_id == session_id))


async def end_old_sessions(session: AsyncSession, seen_before: datetime, opened_before: datetime) -> None:
    """Ends sessions that were idle for too long or are too old."""
    await session.execute(
        sa.delete(_SESSIONS).where((_SESSIONS.c.seen_at < seen_before) | (_SESSIONS.c.opened_at < opened_before))
    )
