"""Igangsettere and rooms for the tests, registered as staff do it."""

from typing import Any
from uuid import UUID

from sqlalchemy import text

from grouping.store import GroupStarter, Igangsetter, Room
from grouping.usecases import capacity, igangsettere, rooms
from grouping.usecases.context import GroupingContext
from grouping.usecases.groups import cancel_group
from grouping.usecases.igangsettere import IgangsetterDetails
from grouping.usecases.rooms import RoomDetails
from shared.kit.audit import Actor
from shared.kit.messaging.causes import Cause
from shared.reference import centres, places
from shared.reference.centres import CentreDirectory, Centres
from shared.reference.places import Found
from tests.grouping.support.world import World

EVENINGS = ("mon-evening", "tue-evening", "wed-evening")
AROUND: dict[str, Any] = {"area": "bergen-rundt", "kommune": "4626", "latitude": 60.36, "longitude": 5.12}


def place(text: str) -> places.Place:
    match = places.load().find(text)
    assert isinstance(match, Found)
    return match.place


def kari(world: World) -> Actor:
    return Actor("kari", world.clock.now(), Cause.fresh())


def igangsetter(**changes: Any) -> IgangsetterDetails:
    plain: dict[str, Any] = {
        "label": "KN",
        "place": place("5003"),
        "reach_km": 20,
        "slots": ("tue-evening",),
        "languages": ("nb",),
        "groups_at_once": 1,
    }
    return IgangsetterDetails(**(plain | changes))


def room(**changes: Any) -> RoomDetails:
    plain: dict[str, Any] = {
        "name": "Storstua",
        "address": "Strandgaten 6",
        "place": place("5003"),
        "seats": 10,
        "step_free": True,
        "slots": ("tue-evening",),
    }
    return RoomDetails(**(plain | changes))


async def add_igangsetter(world: World, centre: str = "link-bergen", **changes: Any) -> UUID:
    details = igangsetter(**changes)
    async with world.database.transaction() as session:
        await igangsettere.save_igangsetter(session, world.context, centre, details, actor=kari(world))
    (row,) = await world.rows(Igangsetter, centre=centre, label=details.label)
    igangsetter_id: UUID = row.id
    return igangsetter_id


async def add_room(world: World, area: str = "bergen", **changes: Any) -> str:
    details = room(**changes)
    async with world.database.transaction() as session:
        await rooms.save_room(session, world.context, area, details, actor=kari(world))
    (row,) = await world.rows(Room, area=area, name=details.name)
    room_id: str = row.id
    return room_id


async def pause(world: World, object_id: UUID | str, *, active: bool = False) -> None:
    async with world.database.transaction() as session:
        if isinstance(object_id, UUID):
            await igangsettere.pause_igangsetter(session, world.context, object_id, active=active, actor=kari(world))
        else:
            await rooms.pause_room(session, world.context, object_id, active=active, actor=kari(world))


async def remove(world: World, object_id: UUID | str) -> None:
    async with world.database.transaction() as session:
        if isinstance(object_id, UUID):
            await igangsettere.remove_igangsetter(session, world.context, object_id, actor=kari(world))
        else:
            await rooms.remove_room(session, world.context, object_id, actor=kari(world))


async def free_room(world: World, group_id: UUID) -> None:
    async with world.database.transaction() as session:
        await rooms.release_room(session, world.context, group_id, actor=kari(world))


async def set_starters(world: World, group_id: UUID, *chosen: UUID) -> None:
    async with world.database.transaction() as session:
        await igangsettere.set_starters(session, world.context, group_id, chosen, actor=kari(world))


async def starters(world: World, group_id: UUID | None = None) -> set[UUID]:
    """The igangsettere of a group, by default of the only one."""
    id_ = group_id or (await world.group()).id
    return {row.igangsetter_id for row in await world.rows(GroupStarter, group_id=id_)}


def two_areas(**policy: Any) -> GroupingContext:
    """The shipped centres, where LINK Bergen has two areas: Bergen, and all around it."""
    all_centres = []
    for centre in centres.load().all:
        if centre.id == "link-bergen":
            (whole,) = centre.areas
            town = whole.model_copy(update={"kommuner": ("4601",), "places": whole.places[:1]})
            around = whole.model_copy(
                update={"id": "bergen-rundt", "kommuner": whole.kommuner[1:], "places": whole.places[1:]}
            )
            new = centre.policy.model_copy(update=policy)
            all_centres.append(centre.model_copy(update={"areas": (town, around), "policy": new}))
        else:
            all_centres.append(centre)
    return GroupingContext(CentreDirectory(Centres(tuple(all_centres))))


async def wait(world: World, count: int, first: int = 1, **wishes: Any) -> None:
    await world.deliver(*(world.ready(number, **wishes) for number in range(first, first + count)))


async def start(world: World) -> None:
    """All who are asked say yes, and the start meetings are held."""
    await world.all_say_yes()
    await world.until(
        max([(await world.start_meeting(group)).ends_at for group in await world.groups(state="confirmed")])
    )


async def loaded_capacity(world: World, area: str = "bergen") -> capacity.Capacity:
    async with world.database.transaction() as session:
        return (await capacity.load_capacity(session, world.context, [area], world.clock.now()))[area]


async def cancel(world: World) -> None:
    group = await world.group()
    async with world.database.transaction() as session:
        await cancel_group(session, world.context, group.id, actor=kari(world))


async def run(world: World, statement: str, **values: Any) -> None:
    async with world.database.transaction() as session:
        await session.execute(text(statement), values)
