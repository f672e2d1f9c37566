"""
Load the capacity of areas: the rooms and igangsettere that their groups can have.

A register says what is known, not what is possible. A room or an igangsetter who is free where and when a group can
meet is given to it, and such places and times are preferred. Where there is none, because nobody is registered, all are
busy or live elsewhere, the group forms without and is shown as lacking one: people never wait for a register. Only the
language is a condition, since no office can improvise it: once igangsettere are registered, a group forms in a language
that at least one of them speaks.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.matching.cells import Place, Starter
from grouping.store import Group, GroupStarter
from grouping.store.locks import lock_starters
from grouping.usecases.context import GroupingContext, places_of
from shared.reference.areas import DIGITAL, Area
from shared.reference.centres import Centre, Policy, Span
from shared.reference.places import distance_km
from shared.reference.slots import SLOTS

DEFAULT_STARTER_WEEKS: Final = 5
"""Weeks of igangsetter meetings where the number is agreed with each group: the longest that any policy text names."""

SAME_PLACE_KM: Final = 1.0
"""Precision of coordinates: a room this close to a meeting place counts as being there."""


ON_SCREEN: Final = Place(DIGITAL, 0.0, 0.0, step_free=True, digital=True)
"""The meeting place of groups that meet on screen: it is no room, and has room for any number of groups."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """
    The rooms and igangsettere of one area.

    Attributes:
        places: Meeting places and rooms where groups can meet.
        taken: Number of groups by place and slot; only rooms are counted.
        starters: Igangsettere who can have a new group.
        starters_min: How many of them a new group gets if so many are free; 0 while the centre has registered none.
            What the group lacks is judged by its policy.
        languages: The languages of those who are registered, paused ones too; None while there are none.
    """

    places: tuple[Place, ...]
    taken: tuple[tuple[str, str, int], ...] = ()
    starters: tuple[Starter, ...] = ()
    starters_min: int = 0
    languages: frozenset[str] | None = None


async def load_capacity(
    session: AsyncSession, context: GroupingContext, areas: Collection[str], now: datetime
) -> dict[str, Capacity]:
    """
    Return the capacity of some areas.

    To decide by it, lock the areas and call :func:`lock_starters_if_shared` first.

    Raises:
        NotFoundError: ``unknown_area``.
    """
    centre_and_area = {area_id: context.area(area_id) for area_id in areas}
    with_rooms = [area_id for area_id, (centre, _) in centre_and_area.items() if centre.policy.room != "by_agreement"]
    with_starters = {centre.id for centre, _ in centre_and_area.values() if centre.policy.starters_min > 0}
    all_slots: list[store.capacity.RoomSlot] = []
    all_starters: list[store.capacity.StarterRow] = []
    if with_rooms or with_starters:
        all_slots, all_starters = await store.capacity.load(session, with_rooms, with_starters, now)
    capacities = {}
    for area_id, (centre, area) in centre_and_area.items():
        room_slots = [row for row in all_slots if row.area == area_id]
        places, taken = _with_rooms(places_of(area), room_slots, centre.policy)
        if centre.policy.digital_groups:
            places = (*places, ON_SCREEN)
        rows = [row for row in all_starters if row.centre == centre.id]
        starters = tuple(row.starter for row in rows if row.active)
        capacities[area_id] = Capacity(places, taken)
        if rows:
            languages = frozenset(code for row in rows for code in row.starter.languages)
            capacities[area_id] = Capacity(places, taken, starters, centre.policy.starters_min, languages)
    return capacities


def _with_rooms(
    places: tuple[Place, ...], room_slots: list[store.capacity.RoomSlot], policy: Policy
) -> tuple[tuple[Place, ...], tuple[tuple[str, str, int], ...]]:
    """Return rooms and meeting places together, and the number of groups by room and slot."""
    rooms = [(row.place, row.room, row.taken) for row in room_slots if row.room is not None]
    if not rooms:
        return places, ()
    taken_slots = {row.place: row.taken for row in room_slots}
    as_places = tuple(_place_of_room(id_, room, taken) for id_, room, taken in rooms if room.active or taken)
    free = [(room, room.slots - taken) for _, room, taken in rooms if _is_usable(room, policy)]
    places = tuple(_without_room_slots(place, taken_slots.get(place.id, frozenset()), free) for place in places)
    if policy.room == "own_house":
        places = tuple(replace(place, lacks_room=True) for place in places)
    return as_places + places, tuple((id_, slot, 1) for id_, _, taken in rooms for slot in sorted(taken))


def _place_of_room(room_id: str, room: store.capacity.RoomFacts, taken: frozenset[str]) -> Place:
    """Return the room as matching sees it; a paused room keeps only the slots of the groups that have it."""
    slots = taken | room.slots if room.active else taken
    return Place(room_id, room.latitude, room.longitude, room.step_free, room.max_people, slots, max_groups=1)


def _is_usable(room: store.capacity.RoomFacts, policy: Policy) -> bool:
    return room.active and room.max_people >= policy.size_min


def _without_room_slots(
    place: Place, taken: frozenset[str], free: list[tuple[store.capacity.RoomFacts, frozenset[str]]]
) -> Place:
    """
    Close a meeting place in the slots in which a free room at the same place, and as accessible, can be used.

    Slots that groups have taken at the meeting place stay open.
    """
    room_slots = {
        slot
        for room, slots in free
        if (room.step_free or not place.step_free)
        and _is_same_place(room.latitude, room.longitude, place.latitude, place.longitude)
        for slot in slots
    }
    closed = room_slots - taken
    return replace(place, slots=frozenset(SLOTS) - closed) if closed else place


@lru_cache(maxsize=4096)
def _is_same_place(lat1: float, lon1: float, lat2: float, lon2: float) -> bool:
    return distance_km(lat1, lon1, lat2, lon2) <= SAME_PLACE_KM


def starter_weeks(policy: Policy) -> int:
    """Return the number of weeks from the start meeting in which a group occupies its igangsettere."""
    meetings = policy.starter_meetings
    return meetings.max if isinstance(meetings, Span) else DEFAULT_STARTER_WEEKS


async def assign_starters(session: AsyncSession, group: Group, starters: Collection[UUID], *, now: datetime) -> None:
    """
    Assign igangsettere to a group whose row is in the database; those that it already has are unchanged.

    Raises:
        sqlalchemy.exc.IntegrityError: One of them cannot have another group in the slot, as a trigger checks.
    """
    weeks = starter_weeks(Policy.model_validate(group.policy))
    rows = [
        GroupStarter(group_id=group.id, igangsetter_id=starter_id, since=now, weeks=weeks)
        for starter_id in sorted(starters)
    ]
    if rows:
        group.self_start = False
    await store.igangsettere.assign(session, rows)


async def lock_starters_if_shared(session: AsyncSession, centre: Centre) -> None:
    """Lock the igangsettere of a centre with several areas, which share them; with one area its own lock is enough."""
    if centre.policy.starters_min > 0 and len(centre.areas) > 1:
        await lock_starters(session, centre.id)


async def part_of_place(session: AsyncSession, area: Area, place_id: str) -> Area:
    """Return the part of an area in which a group meets; that of a room is the nearest."""
    part = area.part_of_place(place_id)
    if (
        part is None
        and area.is_wide
        and place_id != DIGITAL
        and (place := await place_of(session, area, place_id)) is not None
    ):
        part = area.part_near(place.latitude, place.longitude)
    return part or area


async def place_of(session: AsyncSession, area: Area, place_id: str) -> Place | None:
    """Return a meeting place or room as matching sees it; None if it no longer exists."""
    if store.rooms.is_room(place_id):
        room = await store.rooms.get(session, place_id)
        return Place(room.id, room.latitude, room.longitude, room.step_free, room.seats) if room else None
    if place_id == DIGITAL:
        return ON_SCREEN
    return next((place for place in places_of(area) if place.id == place_id), None)
