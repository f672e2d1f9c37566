"""Queries about staff users."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.domain.staff import Access
from intake.store.staff_tables import StaffUser


def access_of(user: StaffUser) -> Access:
    """Return what an account opens."""
    return Access.of(user.roles, user.centres, all_centres=user.all_centres)


async def get(session: AsyncSession, username: str) -> StaffUser | None:
    """Return the user of this name."""
    return await session.get(StaffUser, username)


async def by_id(session: AsyncSession, user_id: UUID) -> StaffUser | None:
    """Return the user of this id."""
    return (await session.scalars(sa.select(StaffUser).where(col(StaffUser.user_id) == user_id))).first()


async def lock(session: AsyncSession, *usernames: str) -> dict[str, StaffUser]:
    """Return users by name, locked in one order for all callers."""
    query = sa.select(StaffUser).where(col(StaffUser.username).in_(usernames)).order_by(col(StaffUser.username))
    rows = await session.scalars(query.with_for_update().execution_options(populate_existing=True))
    return {row.username: row for row in rows}


async def put(
    session: AsyncSession,
    username: str,
    password_hash: str,
    roles: list[str],
    centres: list[str] | None,
    one_time_until: datetime | None,
    now: datetime,
) -> None:
    """Insert or replace a user; None stands for every centre."""
    access = {
        "password_hash": password_hash,
        "roles": roles,
        "centres": centres or [],
        "all_centres": centres is None,
        "disabled_at": None,
        "one_time_until": one_time_until,
    }
    statement = insert(StaffUser).values(username=username, created_at=now, **access)
    await session.execute(statement.on_conflict_do_update(index_elements=["username"], set_=access))


async def set_password(
    session: AsyncSession, username: str, password_hash: str, one_time_until: datetime | None
) -> bool:
    """Replace the password of a user; return True if the user exists and is not disabled."""
    updated = await session.execute(
        sa.update(StaffUser)
        .where(col(StaffUser.username) == username, col(StaffUser.disabled_at).is_(None))
        .values(password_hash=password_hash, one_time_until=one_time_until)
        .returning(col(StaffUser.username))
    )
    return updated.first() is not None


async def disable(session: AsyncSession, username: str, now: datetime) -> bool:
    """Disable a user; return True if the user existed."""
    updated = await session.execute(
        sa.update(StaffUser)
        .where(col(StaffUser.username) == username)
        .values(disabled_at=now)
        .returning(col(StaffUser.username))
    )
    return updated.first() is not None
