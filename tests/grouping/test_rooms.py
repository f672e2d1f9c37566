"""Rooms: where groups meet, what capacity they give, and acts of staff."""

from typing import Any

import pytest

from grouping.domain.matching.cells import Cell
from grouping.store import Room
from grouping.usecases import areas
from shared.errors import DomainError
from shared.events import groups
from tests.grouping.support import resources
from tests.grouping.support.resources import EVENINGS, cancel, loaded_capacity, start, wait
from tests.grouping.support.world import OSLO, World
from tests.grouping.test_policies import with_policy


async def test_matching_place_is_used_if_no_room_near_it_is_free(world: World) -> None:
    room = await resources.add_room(world)

    await wait(world, 8)
    await wait(world, 5, first=10, slots=("mon-evening",))
    assert {group.slot: group.place for group in await world.groups()} == {
        "tue-evening": room,
        "mon-evening": "bergen-sentrum",
    }
    await wait(world, 5, first=20)

    places = sorted(group.place for group in await world.groups(slot="tue-evening"))
    assert places == ["bergen-sentrum", room]


async def test_matching_group_at_a_place_is_filled_after_a_room_opens(world: World) -> None:
    await wait(world, 5)
    await resources.add_room(world)

    await world.deliver(world.changed(1, max_travel_km=6))
    await wait(world, 3, first=10)

    assert (await world.group()).live == 8
    assert await world.status(1) == "offered"
    (closed,) = [place for place in (await loaded_capacity(world)).places if place.id == "bergen-sentrum"]
    assert closed.slots is None


async def test_capacity_inaccessible_room_closes_no_place(world: World) -> None:
    await resources.add_room(world, step_free=False)

    await wait(world, 5, wheelchair=True)

    assert (await world.group()).place == "bergen-sentrum"


async def test_capacity_distant_room_closes_no_place(world: World) -> None:
    await resources.add_room(world, place=resources.place("5200"))

    await wait(world, 5)

    assert (await world.group()).place == "bergen-sentrum"


async def test_capacity_own_house_prefers_its_rooms(world: World) -> None:
    room = await resources.add_room(world, area="oslo", place=resources.place("0484"))

    # Three kilometres further than the nearest meeting place.
    await wait(world, 5, **OSLO)

    assert (await world.group()).place == room


@pytest.mark.parametrize(
    "changes",
    [
        {"slots": ("mon-evening",)},
        {"place": resources.place("5003")},
        {"step_free": False},
        {"seats": 4},
        {"active": False},
    ],
)
async def test_capacity_own_house_without_a_fit_room_uses_places(world: World, changes: dict[str, Any]) -> None:
    active = changes.pop("active", True)
    room = await resources.add_room(world, area="oslo", **({"place": resources.place("0150")} | changes))
    if not active:
        await resources.pause(world, room)

    await wait(world, 5, wheelchair=True, **OSLO)

    assert (await world.group()).place == "oslo-sentrum"
    await world.all_say_yes()
    assert "meeting_lacks_address" in {task.kind for task in await world.open_tasks()}


async def test_capacity_own_house_without_rooms_uses_places(world: World) -> None:
    await wait(world, 5, **OSLO)

    assert (await world.group()).place == "oslo-sentrum"


async def test_capacity_by_agreement_ignores_rooms(world: World) -> None:
    world = World(world.database, world.clock, with_policy(room="by_agreement"))
    await resources.add_room(world)

    await wait(world, 5)

    assert (await world.group()).place == "bergen-sentrum"


async def test_capacity_group_older_than_the_rooms_is_filled(world: World) -> None:
    await wait(world, 5, **OSLO)

    await resources.add_room(world, area="oslo", place=resources.place("0150"), slots=("mon-evening",))
    await wait(world, 8, first=10, **OSLO)

    assert sorted(group.live for group in await world.groups()) == [5, 8]
    await world.check()


async def test_release_room_gives_it_to_the_next_group(world: World) -> None:
    room = await resources.add_room(world, area="oslo", place=resources.place("0150"))
    await wait(world, 8, **OSLO)
    first = await world.group()
    with pytest.raises(DomainError, match="room_in_use"):
        await resources.free_room(world, first.id)
    await start(world)
    await wait(world, 8, first=10, **OSLO)

    await resources.free_room(world, first.id)
    await resources.free_room(world, first.id)
    await wait(world, 5, first=20, **OSLO)

    assert [group.place for group in await world.groups(state="started")] == [room]
    assert sorted(group.place for group in await world.groups(state="proposed")) == ["oslo-sentrum", room]
    assert [entry.action for entry in await world.audit_entries()] == ["room.saved", "group.room_released"]


async def test_cancel_group_releases_its_room(world: World) -> None:
    await resources.add_room(world, area="oslo", place=resources.place("0150"))
    await wait(world, 5, **OSLO)
    await cancel(world)

    assert (await loaded_capacity(world, "oslo")).taken == ()


async def test_matching_room_limits_the_capacity_of_a_group(world: World) -> None:
    await resources.add_room(world, area="oslo", place=resources.place("0150"), seats=6)

    await wait(world, 8, **OSLO)

    group = await world.group()
    assert (group.live, group.capacity) == (6, 6)


async def test_matching_wheelchair_prefers_an_accessible_room(world: World) -> None:
    await resources.add_room(world, area="oslo", place=resources.place("0150"), step_free=False)
    able = await resources.add_room(world, area="oslo", name="Lillestua", place=resources.place("0484"))

    await wait(world, 5, wheelchair=True, **OSLO)

    assert (await world.group()).place == able


async def test_meeting_called_has_the_address_of_the_room(world: World) -> None:
    await resources.add_room(world)
    await wait(world, 5)

    await world.all_say_yes()

    (called,) = await world.published_of(groups.MeetingCalled)
    assert called.place_text == "Storstua, Strandgaten 6"
    assert "Strandgaten" not in str([event for event in await world.published() if event != called])


async def test_pause_room_keeps_its_group_and_gets_no_new_one(world: World) -> None:
    room = await resources.add_room(world, area="oslo", place=resources.place("0150"), slots=EVENINGS)
    await wait(world, 5, **OSLO)
    await resources.pause(world, room)
    await wait(world, 2, first=10, **OSLO)
    await wait(world, 5, first=20, slots=("mon-evening",), **OSLO)
    assert {group.place: group.live for group in await world.groups()} == {room: 7, "oslo-sentrum": 5}

    await resources.pause(world, room, active=True)
    await wait(world, 5, first=30, slots=("wed-evening",), **OSLO)

    assert {group.slot for group in await world.groups(place=room)} == {"tue-evening", "wed-evening"}


async def test_on_wishes_small_change_keeps_the_seat_in_a_room(world: World) -> None:
    await resources.add_room(world, area="oslo", place=resources.place("0150"))
    await wait(world, 5, **OSLO)

    await world.deliver(world.changed(1, max_travel_km=6, **OSLO))
    assert await world.status(1) == "offered"
    await world.deliver(world.changed(2, max_travel_km=1, **(OSLO | {"latitude": 59.99})))

    assert await world.status(2) == "waiting"


async def test_remove_room_used_room_is_refused(world: World) -> None:
    used = await resources.add_room(world, area="oslo", place=resources.place("0150"))
    mistake = await resources.add_room(
        world, area="oslo", name="Feil", place=resources.place("0150"), slots=("mon-day",)
    )
    await wait(world, 5, **OSLO)
    await cancel(world)

    await resources.remove(world, mistake)
    with pytest.raises(DomainError, match="room_used"):
        await resources.remove(world, used)
    with pytest.raises(DomainError, match="name_taken"):
        await resources.add_room(world, area="oslo", name="storstua")

    assert [row.id for row in await world.rows(Room)] == [used]


async def test_form_group_in_taken_or_small_room_is_refused(world: World) -> None:
    room = await resources.add_room(world, area="oslo", place=resources.place("0150"), seats=6)
    await wait(world, 6, **OSLO)
    await hold(world)
    await wait(world, 8, first=10, **OSLO)

    with pytest.raises(DomainError, match="size_outside_policy"):
        await form(world, room, 7)
    with pytest.raises(DomainError, match="room_taken"):
        await form(world, room, 5)
    assert len(await world.groups()) == 1


async def hold(world: World) -> None:
    async with world.database.transaction() as session:
        await areas.hold_area(session, world.context, "oslo", actor=resources.kari(world))


async def form(world: World, place: str, size: int) -> None:
    async with world.database.transaction() as session:
        await areas.form_group(
            session,
            world.context,
            "oslo",
            cell=Cell(place, "tue-evening", "nb"),
            size=size,
            actor=resources.kari(world),
        )
