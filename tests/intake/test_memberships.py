"""Members of started groups are kept for as long as grouping knows them, however its events arrive."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from intake import jobs
from intake.handlers import consumers
from intake.store import inbox
from intake.usecases import pauses, renewals, withdraw
from shared.events import group_life, groups
from shared.events.base import GroupEvent
from shared.kit.messaging.causes import Cause
from tests.intake.support.world import World

A_DAY = timedelta(days=1)
TWO_YEARS = timedelta(days=730)


class Group:
    """The events of one group, numbered in their order; each is delivered twice."""

    def __init__(self, world: World, *signup_ids: UUID) -> None:
        self._world = world
        self.id = uuid4()
        self._version = 0
        self.seats = tuple(
            groups.Seat(seat_id=uuid4(), signup_id=signup_id, person_id=uuid4(), language="nb")
            for signup_id in signup_ids
        )

    def event(self, kind: type[GroupEvent], /, **fields: Any) -> GroupEvent:
        self._version += 1
        now = self._world.clock.now()
        common = {"group_id": self.id, "version": self._version, "centre": "link-bergen", "area": "bergen"}
        return kind.model_validate({**Cause.fresh().stamp(kind, str(self._version), now), **common, **fields})

    def start(self) -> list[GroupEvent]:
        """Return the events until the start."""
        now = self._world.clock.now()
        return [
            *(self.event(groups.SeatTaken, seat=seat) for seat in self.seats),
            self.event(groups.Started, size=5, policy_version="1", started_at=now, seats=self.seats),
        ]

    def dissolved(self) -> GroupEvent:
        return self.event(group_life.Dissolved, by="group", seats=self.seats)

    def way_on(self, way: str, seat: int = 0) -> GroupEvent:
        return self.event(group_life.WayOnChosen, seat=self.seats[seat], way=way)

    def left(self, reason: str = "left") -> GroupEvent:
        return self.event(group_life.MemberLeft, seat=self.seats[0], reason=reason, size=4)

    def forgotten(self, *kept: int) -> GroupEvent:
        return self.event(group_life.MembersForgotten, kept=[self.seats[number].seat_id for number in kept])


async def deliver(world: World, events: Iterable[GroupEvent]) -> None:
    for event in events:
        (consumer,) = [one for one in consumers(world.clock) if one.stream is event.stream]
        for _ in range(2):
            async with world.transaction() as session:
                await consumer.handle(session, inbox, event)


async def two_members(world: World) -> tuple[Group, UUID, UUID]:
    first_id = await world.confirmed()
    second_id = await world.confirmed(email="ola@example.org", first_name="Ola")
    world.later(hours=3)
    return Group(world, first_id, second_id), first_id, second_id


async def run_jobs(world: World, time: timedelta = timedelta(0)) -> None:
    """Run the jobs twice, as often as they run."""
    world.clock.move(time)
    for _ in range(2):
        for cleanup in jobs.CLEANUPS:
            await cleanup.run(world.jobs)
        await jobs.DELETE_DUE_SIGNUPS.run(world.jobs)


async def state_of(world: World, signup_id: UUID) -> str | None:
    rows = await world.rows(f"select state from signups where signup_id = '{signup_id}'")
    return rows[0][0] if rows else None


async def test_members_are_kept_until_their_group_is_forgotten(world: World) -> None:
    group, first_id, second_id = await two_members(world)
    people = {await world.person_of(first_id), await world.person_of(second_id)}
    await deliver(world, group.start())

    await run_jobs(world, TWO_YEARS)
    assert len(await world.contacts_of(*people)) == 2

    await deliver(world, [group.forgotten()])
    assert await world.count("signups", "group_id is not null or seat_id is not null") == 0
    moments = await world.rows("select distinct forgotten_at from signups")
    assert len(moments) == 2, "the same moment would link them"
    await run_jobs(world)
    assert len(await world.contacts_of(*people)) == 2  # for the last mail
    await run_jobs(world, 2 * A_DAY)
    assert (await world.count("people"), await world.count("signups")) == (0, 0)
    assert people == await world.vault.journal()


async def _withdraw_by_staff(world: World, signup_id: UUID) -> None:
    async with world.transaction() as session:
        await withdraw.withdraw_by_staff(session, signup_id, actor=world.actor())


async def _pause(world: World, signup_id: UUID) -> None:
    async with world.transaction() as session:
        await pauses.pause(session, signup_id, now=world.clock.now(), cause=Cause.fresh())


async def _renew(world: World, signup_id: UUID) -> None:
    async with world.transaction() as session:
        await renewals.renew(session, signup_id, now=world.clock.now(), cause=Cause.fresh())


async def _sign_up_again(world: World, _signup_id: UUID) -> None:
    await world.register(slots=["sun-day"])
    await world.confirm_newest()


async def _erase(world: World, signup_id: UUID) -> None:
    await world.erase(await world.person_of(signup_id))


@pytest.mark.parametrize(
    ("act", "state"),
    [
        (World.withdraw, "withdrawn"),
        (_withdraw_by_staff, "withdrawn"),
        (_pause, "member"),
        (_renew, "member"),
        (_sign_up_again, "member"),
        (_erase, None),
    ],
)
async def test_forgotten_member_can_still_act_on_the_last_day(
    world: World, act: Callable[[World, UUID], Awaitable[object]], state: str | None
) -> None:
    group, first_id, _ = await two_members(world)
    await deliver(world, [*group.start(), group.forgotten()])

    for _ in range(2):
        if await state_of(world, first_id) is not None:
            await act(world, first_id)

    assert await state_of(world, first_id) == state
    await run_jobs(world, 2 * A_DAY)


async def test_members_who_asked_to_be_kept_stay_until_the_end(world: World) -> None:
    group, first_id, second_id = await two_members(world)
    await deliver(world, [*group.start(), group.forgotten(1)])

    await run_jobs(world, TWO_YEARS)
    assert [await state_of(world, one) for one in (first_id, second_id)] == [None, "member"]

    await deliver(world, [group.forgotten()])
    await run_jobs(world, 2 * A_DAY)
    assert await world.count("people") == 0


@pytest.mark.parametrize("order", list(permutations(range(4))))
async def test_forgotten_group_is_forgotten_in_any_order(world: World, order: tuple[int, ...]) -> None:
    group, _, _ = await two_members(world)
    events = [*group.start(), group.forgotten()]

    await deliver(world, [events[number] for number in order])

    assert await world.count("signups", "state = 'member' and group_id is null and forgotten_at is not null") == 2
    await run_jobs(world, 2 * A_DAY)
    assert await world.count("people") == 0


async def test_forgotten_group_leaves_released_people_on_the_list(world: World) -> None:
    group, first_id, second_id = await two_members(world)
    taken, also_taken, started = group.start()
    released = group.event(groups.SeatReleased, seat=group.seats[1], reason="declined", waits=True)

    await deliver(world, [taken, also_taken, released, started.model_copy(update={"seats": group.seats[:1]})])
    await deliver(world, [group.forgotten()])
    await run_jobs(world, 2 * A_DAY)

    assert [await state_of(world, one) for one in (first_id, second_id)] == [None, "ready"]


async def test_members_of_group_without_life_are_kept_eight_weeks(world: World) -> None:
    group, _, _ = await two_members(world)
    await deliver(world, group.start())
    async with world.transaction() as session:
        await session.execute(text("update signups set seat_id = null"))

    await run_jobs(world, timedelta(weeks=8) - A_DAY)
    assert await world.count("people") == 2
    await run_jobs(world, 2 * A_DAY)
    assert await world.count("people") == 0


@pytest.mark.parametrize("weeks", [1, 3])
@pytest.mark.parametrize("kind", ["handed_over", "dissolved", "follow_up_due", "keep_alive_asked", "meeting"])
async def test_event_of_a_life_keeps_members_of_an_older_start(world: World, kind: str, weeks: int) -> None:
    group, _, _ = await two_members(world)
    await deliver(world, group.start())
    async with world.transaction() as session:
        await session.execute(text("update signups set seat_id = null"))
    await run_jobs(world, timedelta(weeks=weeks))
    now = world.clock.now()
    meeting = {"meeting_id": uuid4(), "sequence": 0, "kind": "weekly", "starts_at": now, "ends_at": now + A_DAY / 12}
    events: dict[str, Any] = {
        "handed_over": (
            group_life.HandedOver,
            {
                "by": "members",
                "handed_over_at": now,
                "memory": "sealed_alias",
                "return_id": uuid4(),
                "followed_up": True,
                "size": 2,
            },
        ),
        "dissolved": (group_life.Dissolved, {"by": "group"}),
        "follow_up_due": (group_life.FollowUpDue, {"visit_id": uuid4(), "meetings": 4}),
        "keep_alive_asked": (group_life.KeepAliveAsked, {"deadline": now + A_DAY}),
        "meeting": (groups.MeetingCalled, meeting | {"place_text": "Storstua", "address_known": True}),
    }
    event, fields = events[kind]

    await deliver(world, [group.event(event, **fields, seats=group.seats)])
    await run_jobs(world, TWO_YEARS)
    assert await world.count("people") == 2

    await deliver(world, [group.forgotten()])
    await run_jobs(world, 2 * A_DAY)
    assert await world.count("people") == 0


async def test_member_who_left_is_withdrawn_and_erased_a_day_later(world: World) -> None:
    group, first_id, second_id = await two_members(world)
    await deliver(world, [*group.start(), group.left()])

    assert await state_of(world, first_id) == "withdrawn"
    assert "withdrawn" not in await world.subjects()  # grouping's event has told everybody
    await run_jobs(world, A_DAY)
    assert [await state_of(world, one) for one in (first_id, second_id)] == [None, "member"]
    assert await world.count("people") == 1


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_member_left_in_any_order_stays_withdrawn(world: World, order: tuple[int, ...]) -> None:
    group, first_id, _ = await two_members(world)
    taken, _, started = group.start()
    events = [taken, started, group.left()]

    await deliver(world, [events[number] for number in order])

    assert await state_of(world, first_id) == "withdrawn"


async def test_new_group_waits_again_with_the_place_in_the_queue(world: World) -> None:
    group, first_id, second_id = await two_members(world)
    query = f"select signed_up_at from signups where signup_id = '{first_id}'"
    before = await world.rows(query)
    await deliver(world, group.start())
    await run_jobs(world, TWO_YEARS)

    await deliver(world, [group.dissolved(), group.way_on("new_group")])
    world.clock.move(timedelta(days=30))
    await deliver(world, [group.forgotten()])
    await run_jobs(world, timedelta(days=60))

    assert [await state_of(world, one) for one in (first_id, second_id)] == ["ready", None]  # no answer: not signed up
    assert await world.rows(query) == before
    assert await world.count("signups", "group_id is not null or seat_id is not null") == 0
    again = Group(world, first_id)
    await deliver(world, again.start())
    assert await world.count("signups", f"state = 'member' and group_id = '{again.id}'") == 1


async def test_pause_that_crossed_with_the_start_ends_with_new_group(world: World) -> None:
    group, first_id, _ = await two_members(world)
    *taken, started = group.start()
    await deliver(world, taken)
    await _pause(world, first_id)

    await deliver(world, [started, group.dissolved(), group.way_on("new_group")])

    assert await world.count("signups", f"state = 'ready' and paused_at is null and signup_id = '{first_id}'") == 1


async def test_pause_after_the_end_has_no_end_and_asks_nothing(world: World) -> None:
    group, first_id, _ = await two_members(world)
    await deliver(world, [*group.start(), group.dissolved(), group.way_on("pause"), group.forgotten()])

    assert (await world.subjects()).count("paused") == 1
    for _ in range(3):
        await run_jobs(world, TWO_YEARS)
        await jobs.ASK_RENEWALS.run(world.jobs)
        await jobs.WITHDRAW_UNANSWERED.run(world.jobs)
    assert await world.count("signups", f"state = 'ready' and paused_at is not null and signup_id = '{first_id}'") == 1


async def test_goodbye_after_the_end_erases_within_a_day(world: World) -> None:
    group, first_id, second_id = await two_members(world)
    await deliver(world, [*group.start(), group.dissolved(), group.way_on("goodbye")])

    await run_jobs(world, A_DAY)

    assert [await state_of(world, one) for one in (first_id, second_id)] == [None, "member"]
    assert "withdrawn" not in await world.subjects()


@pytest.mark.parametrize(("way", "state"), [("new_group", "ready"), ("pause", "ready"), ("goodbye", "withdrawn")])
@pytest.mark.parametrize("order", list(permutations(range(4))))
async def test_way_on_in_any_order_is_what_was_chosen(
    world: World, order: tuple[int, ...], way: str, state: str
) -> None:
    group, first_id, _ = await two_members(world)
    taken, _, started = group.start()
    events = [taken, started, group.way_on(way), group.forgotten()]

    await deliver(world, [events[number] for number in order])
    await run_jobs(world)

    assert await state_of(world, first_id) == state
    assert await world.count("signups", f"paused_at is not null and signup_id = '{first_id}'") == (way == "pause")


async def test_new_group_after_new_signup_keeps_one_with_the_place(world: World) -> None:
    group, first_id, _ = await two_members(world)
    ((before,),) = await world.rows(f"select signed_up_at from signups where signup_id = '{first_id}'")
    await deliver(world, group.start())
    world.later(days=30)
    again = await world.confirmed(slots=["sun-day"])

    await deliver(world, [group.dissolved(), group.way_on("new_group")])

    assert [await state_of(world, one) for one in (first_id, again)] == ["withdrawn", "ready"]
    assert await world.rows(f"select signed_up_at from signups where signup_id = '{again}'") == [(before,)]
    assert (await world.subjects())[-2:] == ["changed", "withdrawn"]
    assert getattr((await world.events())[-1], "replaced", False)


async def test_admitted_newcomer_is_a_member_until_forgotten(world: World) -> None:
    group, first_id, second_id = await two_members(world)
    newcomer = group.seats[1]
    group.seats = group.seats[:1]
    await deliver(world, group.start())

    await deliver(world, [group.event(group_life.MemberAdmitted, seat=newcomer, size=2, seats=group.seats)])
    await run_jobs(world, TWO_YEARS)
    assert [await state_of(world, one) for one in (first_id, second_id)] == ["member", "member"]

    await deliver(world, [group.forgotten()])
    await run_jobs(world, 2 * A_DAY)
    assert await world.count("people") == 0


async def test_start_revoked_after_handover_seats_members_again(world: World) -> None:
    group, first_id, _ = await two_members(world)
    await deliver(world, [*group.start(), group.event(groups.StartRevoked, seats=group.seats)])

    await run_jobs(world, timedelta(weeks=9))

    assert await state_of(world, first_id) == "seated"
