"""A start that is taken back: members have their seats again, however the events arrive."""

from itertools import permutations
from uuid import UUID, uuid4

import pytest

from intake.handlers import consumers
from intake.store import inbox
from shared.events import groups
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


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_start_revoked_in_any_order_seats_the_member_again(world: World, order: tuple[int, ...]) -> None:
    events = history(world, await world.confirmed())

    for number in order:
        await deliver(world, events[number])
    assert await world.count("signups", "state = 'seated' and group_id is not null") == 1

    await deliver(world, events[3])
    assert await world.count("signups", "state = 'member'") == 1
