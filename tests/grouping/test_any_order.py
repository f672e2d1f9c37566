"""Events in any order, any number of times: the same end."""

import asyncio
import random
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grouping.domain.signups import SignupStatus, classify_update
from shared.events import Event
from tests.grouping.support.world import OSLO, World, patient, signup_id

Kind = tuple[str, int]


def replay(history: list[Kind]) -> tuple[SignupStatus, int] | None:
    """The use cases' rules about versions, in a minimal model."""
    current: tuple[SignupStatus, int] | None = None
    for kind, version in history:
        if kind == "withdrawn":
            current = (SignupStatus.GONE, max(version, current[1] if current else 0))
        elif classify_update(current, version) in {"first", "newer"}:
            current = (SignupStatus.WAITING, version)
        elif current is not None:
            current = (current[0], max(current[1], version))
    return current


histories = st.lists(
    st.tuples(st.sampled_from(["ready", "changed", "withdrawn"]), st.integers(1, 6)), min_size=1, max_size=8
)


@given(histories, st.randoms())
def test_classify_update_any_order_of_versions_ends_the_same(history: list[Kind], chance: random.Random) -> None:
    shuffled = history + history
    chance.shuffle(shuffled)

    assert replay(shuffled) == replay(history)


@pytest.mark.parametrize("seed", range(8))
async def test_consumer_shuffled_and_doubled_events_end_the_same(world: World, seed: int) -> None:
    """Four people are too few for a group, so that only their own histories count."""
    started = world.clock.now()

    def history() -> list[Event]:
        return [
            world.ready(1, signed_up_at=started),
            world.changed(1, version=4, slots=("wed-day",), signed_up_at=started),
            world.changed(1, version=5, slots=("thu-day",), signed_up_at=started),
            world.ready(2, signed_up_at=started),
            world.withdrawn(2, version=4),
            world.ready(3, signed_up_at=started),
            world.changed(3, version=5, signed_up_at=started),
            world.erased(3),
            world.ready(4, signed_up_at=started),
            world.changed(4, version=6, signed_up_at=started, **OSLO),
        ]

    events = history()
    shuffled = events * 2
    random.Random(seed).shuffle(shuffled)
    await world.deliver(*shuffled, times=1)

    rows = {row[1 : row.index(",")]: row for row in (await world.dump())["waiting"]}
    by_number = {number: rows.get(str(signup_id(number)), "") for number in range(1, 5)}
    assert "thu-day" in by_number[1]
    assert ",gone,4," in by_number[2]
    assert by_number[3] == ""
    assert ",oslo," in by_number[4]
    assert len((await world.dump())["forgotten"]) == 2


@pytest.mark.proofs
@pytest.mark.parametrize("seed", range(3))
async def test_consumer_many_workers_in_any_order_keep_every_rule(world: World, seed: int) -> None:
    chance = random.Random(seed)
    slots = ["mon-evening", "tue-evening", "wed-day"]
    events: list[Event] = []
    for number in range(60):
        wishes: dict[str, Any] = {"slots": tuple(chance.sample(slots, chance.randint(1, 2)))}
        where = OSLO if number % 3 == 0 else {}
        events.append(world.ready(number, **where, **wishes))
        if number % 7 == 0:
            events.append(world.changed(number, **where, slots=("mon-evening",)))
        if number % 9 == 0:
            events.append(world.withdrawn(number))
        if number % 11 == 0:
            events.append(world.erased(number))
    events *= 2
    chance.shuffle(events)

    for start in range(0, len(events), 10):
        await asyncio.gather(*(patient(partial(world.deliver_once, event)) for event in events[start : start + 10]))

    statuses = await world.statuses()
    gone = {signup_id(number) for number in range(0, 60, 9)} - {signup_id(number) for number in range(0, 60, 11)}
    assert {id_ for id_, status in statuses.items() if status == "gone"} == gone
    assert not {signup_id(number) for number in range(0, 60, 11)} & set(statuses)
    assert len(statuses) == 60 - 6
    await world.check()
