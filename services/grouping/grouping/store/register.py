"""Igangsettere and rooms: their tables, and what is asked about them. Neither knows anything of a participant."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import and_, bindparam, delete, exists, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field

from grouping.domain.groups import FORMING, GroupState
from grouping.store.tables import Base, Group

ROOM: Final = "rom-"
"""How the id of every room begins; no meeting place of the installation's may begin so."""

MOST_LABEL = 40
MOST_NAME = 80
MOST_ADDRESS = 110

_MOMENT: Any = sa.DateTime(timezone=True)
_TEXTS: Any = ARRAY(sa.Text)


class Igangsetter(Base, table=True):
    """
    Somebody who starts groups for a centre.

    Attributes:
        label: What the centre calls them: initials or a nickname, never a whole name.
        place: About where they live, as :mod:`shared.reference.places` labels it.
        latitude, longitude: Of that place, degrees, WGS 84, two decimals.
        reach_km: How far they go, as the crow flies.
        groups_at_once: How many groups they can start at one time; a trigger has the last word.
        active: False while they take no new groups.
    """

    __tablename__ = "igangsettere"
    __table_args__ = (
        sa.CheckConstraint(f"char_length(label) between 1 and {MOST_LABEL}", name="igangsettere_label"),
        sa.CheckConstraint("reach_km >= 1 and groups_at_once >= 1", name="igangsettere_numbers"),
        sa.CheckConstraint("cardinality(slots) > 0 and cardinality(languages) > 0", name="igangsettere_can_something"),
    )

    id: UUID = Field(primary_key=True)
    centre: str = Field(index=True)
    label: str
    place: str
    latitude: float
    longitude: float
    reach_km: int
    slots: list[str] = Field(sa_type=_TEXTS)
    languages: list[str] = Field(sa_type=_TEXTS)
    groups_at_once: int
    active: bool = Field(default=True, sa_column_kwargs={"server_default": sa.text("true")})
    created_at: datetime = Field(sa_type=_MOMENT)


class Room(Base, table=True):
    """
    A room where groups of one area can meet.

    Attributes:
        id: A cell's place, so it begins with :data:`ROOM`.
        name, address: What people are told when they have said yes.
        place: About where it is, as :mod:`shared.reference.places` labels it; what is shown before that.
        seats: How many people there is room for.
        slots: When it is free for groups.
        active: False while no new group is to meet there.
    """

    __tablename__ = "rooms"
    __table_args__ = (
        sa.CheckConstraint(f"id like '{ROOM}%'", name="rooms_id"),
        sa.CheckConstraint(f"char_length(name) between 1 and {MOST_NAME}", name="rooms_name"),
        sa.CheckConstraint(f"char_length(address) between 1 and {MOST_ADDRESS}", name="rooms_address"),
        sa.CheckConstraint("seats >= 3", name="rooms_seats"),
        sa.CheckConstraint("cardinality(slots) > 0", name="rooms_slots"),
    )

    id: str = Field(primary_key=True)
    centre: str = Field(index=True)
    area: str = Field(index=True)
    name: str
    address: str
    place: str
    latitude: float
    longitude: float
    seats: int
    step_free: bool
    slots: list[str] = Field(sa_type=_TEXTS)
    active: bool = Field(default=True, sa_column_kwargs={"server_default": sa.text("true")})
    created_at: datetime = Field(sa_type=_MOMENT)

    @property
    def full_address(self) -> str:
        """Name and address, as members are told."""
        return f"{self.name}, {self.address}"


class GroupStarter(Base, table=True):
    """
    Who starts which group; gone without a trace when either is.

    Attributes:
        since: When it was decided.
        weeks: How long after the start meeting they are busy with it, by the policy of the group.
    """

    __tablename__ = "group_starters"

    group_id: UUID = Field(primary_key=True, foreign_key="groups.id", ondelete="CASCADE")
    igangsetter_id: UUID = Field(primary_key=True, foreign_key="igangsettere.id", ondelete="CASCADE", index=True)
    since: datetime = Field(sa_type=_MOMENT)
    weeks: int


# SQLModel types an attribute as its value; in a query it is a column.
_Igangsetter: Any = Igangsetter
_Room: Any = Room
_GroupStarter: Any = GroupStarter
_Group: Any = Group

IS_FORMING: Any = tuple(literal_column(f"'{state}'") for state in sorted(FORMING))
IN_USE: Any = and_(
    _Group.place.like(literal_column(f"'{ROOM}%'")),
    _Group.state != literal_column(f"'{GroupState.CANCELLED}'"),
    _Group.room_free_at.is_(None),
)
"""What the index ``groups_one_per_room`` covers: the groups that have a room."""

_BUSY: Any = or_(
    _Group.state.in_(IS_FORMING),
    and_(
        _Group.state == literal_column(f"'{GroupState.STARTED}'"),
        _Group.meets_at + _GroupStarter.weeks * literal_column("interval '7 days'") > bindparam("now", type_=_MOMENT),
    ),
)
"""The groups that an igangsetter is busy with; the trigger ``group_starters_counted`` says the same."""


def is_room(place: str) -> bool:
    """Whether a cell's place is a room, and not one of the installation's meeting places."""
    return place.startswith(ROOM)


@dataclass(frozen=True, slots=True)
class Busy:
    """
    An igangsetter and what they do now.

    Attributes:
        groups: How many groups they are busy with.
        slots: When those meet.
    """

    igangsetter: Igangsetter
    groups: int
    slots: frozenset[str]

    @property
    def free(self) -> int:
        """How many more groups they can take on; none while they are paused."""
        return max(0, self.igangsetter.groups_at_once - self.groups) if self.igangsetter.active else 0


BUSY_SLOTS = (
    select(func.array_agg(_Group.slot))
    .join(GroupStarter, _GroupStarter.group_id == _Group.id)
    .where(_GroupStarter.igangsetter_id == _Igangsetter.id, _BUSY)
    .scalar_subquery()
)
_IGANGSETTERE = (
    select(Igangsetter, BUSY_SLOTS)
    .where(_Igangsetter.centre.in_(bindparam("centres", expanding=True)))
    .order_by(_Igangsetter.centre, _Igangsetter.label, _Igangsetter.id)
    .execution_options(populate_existing=True)
)


async def igangsettere(session: AsyncSession, centres: Collection[str], now: datetime) -> list[Busy]:
    """Those of some centres, paused ones too, by what they are called, each with what they do now."""
    rows = (await session.execute(_IGANGSETTERE, {"centres": list(centres), "now": now})).all()
    return [Busy(one, len(slots or ()), frozenset(slots or ())) for one, slots in rows]


async def rooms(session: AsyncSession, centres: Collection[str]) -> list[Room]:
    """Every room of some centres, by area and name."""
    query = select(Room).where(_Room.centre.in_(centres)).order_by(_Room.area, _Room.name, _Room.id)
    return list((await session.scalars(query)).all())


async def groups_in_rooms(session: AsyncSession, centres: Collection[str]) -> list[Group]:
    """The groups that have a room now."""
    query = select(Group).where(_Group.centre.in_(centres), IN_USE).order_by(_Group.place, _Group.slot)
    return list((await session.scalars(query)).all())


async def ever_in_room(session: AsyncSession, places: Collection[str]) -> frozenset[str]:
    """Which of these rooms any group has ever had."""
    query = select(_Group.place).where(_Group.place.in_(places)).distinct()
    return frozenset((await session.scalars(query)).all())


async def room(session: AsyncSession, room_id: str) -> Room | None:
    """One room as it is now; None where the id is that of no room."""
    return await session.get(Room, room_id, populate_existing=True) if is_room(room_id) else None


async def addresses(session: AsyncSession, places: Collection[str]) -> dict[str, str]:
    """Return the full addresses of the rooms among these places, by id."""
    wanted = [place for place in places if is_room(place)]
    if not wanted:
        return {}
    query = select(Room).where(_Room.id.in_(wanted)).execution_options(populate_existing=True)
    return {room.id: room.full_address for room in await session.scalars(query)}


async def igangsetter(session: AsyncSession, igangsetter_id: UUID) -> Igangsetter | None:
    """One igangsetter as they are now."""
    return await session.get(Igangsetter, igangsetter_id, populate_existing=True)


async def starters_of(session: AsyncSession, group_id: UUID) -> list[Igangsetter]:
    """Who starts a group, by what they are called."""
    query = (
        select(Igangsetter)
        .join(GroupStarter, _GroupStarter.igangsetter_id == _Igangsetter.id)
        .where(_GroupStarter.group_id == group_id)
        .order_by(_Igangsetter.label, _Igangsetter.id)
    )
    return list((await session.scalars(query)).all())


async def is_busy(session: AsyncSession, igangsetter_id: UUID, now: datetime) -> bool:
    """Whether somebody is busy with a group now."""
    query = exists().where(_GroupStarter.igangsetter_id == igangsetter_id, _Group.id == _GroupStarter.group_id, _BUSY)
    return bool(await session.scalar(select(query), {"now": now}))


async def give(session: AsyncSession, rows: Collection[dict[str, Any]]) -> None:
    """Let these start a group (a row of :class:`GroupStarter` each); who does already, goes on."""
    if rows:
        await session.execute(insert(GroupStarter).values(list(rows)).on_conflict_do_nothing())


async def take_away(session: AsyncSession, group_id: UUID, igangsettere: Collection[UUID]) -> None:
    """Let these no longer start a group."""
    if igangsettere:
        await session.execute(
            delete(GroupStarter).where(
                _GroupStarter.group_id == group_id, _GroupStarter.igangsetter_id.in_(igangsettere)
            )
        )
