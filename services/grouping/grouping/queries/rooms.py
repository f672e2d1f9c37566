"""What staff see of the igangsettere and rooms that a centre keeps here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.groups import FORMING, GroupState
from grouping.domain.matching.cells import Place
from grouping.store import Group, Igangsetter, Room
from grouping.usecases.capacity import place_of
from grouping.usecases.context import GroupingContext
from shared.reference.centres import Area, Centre, Policy
from shared.reference.places import distance_km


@dataclass(frozen=True)
class IgangsetterLine:
    """
    One igangsetter in the list.

    Attributes:
        binds: Whether the centre's groups need one; else they are only written down.
    """

    busy: store.igangsettere.Workload
    centre: Centre
    binds: bool


async def igangsetter_lines(
    session: AsyncSession, office: GroupingContext, centres: Collection[str], now: datetime
) -> tuple[IgangsetterLine, ...]:
    """The igangsettere of these centres, by what they are called."""
    return tuple(
        IgangsetterLine(busy, centre, centre.policy.starters_min > 0)
        for busy in await store.igangsettere.of_centres(session, centres, now)
        if (centre := office.centres.get(busy.igangsetter.centre)) is not None
    )


async def igangsetter_line(
    session: AsyncSession, office: GroupingContext, igangsetter_id: UUID, centres: Collection[str], now: datetime
) -> IgangsetterLine | None:
    """One of them; None where these centres have no such igangsetter."""
    lines = await igangsetter_lines(session, office, centres, now)
    return next((line for line in lines if line.busy.igangsetter.id == igangsetter_id), None)


@dataclass(frozen=True)
class RoomLine:
    """
    One room in the list.

    Attributes:
        groups: Those that have it, by when they meet.
        used: Whether any group has ever had it.
    """

    room: Room
    centre: Centre
    area: Area
    groups: tuple[Group, ...]
    used: bool

    @property
    def free(self) -> tuple[str, ...]:
        """When another group can have it; never while it is paused."""
        taken = {group.slot for group in self.groups}
        return tuple(slot for slot in self.room.slots if slot not in taken) if self.room.active else ()

    @property
    def too_small(self) -> bool:
        """Whether no group of the centre's fits into it."""
        return self.room.seats < self.centre.policy.size_min


async def room_lines(session: AsyncSession, office: GroupingContext, centres: Collection[str]) -> tuple[RoomLine, ...]:
    """The rooms of these centres, by area and name."""
    rows = await store.rooms.of_centres(session, centres)
    groups = await store.rooms.groups_with_room(session, centres)
    used = await store.rooms.ever_used(session, [room.id for room in rows])
    lines = []
    for room in rows:
        found = office.centres.area(room.area)
        if found is not None:
            here = tuple(group for group in groups if group.place == room.id)
            lines.append(RoomLine(room, *found, here, room.id in used))
    return tuple(lines)


async def room_line(
    session: AsyncSession, office: GroupingContext, room_id: str, centres: Collection[str]
) -> RoomLine | None:
    """One of them; None where these centres have no such room."""
    return next((line for line in await room_lines(session, office, centres) if line.room.id == room_id), None)


@dataclass(frozen=True)
class Choice:
    """
    Somebody who could start a group.

    Attributes:
        chosen: Whether they start it already.
        free: Whether they can take it on, or have it already.
        lacks: What does not suit of "time", "language" and "way"; staff may know better.
    """

    igangsetter: Igangsetter
    chosen: bool
    free: bool
    lacks: tuple[str, ...]


@dataclass(frozen=True)
class Means:
    """
    The room and the igangsettere of one group.

    Attributes:
        room: None where it meets at one of the installation's meeting places.
        has_room: Whether the room is the group's still.
        can_give_back: Whether staff can give the room to others.
        starters: Who starts it.
        wanted: How many the policy asks for, where the centre keeps its igangsettere here.
        choices: All who could be chosen, those who do it and who can first; nobody once the group has met.
    """

    room: Room | None
    has_room: bool
    can_give_back: bool
    starters: tuple[Igangsetter, ...]
    wanted: int
    choices: tuple[Choice, ...]


async def means_of(session: AsyncSession, centre: Centre, area: Area, group: Group, now: datetime) -> Means:
    """The room and the igangsettere of a group, and who else could start it as long as it has not met."""
    room = await store.rooms.get(session, group.place)
    has_room = room is not None and group.room_free_at is None and group.state != GroupState.CANCELLED
    starters = await store.igangsettere.of_group(session, group.id)
    here = await store.igangsettere.of_centres(session, [centre.id], now)
    choices: list[Choice] = []
    if group.state in FORMING:
        place = await place_of(session, area, group.place)
        chosen = {one.id for one in starters}
        choices = [_choice(one, group, place, chosen=one.igangsetter.id in chosen) for one in here]
        choices.sort(key=lambda one: (not one.chosen, not one.free, len(one.lacks)))
    return Means(
        room=room,
        has_room=has_room,
        can_give_back=has_room and group.state == GroupState.STARTED,
        starters=tuple(starters),
        wanted=Policy.model_validate(group.policy).starters_min if here else 0,
        choices=tuple(choices),
    )


async def place_name(session: AsyncSession, area: Area, place_id: str) -> str:
    """About where a group meets, never so exactly that somebody could come uninvited."""
    room = await store.rooms.get(session, place_id)
    place = area.place(place_id)
    return room.place if room else place.name if place else area.name


def _choice(busy: store.igangsettere.Workload, group: Group, place: Place | None, *, chosen: bool) -> Choice:
    one = busy.igangsetter
    lacks = []
    if group.slot not in one.slots:
        lacks.append("time")
    if group.spoken_language not in one.languages:
        lacks.append("language")
    if place and distance_km(one.latitude, one.longitude, place.latitude, place.longitude) > one.reach_km:
        lacks.append("way")
    return Choice(one, chosen, chosen or (busy.free > 0 and group.slot not in busy.slots), tuple(lacks))
