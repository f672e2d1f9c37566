"""Running matching: the event loop stays free, and transactions share matchers."""

import threading
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import pytest

from grouping import jobs
from grouping.domain.matching.matcher import AreaMatcher
from grouping.domain.matching.model import AreaState, Plan
from tests.grouping.support.staff_acts import wait
from tests.grouping.support.workers import take_together
from tests.grouping.support.world import OSLO, World


async def test_rematch_area_builds_and_decides_outside_the_event_loop(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await wait(world, 4)
    threads: dict[str, set[threading.Thread]] = {"build": set(), "decide": set()}
    build, decide = AreaMatcher.__init__, AreaMatcher.decide

    def recorded_build(matcher: AreaMatcher, area: AreaState) -> None:
        threads["build"].add(threading.current_thread())
        build(matcher, area)

    def recorded_decide(matcher: AreaMatcher, now: datetime, new_signups: Iterable[UUID] | None = None) -> Plan:
        if new_signups is None:
            threads["decide"].add(threading.current_thread())
        return decide(matcher, now, new_signups)

    monkeypatch.setattr(AreaMatcher, "__init__", recorded_build)
    monkeypatch.setattr(AreaMatcher, "decide", recorded_decide)

    await jobs.REMATCH_AREAS.run(world.database, world.context, world.clock)

    for recorded in threads.values():
        assert recorded
        assert threading.main_thread() not in recorded


async def test_on_wishes_batch_builds_one_matcher_per_area(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Known and new people take turns, so the batch has several runs in one transaction."""
    await world.deliver(world.ready(1), world.ready(2, **OSLO), times=1)
    for area in world.context.matchers.areas():
        world.context.matchers.evict(area)
    built: list[AreaState] = []
    build = AreaMatcher.__init__

    def recorded_build(matcher: AreaMatcher, area: AreaState) -> None:
        built.append(area)
        build(matcher, area)

    monkeypatch.setattr(AreaMatcher, "__init__", recorded_build)

    await take_together(
        world,
        [
            world.ready(10),
            world.ready(11, **OSLO),
            world.changed(1, max_travel_km=6),
            world.ready(12),
            world.changed(2, max_travel_km=6, **OSLO),
            world.ready(13),
        ],
    )

    assert len(built) == 2
