"""The hourly check of cached matchers: a matcher that differs from the database is counted and evicted."""

import numpy as np
import pytest

from grouping import jobs
from grouping.usecases import matcher_check, people
from shared.kit.messaging.causes import Cause
from tests.grouping.support.staff_acts import decide, run_job, wait
from tests.grouping.support.world import World, signup_id


async def count_differences(world: World) -> int:
    async with world.database.transaction() as session:
        return await matcher_check.check_matcher(
            session, world.context, "bergen", now=world.clock.now(), cause=Cause.fresh()
        )


async def test_check_matcher_after_many_changes_finds_no_difference(world: World) -> None:
    await wait(world, 9)
    await wait(world, 4, first=20, slots=("mon-evening",))
    await world.deliver(world.withdrawn(2), world.changed(3, slots=("mon-evening",)))
    await world.answer(4, yes=False)
    await wait(world, 2, first=30, slots=("thu-evening",))
    await decide(world, people.exclude_from_matching, signup_id(30), area_id="bergen", reason="asked")

    assert await count_differences(world) == 0
    await run_job(world, jobs.CHECK_MATCHERS)
    assert world.context.matchers.differences == 0


@pytest.mark.parametrize("corrupted", ["count", "person"])
async def test_check_matcher_with_wrong_matcher_counts_and_evicts_it(world: World, corrupted: str) -> None:
    await wait(world, 3)
    matcher = world.context.matchers._cached["bergen"].matcher
    if corrupted == "count":
        matcher.waiting_counts[np.flatnonzero(matcher.waiting_counts)] = 9
    else:
        matcher.remove(signup_id(2))

    await run_job(world, jobs.CHECK_MATCHERS)

    assert world.context.matchers.differences > 0
    assert await count_differences(world) == 0
    assert world.context.matchers._cached["bergen"].matcher is not matcher
    await wait(world, 2, first=4)
    assert (await world.group()).live == 5
    await world.check()
