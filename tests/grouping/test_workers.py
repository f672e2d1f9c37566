"""Any number of processes, with any distribution of the work, decide as one."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from random import Random
from typing import Final

import pytest

from devtools.testing.fixtures import Databases
from shared.events import signups
from tests.grouping.support.workers import (
    AREAS,
    Step,
    area_of,
    company,
    decided,
    do,
    do_in,
    history,
    take_together,
    wrong,
)
from tests.grouping.support.world import World, patient

pytestmark = pytest.mark.proofs

BATCH: Final = 32
LEAST_GROUPS: Final = 5


async def in_turn(worlds: Sequence[World], steps: Sequence[Step]) -> list[list[str]]:
    """Return the decisions when each step goes to the next process, as time passes."""
    for number, step in enumerate(steps):
        world = worlds[number % len(worlds)]
        world.clock.move(timedelta(minutes=7))
        await do(world, step)
        if number % 40 == 39:
            assert await wrong([world]) == 0
    assert await wrong(worlds) == 0
    return await decided(worlds[0])


@pytest.mark.parametrize("seed", [1, 2])
async def test_processes_two_or_three_decide_as_one_process(database_url: Databases, seed: int) -> None:
    outcomes = []
    async with company(database_url, 1) as (alone,):
        steps = history(alone, seed)
        outcomes.append(await in_turn([alone], steps))
    for count in (2, 3):
        async with company(database_url, count) as worlds:
            outcomes.append(await in_turn(worlds, steps))
            await worlds[0].check()

    assert len(outcomes[0][0]) >= LEAST_GROUPS
    assert outcomes[1] == outcomes[0]
    assert outcomes[2] == outcomes[0]


async def test_processes_without_cached_matchers_decide_as_one_process(
    database_url: Databases,
) -> None:
    async with company(database_url, 1) as (always,), company(database_url, 50) as worlds:
        steps = history(always, 5, count=50)

        assert await in_turn(worlds, steps) == await in_turn([always], steps)


async def test_processes_in_parallel_decide_each_area_as_one_process(database_url: Databases) -> None:
    async with company(database_url, 1) as (alone,), company(database_url, 3) as worlds:
        steps = history(alone, 7, count=160)
        # Igangsettere are shared by the areas of a centre, and there it would matter which of these comes first.
        outside = [step for step in steps if area_of(step) != "bergen-rundt"]
        for step in outside:
            await do(alone, step)

        async def live(area: str) -> None:
            for number, step in enumerate(step for step in outside if area_of(step) == area):
                await patient(partial(do, worlds[number % len(worlds)], step))

        await asyncio.gather(*(live(area) for area in AREAS))

        assert await decided(worlds[0]) == await decided(alone)
        assert await wrong(worlds) == 0


async def test_processes_in_parallel_keep_every_rule(
    database_url: Databases,
) -> None:
    async with company(database_url, 3) as worlds:
        steps = history(worlds[0], 8)

        for start in range(0, len(steps), BATCH):
            some = enumerate(steps[start : start + BATCH])
            await asyncio.gather(*(patient(partial(do, worlds[number % len(worlds)], step)) for number, step in some))

        await worlds[0].check()
        assert await wrong(worlds) == 0


async def test_matcher_cache_rollback_leaves_no_trace(database_url: Databases) -> None:
    async with company(database_url, 1) as (world,), company(database_url, 1) as (lucky,):
        steps = history(lucky, 11, count=80)
        chance = Random(11)
        for step in steps:
            if chance.random() < 0.3:
                for other in chance.sample(steps, 2):
                    with pytest.raises(PowerCutError):
                        await _fail(world, other)
            await do(world, step)
            await do(lucky, step)

        assert await decided(world) == await decided(lucky)
        assert await wrong([world]) == 0


class PowerCutError(Exception):
    pass


async def _fail(world: World, step: Step) -> None:
    async with world.database.transaction() as session:
        await do_in(session, world, step)
        raise PowerCutError


@pytest.mark.parametrize("seed", [0, 3])
async def test_on_wishes_batch_decides_as_one_by_one(database_url: Databases, seed: int) -> None:
    async with company(database_url, 1) as (alone,), company(database_url, 2) as worlds:
        steps = history(alone, 20 + seed, arrivals_only=True)
        events = [step for step in steps if isinstance(step, signups.Ready | signups.Changed)]
        for event in events:
            await do(alone, event)

        chance, number = Random(seed), 0
        while events:
            size = chance.randint(1, BATCH)
            batch, events = events[:size], events[size:]
            await take_together(worlds[number % len(worlds)], batch)
            number += 1

        result = await decided(alone)
        assert len(result[0]) >= LEAST_GROUPS
        assert await decided(worlds[0]) == result
        assert await wrong(worlds) == 0
