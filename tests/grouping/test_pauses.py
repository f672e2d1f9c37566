"""Silence, pauses and their end: who is offered seats, and that the place in the queue stays."""

import random
from datetime import timedelta

import pytest

from grouping.store import Signup
from shared.events import Event, groups
from tests.grouping.support.staff_acts import wait
from tests.grouping.support.world import World, person_id, signup_id


async def paused_events(world: World) -> list[groups.OffersPaused]:
    return await world.published_of(groups.OffersPaused)


async def left_two_unanswered(world: World) -> None:
    """Person 1 leaves an offer in each of two groups unanswered."""
    since = world.clock.now() - timedelta(days=1)
    await wait(world, 1, max_travel_km=60)
    for first in (10, 20):
        slot = "tue-evening" if first == 10 else "mon-evening"
        await world.deliver(world.changed(1, version=first, slots=(slot,), max_travel_km=60, signed_up_at=since))
        await wait(world, 4, first=first, slots=(slot,))
        assert await world.status(1) == "offered"
        for number in range(first, first + 4):
            await world.answer(number)
        await world.pass_time(hours=73)


async def row(world: World, number: int) -> Signup:
    (signup,) = await world.rows(Signup, signup_id=signup_id(number))
    assert isinstance(signup, Signup)
    return signup


async def test_expire_offers_second_silence_pauses_offers(world: World) -> None:
    since = world.clock.now() - timedelta(days=1)
    await left_two_unanswered(world)

    (event,) = await paused_events(world)
    assert event.seat.person_id == person_id(1)
    assert (await row(world, 1)).signed_up_at == since
    await world.deliver(world.changed(1, version=40, slots=("wed-evening",), signed_up_at=since))
    await wait(world, 5, first=30, slots=("wed-evening",))
    assert await world.status(1) == "waiting"

    await world.deliver(world.renewed(1, version=41))

    assert await world.status(1) == "offered"
    assert (await row(world, 1)).unanswered == 0
    await world.check()


async def meet_offer(world: World, turn: int, answer: str) -> None:
    """Person 1 gets an offer for an evening of its own and answers, or leaves it: yes, no, silent, break or renewed."""
    slot, first = f"{('mon', 'tue', 'wed', 'thu', 'fri')[turn]}-evening", 10 * (turn + 1)
    since = world.clock.now() - timedelta(days=30)
    await world.deliver(world.changed(1, version=first, slots=(slot,), max_travel_km=60, signed_up_at=since))
    await wait(world, 4, first=first, slots=(slot,))
    for number in range(first, first + 4):
        await world.answer(number)
    assert await world.status(1) == "offered"
    if answer in {"yes", "no"}:
        await world.answer(1, yes=answer == "yes")
    if answer == "yes":
        await world.answer(1, yes=False)
    if answer == "break":
        await world.deliver(world.paused(1, version=first + 1), world.resumed(1, version=first + 2))
    await world.pass_time(hours=73)
    if answer == "renewed":
        await world.deliver(world.renewed(1, version=first + 3))


@pytest.mark.parametrize(
    ("answers", "paused", "asked"),
    [
        ("silent silent", True, 1),
        ("no silent silent", True, 1),
        ("yes silent silent", True, 1),
        ("silent no silent", False, 0),
        ("silent yes silent", False, 0),
        ("silent no silent silent", True, 1),
        ("silent renewed silent", False, 1),
        ("silent renewed silent silent", True, 2),
        ("silent break", False, 0),  # after the break the same group is offered again, and that offer left
        ("silent break silent", True, 1),
        ("no no no no", False, 0),
    ],
)
async def test_silences_in_a_row_pause_offers_and_answers_between_do_not(
    world: World, answers: str, asked: int, *, paused: bool
) -> None:
    await wait(world, 1, max_travel_km=60)
    for turn, answer in enumerate(answers.split()):
        await meet_offer(world, turn, answer)

    assert ((await row(world, 1)).offers_paused_at is not None) == paused
    assert len(await paused_events(world)) == asked
    await world.check()


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize(
    ("hours_ago", "unanswered"),
    [(0, 0), (1, 0), (2, 1), (74, 1), (75, 2), (146, 2), (2000, 2)],
)
async def test_renewed_that_comes_late_ends_no_newer_silence(
    world: World, hours_ago: int, unanswered: int, times: int
) -> None:
    """The offers could be answered until 74 hours ago and until an hour ago; a silence after the event still counts."""
    await left_two_unanswered(world)
    event = world.renewed(1, version=41)
    said = event.model_copy(update={"occurred_at": world.clock.now() - timedelta(hours=hours_ago)})

    await world.deliver(said, times=times)

    signup = await row(world, 1)
    assert (signup.unanswered, signup.offers_paused_at is not None) == (unanswered, unanswered == 2)


@pytest.mark.parametrize("yes", [True, False])
async def test_answer_between_silences_begins_the_count_again(world: World, *, yes: bool) -> None:
    await wait(world, 1)
    await wait(world, 4, first=10)
    await world.pass_time(hours=73)
    assert (await row(world, 1)).unanswered == 1
    await world.deliver(world.changed(1, version=9, slots=("mon-evening",)))
    await wait(world, 4, first=20, slots=("mon-evening",))

    await world.answer(1, yes=yes)

    assert (await row(world, 1)).unanswered == 0
    assert await paused_events(world) == []


@pytest.mark.parametrize("answered", [False, True])
async def test_pause_releases_the_seat_and_keeps_the_queue(world: World, *, answered: bool) -> None:
    await wait(world, 5)
    since = (await row(world, 5)).signed_up_at
    if answered:
        await world.answer(5)

    await world.deliver(world.paused(5))

    (released,) = await world.published_of(groups.SeatReleased)
    assert (released.reason, released.waits) == ("changed", True)
    assert await world.status(5) == "waiting"
    await wait(world, 3, first=20)
    assert await world.status(5) == "waiting"
    await world.check()
    await world.deliver(world.resumed(5))
    assert await world.status(5) == "offered"
    assert (await row(world, 5)).signed_up_at == since
    await world.check()


async def test_pause_after_the_start_leaves_the_member(world: World) -> None:
    await wait(world, 5)
    await world.all_say_yes()
    await world.until((await world.start_meeting()).ends_at)

    await world.deliver(world.paused(3))

    assert await world.status(3) == "member"
    assert await world.published_of(groups.SeatReleased) == []


@pytest.mark.parametrize("seed", range(12))
async def test_pauses_in_any_order_end_the_same(world: World, seed: int) -> None:
    """Too few for a group, so that only their own histories count."""
    started = world.clock.now()
    events: list[Event] = [
        world.ready(1, signed_up_at=started),
        world.paused(1, version=5),
        world.resumed(1, version=6),
        world.paused(1, version=8),
        world.ready(2, signed_up_at=started),
        world.paused(2, version=5),
        world.resumed(2, version=6),
        world.changed(2, version=7, signed_up_at=started, slots=("mon-evening",)),
        world.renewed(2, version=9),
        world.ready(3, signed_up_at=started),
        world.paused(3, version=4),
        world.withdrawn(3, version=6),
        world.ready(4, signed_up_at=started),
        world.paused(4, version=4),
        world.erased(4),
    ]
    shuffled = events * 2
    random.Random(seed).shuffle(shuffled)

    await world.deliver(*shuffled, times=1)

    assert ((await row(world, 1)).status, (await row(world, 1)).paused) == ("waiting", True)
    second = await row(world, 2)
    assert (second.status, second.paused, second.slots) == ("waiting", False, ["mon-evening"])
    assert (await row(world, 3)).status == "gone"
    assert await world.rows(Signup, signup_id=signup_id(4)) == []


@pytest.mark.parametrize("seed", range(5))
async def test_changed_text_holds_offers_until_it_is_accepted(world: World, seed: int) -> None:
    """Events about the texts may come before the wishes, and in any order; the newest one counts."""
    since = world.clock.now() - timedelta(days=1)
    events: list[Event] = [
        world.ready(1, version=3, signed_up_at=since),
        world.texts_asked(1, version=4),
        world.texts_accepted(1, version=5),
        world.texts_asked(1, version=6),
    ]
    random.Random(seed).shuffle(events)
    await world.deliver(*events)
    await wait(world, 5, first=10)
    assert (await row(world, 1)).texts_asked
    assert await world.status(1) == "waiting"
    assert (await row(world, 1)).signed_up_at == since

    await world.deliver(world.texts_accepted(1, version=7))

    assert await world.status(1) == "offered"
    await world.check()


async def test_changed_text_leaves_a_seat_that_somebody_has(world: World) -> None:
    await wait(world, 5)
    await world.answer(1)
    await world.deliver(world.texts_asked(1), world.texts_asked(2))
    assert [await world.status(number) for number in (1, 2)] == ["seated", "offered"]
    await world.answer(2)
    assert await world.status(2) == "seated"
    await world.check()
