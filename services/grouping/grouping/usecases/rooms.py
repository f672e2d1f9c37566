"""Acts of staff on rooms; matching runs at once in the area of the room."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.groups import LIVE, GroupState, must_be_forming
from grouping.store import Room
from grouping.store.room_tables import ROOM_PREFIX
from grouping.usecases import audit
from grouping.usecases.capacity import part_of_place
from grouping.usecases.context import GroupingContext
from grouping.usecases.locking import begin, begin_with_group
from grouping.usecases.matching import run_matching_and_stage
from grouping.usecases.unit_of_work import UnitOfWork
from shared.errors import DomainError, NotFoundError
from shared.kit.audit import Actor
from shared.kit.ids import new_id
from shared.reference.places import Place


@dataclass(frozen=True)
class RoomDetails:
    """The fields of a room that staff enter; see :class:`grouping.store.Room`."""

    name: str
    address: str
    place: Place
    seats: int
    step_free: bool
    slots: tuple[str, ...]
    lead_days: int = 0
    way_in: str = ""


async def save_room(
    session: AsyncSession,
    context: GroupingContext,
    area_id: str,
    details: RoomDetails,
    *,
    room_id: str | None = None,
    actor: Actor,
) -> str:
    """
    Add a room to an area, or change one; return its id.

    Raises:
        NotFoundError: ``unknown_area`` or ``unknown_room``.
        DomainError: ``name_taken`` by another room of the centre.
    """
    centre, _ = context.area(area_id)
    uow = await begin(session, context, [area_id], actor.now, actor.cause)
    rooms = await store.rooms.of_centres(session, [centre.id])
    room = next((room for room in rooms if room.id == room_id and room.area == area_id), None)
    if room_id is not None and room is None:
        raise NotFoundError("unknown_room", room=room_id)
    if any(other.name.casefold() == details.name.casefold() and other.id != room_id for other in rooms):
        raise DomainError("name_taken", centre=centre.id)
    columns: dict[str, Any] = {
        "name": details.name,
        "address": details.address,
        "place": details.place.label,
        "latitude": details.place.latitude,
        "longitude": details.place.longitude,
        "seats": details.seats,
        "step_free": details.step_free,
        "slots": list(details.slots),
        "lead_days": details.lead_days,
        "way_in": details.way_in,
    }
    if room is None:
        new_room_id = f"{ROOM_PREFIX}{new_id().hex[-8:]}"
        room = Room(id=new_room_id, centre=centre.id, area=area_id, created_at=actor.now, **columns)
        session.add(room)
    else:
        room.sqlmodel_update(columns)
    await _record_and_match(uow, actor, "room.saved", room)
    return room.id


async def pause_room(
    session: AsyncSession, context: GroupingContext, room_id: str, *, active: bool, actor: Actor
) -> None:
    """
    Stop assigning a room to new groups, or start again; groups that have it keep it.

    Raises:
        NotFoundError: ``unknown_room``.
    """
    uow, room = await _begin_with_room(session, context, room_id, actor)
    if room.active != active:
        room.active = active
        await _record_and_match(uow, actor, "room.resumed" if active else "room.paused", room)


async def remove_room(session: AsyncSession, context: GroupingContext, room_id: str, *, actor: Actor) -> None:
    """
    Delete a room that no group has ever had.

    Raises:
        NotFoundError: ``unknown_room``.
        DomainError: ``room_used``.
    """
    uow, room = await _begin_with_room(session, context, room_id, actor)
    if await store.rooms.ever_used(session, [room.id]):
        raise DomainError("room_used", room=room.id)
    await session.delete(room)
    await _record_and_match(uow, actor, "room.removed", room)


async def release_room(session: AsyncSession, context: GroupingContext, group_id: UUID, *, actor: Actor) -> None:
    """
    Release the room of a started group, so that another group can have it.

    Raises:
        NotFoundError: ``unknown_group``.
        DomainError: ``room_in_use`` if the group has not started.
    """
    uow, group = await begin_with_group(session, context, group_id, actor.now, actor.cause)
    row = group.row
    if not store.rooms.is_room(row.place) or row.state != GroupState.STARTED:
        raise DomainError("room_in_use", group_id=group_id)
    if row.room_free_at is None:
        row.room_free_at = actor.now
        await audit.record_group(uow, actor, "group.room_released", group)
        await session.flush()
        await run_matching_and_stage(uow, row.area)


async def choose_room(
    session: AsyncSession, context: GroupingContext, group_id: UUID, room_id: str, *, actor: Actor
) -> None:
    """
    Give a group that has not started a room of its area; members are told the address if the meeting has a time.

    Journeys, and seats for the igangsettere, are for staff to judge.

    Raises:
        NotFoundError: ``unknown_group`` or ``unknown_room``.
        DomainError: ``group_closed`` or ``group_cancelled``; ``not_offered`` for a draft; ``room_not_usable`` if the
            room has a pause, is not open in the group's slot, is too small or has steps; ``room_taken``.
    """
    uow, group = await begin_with_group(session, context, group_id, actor.now, actor.cause)
    must_be_forming(group.group)
    if group.is_draft:
        raise DomainError("not_offered", group_id=group_id)
    room = await store.rooms.get(session, room_id)
    if room is None or room.area != group.row.area:
        raise NotFoundError("unknown_room", room=room_id)
    if room.id == group.row.place:
        return
    members = await store.rooms.wishes_of(session, [seat.signup_id for seat in group.seats if seat.state in LIVE])
    is_accessible = room.step_free or not any(member.wheelchair for member in members)
    fits = room.active and group.row.slot in room.slots and room.seats >= len(group.group.live)
    if not fits or not is_accessible:
        raise DomainError("room_not_usable", room=room_id)
    if room.id in await store.rooms.taken_in(session, room.area, group.row.slot, except_group=group_id):
        raise DomainError("room_taken", room=room_id)
    _, area = context.area(room.area)
    part = await part_of_place(session, area, room.id)
    bookings = (await store.rooms.bookings(session, [room.id], actor.now))[room.id]
    group.move_to_room(room, part.id if part.id != area.id else None, bookings)
    await audit.record_group(uow, actor, "group.room_chosen", group)
    await session.flush()
    await run_matching_and_stage(uow, room.area)


async def _begin_with_room(
    session: AsyncSession, context: GroupingContext, room_id: str, actor: Actor
) -> tuple[UnitOfWork, Room]:
    room = await store.rooms.get(session, room_id)
    if room is not None:
        uow = await begin(session, context, [room.area], actor.now, actor.cause)
        room = await store.rooms.get(session, room_id)
    if room is None:
        raise NotFoundError("unknown_room", room=room_id)
    return uow, room


async def _record_and_match(uow: UnitOfWork, actor: Actor, action: str, room: Room) -> None:
    await audit.record(uow, actor, action, "room", room.id, room.centre, room.area)
    await uow.session.flush()
    await run_matching_and_stage(uow, room.area)
