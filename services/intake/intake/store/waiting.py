"""Queries about how many people wait in each area, as it is told."""

from collections.abc import Iterable, Mapping
from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.store.figure_tables import WaitingCount


async def told(session: AsyncSession) -> Mapping[str, WaitingCount]:
    """Return the counts of all areas, by area; one that is not there has never had anybody who waits."""
    return {row.area: row for row in (await session.scalars(sa.select(WaitingCount))).all()}


async def told_of(session: AsyncSession, area: str) -> int:
    """Return the number of an area as it was last told."""
    row = await session.get(WaitingCount, area)
    return row.count if row else 0


async def write(session: AsyncSession, counts: Iterable[tuple[str, int]], on: date) -> None:
    """Store the numbers of areas that were counted on a day."""
    rows = [{"area": area, "count": count, "counted_on": on} for area, count in sorted(counts)]
    if rows:
        row = insert(WaitingCount).values(rows)
        change = {"count": row.excluded["count"], "counted_on": row.excluded.counted_on}
        await session.execute(row.on_conflict_do_update(index_elements=[col(WaitingCount.area)], set_=change))
