"""Constraints and triggers of the database, and many workers at once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from grouping.store import Group, Seat, inbox
from shared.events import groups
from shared.events.base import GroupEvent
from tests.grouping.support.world import World, patient, person_id, signup_id


async def a_group(world: World, people: int = 5) -> Group:
    await world.deliver(*(world.ready(number) for number in range(1, people + 1)), times=1)
    return await world.group()


def a_seat(group: Group, **changes: Any) -> Seat:
    plain: dict[str, Any] = {
        "id": uuid4(),
        "group_id": group.id,
        "signup_id": uuid4(),
        "person_id": uuid4(),
        "language": "nb",
        "state": "offered",
        "offered_at": group.created_at,
        "distance_km": 1.0,
        "waited_days": 0,
    }
    return Seat(**(plain | changes))


async def insert(world: World, seat: Seat) -> None:
    async with world.database.transaction() as session:
        session.add(seat)


async def run(world: World, statement: str, **values: Any) -> None:
    async with world.database.transaction() as session:
        await session.execute(text(statement), values)


async def test_database_ninth_seat_is_refused(world: World) -> None:
    group = await a_group(world, people=8)

    with pytest.raises(IntegrityError, match="groups_chairs"):
        await insert(world, a_seat(group))


async def test_database_second_seat_of_a_person_is_refused(world: World) -> None:
    group = await a_group(world)

    with pytest.raises(IntegrityError, match="seats_one_per_person"):
        await insert(world, a_seat(group, person_id=person_id(1)))
    with pytest.raises(IntegrityError, match="seats_one_per_signup"):
        await insert(world, a_seat(group, signup_id=signup_id(1)))


async def test_database_started_group_refuses_every_change(world: World) -> None:
    group = await a_group(world)
    await world.all_say_yes()
    await world.pass_time(days=20)
    assert (await world.group()).state == "started"

    with pytest.raises(IntegrityError, match="closed"):
        await insert(world, a_seat(group))
    for statement in (
        "UPDATE groups SET state = 'confirmed'",
        "DELETE FROM seats",
        "UPDATE seats SET state = 'offered'",
        "UPDATE seats SET person_id = gen_random_uuid()",
    ):
        with pytest.raises(IntegrityError, match=r"closed|stays"):
            await run(world, statement)


async def test_database_group_of_four_cannot_be_started(world: World) -> None:
    await a_group(world)
    await world.all_say_yes()
    await world.answer(1, yes=False)

    with pytest.raises(IntegrityError, match="too few"):
        await run(world, "UPDATE groups SET state = 'started'")


async def test_database_ten_unlocked_writers_get_two_free_seats(world: World) -> None:
    group = await a_group(world, people=6)

    results = await asyncio.gather(*(insert(world, a_seat(group)) for _ in range(10)), return_exceptions=True)

    assert sum(result is None for result in results) == 2
    assert (await world.group()).live == 8


@pytest.mark.proofs
async def test_on_wishes_fifty_workers_in_one_area_keep_every_rule(world: World) -> None:
    events = [world.ready(number) for number in range(50)]

    await asyncio.gather(*(patient(partial(world.deliver_once, event)) for event in events for _ in range(2)))

    statuses = list((await world.statuses()).values())
    assert len(statuses) == 50
    assert [group.live for group in await world.groups()] == [8, 8, 8, 8, 8, 8]
    assert statuses.count("waiting") == 2
    await world.check()
    offers = await world.published_of(groups.SeatOffered)
    assert len(offers) == 48
    assert len({offer.seat.signup_id for offer in offers}) == 48
    versions = [(event.group_id, event.version) for event in await world.published() if isinstance(event, GroupEvent)]
    assert len(versions) == len(set(versions))


@pytest.mark.proofs
async def test_commands_all_at_once_keep_every_rule(world: World) -> None:
    await world.deliver(*(world.ready(number) for number in range(20)), times=1)
    seats = await world.seats()
    world.clock.move(timedelta(hours=72))

    work: list[Callable[[], Awaitable[None]]] = []
    work += [partial(world.answer, 0, yes=index % 3 > 0, seat_id=seat.id) for index, seat in enumerate(seats)]
    work += [partial(world.deliver_once, world.ready(number)) for number in range(20, 40)]
    work += [partial(world.deliver_once, world.withdrawn(number)) for number in range(0, 20, 4)]
    work += [partial(world.deliver_once, world.erased(number)) for number in range(1, 20, 4)]
    work += [partial(world.pass_time, seconds=0) for _ in range(3)]
    results = await asyncio.gather(*(patient(one) for one in work), return_exceptions=True)

    failures = [result for result in results if result is not None]
    assert {type(failure).__name__ for failure in failures} <= {"DomainError"}
    await world.pass_time(seconds=0)
    await world.check()


async def test_handlers_second_delivery_without_inbox_changes_nothing(world: World) -> None:
    """The versions alone hold; the inbox is a net under the net."""
    events = [world.ready(number) for number in range(1, 8)] + [world.withdrawn(2)]
    await world.deliver(*events, times=1)
    before = await world.dump()

    await run(world, f"DELETE FROM {inbox.table.name}")
    await world.deliver(*events, times=1)

    assert await world.dump() == before
