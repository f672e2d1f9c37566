"""What a group needs beside people, as every decision asks for it: all of it in one journey."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import and_, bindparam, cast, func, literal_column, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain.matching.cells import Starter
from grouping.store import register
from grouping.store.register import Igangsetter, Room
from grouping.store.tables import Group

# SQLModel types an attribute as its value; in a query it is a column.
_Igangsetter: Any = Igangsetter
_Room: Any = Room
_Group: Any = Group


class Spot(NamedTuple):
    """
    A place where groups of an area meet or can meet: a room, or another place where a group is on its way.

    Attributes:
        room: None where it is no room.
        taken: When groups have the room, or are on their way to this other place.
    """

    area: str
    place: str
    room: "Here | None"
    taken: frozenset[str]


class Here(NamedTuple):
    """What decides who can meet in a room; see :class:`grouping.store.Room`."""

    latitude: float
    longitude: float
    seats: int
    step_free: bool
    active: bool
    slots: frozenset[str]


class Helper(NamedTuple):
    """An igangsetter, with their centre, and whether they take new groups at all."""

    centre: str
    active: bool
    starter: Starter


def _one_in(column: Any, name: str) -> Any:
    return column == func.any(bindparam(name, type_=ARRAY(sa.Text)))


_IN_ROOMS = (
    select(_Room.area, _Room.id.label("place"), _Group.slot)
    .select_from(Room)
    .outerjoin(Group, and_(_Group.place == _Room.id, register.IN_USE))
    .where(_one_in(_Room.area, "areas"))
)
_ELSEWHERE = select(_Group.area, _Group.place, _Group.slot).where(
    _one_in(_Group.area, "areas"),
    _Group.state.in_(register.IS_FORMING),
    ~_Group.place.like(literal_column(f"'{register.ROOM}%'")),
)
_MEETING = union_all(_IN_ROOMS, _ELSEWHERE).subquery()
_SPOTS = (
    select(
        _MEETING.c.area.label("whose"),
        _MEETING.c.place.label("id"),
        literal_column("true").label("is_place"),
        _Room.latitude,
        _Room.longitude,
        _Room.seats.label("most"),
        _Room.active,
        _Room.slots,
        func.array_remove(func.array_agg(_MEETING.c.slot), None).label("taken"),
        _Room.step_free,
        literal_column("0").label("reach_km"),
        literal_column("null::text[]").label("languages"),
    )
    .select_from(_MEETING.outerjoin(Room, _Room.id == _MEETING.c.place))
    .group_by(_MEETING.c.area, _MEETING.c.place, _Room.id)
)
_HELPERS = select(
    _Igangsetter.centre,
    cast(_Igangsetter.id, sa.Text),
    literal_column("false"),
    _Igangsetter.latitude,
    _Igangsetter.longitude,
    _Igangsetter.groups_at_once,
    _Igangsetter.active,
    _Igangsetter.slots,
    func.coalesce(register.BUSY_SLOTS, literal_column("'{}'")),
    literal_column("false"),
    _Igangsetter.reach_km,
    _Igangsetter.languages,
).where(_one_in(_Igangsetter.centre, "centres"))
_MEANS = union_all(_SPOTS, _HELPERS).order_by("whose", "id")


async def read(
    session: AsyncSession, areas: Collection[str], centres: Collection[str], now: datetime
) -> tuple[list[Spot], list[Helper]]:
    """
    What the groups of some areas need beside people.

    Returns:
        The rooms of these areas, paused ones too, with the other places where groups there are on their way; and the
        igangsettere of these centres, who are free for one group at most at a time: when they have it, it depends on
        when that meets whether they are free for another.
    """
    spots: list[Spot] = []
    helpers: list[Helper] = []
    rows = (await session.execute(_MEANS, {"areas": list(areas), "centres": list(centres), "now": now})).all()
    for whose, id_, is_place, latitude, longitude, most, active, slots, taken, step_free, reach_km, languages in rows:
        busy = frozenset(taken)
        if is_place:
            room = None if slots is None else Here(latitude, longitude, most, step_free, active, frozenset(slots))
            spots.append(Spot(whose, id_, room, busy))
        else:
            free = min(max(0, most - len(taken)), 1)
            times = frozenset(slots) - busy
            starter = Starter(UUID(id_), latitude, longitude, reach_km, times, frozenset(languages), free)
            helpers.append(Helper(whose, active, starter))
    return spots, helpers
