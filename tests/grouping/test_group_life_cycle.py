"""From the first who waits to a group that has started, on the real database; every event delivered twice."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from shared.errors import DomainError
from shared.events import group_life, groups
from shared.events.base import GroupEvent
from tests.grouping.support.world import OSLO, World, person_id, signup_id


async def five_wait(world: World) -> None:
    await world.deliver(*(world.ready(number) for number in range(1, 6)))


async def confirmed(world: World) -> None:
    await five_wait(world)
    await world.all_say_yes()


async def test_on_wishes_four_people_publish_nothing(world: World) -> None:
    await world.deliver(*(world.ready(number) for number in range(1, 5)))

    assert set((await world.statuses()).values()) == {"waiting"}
    assert await world.published() == []


async def test_on_wishes_fifth_person_proposes_a_group(world: World) -> None:
    await five_wait(world)

    group = await world.group()
    assert (group.state, group.live, group.place, group.slot) == ("proposed", 5, "bergen-sentrum", "tue-evening")
    (proposed,) = await world.published_of(groups.Proposed)
    offers = await world.published_of(groups.SeatOffered)
    assert proposed.size == 5
    assert [offer.seat.signup_id for offer in offers] == [signup_id(n) for n in (5, 4, 3, 2, 1)]
    assert {offer.deadline for offer in offers} == {world.clock.now() + timedelta(hours=72)}
    assert [event.version for event in await world.published() if isinstance(event, GroupEvent)] == [1, 2, 3, 4, 5, 6]
    await world.check()


async def test_on_wishes_newcomers_fill_eight_seats_and_the_ninth_waits(world: World) -> None:
    await world.deliver(*(world.ready(number) for number in range(1, 10)))

    assert (await world.group()).live == 8
    assert await world.status(9) == "waiting"
    await world.check()


async def test_answer_seat_fifth_yes_calls_the_start_meeting(world: World) -> None:
    await confirmed(world)

    group = await world.group()
    (called,) = await world.published_of(groups.MeetingCalled)
    local = called.starts_at.astimezone(ZoneInfo("Europe/Oslo"))
    assert group.state == "confirmed"
    assert (local.weekday(), local.hour, local.date().isoformat()) == (1, 18, "2026-01-13")
    assert called.ends_at - called.starts_at == timedelta(minutes=120)
    assert {seat.person_id for seat in called.seats} == {person_id(n) for n in range(1, 6)}
    assert called.place_text.startswith("Bergen sentrum. ")
    assert [type(event).__name__ for event in await world.published()][-2:] == ["Confirmed", "MeetingCalled"]
    await world.check()


async def test_answer_seat_newcomer_calls_the_meeting_again(world: World) -> None:
    await confirmed(world)
    await world.deliver(world.ready(6))
    await world.answer(6)

    first, second = await world.published_of(groups.MeetingCalled)
    assert (first.sequence, second.sequence) == (0, 0)
    assert (len(first.seats), len(second.seats)) == (5, 6)
    assert first.meeting_id == second.meeting_id
    await world.check()


async def test_complete_start_meeting_starts_and_closes_the_group(world: World) -> None:
    await confirmed(world)
    await world.deliver(world.ready(6))
    group = await world.group()
    meeting = await world.start_meeting()

    await world.pass_time(hours=73)
    await world.until(meeting.ends_at)

    (started,) = await world.published_of(groups.Started)
    assert (await world.group()).state == "started"
    assert (started.size, started.started_at) == (5, meeting.starts_at)
    assert started.policy_version == group.policy_version
    assert (await world.start_meeting()).state == "assumed_held"
    assert ((await world.group()).started_at, (await world.group()).ended_at) == (world.clock.now(), None)
    assert await world.status(6) == "waiting"
    await world.deliver(world.ready(7))
    assert await world.status(7) == "waiting"
    with pytest.raises(DomainError, match="group_closed"):
        await world.answer(1, yes=False)
    await world.check()


async def test_complete_start_meeting_lapses_open_offers(world: World) -> None:
    await confirmed(world)
    meeting = await world.start_meeting()
    await world.until(meeting.starts_at - timedelta(hours=1))
    await world.deliver(world.ready(6))
    assert (await world.seat_of(6)).deadline == meeting.starts_at

    await world.until(meeting.starts_at + timedelta(hours=2))

    assert await world.status(6) == "waiting"
    assert (await world.seat_of(6)).reason == "lapsed"
    assert len(await world.published_of(groups.Started)) == 1


async def test_answer_seat_no_offers_it_to_the_longest_waiting(world: World) -> None:
    await world.deliver(*(world.ready(number) for number in range(1, 10)))
    await world.deliver(world.ready(50))

    await world.answer(3, yes=False)

    assert await world.status(3) == "waiting"
    assert await world.status(50) == "offered"
    assert await world.status(9) == "waiting"
    (released,) = await world.published_of(groups.SeatReleased)
    assert (released.reason, released.waits, released.seat.person_id) == ("declined", True, person_id(3))
    await world.check()


async def test_answer_seat_no_below_minimum_keeps_looking_for_a_fifth(world: World) -> None:
    await five_wait(world)

    await world.answer(1, yes=False)

    assert await world.published_of(groups.Cancelled) == []
    assert ((await world.group()).state, (await world.group()).live) == ("proposed", 4)
    await world.deliver(world.ready(6))
    assert await world.status(6) == "offered"
    assert await world.status(1) == "waiting"
    await world.check()


async def test_expire_offers_at_the_deadline_releases_the_seat(world: World) -> None:
    await five_wait(world)
    for number in (1, 2, 3, 4):
        await world.answer(number)
    await world.pass_time(hours=71, minutes=59)
    assert await world.status(5) == "offered"

    await world.pass_time(minutes=1)

    (released,) = await world.published_of(groups.SeatReleased)
    assert (released.reason, released.waits) == ("lapsed", True)
    assert ((await world.group()).state, (await world.group()).live) == ("proposed", 4)
    with pytest.raises(DomainError, match="seat_lapsed"):
        await world.answer(5)


async def test_answer_seat_twice_publishes_once(world: World) -> None:
    await five_wait(world)
    seat = await world.seat_of(1)

    await world.answer(1)
    await world.answer(1)
    await world.answer(1, yes=False)
    await world.answer(1, yes=False, seat_id=seat.id)

    assert len(await world.published_of(groups.SeatTaken)) == 1
    assert len(await world.published_of(groups.SeatReleased)) == 1


async def test_complete_start_meeting_with_too_few_cancels(world: World) -> None:
    await confirmed(world)
    await world.answer(1, yes=False)
    assert (await world.group()).state == "confirmed"

    await world.until((await world.start_meeting()).ends_at)

    (cancelled,) = await world.published_of(groups.Cancelled)
    assert cancelled.reason == "too_few"
    assert await world.published_of(groups.Started) == []
    assert set((await world.statuses()).values()) == {"waiting"}


async def test_on_withdrawn_releases_the_seat(world: World) -> None:
    await world.deliver(*(world.ready(number) for number in range(1, 7)))

    await world.deliver(world.withdrawn(2))

    (released,) = await world.published_of(groups.SeatReleased)
    assert (released.reason, released.waits) == ("withdrawn", False)
    assert await world.status(2) == "gone"
    assert (await world.group()).live == 5
    await world.check()


async def test_on_withdrawn_from_started_group_publishes_a_departure(world: World) -> None:
    await confirmed(world)
    await world.pass_time(days=20)
    count = len(await world.published())

    await world.deliver(world.withdrawn(2))

    assert await world.status(2) == "gone"
    assert (await world.group()).live == 4
    (left,) = (await world.published())[count:]
    assert isinstance(left, group_life.MemberLeft)
    assert (left.reason, left.size) == ("withdrawn", 4)
    await world.check()


async def test_on_erased_deletes_all_rows_and_fills_the_seat(world: World) -> None:
    await world.deliver(*(world.ready(number) for number in range(1, 10)))

    await world.deliver(world.erased(3))

    assert signup_id(3) not in await world.statuses()
    assert await world.seats(person_id=person_id(3)) == []
    assert await world.status(9) == "offered"
    (released,) = await world.published_of(groups.SeatReleased)
    assert (released.reason, released.waits) == ("erased", False)
    await world.deliver(world.ready(3, version=99))
    assert signup_id(3) not in await world.statuses()
    await world.check()


async def test_on_erased_member_of_started_group_keeps_it_started(world: World) -> None:
    await confirmed(world)
    await world.pass_time(days=20)

    await world.deliver(world.erased(1))

    assert await world.seats(person_id=person_id(1)) == []
    assert (await world.group()).state == "started"
    await world.check()


async def test_on_wishes_that_no_longer_fit_release_the_seat(world: World) -> None:
    await world.deliver(*(world.ready(number) for number in range(1, 7)))

    await world.deliver(world.changed(2, slots=("wed-day",)))

    (released,) = await world.published_of(groups.SeatReleased)
    assert (released.reason, released.waits) == ("changed", True)
    assert await world.status(2) == "waiting"
    await world.check()


async def test_on_wishes_that_still_fit_keep_the_seat(world: World) -> None:
    await five_wait(world)

    await world.deliver(world.changed(2, slots=("wed-day", "tue-evening"), max_travel_km=30))

    assert await world.published_of(groups.SeatReleased) == []
    assert await world.status(2) == "offered"


async def test_on_wishes_in_another_area_matches_both_areas(world: World) -> None:
    await world.deliver(*(world.ready(number) for number in range(1, 10)))
    await world.deliver(*(world.ready(number, **OSLO) for number in range(11, 15)))

    await world.deliver(world.changed(2, **OSLO))

    assert await world.status(9) == "offered"
    assert await world.status(2) == "offered"
    assert {group.area: group.live for group in await world.groups()} == {"bergen": 8, "oslo": 5}
    await world.check()


async def test_on_wishes_changed_offers_declined_cells_again(world: World) -> None:
    await world.deliver(*(world.ready(number) for number in range(1, 7)))
    await world.answer(2, yes=False)
    await world.deliver(world.changed(2, version=5))
    assert await world.status(2) == "waiting"

    await world.pass_time(days=1)

    assert await world.status(2) == "offered"


async def test_on_wishes_unknown_area_is_a_dead_letter(world: World) -> None:
    with pytest.raises(DomainError, match="unknown_area"):
        await world.deliver(world.ready(1, area="atlantis"))
    with pytest.raises(DomainError, match="unknown_area"):
        await world.deliver(world.ready(1, centre="link-oslo"))


async def test_on_wishes_second_signup_of_a_person_gets_no_seat(world: World) -> None:
    await five_wait(world)

    await world.deliver(world.ready(11, person_id=person_id(1)))
    await world.deliver(world.changed(11, person_id=person_id(1), slots=("wed-day",)))

    assert (await world.group()).live == 5
    assert (await world.status(1), await world.status(11)) == ("offered", "waiting")
    left = world.withdrawn(11).model_copy(update={"person_id": person_id(1)})
    await world.deliver(left)
    assert (await world.status(1), await world.status(11)) == ("offered", "gone")
    await world.check()
