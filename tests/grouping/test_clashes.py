"""A meeting of a started group is not moved into another group's time in the room, nor with its igangsetter."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from grouping.store import Group, GroupStarter, Meeting, Room
from grouping.usecases import lives, members
from shared.errors import DomainError
from tests.grouping.support.resources import add_igangsetter, add_room
from tests.grouping.support.world import World
from tests.grouping.test_lives import ahead, as_member, as_staff, seat_ids, start_group

HOUR = timedelta(hours=1)
STARTS = {"state": "confirmed", "started_at": None, "size": None}


async def other_group(world: World, at: datetime, **changes: Any) -> Group:
    """Another group with a scheduled meeting at this time, in the room and with the igangsettere of the first one."""
    (first,) = await world.rows(Group)
    (room,) = await world.rows(Room)
    async with world.database.transaction() as session:
        other = Group(**(first.model_dump() | {"id": uuid4(), "slot": "wed-evening"} | STARTS | changes))
        session.add(other)
        await session.flush()
        address = f"{room.name}, {room.address}"
        fields: dict[str, Any] = {"kind": "start", "state": "called", "starts_at": at, "ends_at": at + 2 * HOUR}
        session.add(Meeting(id=uuid4(), group_id=other.id, sequence=0, place_text=address, **fields))
    return other


async def moved(world: World, by: str, to: datetime, place_text: str, *, following: bool) -> None:
    meeting, fields = (await ahead(world))[0], {"starts_at": to, "place_text": place_text}
    if by == "staff":
        await as_staff(world, lives.move_meeting, meeting.group_id, meeting.id, following=following, **fields)
    else:
        await as_member(world, members.move_meeting, (await seat_ids(world))[0], meeting.id, **fields)


@pytest.mark.parametrize(("by", "following"), [("staff", False), ("staff", True), ("member", False)])
@pytest.mark.parametrize("hours", [-1, 0, 1])
async def test_meeting_is_not_moved_into_a_taken_room(world: World, by: str, following: bool, hours: int) -> None:
    await add_room(world)
    await start_group(world)
    first = (await ahead(world))[0]
    to = first.starts_at + timedelta(days=1)
    await other_group(world, to + hours * HOUR)

    with pytest.raises(DomainError, match="room_taken"):
        await moved(world, by, to, first.place_text, following=following)

    assert (await ahead(world))[0].starts_at == first.starts_at
    await moved(world, by, to, "Biblioteket", following=following)


@pytest.mark.parametrize("hours", [-2, 2])
async def test_meeting_right_beside_another_one_is_moved(world: World, hours: int) -> None:
    await add_room(world)
    await start_group(world)
    first = (await ahead(world))[0]
    to = first.starts_at + timedelta(days=1)
    await other_group(world, to + hours * HOUR)
    await moved(world, "staff", to, first.place_text, following=False)
    assert to in {meeting.starts_at for meeting in await ahead(world)}


@pytest.mark.parametrize("by", ["staff", "member"])
async def test_meeting_is_not_moved_to_where_its_igangsetter_is_elsewhere(world: World, by: str) -> None:
    await add_room(world)
    igangsetter = await add_igangsetter(world, groups_at_once=2)
    await start_group(world)
    first = (await ahead(world))[0]
    to = first.starts_at + timedelta(days=1)
    other = await other_group(world, to)
    (own,) = await world.rows(GroupStarter)
    async with world.database.transaction() as session:
        session.add(GroupStarter(**(own.model_dump() | {"group_id": other.id, "igangsetter_id": igangsetter})))

    with pytest.raises(DomainError, match="igangsetter_taken"):
        await moved(world, by, to, "Biblioteket", following=False)
    assert (await ahead(world))[0].starts_at == first.starts_at
