"""The tasks that grouping publishes about its groups, areas on hold and long waits."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from grouping import jobs
from grouping.store import task_book
from grouping.usecases import areas, decisions, waits
from grouping.usecases import meetings as meeting_commands
from shared.events.tasks import Opened
from shared.reference.task_kinds import TASK_KINDS
from tests.grouping.support.staff_acts import decide, run_job, wait
from tests.grouping.support.world import World, person_id, signup_id

HOUR = timedelta(hours=1)


async def sync(world: World, **by: float) -> None:
    """Move the clock and bring the tasks in step."""
    await run_job(world, jobs.SYNC_TASKS, seconds=timedelta(**by).total_seconds())


async def kinds(world: World) -> Counter[str]:
    return Counter(task.kind for task in await tasks(world))


async def tasks(world: World) -> list[Opened]:
    """The open tasks; each has the facts of its kind and nothing of a person but ids."""
    opened = await world.open_tasks()
    for task in opened:
        assert set(task.facts) == TASK_KINDS[task.kind]
    return opened


async def task(world: World, kind: str) -> Opened:
    (found,) = [task for task in await tasks(world) if task.kind == kind]
    return found


async def confirmed(world: World, count: int = 5) -> datetime:
    await wait(world, count)
    await world.all_say_yes()
    return (await world.start_meeting()).starts_at


async def test_offer_is_a_task_a_day_before_its_deadline(world: World) -> None:
    await wait(world, 5)
    await sync(world, hours=47)
    assert await kinds(world) == {}
    await sync(world, hours=2)
    assert await kinds(world) == {"offer_expiring": 5}
    deadline = (await world.seat_of(1)).deadline
    assert deadline is not None
    offer = next(task for task in await tasks(world) if task.person_id == person_id(1))
    assert (offer.due_at, offer.urgent_from, offer.centre) == (deadline, deadline - 4 * HOUR, "link-bergen")
    assert (offer.path, offer.group_id) == (f"/stab/grupper/{(await world.group()).id}", (await world.group()).id)
    assert offer.facts["place"] == "Bergen sentrum"
    await world.answer(1)
    assert await kinds(world) == {"offer_expiring": 4}
    await world.deliver(world.erased(2))
    assert person_id(2) not in {task.person_id for task in await tasks(world)}
    await world.pass_time(days=3)
    assert await kinds(world) == {"group_filling": 1}, "the group still looks for members"


async def test_confirmed_group_lacks_address_and_igangsetter(world: World) -> None:
    meets_at = await confirmed(world)
    assert await kinds(world) == {"meeting_lacks_address": 1, "meeting_lacks_igangsetter": 1}
    for found in await tasks(world):
        assert (found.due_at, found.urgent_from) == (meets_at, meets_at - timedelta(days=3))
        assert found.facts["starts_at"] == meets_at.isoformat()


async def test_address_closes_the_task_about_it(world: World) -> None:
    meets_at = await confirmed(world)
    group = await world.group()
    await decide(world, meeting_commands.set_meeting, group.id, meets_at=meets_at, place_text="Storgata 1, 2. etasje")
    assert await kinds(world) == {"meeting_lacks_igangsetter": 1}


async def test_postponed_meeting_is_a_task_without_date(world: World) -> None:
    meets_at = await confirmed(world)
    group = await world.group()
    await decide(world, meeting_commands.meeting_not_held, group.id)
    assert await kinds(world) == {"meeting_without_date": 1}
    assert (await task(world, "meeting_without_date")).facts["since"] == meets_at.isoformat()
    later = meets_at + timedelta(days=7)
    await decide(world, meeting_commands.set_meeting, group.id, meets_at=later, place_text="Storgata 1, 2. etasje")
    assert await kinds(world) == {"meeting_lacks_igangsetter": 1}


async def test_group_below_minimum_is_a_task_at_once_then_a_decision(world: World) -> None:
    meets_at = await confirmed(world)
    await world.deliver(world.withdrawn(1))
    below = await task(world, "group_below_minimum")
    assert (below.facts["taken"], below.facts["size_min"]) == (4, 5)
    assert below.due_at == meets_at - timedelta(days=2)
    await sync(world, seconds=(meets_at - timedelta(days=3) - world.clock.now()).total_seconds())
    decision = await task(world, "group_to_decide")
    assert (decision.due_at, decision.urgent_from) == (meets_at - timedelta(days=2), meets_at - timedelta(days=3))
    assert "group_below_minimum" not in await kinds(world)


async def test_kept_date_is_asked_about_again_at_its_last_moment_only(world: World) -> None:
    meets_at = await confirmed(world)
    await world.deliver(world.withdrawn(1))
    await decide(world, decisions.keep_date, (await world.group()).id)
    assert "group_below_minimum" not in await kinds(world)
    await sync(world, seconds=(meets_at - timedelta(hours=37) - world.clock.now()).total_seconds())
    assert {"group_below_minimum", "group_to_decide"}.isdisjoint(await kinds(world))
    await sync(world, hours=1)
    assert (await task(world, "group_to_decide")).due_at == meets_at - timedelta(hours=12)


async def test_group_that_is_put_off_is_asked_about_again_before_its_new_date(world: World) -> None:
    await confirmed(world)
    await world.deliver(world.withdrawn(1))
    await decide(world, decisions.put_off, (await world.group()).id)
    assert {"group_below_minimum", "group_to_decide"}.isdisjoint(await kinds(world))
    meets_at = (await world.start_meeting()).starts_at
    await sync(world, seconds=(meets_at - timedelta(hours=73) - world.clock.now()).total_seconds())
    assert {"group_below_minimum", "group_to_decide"}.isdisjoint(await kinds(world))
    await sync(world, hours=1)
    assert (await task(world, "group_to_decide")).due_at == meets_at - timedelta(days=2)
    await decide(world, meeting_commands.meeting_not_held, (await world.group()).id)
    assert not (await world.group()).waits_for_members


async def test_cancelled_group_closes_everything(world: World) -> None:
    meets_at = await confirmed(world)
    await world.deliver(*(world.withdrawn(number) for number in range(1, 6)))
    await sync(world, seconds=(meets_at + timedelta(days=40) - world.clock.now()).total_seconds())
    await world.pass_time()
    await sync(world)
    assert {"meeting_lacks_address", "meeting_lacks_igangsetter"}.isdisjoint(await kinds(world))


async def test_area_on_hold_is_a_task_until_it_is_resumed(world: World) -> None:
    await decide(world, areas.hold_area, "bergen")
    hold = await task(world, "area_on_hold")
    assert (hold.path, hold.facts["waiting"], hold.facts["area_name"]) == ("/stab/omrader/bergen", 0, "Bergen og omegn")
    await wait(world, 3)
    await sync(world)
    assert (await task(world, "area_on_hold")).facts["waiting"] == 3
    await decide(world, areas.resume_area, "bergen")
    assert await kinds(world) == {}


async def test_long_wait_is_a_task_in_steps_of_thirty_days(world: World) -> None:
    await world.deliver(world.ready(1, signed_up_at=world.clock.now() - timedelta(days=89)))
    await sync(world)
    assert await kinds(world) == {}
    await sync(world, days=2)
    first = await task(world, "long_wait")
    assert (first.person_id, first.facts["waited_days"]) == (person_id(1), 90)
    assert first.path == f"/stab/omrader/bergen/personer/{signup_id(1)}"
    events = len(await world.all_published())
    await sync(world, days=10)
    assert len(await world.all_published()) == events
    await sync(world, days=25)
    assert (await task(world, "long_wait")).facts["waited_days"] == 120
    await world.deliver(world.withdrawn(1))
    await sync(world)
    assert await kinds(world) == {}


@pytest.mark.parametrize(
    ("happens", "waits"),
    [
        ((), True),
        (("paused",), False),
        (("paused", "resumed"), True),
        (("resumed", "paused"), False),
        (("paused", "withdrawn"), False),
    ],
)
async def test_long_wait_is_of_people_without_a_pause(world: World, happens: tuple[str, ...], waits: bool) -> None:
    await world.deliver(world.ready(1, signed_up_at=world.clock.now() - timedelta(days=91)))
    await sync(world)
    assert await kinds(world) == {"long_wait": 1}
    for version, event in enumerate(happens, start=10):
        await world.deliver(getattr(world, event)(1, version=version))
    await sync(world, hours=1)
    assert await kinds(world) == ({"long_wait": 1} if waits else {})


async def test_long_wait_put_off_comes_back_after_thirty_days(world: World) -> None:
    await world.deliver(world.ready(1, signed_up_at=world.clock.now() - timedelta(days=100)))
    await sync(world)
    await decide(world, waits.put_off_wait, signup_id(1), area_id="bergen")
    assert await kinds(world) == {}
    await sync(world, days=29)
    assert await kinds(world) == {}
    await sync(world, days=2)
    assert await kinds(world) == {"long_wait": 1}
    assert [entry.action for entry in await world.audit_entries()] == ["person.wait_seen"]


async def test_job_publishes_nothing_when_all_is_in_step(world: World) -> None:
    await confirmed(world)
    await sync(world, hours=1)
    events = len(await world.all_published())
    for _ in range(3):
        await sync(world, hours=1)
    assert len(await world.all_published()) == events


async def test_job_repairs_tasks_that_are_missing_or_left_over(world: World) -> None:
    await confirmed(world)
    async with world.database.transaction() as session:
        await session.execute(task_book.table.delete())
    await sync(world)
    async with world.database.transaction() as session:
        found = {row.kind for row in await session.execute(task_book.table.select())}
    assert found == {"meeting_lacks_address", "meeting_lacks_igangsetter"}
