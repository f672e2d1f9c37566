"""Queries about what was deleted about people who asked to be erased."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.store.erasure_report_tables import ErasureReport


async def add(session: AsyncSession, person_id: UUID, service: str, deleted: Mapping[str, int], now: datetime) -> None:
    """Store what a service has deleted; the first report of each counts."""
    row = insert(ErasureReport).values(person_id=person_id, service=service, deleted=dict(deleted), at=now)
    await session.execute(row.on_conflict_do_nothing())


async def of_person(session: AsyncSession, person_id: UUID) -> Sequence[ErasureReport]:
    """Return the reports so far, in the order of the names of the services."""
    query = sa.select(ErasureReport).where(col(ErasureReport.person_id) == person_id)
    return (await session.scalars(query.order_by(col(ErasureReport.service)))).all()


async def delete_until(session: AsyncSession, at: datetime) -> None:
    """Delete reports at or before a moment."""
    await session.execute(sa.delete(ErasureReport).where(col(ErasureReport.at) <= at))
