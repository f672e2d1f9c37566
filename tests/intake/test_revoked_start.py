"""A start that is taken back: members have their seats again, however the events arrive."""

from datetime import timedelta
from itertools import permutations
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from intake.handlers import consumers
from intake.store import inbox
from intake.usecases import pauses
from shared.events import groups, signups
from shared.events.base import GroupEvent
from shared.kit.messaging.causes import Cause
from tests.intake.support.world import World


def history(world: World, signup_id: UUID) -> list[GroupEvent]:
    """Return the events of one member: seated, started, the start taken back, and started once more."""
    cause, now, group_id = Cause.fresh(), world.clock.now(), uuid4()
    seat = groups.Seat(seat_id=uuid4(), signup_id=signup_id, person_id=uuid4(), language="nb")

    def stamp(kind: type[GroupEvent], version: int) -> dict[str, object]:
        common = {"group_id": group_id, "version": version, "centre": "link-bergen", "area": "bergen"}
        return {**cause.stamp(kind, str(version), now), **common}

    def started(version: int) -> groups.Started:
        fields = {"size": 5, "policy_version": "1", "started_at": now, "seats": (seat,)}
        return groups.Started.model_validate({**stamp(groups.Started, version), **fields})

    return [
        groups.SeatTaken.model_validate({**stamp(groups.SeatTaken, 1), "seat": seat}),
        started(2),
        groups.StartRevoked.model_validate({**stamp(groups.StartRevoked, 3), "seats": (seat,)}),
        started(4),
    ]


async def deliver(world: World, event: GroupEvent) -> None:
    (consumer,) = [one for one in consumers(world.clock) if one.stream is event.stream]
    for _ in range(2):
        async with world.transaction() as session:
            await consumer.handle(session, inbox, event)


def offered(world: World, signup_id: UUID) -> GroupEvent:
    """Return the offer of a seat in another group."""
    now = world.clock.now()
    seat = groups.Seat(seat_id=uuid4(), signup_id=signup_id, person_id=uuid4(), language="nb")
    fields = {
        "place": "bergen",
        "slot": "tue-evening",
        "spoken_language": "nb",
        "size": 5,
        "starts_at": now + timedelta(days=9),
        "deadline": now,
    }
    group_id = uuid4()
    common = {"group_id": group_id, "version": 2, "centre": "link-bergen", "area": "bergen", "seat": seat}
    stamp = Cause.fresh().stamp(groups.SeatOffered, str(group_id), now)
    return groups.SeatOffered.model_validate({**stamp, **common, **fields})


async def pause(world: World, signup_id: UUID) -> None:
    async with world.transaction() as session:
        await pauses.pause(session, signup_id, now=world.clock.now(), cause=Cause.fresh())


async def state_of(world: World, signup_id: UUID) -> tuple[str, bool, list[str]]:
    (row,) = await world.rows(f"select state, paused_at is null, slots from signups where signup_id = '{signup_id}'")
    return row[0], not row[1], row[2]


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_start_revoked_in_any_order_seats_the_member_again(world: World, order: tuple[int, ...]) -> None:
    events = history(world, await world.confirmed())

    for number in order:
        await deliver(world, events[number])
    assert await world.count("signups", "state = 'seated' and group_id is not null") == 1

    await deliver(world, events[3])
    assert await world.count("signups", "state = 'member'") == 1


@pytest.mark.parametrize("again", ["waits", "is_paused", "was_paused_before", "is_offered", "is_not_ready"])
async def test_start_revoked_after_new_signup_keeps_one(world: World, again: str) -> None:
    first_id = await world.confirmed()
    ((signed_up_at,),) = await world.rows("select signed_up_at from signups")
    taken, started, revoked, _ = history(world, first_id)
    await deliver(world, taken)
    if again == "was_paused_before":
        await pause(world, first_id)
    await deliver(world, started)
    world.later(hours=5)
    second_id = await world.confirmed(slots=["sun-day"])
    if again == "is_paused":
        await pause(world, second_id)
    if again == "is_offered":
        await deliver(world, offered(world, second_id))
    if again == "is_not_ready":
        async with world.transaction() as session:
            await session.execute(text(f"update signups set state = 'confirmed' where signup_id = '{second_id}'"))

    await deliver(world, revoked)

    first, second = await state_of(world, first_id), await state_of(world, second_id)
    if again == "is_offered":
        assert (first[0], second) == ("withdrawn", ("offered", False, ["sun-day"]))
        assert await world.count("signups", "state <> 'withdrawn' and seat_id is not null") == 1
    elif again == "is_not_ready":
        assert (first[0], second[0]) == ("seated", "confirmed")
    else:
        assert (first, second[0]) == (("seated", again == "is_paused", ["sun-day"]), "withdrawn")
        gone = [event for event in await world.events() if isinstance(event, signups.Withdrawn)]
        assert [(event.signup_id, event.replaced) for event in gone] == [(second_id, True)]
    kept = first_id if again != "is_offered" else second_id
    assert await world.rows(f"select signed_up_at from signups where signup_id = '{kept}'") == [(signed_up_at,)]


async def test_cancelled_group_after_new_signup_keeps_one(world: World) -> None:
    first_id = await world.confirmed()
    taken, started, revoked, _ = history(world, first_id)
    await deliver(world, taken)
    await deliver(world, started)
    world.later(hours=5)
    await world.confirmed(slots=["sun-day"])
    fields = revoked.model_dump() | {"version": 4, "reason": "by_centre", "event_id": uuid4()}

    await deliver(world, groups.Cancelled.model_validate(fields))
    await deliver(world, revoked)

    assert await world.count("signups", "state = 'ready' and slots = array['sun-day']") == 1
    assert await world.count("signups", "state = 'withdrawn'") == 1
