"""A start meeting that is postponed, moved, or reported on afterwards: what is stored and what is published."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from grouping.usecases import meetings
from shared.events import Event, groups
from tests.grouping.support.staff_acts import decide, refused, wait
from tests.grouping.support.world import World, person_id

DAY = timedelta(days=1)
TOLD = (groups.MeetingCalled, groups.MeetingPostponed, groups.MeetingReported, groups.Started, groups.StartRevoked)


async def confirmed(world: World, people: int = 5) -> datetime:
    """Return the start of the meeting of a group whose members have all said yes."""
    await wait(world, people)
    await world.all_say_yes()
    return (await world.start_meeting()).starts_at


async def not_held(world: World) -> None:
    await decide(world, meetings.meeting_not_held, (await world.group()).id)


async def held(world: World, attendance: int | None = None, held_at: datetime | None = None) -> None:
    group = await world.group()
    await decide(world, meetings.meeting_held, group.id, attendance=attendance, held_at=held_at)


async def set_meeting(world: World, meets_at: datetime, place_text: str = "Strandgaten 6") -> None:
    await decide(world, meetings.set_meeting, (await world.group()).id, meets_at=meets_at, place_text=place_text)


async def told(world: World) -> list[Event]:
    return [event for event in await world.published() if isinstance(event, TOLD)]


async def kinds(world: World) -> list[tuple[str, Any]]:
    return [(type(event).__name__, getattr(event, "sequence", None)) for event in await told(world)]


async def test_meeting_not_held_before_it_tells_all_members(world: World) -> None:
    starts_at = await confirmed(world)

    await not_held(world)

    (postponed,) = await world.published_of(groups.MeetingPostponed)
    assert (postponed.sequence, postponed.starts_at) == (1, starts_at)
    assert {seat.person_id for seat in postponed.seats} == {person_id(number) for number in range(1, 6)}
    await world.pass_time(days=30)
    assert (await world.group()).state == "confirmed"
    await set_meeting(world, world.clock.now() + 7 * DAY)
    assert await kinds(world) == [("MeetingCalled", 0), ("MeetingPostponed", 1), ("MeetingCalled", 2)]


async def test_meeting_not_held_repeated_is_published_once(world: World) -> None:
    await confirmed(world)

    await not_held(world)
    await not_held(world)

    assert await kinds(world) == [("MeetingCalled", 0), ("MeetingPostponed", 1)]


async def test_newcomer_of_postponed_group_is_told_so(world: World) -> None:
    await confirmed(world)
    await not_held(world)
    await wait(world, 1, first=6)

    offer = (await world.published_of(groups.SeatOffered))[-1]
    assert (offer.starts_at, offer.earliest_at, offer.taken, offer.place_text) == (None, None, 5, "Bergen sentrum")
    await world.answer(6)

    first, again = await world.published_of(groups.MeetingPostponed)
    assert (first.sequence, first.starts_at) == (again.sequence, again.starts_at)
    assert person_id(6) in {seat.person_id for seat in again.seats}
    await world.check()


async def test_late_offer_tells_the_meeting_as_it_is_now(world: World) -> None:
    starts_at = await confirmed(world)
    first = (await world.published_of(groups.SeatOffered))[0]
    assert (first.starts_at, first.earliest_at) == (None, starts_at)
    await wait(world, 1, first=6)
    await set_meeting(world, starts_at + 2 * DAY)
    await wait(world, 1, first=7)

    before, after = (await world.published_of(groups.SeatOffered))[-2:]
    assert (before.starts_at, before.earliest_at) == (starts_at, None)
    assert (after.starts_at, after.ends_at) == (starts_at + 2 * DAY, starts_at + 2 * DAY + timedelta(hours=2))


async def test_meeting_held_during_it_starts_the_group(world: World) -> None:
    starts_at = await confirmed(world)
    world.clock.move(starts_at - world.clock.now())

    await held(world, 4)

    meeting, group = await world.start_meeting(), await world.group()
    assert (group.state, group.started_at, meeting.state, meeting.attendance) == ("started", starts_at, "held", 4)
    assert [name for name, _ in await kinds(world)] == ["MeetingCalled", "Started", "MeetingReported"]
    await world.pass_time(days=1)
    assert len(await world.published_of(groups.Started)) == 1
    await world.check()


async def test_meeting_assumed_held_can_be_counted_afterwards(world: World) -> None:
    starts_at = await confirmed(world)
    await world.until(starts_at + DAY)
    assert (await world.start_meeting()).state == "assumed_held"

    await held(world, 3)
    await held(world, 3)

    (report,) = await world.published_of(groups.MeetingReported)
    assert (report.held, report.attendance, report.starts_at) == (True, 3, starts_at)
    assert (await world.start_meeting()).state == "held"


@pytest.mark.parametrize("days_later", [0, 1, 13])
async def test_meeting_not_held_afterwards_revokes_the_start(world: World, days_later: int) -> None:
    starts_at = await confirmed(world)
    await world.until(starts_at + timedelta(hours=3) + days_later * DAY)

    await not_held(world)

    group = await world.group()
    assert (group.state, group.started_at, group.size, group.live) == ("confirmed", None, None, 5)
    (revoked,) = await world.published_of(groups.StartRevoked)
    assert {seat.person_id for seat in revoked.seats} == {person_id(number) for number in range(1, 6)}
    assert set((await world.statuses()).values()) == {"seated"}
    assert (await kinds(world))[1:] == [
        ("Started", None),
        ("StartRevoked", None),
        ("MeetingReported", None),
        ("MeetingPostponed", 1),
    ]
    await world.check()
    await set_meeting(world, world.clock.now() + 7 * DAY)
    await world.pass_time(days=8)
    assert len(await world.published_of(groups.Started)) == 2
    await world.check()


async def test_revoked_group_takes_new_people_again(world: World) -> None:
    starts_at = await confirmed(world)
    await world.until(starts_at + DAY)
    await wait(world, 1, first=6)
    assert await world.status(6) == "waiting"

    await not_held(world)

    assert await world.status(6) == "offered"
    assert (await world.group()).live == 6


async def test_meeting_not_held_while_it_lasts_is_postponed(world: World) -> None:
    starts_at = await confirmed(world)
    world.clock.move(starts_at + timedelta(minutes=30) - world.clock.now())

    await not_held(world)

    assert await kinds(world) == [("MeetingCalled", 0), ("MeetingReported", None), ("MeetingPostponed", 1)]
    await world.pass_time(days=3)
    assert (await world.group()).state == "confirmed"


@pytest.mark.parametrize("postponed_first", [True, False])
async def test_meeting_held_another_day_corrects_its_time(world: World, postponed_first: bool) -> None:
    starts_at = await confirmed(world)
    if postponed_first:
        await not_held(world)
    await world.until(starts_at + 5 * DAY)

    await held(world, 6, starts_at + 2 * DAY)

    meeting, group = await world.start_meeting(), await world.group()
    assert (meeting.state, meeting.starts_at, meeting.attendance) == ("held", starts_at + 2 * DAY, 6)
    assert (group.state, group.started_at) == ("started", starts_at + 2 * DAY)
    (report,) = await world.published_of(groups.MeetingReported)
    assert report.starts_at == starts_at + 2 * DAY
    await world.check()


async def test_report_can_be_corrected_both_ways(world: World) -> None:
    starts_at = await confirmed(world)
    await world.until(starts_at + DAY)

    await not_held(world)
    await held(world, 5, starts_at)
    await not_held(world)
    await held(world, 6, starts_at)

    assert ((await world.group()).state, (await world.start_meeting()).attendance) == ("started", 6)
    assert [event.held for event in await world.published_of(groups.MeetingReported)] == [False, True, False, True]
    assert len(await world.published_of(groups.StartRevoked)) == 2
    assert set((await world.statuses()).values()) == {"member"}
    await world.check()


async def test_report_after_fourteen_days_is_refused(world: World) -> None:
    starts_at = await confirmed(world)
    group = await world.group()
    await world.until(starts_at + timedelta(hours=2) + 14 * DAY)

    for held_at in (None, starts_at):
        await refused("report_too_late", world, meetings.meeting_held, group.id, attendance=5, held_at=held_at)
    await refused("report_too_late", world, meetings.meeting_not_held, group.id)


async def test_report_held_before_the_meeting_is_refused(world: World) -> None:
    await confirmed(world)

    await refused("not_met", world, meetings.meeting_held, (await world.group()).id, attendance=5)


async def test_report_held_with_too_few_members_is_refused(world: World) -> None:
    starts_at = await confirmed(world)
    await world.answer(1, yes=False)
    world.clock.move(starts_at - world.clock.now())

    await refused("too_few_members", world, meetings.meeting_held, (await world.group()).id, attendance=4)
