"""Load room and igangsetter capacity for some areas in one query."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped
from sqlmodel import col

from grouping.domain.matching.cells import Starter
from grouping.store.igangsettere import BUSY_SLOTS, IS_FORMING
from grouping.store.room_tables import ROOM_PREFIX, Room
from grouping.store.rooms import HAS_ROOM
from grouping.store.starter_tables import Igangsetter
from grouping.store.tables import Group


class RoomFacts(NamedTuple):
    """The facts of a room that matching needs; see :class:`grouping.store.Room`."""

    latitude: float
    longitude: float
    max_people: int
    step_free: bool
    active: bool
    slots: frozenset[str]


class RoomSlot(NamedTuple):
    """
    A place where groups of an area meet or can meet: a room, or another place of a forming group.

    Attributes:
        room: None for a place that is no room.
        taken: The slots in which groups have the room, or form at the other place.
    """

    area: str
    place: str
    room: RoomFacts | None
    taken: frozenset[str]


class StarterRow(NamedTuple):
    """
    An igangsetter of a centre.

    Attributes:
        active: False while they take no new groups.
        starter: The igangsetter as matching sees them.
    """

    centre: str
    active: bool
    starter: Starter


def _one_of(column: Mapped[str], name: str) -> ColumnElement[bool]:
    return column == func.any(bindparam(name, type_=ARRAY(sa.Text)))


_IN_ROOMS: Select[*tuple[Any, ...]] = (
    select(col(Room.area), col(Room.id).label("place"), col(Group.slot))
    .select_from(Room)
    .outerjoin(Group, and_(col(Group.place) == col(Room.id), HAS_ROOM))
    .where(_one_of(col(Room.area), "areas"))
)
_ELSEWHERE = select(col(Group.area), col(Group.place), col(Group.slot)).where(
    _one_of(col(Group.area), "areas"),
    IS_FORMING,
    ~col(Group.place).like(literal_column(f"'{ROOM_PREFIX}%'")),
)
_MEETING = union_all(_IN_ROOMS, _ELSEWHERE).subquery()
_ROOM_SLOTS = (
    select(
        _MEETING.c.area.label("owner"),
        _MEETING.c.place.label("id"),
        literal_column("true").label("is_place"),
        col(Room.latitude),
        col(Room.longitude),
        col(Room.seats).label("limit"),
        col(Room.active),
        col(Room.slots),
        func.array_remove(func.array_agg(_MEETING.c.slot), None).label("taken"),
        col(Room.step_free),
        literal_column("0").label("reach_km"),
        literal_column("null::text[]").label("languages"),
    )
    .select_from(_MEETING.outerjoin(Room, col(Room.id) == _MEETING.c.place))
    .group_by(_MEETING.c.area, _MEETING.c.place, col(Room.id))
)
_STARTERS: Select[*tuple[Any, ...]] = select(
    col(Igangsetter.centre),
    cast(col(Igangsetter.id), sa.Text),
    literal_column("false"),
    col(Igangsetter.latitude),
    col(Igangsetter.longitude),
    col(Igangsetter.groups_at_once),
    col(Igangsetter.active),
    col(Igangsetter.slots),
    func.coalesce(BUSY_SLOTS, literal_column("'{}'")),
    literal_column("false"),
    col(Igangsetter.reach_km),
    col(Igangsetter.languages),
).where(_one_of(col(Igangsetter.centre), "centres"))
_CAPACITY: CompoundSelect[*tuple[Any, ...]] = union_all(_ROOM_SLOTS, _STARTERS).order_by("owner", "id")


async def load(
    session: AsyncSession, areas: Collection[str], centres: Collection[str], now: datetime
) -> tuple[list[RoomSlot], list[StarterRow]]:
    """
    Return the capacity of some areas and centres.

    Returns:
        The rooms of the areas, paused ones too, with the other places of forming groups; and the igangsettere of the
        centres, each with at most one remaining group. An igangsetter cannot start two groups in one slot, so capacity
        must be loaded again after each assignment.
    """
    room_slots: list[RoomSlot] = []
    starters: list[StarterRow] = []
    rows = (await session.execute(_CAPACITY, {"areas": list(areas), "centres": list(centres), "now": now})).all()
    for owner, id_, is_place, latitude, longitude, limit, active, slots, taken, step_free, reach_km, languages in rows:
        taken_slots = frozenset(taken)
        if is_place:
            room = None if slots is None else RoomFacts(latitude, longitude, limit, step_free, active, frozenset(slots))
            room_slots.append(RoomSlot(owner, id_, room, taken_slots))
        else:
            remaining_groups = min(max(0, limit - len(taken)), 1)
            free_slots = frozenset(slots) - taken_slots
            starter = Starter(
                UUID(id_), latitude, longitude, reach_km, free_slots, frozenset(languages), remaining_groups
            )
            starters.append(StarterRow(owner, active, starter))
    return room_slots, starters
