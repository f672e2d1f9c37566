"""A proposal that loses people looks for others, and only then is cancelled, or its members are asked about another."""

from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from grouping.store import Signup
from grouping.usecases import meetings as meetings_commands
from shared.events import groups
from tests.grouping.support import staff_acts
from tests.grouping.support.staff_acts import wait
from tests.grouping.support.world import World, person_id

FILL_DAYS = 7
BOTH = ("mon-evening", "tue-evening")


async def offers_to(world: World, number: int) -> list[groups.SeatOffered]:
    return [
        event for event in await world.published_of(groups.SeatOffered) if event.seat.person_id == person_id(number)
    ]


async def heard_by(world: World) -> dict[UUID, list[tuple[datetime, str]]]:
    """What each person is told in a mail: offers, and cancellations that no offer stands for."""
    heard: dict[UUID, list[tuple[datetime, str]]] = {}
    for event in await world.published():
        if isinstance(event, groups.SeatOffered):
            heard.setdefault(event.seat.person_id, []).append((event.occurred_at, "offer"))
        elif isinstance(event, groups.Cancelled):
            for seat in event.seats:
                heard.setdefault(seat.person_id, []).append((event.occurred_at, "cancelled"))
    return heard


async def check_no_contradiction(world: World) -> None:
    for told in (await heard_by(world)).values():
        told.sort()
        for (first_at, first), (second_at, second) in pairwise(told):
            assert first == second or second_at - first_at >= timedelta(hours=1)


@pytest.mark.parametrize("who", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("silent", [False, True])
async def test_proposal_one_without_yes_keeps_the_other_four(world: World, who: int, *, silent: bool) -> None:
    await wait(world, 5)
    for number in {1, 2, 3, 4, 5} - {who}:
        await world.answer(number)
    if silent:
        await world.pass_time(hours=72)
    else:
        await world.answer(who, yes=False)
    said_yes = {person_id(number) for number in range(1, 6) if number != who}

    assert await world.published_of(groups.Cancelled) == []
    assert {seat.person_id for seat in await world.seats(state="taken")} == said_yes
    assert [len(await offers_to(world, number)) for number in range(1, 6)] == [1] * 5
    await world.deliver(world.ready(6))
    await world.answer(6)
    assert (await world.group()).state == "confirmed"
    assert [len(await offers_to(world, number)) for number in range(1, 7)] == [1] * 6
    await world.check()


async def test_proposal_asks_the_next_who_waits_at_once(world: World) -> None:
    await wait(world, 9)
    await world.answer(3, yes=False)

    assert await world.status(9) == "offered" or await world.status(1) == "offered"
    assert (await world.group()).live == 8
    await world.check()


@pytest.mark.parametrize("lost", [1, 2, 3])
@pytest.mark.parametrize("confirmed", [False, True])
async def test_free_seat_of_a_group_that_lacks_people_comes_first(world: World, lost: int, *, confirmed: bool) -> None:
    """Both groups have free seats for the next person; the one that has enough people is the older."""
    await wait(world, 5, slots=("mon-evening",))
    if confirmed:
        await world.all_say_yes()
    await world.pass_time(hours=1)
    await wait(world, 5, first=10)
    for number in range(10, 10 + lost):
        await world.answer(number, yes=False)

    await world.deliver(world.ready(20, slots=BOTH))

    (offer,) = await offers_to(world, 20)
    assert offer.slot == "tue-evening"
    await world.check()


async def test_proposal_offers_a_seat_to_a_person_who_becomes_free(world: World) -> None:
    await wait(world, 5)
    await world.answer(1, yes=False)
    await world.deliver(world.ready(6, slots=("fri-evening",)))

    await world.deliver(world.changed(6))

    assert await world.status(6) == "offered"


@pytest.mark.parametrize("fill_days", [3, 7, 10, 14, 21])
async def test_proposal_is_cancelled_when_its_days_are_over(world: World, fill_days: int) -> None:
    world = staff_acts.with_policy(world, fill_days=fill_days)
    proposed_at = world.clock.now()
    await wait(world, 5)
    before = {row.signup_id: row.signed_up_at for row in await world.rows(Signup)}
    for number in (2, 3, 4, 5):
        await world.answer(number)
    await world.answer(1, yes=False)

    await world.until(proposed_at + timedelta(days=fill_days, seconds=-1))
    assert await world.published_of(groups.Cancelled) == []
    await world.pass_time(seconds=1)

    (cancelled,) = await world.published_of(groups.Cancelled)
    assert cancelled.reason == "too_few"
    assert {seat.person_id for seat in cancelled.seats} == {person_id(number) for number in (2, 3, 4, 5)}
    assert set((await world.statuses()).values()) == {"waiting"}
    assert {row.signup_id: row.signed_up_at for row in await world.rows(Signup)} == before
    await check_no_contradiction(world)
    await world.check()


@pytest.mark.parametrize("silent", [0, 1, 4, 5])
async def test_proposal_that_everybody_has_left_is_given_up_at_once(world: World, silent: int) -> None:
    """A newcomer must not be asked about a group without anybody in it, and its room is free for others."""
    await wait(world, 5)
    for number in range(silent + 1, 6):
        await world.answer(number, yes=False)
    if silent:
        await world.pass_time(hours=72)

    assert [group.state for group in await world.groups()] == ["cancelled"]
    assert [event.seats for event in await world.published_of(groups.Cancelled)] == [()]
    await world.deliver(world.ready(6))
    assert await world.status(6) == "waiting"
    await world.check()


@pytest.mark.parametrize("hours_left", [0.1, 1, 10, 50, 71])
async def test_proposal_never_ends_before_its_newest_offer_is_due(world: World, hours_left: float) -> None:
    proposed_at = world.clock.now()
    await wait(world, 5)
    for number in (1, 2, 3, 4, 5):
        await world.answer(number, yes=number in {1, 2, 3})
    await world.until(proposed_at + timedelta(days=FILL_DAYS, hours=-hours_left))
    await world.deliver(world.ready(6))
    await world.answer(6)

    await world.pass_time(hours=71)
    assert await world.published_of(groups.Cancelled) == []
    await world.pass_time(hours=1)

    assert len(await world.published_of(groups.Cancelled)) == 1
    await check_no_contradiction(world)


@pytest.mark.parametrize("others", [1, 2, 3])
async def test_members_of_unfilled_group_are_asked_once_about_another(world: World, others: int) -> None:
    """Tuesday finds no fifth; some who only can on Mondays wait, so Monday is enough for the members too."""
    proposed_at = world.clock.now()
    await wait(world, 5, slots=BOTH)
    chosen = (await world.group()).slot
    other = next(slot for slot in BOTH if slot != chosen)
    for number in (1, 2, 3, 4):
        await world.answer(number)
    await world.answer(5, yes=False)
    await wait(world, others, first=6, slots=(other,))
    assert {await world.status(number) for number in range(6, 6 + others)} == {"waiting"}

    await world.until(proposed_at + timedelta(days=FILL_DAYS))

    released = [event for event in await world.published_of(groups.SeatReleased) if event.reason == "moved"]
    (cancelled,) = await world.published_of(groups.Cancelled)
    assert cancelled.seats == ()
    assert {event.seat.person_id for event in released} == {person_id(number) for number in (1, 2, 3, 4)}
    for event in released:
        (offer,) = [
            offer for offer in await world.published_of(groups.SeatOffered) if offer.seat.seat_id == event.replaced_by
        ]
        assert (offer.instead_of, offer.occurred_at) == (event.seat.seat_id, event.occurred_at)
        assert offer.slot == other
    for number in range(1, 5):
        assert (await world.seat_of(number)).instead_of is not None
    await check_no_contradiction(world)
    await world.all_say_yes()
    assert len(await world.groups(state="confirmed")) == 1
    await world.check()


@pytest.mark.parametrize("silent", [1, 2, 3, 4])
async def test_people_who_never_answer_cost_the_willing_few_mails(world: World, silent: int) -> None:
    """Some never answer and four say yes, with other evenings to try: nobody hears much, or two things at once."""
    everybody, willing = range(1, 5 + silent), range(1, 5)
    await wait(world, len(everybody), slots=("mon-evening", "tue-evening", "wed-evening"))
    for _ in range(40):
        for number in willing:
            if await world.status(number) == "offered":
                await world.answer(number)
        await world.pass_time(days=1)

    heard = await heard_by(world)
    for number in willing:
        kinds = [kind for _, kind in heard[person_id(number)]]
        assert kinds.count("offer") <= 3
        assert kinds.count("cancelled") <= 2
    for number in set(everybody) - set(willing):
        assert len(await offers_to(world, number)) <= 2
    await check_no_contradiction(world)
    await world.check()


async def test_decline_of_an_evening_is_kept_that_day_everywhere(world: World) -> None:
    await wait(world, 6, max_travel_km=60)
    await world.answer(3, yes=False)
    await wait(world, 8, first=10, max_travel_km=60)
    assert len(await offers_to(world, 3)) == 1

    await world.pass_time(hours=14)

    offers = await offers_to(world, 3)
    assert len(offers) <= 2
    assert len({offer.place for offer in offers}) == len(offers)
    await world.check()


async def test_offers_show_the_plan_as_it_is_now(world: World) -> None:
    await wait(world, 5)
    (first, *_) = await world.published_of(groups.SeatOffered)
    assert (first.taken, first.place, first.place_text) == (0, "bergen-sentrum", "Bergen sentrum")
    assert (first.starts_at, first.instead_of) == (None, None)
    assert first.earliest_at == datetime.fromisoformat("2026-01-13T17:00:00+00:00")
    await world.all_say_yes()
    meeting = await world.start_meeting()
    await staff_acts.decide(
        world,
        meetings_commands.set_meeting,
        (await world.group()).id,
        meets_at=meeting.starts_at + timedelta(days=2),
        place_text="Storstua, Strandgaten 3",
    )

    await world.deliver(world.ready(6))

    (late,) = await offers_to(world, 6)
    assert (late.taken, late.size) == (5, 6)
    assert late.starts_at == meeting.starts_at + timedelta(days=2)
    assert late.ends_at == late.starts_at + timedelta(minutes=120)
    assert (late.place_text, late.earliest_at) == ("Bergen sentrum", None)
