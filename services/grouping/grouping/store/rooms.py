"""Rooms, and the groups that meet in them."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from grouping.domain.groups import GroupState
from grouping.domain.matching.cells import Wishes
from grouping.store.meetings import IS_SCHEDULED
from grouping.store.room_tables import ROOM_PREFIX, Room
from grouping.store.tables import Group, Meeting, Signup

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


async def of_area(session: AsyncSession, area: str) -> list[Room]:
    """Return all rooms of an area, by name."""
    query = select(Room).where(col(Room.area) == area).order_by(col(Room.name), col(Room.id))
    return list((await session.scalars(query)).all())


async def taken_in(session: AsyncSession, area: str, slot: str, *, except_group: UUID) -> frozenset[str]:
    """Return the rooms of an area that other groups have in a slot."""
    query = select(col(Group.place)).where(
        col(Group.area) == area, col(Group.slot) == slot, HAS_ROOM, col(Group.id) != except_group
    )
    return frozenset((await session.scalars(query)).all())


class Booking(NamedTuple):
    """A scheduled meeting of a group, in its room or with one of its igangsettere."""

    group_id: UUID
    starts_at: datetime
    ends_at: datetime

    def overlaps(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Return True if a meeting between these moments takes some of the same time."""
        return self.starts_at < ends_at and starts_at < self.ends_at


async def bookings(session: AsyncSession, room_ids: Collection[str], now: datetime) -> dict[str, list[Booking]]:
    """Return the scheduled meetings in these rooms that are not over, by room."""
    found: dict[str, list[Booking]] = {room_id: [] for room_id in room_ids}
    if not found:
        return found
    query = (
        select(col(Room.id), col(Meeting.group_id), col(Meeting.starts_at), col(Meeting.ends_at))
        .select_from(Room)
        .join(Group, and_(col(Group.place) == col(Room.id), HAS_ROOM))
        .join(Meeting, col(Meeting.group_id) == col(Group.id))
        .where(
            col(Room.id).in_(room_ids),
            IS_SCHEDULED,
            col(Meeting.ends_at) > now,
            col(Meeting.place_text) == col(Room.name) + ", " + col(Room.address),
        )
    )
    for row in await session.execute(query):
        found[row.id].append(Booking(row.group_id, row.starts_at, row.ends_at))
    return found


async def wishes_of(session: AsyncSession, signup_ids: Collection[UUID]) -> tuple[Wishes, ...]:
    """Return the wishes of these people, as far as they decide about a room."""
    query = select(Signup).where(col(Signup.signup_id).in_(signup_ids), col(Signup.latitude).is_not(None))
    return tuple(
        Wishes(row.latitude, row.longitude, (), (), row.max_travel_km or 0, row.wheelchair or False)
        for row in (await session.scalars(query)).all()
        if row.latitude is not None and row.longitude is not None
    )


async def groups_with_room(session: AsyncSession, centres: Collection[str]) -> list[Group]:
    """Return the groups of these centres that have a room now."""
    query = (
        select(Group)
        .where(col(Group.centre).in_(centres), HAS_ROOM)
        .order_by(col(Group.place), col(Group.slot), col(Group.id))
    )
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
