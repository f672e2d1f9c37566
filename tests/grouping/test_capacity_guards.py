"""Constraints and triggers of the database for igangsettere and rooms."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from grouping.store import Group, GroupStarter
from tests.grouping.support import resources
from tests.grouping.support.resources import EVENINGS, run, wait
from tests.grouping.support.world import OSLO, World


async def copy_of(world: World, group: Group, **changes: Any) -> UUID:
    """Another group written straight into the database."""
    id_ = uuid4()
    async with world.database.transaction() as session:
        session.add(Group(**(group.model_dump() | {"id": id_, "live": 0} | changes)))
    return id_


async def give(world: World, group_id: UUID, igangsetter_id: UUID) -> None:
    async with world.database.transaction() as session:
        session.add(GroupStarter(group_id=group_id, igangsetter_id=igangsetter_id, since=world.clock.now(), weeks=5))


async def test_database_two_groups_in_one_room_are_refused(world: World) -> None:
    await resources.add_room(world, area="oslo", place=resources.place("0150"))
    await wait(world, 5, **OSLO)
    group = await world.group()

    with pytest.raises(IntegrityError, match="groups_one_per_room"):
        await copy_of(world, group)
    await copy_of(world, group, slot="mon-evening")
    await copy_of(world, group, state="cancelled", ended_at=world.clock.now())
    await copy_of(world, group, room_free_at=world.clock.now())
    await copy_of(world, group, place="oslo-sentrum")
    await copy_of(world, group, place="oslo-sentrum")


async def test_database_overbooked_igangsetter_is_refused(world: World) -> None:
    who = await resources.add_igangsetter(world, slots=EVENINGS, groups_at_once=2)
    await wait(world, 5)
    group = await world.group()
    same_time = await copy_of(world, group)
    second, third = [await copy_of(world, group, slot=slot) for slot in ("mon-evening", "wed-evening")]

    with pytest.raises(IntegrityError, match="cannot start so many"):
        await give(world, same_time, who)
    await give(world, second, who)
    with pytest.raises(IntegrityError, match="cannot start so many"):
        await give(world, third, who)
    await run(world, "UPDATE groups SET state = 'cancelled', ended_at = now() WHERE id = :id", id=second)
    await give(world, third, who)


async def test_database_foreign_igangsetter_or_closed_group_is_refused(world: World) -> None:
    who = await resources.add_igangsetter(world, slots=EVENINGS)
    stranger = await resources.add_igangsetter(world, centre="link-oslo")
    await wait(world, 5, slots=("mon-evening",))
    group = await world.group()
    closed = await copy_of(world, group, slot="sun-day", state="cancelled", ended_at=world.clock.now())

    with pytest.raises(IntegrityError, match="one centre"):
        await give(world, group.id, stranger)
    await resources.set_starters(world, group.id)
    with pytest.raises(IntegrityError, match="closed"):
        await give(world, closed, who)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE rooms SET seats = 2",
        "UPDATE rooms SET slots = '{}'",
        "UPDATE rooms SET name = ''",
        "UPDATE rooms SET id = 'stua'",
        "UPDATE igangsettere SET groups_at_once = 0",
        "UPDATE igangsettere SET languages = '{}'",
        "UPDATE igangsettere SET label = repeat('x', 41)",
    ],
)
async def test_database_unusable_rooms_and_igangsettere_are_refused(world: World, statement: str) -> None:
    await resources.add_room(world)
    await resources.add_igangsetter(world)

    with pytest.raises(IntegrityError, match="check"):
        await run(world, statement)
