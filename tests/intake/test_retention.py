"""How long intake remembers members, groups and who read what."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from intake import jobs
from intake.domain.signups import FORGET_GROUP_AFTER, FORGET_MEMBER_AFTER, READINGS_KEPT, Placed, SignupProgress, State
from intake.usecases import group_events
from shared.events import Event, groups
from shared.kit.messaging.causes import Cause
from tests.intake.test_forgetting import contacts_of, person_of, withdraw
from tests.intake.world import World

SECOND = timedelta(seconds=1)
A_DAY = timedelta(days=1)


def group_life(world: World, signup_ids: Iterable[UUID]) -> list[groups.SeatOffered | groups.Started]:
    """What grouping tells of a group, from the first offer to the start."""
    cause, now = Cause.fresh(), world.clock.now()
    seats = tuple(
        groups.Seat(seat_id=uuid4(), signup_id=signup_id, person_id=uuid4(), language="nb") for signup_id in signup_ids
    )
    plain = {"group_id": uuid4(), "centre": "link-bergen", "area": "bergen"}
    offer = {"slot": "tue-evening", "spoken_language": "nb", "size": 5, "deadline": now + A_DAY}
    start = {"size": 5, "policy_version": "1", "started_at": now, "seats": seats}
    return [
        *(
            cause.event(groups.SeatOffered, f"o{number}", now, version=number, seat=seat, **plain, **offer)
            for number, seat in enumerate(seats, 1)
        ),
        cause.event(groups.Started, "started", now, version=len(seats) + 1, **plain, **start),
    ]


async def hear(world: World, events: Iterable[Event]) -> None:
    """Takes in each event as if the inbox had never seen it."""
    for event in events:
        async with world.transaction() as session:
            if isinstance(event, groups.SeatOffered):
                await group_events.place(session, event, [event.seat], State.OFFERED, world.clock.now())
            elif isinstance(event, groups.Started):
                await group_events.place(session, event, event.seats, State.MEMBER, world.clock.now())


async def two_members(world: World) -> tuple[UUID, UUID]:
    one = await world.confirmed()
    other = await world.confirmed(email="ola@example.org", first_name="Ola")
    world.later(hours=3)
    await hear(world, group_life(world, [one, other]))
    assert await world.count("signups", "state = 'member' and group_id is not null") == 2
    return one, other


async def after(world: World, time: timedelta) -> None:
    """Sweep, twice, since the second time must change nothing."""
    world.clock.move(time)
    seen = []
    for _ in range(2):
        await jobs.forget_old(world.db, world.clock)
        await jobs.forget_due(world.db, world.vault, world.clock)
        rows = [await world.rows(f"select t::text from {table} t order by 1") for table in ("people", "signups")]
        seen.append((rows, await world.subjects()))
    assert seen[0] == seen[1]


async def test_who_is_in_which_group_is_forgotten_two_weeks_after_its_start(world: World) -> None:
    await two_members(world)
    await after(world, FORGET_GROUP_AFTER - SECOND)
    assert await world.count("signups", "group_id is not null") == 2
    await after(world, SECOND)
    assert await world.count("signups", "group_id is not null or group_version is not null") == 0
    assert await world.count("signups", "state = 'member'") == 2
    ((at,),) = await world.rows("select distinct placed_at at time zone 'UTC' from signups")
    assert (at.hour, at.minute, at.second, at.microsecond) == (0, 0, 0, 0)


async def test_somebody_who_waits_again_is_not_linked_to_the_group_that_was_offered(world: World) -> None:
    signup_id = await world.confirmed()
    (offer, _) = group_life(world, [signup_id])
    await hear(world, [offer])
    await after(world, 2 * FORGET_GROUP_AFTER)
    assert await world.count("signups", "group_id is not null") == 1
    async with world.transaction() as session:
        later = offer.model_copy(update={"version": 9, "occurred_at": world.clock.now()})
        assert isinstance(later, groups.SeatOffered)
        await group_events.place(session, later, [later.seat], State.READY, world.clock.now())
    await after(world, FORGET_GROUP_AFTER)
    assert await world.count("signups", "state = 'ready' and group_id is null") == 1
    (again, _) = group_life(world, [signup_id])
    await hear(world, [again])
    assert await world.count("signups", "state = 'offered' and group_id is not null") == 1


async def test_a_member_is_erased_eight_weeks_after_the_start(world: World) -> None:
    one, other = await two_members(world)
    people = {await person_of(world, one), await person_of(world, other)}
    await after(world, FORGET_GROUP_AFTER)
    await after(world, FORGET_MEMBER_AFTER - FORGET_GROUP_AFTER - SECOND)
    assert await world.count("people") == 2
    assert len(await contacts_of(world, *people)) == 2
    await after(world, A_DAY)
    assert (await world.count("people"), await world.count("signups")) == (0, 0)
    assert (await world.subjects()).count("erased") == 2
    assert await contacts_of(world, *people) == {}
    assert people == await world.vault.journal()


async def test_without_the_sweep_of_groups_it_is_eight_weeks_to_the_second(world: World) -> None:
    await two_members(world)
    world.clock.move(FORGET_MEMBER_AFTER - SECOND)
    await jobs.forget_due(world.db, world.vault, world.clock)
    assert await world.count("people") == 2
    world.clock.move(SECOND)
    await jobs.forget_due(world.db, world.vault, world.clock)
    assert await world.count("people") == 0


async def test_a_member_who_waits_anew_is_kept_and_forgotten_as_a_member(world: World) -> None:
    one, _ = await two_members(world)
    person_id = await person_of(world, one)
    world.later(days=30)
    again = await world.confirmed(slots=["sun-day"])
    assert await person_of(world, again) == person_id
    await after(world, FORGET_MEMBER_AFTER)
    assert await world.rows("select signup_id from signups") == [(again,)]
    assert list(await contacts_of(world, person_id)) == [person_id]
    assert (await world.subjects()).count("erased") == 1


async def test_old_news_brings_nobody_back(world: World) -> None:
    one, other = await two_members(world)
    told = group_life(world, [one, other])
    await after(world, FORGET_GROUP_AFTER)
    await hear(world, told)
    assert await world.count("signups", "state = 'member' and group_id is null") == 2
    await after(world, FORGET_MEMBER_AFTER)
    await hear(world, told)
    assert (await world.count("people"), await world.count("signups")) == (0, 0)


@pytest.mark.parametrize("state", [State.OFFERED, State.SEATED, State.READY, State.MEMBER])
def test_a_member_whose_group_is_forgotten_hears_nothing_more(state: State) -> None:
    member = SignupProgress(State.MEMBER, read=True, talked=True)
    assert member.place(state, Placed(uuid4(), 7, datetime(2026, 1, 1, tzinfo=UTC))) is member


async def test_a_member_can_still_leave_at_once(world: World) -> None:
    one, _ = await two_members(world)
    await after(world, FORGET_GROUP_AFTER)
    assert await withdraw(world, one)
    await after(world, A_DAY)
    assert await world.count("people") == 1


async def test_who_read_contact_details_is_kept_for_a_year(world: World) -> None:
    person_id = await person_of(world, await world.confirmed())
    await contacts_of(world, person_id)
    await after(world, READINGS_KEPT - SECOND)
    assert await world.count("contact_readings") == 1
    await after(world, SECOND)
    assert (await world.count("contact_readings"), await world.count("people")) == (0, 1)
