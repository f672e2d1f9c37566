"""Effects of each centre's policy, and of a changed installation."""

import asyncio
import itertools
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from grouping import jobs
from grouping.store import Signup, policy_book
from grouping.usecases.context import GroupingContext
from shared.events import groups
from shared.events.centres import PolicyChanged
from shared.kit.ids import new_id
from shared.kit.version_book import Follower
from shared.reference import centres
from shared.reference.centres import CentreDirectory, Centres, version_content
from tests.grouping.support.world import BERGEN, OSLO, World, patient, person_id, signup_id


def with_policy(**changes: Any) -> GroupingContext:
    """The shipped centres, with LINK Bergen's policy changed."""
    changed = tuple(
        centre.model_copy(update={"policy": centre.policy.model_copy(update={"version": "2027-1-1"} | changes)})
        if centre.id == "link-bergen"
        else centre
        for centre in centres.load().all
    )
    return GroupingContext(CentreDirectory(Centres(changed)))


def without(area_id: str) -> GroupingContext:
    kept = tuple(
        centre.model_copy(update={"areas": tuple(area for area in centre.areas if area.id != area_id)})
        for centre in centres.load().all
    )
    return GroupingContext(CentreDirectory(Centres(kept)))


async def test_policy_without_seat_confirmation_confirms_at_once(world: World) -> None:
    world = World(world.database, world.clock, with_policy(seat_confirmation=False))

    await world.deliver(*(world.ready(number) for number in range(1, 7)))

    assert (await world.group()).state == "confirmed"
    assert await world.published_of(groups.SeatOffered) == []
    assert len(await world.published_of(groups.SeatTaken)) == 6
    assert [len(event.seats) for event in await world.published_of(groups.MeetingCalled)] == [5, 6]
    await world.pass_time(days=20)
    (started,) = await world.published_of(groups.Started)
    assert (started.size, started.policy_version) == (6, "2027-1-1")
    await world.check()


async def test_policy_change_keeps_existing_groups_as_they_are(world: World) -> None:
    await world.deliver(*(world.ready(number) for number in range(1, 6)))
    later = World(world.database, world.clock, with_policy(size_max=6, seat_deadline_hours=1, meeting_minutes=90))

    await later.deliver(*(later.ready(number) for number in range(6, 10)))
    await later.all_say_yes()

    group = await later.group()
    assert (group.live, group.policy_version) == (8, "2026-11-1")
    meeting = await later.start_meeting()
    assert meeting.ends_at - meeting.starts_at == timedelta(minutes=120)
    assert (await later.seat_of(6)).deadline == world.clock.now() + timedelta(hours=72)


async def test_policy_with_other_sizes_forms_groups_of_them(world: World) -> None:
    world = World(world.database, world.clock, with_policy(size_min=3, size_max=4))

    await world.deliver(*(world.ready(number) for number in range(1, 6)))

    assert (await world.group()).live == 4
    assert await world.status(5) == "waiting"


async def test_rematch_area_lower_minimum_takes_effect(world: World) -> None:
    await world.deliver(*(world.ready(number) for number in range(1, 5)))
    context = with_policy(size_min=4)

    for _ in range(2):
        await jobs.REMATCH_AREAS.run(world.database, context, world.clock)

    assert (await world.group()).live == 4
    assert len(await world.published_of(groups.SeatOffered)) == 4


async def test_on_withdrawn_from_dropped_area_releases_the_seat(world: World) -> None:
    await world.deliver(*(world.ready(number) for number in range(1, 7)))
    later = World(world.database, world.clock, without("bergen"))

    await later.deliver(later.withdrawn(1), later.erased(2), later.changed(3, **OSLO))
    await later.pass_time(hours=80)

    assert await later.status(1) == "gone"
    assert len(await later.statuses()) == 5
    assert await later.status(3) == "waiting"
    released = await later.published_of(groups.SeatReleased)
    assert [event.reason for event in released][:3] == ["withdrawn", "erased", "changed"]


async def test_on_wishes_moves_in_both_directions_do_not_deadlock(world: World) -> None:
    await world.deliver(*(world.ready(number) for number in range(10)), times=1)
    await world.deliver(*(world.ready(number, **OSLO) for number in range(10, 20)), times=1)
    moves = [world.changed(number, **OSLO) for number in range(10)]
    moves += [world.changed(number, **BERGEN) for number in range(10, 20)]

    await asyncio.gather(*(patient(partial(world.deliver_once, event)) for event in moves))

    moved = {row.signup_id: row.area for row in await world.rows(Signup)}
    assert moved == {signup_id(number): "oslo" if number < 10 else "bergen" for number in range(20)}
    await world.check()


async def test_matching_women_only_group_has_only_members_who_wish_it(world: World) -> None:
    world = World(world.database, world.clock, with_policy(wishes=("women",)))
    also: dict[str, Any] = {"groups_also": ("women",)}
    only = also | {"groups_only": ("women",)}

    await world.deliver(*(world.ready(number, **only) for number in (1, 2, 3)))
    await world.deliver(world.ready(4, **also), world.ready(5), world.ready(6))
    assert await world.groups() == []

    await world.deliver(world.ready(7, **also), world.ready(8), world.ready(9, **also))

    group = await world.group()
    assert (group.wishes, group.live) == ("women", 6)
    assert {seat.person_id for seat in await world.seats()} == {person_id(number) for number in (1, 2, 3, 4, 7, 9)}
    assert {await world.status(number) for number in (5, 6, 8)} == {"waiting"}
    await world.check()


async def test_directory_replaced_policy_holds_for_the_next_group(world: World) -> None:
    await world.deliver(*(world.ready(number) for number in range(1, 5)))
    assert await world.groups() == []

    world.context.directory.replace(with_policy(size_min=4).centres)
    await jobs.REMATCH_AREAS.run(world.database, world.context, world.clock)

    group = await world.group()
    assert (group.live, group.size_min, group.policy_version) == (4, 4, "2027-1-1")


def policy_changed(world: World, number: int, **changes: Any) -> PolicyChanged:
    """A version of LINK Bergen's policy, as intake publishes it."""
    centre = centres.load().get("link-bergen")
    assert centre is not None
    policy = centre.policy.model_copy(update={"version": f"2027-1-{number}"} | changes)
    return PolicyChanged(
        event_id=new_id(),
        occurred_at=world.clock.now(),
        correlation_id=new_id(),
        centre=centre.id,
        number=number,
        version=policy.version,
        valid_from=world.clock.now(),
        **version_content(policy, centre.texts),
    )


@pytest.mark.parametrize("order", list(itertools.permutations((1, 2, 3))), ids=str)
async def test_policy_events_in_any_order_newest_holds(world: World, order: tuple[int, ...]) -> None:
    world = World(world.database, world.clock)
    await world.deliver(*(policy_changed(world, number, size_max=5 + number) for number in order))
    policy = world.context.area("bergen")[0].policy
    assert (policy.version, policy.size_max) == ("2027-1-3", 8)
    other = CentreDirectory(centres.load())
    await Follower(world.database, policy_book, other.apply).load()
    bergen = other.current().get("link-bergen")
    assert bergen is not None
    assert bergen.policy == policy


async def test_policy_event_rematches_the_centres_areas(world: World) -> None:
    world = World(world.database, world.clock)
    await world.deliver(*(world.ready(number) for number in range(1, 5)))
    await world.deliver(*(world.ready(number, **OSLO) for number in range(11, 15)))
    assert await world.groups() == []

    await world.deliver(policy_changed(world, 2, size_min=4))
    await jobs.APPLY_POLICIES.run(world.database, world.context, world.clock)
    await jobs.APPLY_POLICIES.run(world.database, world.context, world.clock)

    group = await world.group()
    assert (group.centre, group.live, group.policy_version) == ("link-bergen", 4, "2027-1-2")
    assert group.policy["size_min"] == 4
    await world.check()


async def test_policy_event_leaves_groups_with_their_version(world: World) -> None:
    world = World(world.database, world.clock)
    await world.deliver(*(world.ready(number) for number in range(1, 6)))
    await world.deliver(policy_changed(world, 2, size_max=6, seat_deadline_hours=1))
    await jobs.APPLY_POLICIES.run(world.database, world.context, world.clock)
    await world.deliver(*(world.ready(number) for number in range(6, 9)))
    group = await world.group()
    assert (group.policy_version, group.live, group.policy["seat_deadline_hours"]) == ("2026-11-1", 8, 72)
    await world.deliver(*(world.ready(number) for number in range(20, 25)))
    newest = [group for group in await world.groups() if group.policy_version == "2027-1-2"]
    assert [(group.capacity, group.policy["seat_deadline_hours"]) for group in newest] == [(6, 1)]
