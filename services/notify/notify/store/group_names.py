"""By what people know groups: the area, and when they meet first."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notify.store.tables import Group, Meeting, Seat


@dataclass(frozen=True)
class GroupFacts:
    """
    A group as its name needs it.

    Attributes:
        slot: The weekday and part of the day of its seats; None if no seat has been offered.
        starts_at: Its start meeting; None if it has none.
    """

    id: UUID
    centre: str
    area: str
    slot: str | None
    starts_at: datetime | None


async def of_groups(session: AsyncSession, ids: Collection[UUID]) -> list[GroupFacts]:
    """Return these groups, those that are known."""
    return await _read(session, col(Group.id).in_(ids)) if ids else []


async def of_centres(session: AsyncSession, centres: Collection[str]) -> list[GroupFacts]:
    """Return all groups of these centres."""
    return await _read(session, col(Group.centre).in_(centres))


async def _read(session: AsyncSession, condition: sa.ColumnElement[bool]) -> list[GroupFacts]:
    slot = sa.select(sa.func.min(col(Seat.slot))).where(col(Seat.group_id) == col(Group.id)).scalar_subquery()
    start = (
        sa.select(sa.func.min(col(Meeting.starts_at)))
        .where(col(Meeting.group_id) == col(Group.id), col(Meeting.kind) == "start", col(Meeting.version) > 0)
        .scalar_subquery()
    )
    query = sa.select(col(Group.id), col(Group.centre), col(Group.area), slot, start).where(condition)
    return [GroupFacts(*row) for row in await session.execute(query)]
