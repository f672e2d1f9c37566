"""
Which rooms and igangsettere a centre keeps here, and what follows for who can meet.

A centre that keeps none here is not held up by what the system does not know: its groups need no igangsetter that is
named here, and meet at the installation's meeting places.
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
from shared.reference.centres import Area, Centre, Policy, Span
from shared.reference.places import distance_km
from shared.reference.slots import SLOTS

WEEKS_BY_AGREEMENT: Final = 5
"""How many weeks a start takes where that is agreed with each group: the most that any of the texts says."""

JUST_THERE_KM: Final = 1.0
"""How exactly places are known: a room this near a meeting place is at it."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a group in one area needs beside people; as in :class:`grouping.domain.matching.model.AreaState`."""

    places: tuple[Place, ...]
    taken: tuple[tuple[str, str, int], ...] = ()
    starters: tuple[Starter, ...] = ()
    starters_min: int = 0


async def load_capacity(
    session: AsyncSession, office: GroupingContext, areas: Collection[str], now: datetime
) -> dict[str, Capacity]:
    """
    Where groups of each area can meet and who can start them now.

    Whoever decides by it holds the areas, and has called :func:`lock_starters_if_shared`.

    Raises:
        DomainError: ``unknown_area``.
    """
    known = {area_id: office.area(area_id) for area_id in areas}
    with_rooms = [area_id for area_id, (centre, _) in known.items() if centre.policy.room != "by_agreement"]
    with_starters = {centre.id for centre, _ in known.values() if centre.policy.starters_min > 0}
    spots: list[store.capacity.RoomSlot] = []
    helpers: list[store.capacity.StarterRow] = []
    if with_rooms or with_starters:
        spots, helpers = await store.capacity.load(session, with_rooms, with_starters, now)
    found = {}
    for area_id, (centre, area) in known.items():
        places, taken = _with_rooms(places_of(area), [one for one in spots if one.area == area_id], centre.policy)
        own = [one for one in helpers if one.centre == centre.id]
        starters = tuple(one.starter for one in own if one.active)
        found[area_id] = Capacity(places, taken, starters, centre.policy.starters_min if own else 0)
    return found


def _with_rooms(
    places: tuple[Place, ...], spots: list[store.capacity.RoomSlot], policy: Policy
) -> tuple[tuple[Place, ...], tuple[tuple[str, str, int], ...]]:
    kept = [(spot.place, spot.room, spot.taken) for spot in spots if spot.room is not None]
    if not kept:
        return places, ()
    begun = {spot.place: spot.taken for spot in spots}
    found = tuple(_place(id_, room, taken) for id_, room, taken in kept if room.active or taken)
    if policy.room == "own_house":
        # Groups that were on their way before there were rooms are still filled; no new one is made there.
        places = tuple(replace(place, max_groups=0) for place in places if place.id in begun)
    else:
        free = [(room, room.slots - taken) for _, room, taken in kept if _of_use(room, policy)]
        places = tuple(_fallback(place, begun.get(place.id, frozenset()), free) for place in places)
    return found + places, tuple((id_, slot, 1) for id_, _, taken in kept for slot in sorted(taken))


def _place(room_id: str, room: store.capacity.RoomFacts, taken: frozenset[str]) -> Place:
    """The room as the rules see it; whoever meets there goes on, also where it takes no new groups."""
    slots = taken | room.slots if room.active else taken
    return Place(room_id, room.latitude, room.longitude, room.step_free, room.seats, slots, max_groups=1)


def _of_use(room: store.capacity.RoomFacts, policy: Policy) -> bool:
    return room.active and room.seats >= policy.size_min


def _fallback(
    place: Place, begun: frozenset[str], free: list[tuple[store.capacity.RoomFacts, frozenset[str]]]
) -> Place:
    """
    A meeting place at the times when there is no free room just there that is as easy to get into.

    Groups that are on their way there go on.
    """
    closed = {
        slot
        for room, slots in free
        if (room.step_free or not place.step_free)
        and _just_there(room.latitude, room.longitude, place.latitude, place.longitude)
        for slot in slots
    }
    return replace(place, slots=frozenset(SLOTS) - (closed - begun)) if closed - begun else place


@lru_cache(maxsize=4096)
def _just_there(lat1: float, lon1: float, lat2: float, lon2: float) -> bool:
    return distance_km(lat1, lon1, lat2, lon2) <= JUST_THERE_KM


def weeks_of(policy: Policy) -> int:
    """For how many weeks from the start meeting an igangsetter is busy with a group of this policy."""
    meetings = policy.starter_meetings
    return meetings.max if isinstance(meetings, Span) else WEEKS_BY_AGREEMENT


async def assign(session: AsyncSession, group: Group, starters: Collection[UUID], *, now: datetime) -> None:
    """
    These start the group, and go on if they did already; the group's row must be in the database.

    Raises:
        sqlalchemy.exc.IntegrityError: One of them is busy, which the database knows best.
    """
    weeks = weeks_of(Policy.model_validate(group.policy))
    await store.igangsettere.assign(
        session,
        [
            GroupStarter(group_id=group.id, igangsetter_id=igangsetter_id, since=now, weeks=weeks)
            for igangsetter_id in sorted(starters)
        ],
    )


async def lock_starters_if_shared(session: AsyncSession, centre: Centre) -> None:
    """Until this commits nobody else decides who starts the centre's groups; within one area its lock is enough."""
    if centre.policy.starters_min > 0 and len(centre.areas) > 1:
        await lock_starters(session, centre.id)


async def place_of(session: AsyncSession, area: Area, place_id: str) -> Place | None:
    """The meeting place or room of a group, as the rules see it; None where there is no such place any more."""
    if store.rooms.is_room(place_id):
        room = await store.rooms.get(session, place_id)
        return Place(room.id, room.latitude, room.longitude, room.step_free, room.seats) if room else None
    return next((place for place in places_of(area) if place.id == place_id), None)
