"""Queries about wrong attempts to sign in, counted where restarts and copies of the service share them."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.store.staff_tables import SignInFailures


async def lock(session: AsyncSession, key: bytes, now: datetime) -> SignInFailures:
    """Return the count of a key, locked; a new one without failures if there is none."""
    new = {"failures": 0, "failed_at": now, "rests_until": now}
    await session.execute(insert(SignInFailures).values(key=key, **new).on_conflict_do_nothing())
    query = sa.select(SignInFailures).where(col(SignInFailures.key) == key).with_for_update()
    return (await session.scalars(query)).one()


async def delete(session: AsyncSession, key: bytes) -> None:
    """Forget the failures of a key."""
    await session.execute(sa.delete(SignInFailures).where(col(SignInFailures.key) == key))


async def delete_old(session: AsyncSession, before: datetime) -> None:
    """Forget failures before a moment."""
    await session.execute(sa.delete(SignInFailures).where(col(SignInFailures.failed_at) < before))
