"""A start meeting with too few members is put off once, and cancelled the second time."""

from datetime import datetime, timedelta

from grouping import jobs
from grouping.store import Signup
from grouping.usecases import meetings as meetings_commands
from shared.events import groups
from shared.timezone import OSLO_TZ
from tests.grouping.support import staff_acts
from tests.grouping.support.staff_acts import decide, run_job, wait
from tests.grouping.support.world import World


async def confirmed(world: World, count: int = 5) -> datetime:
    """A group that all have said yes to; when it meets."""
    await wait(world, count)
    await world.all_say_yes()
    return (await world.start_meeting()).starts_at


async def look(world: World, moment: datetime) -> None:
    """The clock moves to a moment, and it is seen to which meetings have too few people."""
    await run_job(world, jobs.EXTEND_MEETINGS, seconds=(moment - world.clock.now()).total_seconds())


async def called(world: World) -> list[tuple[int, datetime, int]]:
    """Every call to a meeting: which change of it, when, and for how many."""
    return [
        (event.sequence, event.starts_at, len(event.seats)) for event in await world.published_of(groups.MeetingCalled)
    ]


async def test_extend_meeting_short_group_is_put_off_and_filled(world: World) -> None:
    world.clock.move(timedelta(days=63))  # so that the two weeks are over the night on which summer time begins
    meets_at = await confirmed(world)
    await world.deliver(world.withdrawn(1))
    await look(world, meets_at - timedelta(days=2, seconds=1))
    assert await called(world) == [(0, meets_at, 5)]

    await look(world, meets_at - timedelta(days=2))

    # Two weeks, and one more because of Easter.
    later = (meets_at.astimezone(OSLO_TZ) + timedelta(days=21)).replace(fold=0)
    assert await called(world) == [(0, meets_at, 5), (1, later, 4)]
    assert later.strftime("%H.%M") == meets_at.astimezone(OSLO_TZ).strftime("%H.%M") == "18.00"
    meeting = await world.start_meeting()
    assert (meeting.starts_at, meeting.state, meeting.sequence) == (later, "moved", 1)
    assert (await world.group()).extended
    await wait(world, 1, first=6)
    await world.answer(6)
    assert await called(world) == [(0, meets_at, 5), (1, later, 4), (1, later, 5)]
    await look(world, later - timedelta(days=1))
    await world.until(later + timedelta(hours=3))
    assert (await world.group()).state == "started"
    await world.check()


async def test_extend_meeting_second_time_cancels_and_keeps_queue_order(world: World) -> None:
    meets_at = await confirmed(world)
    since = {row.signup_id: row.signed_up_at for row in await world.rows(Signup)}
    await world.deliver(world.withdrawn(1))
    await look(world, meets_at - timedelta(days=2))
    assert await world.published_of(groups.Cancelled) == []

    await look(world, meets_at + timedelta(days=12))

    (cancelled,) = await world.published_of(groups.Cancelled)
    assert (cancelled.reason, len(cancelled.seats)) == ("too_few", 4)
    rows = await world.rows(Signup, status="waiting")
    assert len(rows) == 4
    assert all(row.signed_up_at == since[row.signup_id] for row in rows)
    assert [sequence for sequence, _, _ in await called(world)] == [0, 1]
    await wait(world, 1, first=6)
    assert await world.groups(state="proposed") == []
    await world.pass_time(hours=1)
    assert [group.live for group in await world.groups(state="proposed")] == [5]
    await world.check()


async def test_extend_meeting_with_enough_members_changes_nothing(world: World) -> None:
    meets_at = await confirmed(world, 6)
    await world.deliver(world.withdrawn(1))
    before = await world.dump()

    await look(world, meets_at - timedelta(hours=1))

    assert await world.dump() == before
    assert {sequence for sequence, _, _ in await called(world)} == {0}


async def test_extend_meeting_postponed_meeting_waits_for_staff(world: World) -> None:
    meets_at = await confirmed(world)
    await decide(world, meetings_commands.meeting_not_held, (await world.group()).id)
    await world.deliver(world.withdrawn(1))
    before = await world.dump()

    await look(world, meets_at)

    assert await world.dump() == before


async def test_extend_meeting_without_extension_days_cancels_at_once(world: World) -> None:
    world = staff_acts.with_policy(world, extension_days=0)
    meets_at = await confirmed(world)
    await world.deliver(world.withdrawn(1))

    await look(world, meets_at - timedelta(days=2))

    assert [event.reason for event in await world.published_of(groups.Cancelled)] == ["too_few"]
    assert [sequence for sequence, _, _ in await called(world)] == [0]
    await world.check()
