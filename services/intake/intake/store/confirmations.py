"""Queries about confirmations, by which a person confirms an address through a link in a mail."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from intake.store.tables import Confirmation


async def get(session: AsyncSession, confirmation_id: UUID) -> Confirmation | None:
    """Return the confirmation with this id, which a link names."""
    return await session.get(Confirmation, confirmation_id)


async def mark_confirmed(session: AsyncSession, signup_id: UUID, now: datetime) -> None:
    """Mark all open confirmations of a sign-up as answered."""
    asked_at = col(Confirmation.asked_at)
    await session.execute(
        sa.update(Confirmation)
        .where(col(Confirmation.signup_id) == signup_id, col(Confirmation.confirmed_at).is_(None))
        .values(confirmed_at=now, asked_at=sa.func.coalesce(asked_at, now))
    )


async def count_mails_since(session: AsyncSession, person_id: UUID, since: datetime) -> int:
    """Count the confirmation mails to the person after ``since``."""
    query = sa.select(sa.func.count()).where(
        col(Confirmation.person_id) == person_id, col(Confirmation.asked_at) > since
    )
    return int((await session.execute(query)).scalar_one())


async def ids_postponed(session: AsyncSession, since: datetime, max_mails: int, limit: int = 100) -> list[UUID]:
    """Return postponed confirmations of people who got fewer than ``max_mails`` mails after ``since``."""
    recent = aliased(Confirmation)
    mails = (
        sa.select(sa.func.count())
        .where(col(recent.person_id) == col(Confirmation.person_id), col(recent.asked_at) > since)
        .scalar_subquery()
    )
    query = (
        sa.select(col(Confirmation.confirmation_id))
        .where(col(Confirmation.asked_at).is_(None), mails < max_mails)
        .order_by(col(Confirmation.confirmation_id))
        .limit(limit)
    )
    return list((await session.scalars(query)).all())
