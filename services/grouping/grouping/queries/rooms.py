"""Pages of rooms, and the names of the places where groups meet."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.groups import GroupState
from grouping.store import Group, Room
from grouping.usecases.context import GroupingContext
from shared.reference.areas import ON_SCREEN, Area
from shared.reference.centres import Centre
from shared.reference.slots import SLOTS


class GroupLabel(NamedTuple):
    """The parts of the name of a group."""

    group: Group
    place_name: str
    named_at: datetime | None
    number: int


@dataclass(frozen=True)
class RoomRow:
    """
    One room in the list.

    Attributes:
        groups: Groups that have the room now, by slot.
        dates: The start meetings of these groups that have a date, by group.
        numbers: Numbers of those that share their name with others; see :mod:`grouping.store.group_numbers`.
        used: True if any group has ever had the room.
    """

    room: Room
    centre: Centre
    area: Area
    groups: tuple[Group, ...]
    dates: Mapping[UUID, datetime]
    numbers: Mapping[UUID, int]
    used: bool

    def named(self, group: Group) -> GroupLabel:
        """Return the parts of the name of a group that has the room."""
        return GroupLabel(group, self.room.name, self.dates.get(group.id), self.numbers.get(group.id, 1))

    @property
    def free_slots(self) -> tuple[str, ...]:
        """Slots at which another group can have the room; none while it is paused."""
        taken = {group.slot for group in self.groups}
        return tuple(slot for slot in self.room.slots if slot not in taken) if self.room.active else ()

    def on(self, day: str) -> list[tuple[str, Group | None]]:
        """Return the slots of a weekday at which the room can be had, each with the group that has it."""
        having = {group.slot: group for group in self.groups}
        known = [slot for slot in SLOTS if slot.startswith(f"{day}-") and (slot in self.room.slots or slot in having)]
        return [(slot, having.get(slot)) for slot in known]

    @property
    def too_small(self) -> bool:
        """True if the room is smaller than the centre's smallest group."""
        return self.room.seats < self.centre.policy.size_min

    @property
    def can_delete(self) -> bool:
        """True while no group has had the room."""
        return not self.used


async def room_rows(session: AsyncSession, context: GroupingContext, centres: Collection[str]) -> tuple[RoomRow, ...]:
    """Read the rooms of some centres, by area and name."""
    rooms = await store.rooms.of_centres(session, centres)
    groups = await store.rooms.groups_with_room(session, centres)
    used = await store.rooms.ever_used(session, [room.id for room in rooms])
    start_meetings = await store.groups.with_start_meetings(session, [group.id for group in groups])
    dates = {group.id: meeting.starts_at for group, meeting in start_meetings if meeting and not meeting.is_postponed}
    numbers = await store.group_numbers.numbers(session, [group.id for group in groups])
    rows = []
    for room in rooms:
        centre_and_area = context.centres.area(room.area)
        if centre_and_area is not None:
            groups_here = tuple(group for group in groups if group.place == room.id)
            rows.append(RoomRow(room, *centre_and_area, groups_here, dates, numbers, room.id in used))
    return tuple(rows)


async def room_row(
    session: AsyncSession, context: GroupingContext, room_id: str, centres: Collection[str]
) -> RoomRow | None:
    """Read one room; None if these centres have no such room."""
    return next((row for row in await room_rows(session, context, centres) if row.room.id == room_id), None)


@dataclass(frozen=True)
class GroupRoom:
    """
    The room of one group.

    Attributes:
        room: None if the group meets at one of the installation's meeting places.
        released: True once other groups can have the room.
        can_release: True if staff can release the room.
    """

    room: Room | None
    released: bool
    can_release: bool


async def group_room(session: AsyncSession, group: Group) -> GroupRoom:
    """Read the room of a group."""
    room = await store.rooms.get(session, group.place)
    has_room = room is not None and group.room_free_at is None and group.state != GroupState.CANCELLED
    return GroupRoom(room, not has_room, has_room and group.state == GroupState.STARTED)


async def place_names(session: AsyncSession, centre: Centre, area: Area) -> dict[str, str]:
    """Return the names of the area's meeting places and rooms, by id."""
    rooms = {room.id: room.name for room in await store.rooms.of_centres(session, [centre.id]) if room.area == area.id}
    return {place.id: place.name for place in area.places} | {ON_SCREEN.id: ON_SCREEN.name} | rooms


async def place_name(session: AsyncSession, area: Area, place_id: str) -> str:
    """Return the approximate place of a group, too vague to find the meeting."""
    room = await store.rooms.get(session, place_id)
    if room is not None:
        return room.place
    place = area.place(place_id)
    return place.name if place is not None else area.name
