"""Rooms, and the groups that meet in them."""

from collections.abc import Collection

from sqlalchemy import and_, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from grouping.domain.groups import GroupState
from grouping.store.tables import ROOM_PREFIX, Group, Room

HAS_ROOM = and_(
    col(Group.place).like(literal_column(f"'{ROOM_PREFIX}%'")),
    col(Group.state) != literal_column(f"'{GroupState.CANCELLED}'"),
    col(Group.room_free_at).is_(None),
)
"""True for a group that has a room; the same condition as of the index ``groups_one_per_room``."""


def is_room(place: str) -> bool:
    """Return True if a cell's place is a room, and not one of the installation's meeting places."""
    return place.startswith(ROOM_PREFIX)


async def get(session: AsyncSession, room_id: str) -> Room | None:
    """Return a room as it is in the database now; None for any other place."""
    return await session.get(Room, room_id, populate_existing=True) if is_room(room_id) else None


async def of_centres(session: AsyncSession, centres: Collection[str]) -> list[Room]:
    """Return all rooms of these centres, by area and name."""
    query = select(Room).where(col(Room.centre).in_(centres)).order_by(col(Room.area), col(Room.name), col(Room.id))
    return list((await session.scalars(query)).all())


async def groups_with_room(session: AsyncSession, centres: Collection[str]) -> list[Group]:
    """Return the groups of these centres that have a room now."""
    query = select(Group).where(col(Group.centre).in_(centres), HAS_ROOM).order_by(col(Group.place), col(Group.slot))
    return list((await session.scalars(query)).all())


async def ever_used(session: AsyncSession, room_ids: Collection[str]) -> frozenset[str]:
    """Return those of these rooms that any group has ever had."""
    query = select(col(Group.place)).where(col(Group.place).in_(room_ids)).distinct()
    return frozenset((await session.scalars(query)).all())


async def by_id(session: AsyncSession, places: Collection[str]) -> dict[str, Room]:
    """Return the rooms among these places, by id."""
    room_ids = [place for place in places if is_room(place)]
    if not room_ids:
        return {}
    query = select(Room).where(col(Room.id).in_(room_ids)).execution_options(populate_existing=True)
    return {room.id: room for room in await session.scalars(query)}
