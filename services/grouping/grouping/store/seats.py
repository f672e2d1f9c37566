"""Seats of groups."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from grouping.domain.groups import LIVE, SeatState
from grouping.store.tables import Group, Seat


class LiveSeat(NamedTuple):
    """An offered or taken seat, with its area."""

    seat_id: UUID
    signup_id: UUID
    group_id: UUID
    area: str


async def get(session: AsyncSession, seat_id: UUID) -> Seat | None:
    """Return a seat as it is in the database now."""
    return await session.get(Seat, seat_id, populate_existing=True)


async def current(session: AsyncSession, seat_id: UUID) -> UUID:
    """Return the newest seat that a person has had in the group of this one: a seat can be given up and taken back."""
    newest = aliased(Seat)
    same = and_(col(newest.group_id) == col(Seat.group_id), col(newest.signup_id) == col(Seat.signup_id))
    query = (
        select(col(newest.id))
        .select_from(Seat)
        .join(newest, same)
        .where(col(Seat.id) == seat_id)
        .order_by(
            col(newest.state).in_(LIVE).desc(),
            col(newest.offered_at).desc(),
            col(newest.taken_at).desc().nulls_last(),
            col(newest.id).desc(),
        )
        .limit(1)
    )
    return await session.scalar(query) or seat_id


_OF_GROUPS = (
    select(Seat)
    .where(col(Seat.group_id) == func.any(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(col(Seat.offered_at), col(Seat.waited_days).desc(), col(Seat.id))
    .execution_options(populate_existing=True)
)


async def of_groups(session: AsyncSession, group_ids: Collection[UUID]) -> dict[UUID, list[Seat]]:
    """Return all seats of these groups, released ones too, in the order of their offers."""
    seats: dict[UUID, list[Seat]] = {group_id: [] for group_id in group_ids}
    for seat in (await session.scalars(_OF_GROUPS, {"ids": list(group_ids)})).all():
        seats[seat.group_id].append(seat)
    return seats


async def areas_with_lapsed_offers(session: AsyncSession, now: datetime) -> list[str]:
    """Return the areas with offers past their deadline."""
    query = (
        select(col(Group.area))
        .join(Seat, col(Seat.group_id) == col(Group.id))
        .where(col(Seat.state) == SeatState.OFFERED, col(Seat.deadline) <= now)
        .distinct()
        .order_by(col(Group.area))
    )
    return list((await session.scalars(query)).all())


async def groups_with_lapsed_offers(session: AsyncSession, area: str, now: datetime) -> list[UUID]:
    """Return the groups of an area with offers past their deadline."""
    query = (
        select(col(Group.id))
        .join(Seat, col(Seat.group_id) == col(Group.id))
        .where(col(Group.area) == area, col(Seat.state) == SeatState.OFFERED, col(Seat.deadline) <= now)
        .distinct()
        .order_by(col(Group.id))
    )
    return list((await session.scalars(query)).all())
