"""Lending deadlines."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from grouping.store.lending_tables import LendingDeadline


async def of_centres(session: AsyncSession, centres: Collection[str]) -> list[LendingDeadline]:
    """Return the deadlines of some centres, by lender and date."""
    query = select(LendingDeadline).where(col(LendingDeadline.centre).in_(centres))
    order = (col(LendingDeadline.lender), col(LendingDeadline.month), col(LendingDeadline.day), col(LendingDeadline.id))
    return list((await session.scalars(query.order_by(*order))).all())


async def everywhere(session: AsyncSession) -> list[LendingDeadline]:
    """Return the deadlines of all centres."""
    return list((await session.scalars(select(LendingDeadline).order_by(col(LendingDeadline.id)))).all())


async def get(session: AsyncSession, deadline_id: UUID, *, lock: bool = False) -> LendingDeadline | None:
    """Return a deadline; None if it has been deleted."""
    return await session.get(LendingDeadline, deadline_id, with_for_update=lock or None, populate_existing=True)
