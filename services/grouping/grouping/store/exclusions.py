"""Pairs of people who are never put in one group."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from grouping.store.tables import Exclusion


async def add(session: AsyncSession, pair: Collection[UUID], area: str, now: datetime) -> None:
    """Never put these two people in one group."""
    one, other = sorted(pair)
    await session.execute(insert(Exclusion).values(one=one, other=other, area=area, at=now).on_conflict_do_nothing())


async def remove(session: AsyncSession, pair: Collection[UUID]) -> None:
    """Let these two people be in one group again."""
    one, other = sorted(pair)
    await session.execute(delete(Exclusion).where(col(Exclusion.one) == one, col(Exclusion.other) == other))


async def of_person(session: AsyncSession, person_id: UUID) -> list[UUID]:
    """Return the people who are never put in one group with this person."""
    query = select(col(Exclusion.one), col(Exclusion.other)).where(
        or_(col(Exclusion.one) == person_id, col(Exclusion.other) == person_id)
    )
    rows = (await session.execute(query)).all()
    return sorted(other if one == person_id else one for one, other in rows)
