"""Staff decisions about rooms. Matching runs at once in the areas that a change affects."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.groups import GroupState
from grouping.store import Room
from grouping.store.tables import ROOM_PREFIX
from grouping.usecases.audit import finish
from grouping.usecases.context import GroupingContext
from grouping.usecases.locking import By, area_of, in_areas
from grouping.usecases.unit_of_work import UnitOfWork
from shared.errors import DomainError
from shared.kit.ids import new_id
from shared.reference.places import Place


@dataclass(frozen=True)
class RoomDetails:
    """What staff say of a room; see :class:`grouping.store.Room`."""

    name: str
    address: str
    place: Place
    seats: int
    step_free: bool
    slots: tuple[str, ...]


async def save_room(
    session: AsyncSession,
    office: GroupingContext,
    area_id: str,
    about: RoomDetails,
    *,
    room_id: str | None = None,
    by: By,
) -> None:
    """
    A new room in an area, or something else about one that is there.

    Raises:
        DomainError: ``unknown_area``, ``unknown_room``, or ``name_taken`` by another one of the centre.
    """
    centre, _ = office.area(area_id)
    work = await in_areas(session, office, [area_id], by)
    others = await store.rooms.of_centres(session, [centre.id])
    row = next((one for one in others if one.id == room_id and one.area == area_id), None)
    if room_id is not None and row is None:
        raise DomainError("unknown_room", room=room_id)
    if any(one.name.casefold() == about.name.casefold() and one.id != room_id for one in others):
        raise DomainError("name_taken", centre=centre.id)
    facts: dict[str, Any] = {
        "name": about.name,
        "address": about.address,
        "place": about.place.label,
        "latitude": about.place.latitude,
        "longitude": about.place.longitude,
        "seats": about.seats,
        "step_free": about.step_free,
        "slots": list(about.slots),
    }
    if row is None:
        new = f"{ROOM_PREFIX}{new_id().hex[-8:]}"
        session.add(Room(id=new, centre=centre.id, area=area_id, created_at=by.now, **facts))
    else:
        row.sqlmodel_update(facts)
    await finish(work, by, [area_id], "room_saved", centre.id, area_id)


async def pause_room(session: AsyncSession, office: GroupingContext, room_id: str, *, active: bool, by: By) -> None:
    """
    No new group is to meet in a room for now, or they may again; those who meet there go on.

    Raises:
        DomainError: ``unknown_room``.
    """
    work, row = await _room(session, office, room_id, by)
    if row.active != active:
        row.active = active
        await finish(work, by, [row.area], "room_back" if active else "room_paused", row.centre, row.area)


async def remove_room(session: AsyncSession, office: GroupingContext, room_id: str, *, by: By) -> None:
    """
    A room that was written down by mistake is gone.

    Raises:
        DomainError: ``unknown_room``, or ``room_used`` where any group has ever had it.
    """
    work, row = await _room(session, office, room_id, by)
    if await store.rooms.ever_used(session, [row.id]):
        raise DomainError("room_used", room=row.id)
    await session.delete(row)
    await finish(work, by, [row.area], "room_removed", row.centre, row.area)


async def release_room(session: AsyncSession, office: GroupingContext, group_id: UUID, *, by: By) -> None:
    """
    A group no longer meets in its room, so that another one can have it.

    Raises:
        DomainError: ``unknown_group``, or ``room_in_use`` before the group has started.
    """
    area_id = await area_of(session, group_id)
    work = await in_areas(session, office, [area_id], by)
    desk = await work.load_group(group_id)
    if not store.rooms.is_room(desk.row.place) or desk.row.state != GroupState.STARTED:
        raise DomainError("room_in_use", group_id=group_id)
    if desk.row.room_free_at is None:
        desk.row.room_free_at = by.now
        await finish(work, by, [area_id], "room_freed", desk.row.centre, area_id, group_id)


async def _room(session: AsyncSession, office: GroupingContext, room_id: str, by: By) -> tuple[UnitOfWork, Room]:
    found = await store.rooms.get(session, room_id)
    if found is not None:
        work = await in_areas(session, office, [found.area], by)
        found = await store.rooms.get(session, room_id)
    if found is None:
        raise DomainError("unknown_room", room=room_id)
    return work, found
