"""Snapshots of areas: built once per change, in worker threads, with no transaction open, and never out of date."""

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi import FastAPI

from grouping.domain.insight import explanation, scenarios
from grouping.domain.matching.matcher import AreaMatcher
from grouping.domain.matching.model import AreaState
from grouping.queries import snapshot_cache
from grouping.queries.snapshot_cache import SnapshotCache
from grouping.usecases import areas, people
from grouping.usecases.area_state import area_state
from tests.grouping.support import resources, scene
from tests.grouping.support.browser import KARI, Browser
from tests.grouping.support.pages import waiting_page
from tests.grouping.support.staff_acts import BERGEN_PAGE, decide, wait
from tests.grouping.support.world import World, signup_id

PATIENCE_SECONDS = 60.0
"""How long a thread waits for the event loop before the test fails; a loop that is free answers at once."""

CELL = "bergen-sentrum|thu-evening|nb"
READERS = 12


class Builds:
    """
    Takes the place of :class:`AreaMatcher` and records each build.

    Attributes:
        threads: The thread of each build.
        open_transactions: Connections in use during each build.
        gate: Called by each build in its thread, before it goes on.
    """

    def __init__(self) -> None:
        self.threads: list[threading.Thread] = []
        self.open_transactions: list[int] = []
        self.checked_out: Callable[[], int] = lambda: 0
        self.gate: Callable[[], None] = lambda: None

    def __call__(self, state: AreaState) -> AreaMatcher:
        self.threads.append(threading.current_thread())
        self.open_transactions.append(self.checked_out())
        self.gate()
        return AreaMatcher(state)


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> Builds:
    builds = Builds()
    monkeypatch.setattr(snapshot_cache, "AreaMatcher", builds)
    monkeypatch.setattr(scenarios, "AreaMatcher", builds)
    return builds


def snapshots_of(world: World) -> SnapshotCache:
    return SnapshotCache(world.database, world.context)


async def test_waiting_page_concurrent_readers_build_one_matcher(world: World, app: FastAPI, builds: Builds) -> None:
    await wait(world, 4)
    reader = Browser(app)

    answers = await asyncio.gather(*(reader.get(waiting_page(1 + n % 4)) for n in range(READERS)))

    assert [answer.status_code for answer in answers] == [200] * READERS
    assert len(builds.threads) == 1


async def test_waiting_page_of_offered_seat_builds_no_matcher(world: World, app: FastAPI, builds: Builds) -> None:
    await wait(world, 5)

    assert (await Browser(app).get(waiting_page(1))).status_code == 200
    assert builds.threads == []


@pytest.mark.parametrize(
    "page",
    [
        waiting_page(scene.THURSDAY.start),
        "/stab/omrader",
        BERGEN_PAGE,
        f"{BERGEN_PAGE}/personer/{signup_id(scene.THURSDAY.start)}",
        f"{BERGEN_PAGE}/hva-om?cell={CELL}",
    ],
)
async def test_page_computes_in_thread_without_transaction(
    world: World, app: FastAPI, builds: Builds, page: str
) -> None:
    await scene.build(world)
    builds.checked_out = app.state.deps.database.engine.pool.checkedout

    assert (await Browser(app, KARI).get(page)).status_code == 200

    assert builds.threads
    assert threading.main_thread() not in builds.threads
    assert set(builds.open_transactions) == {0}


async def test_event_loop_answers_while_matcher_is_built(world: World, app: FastAPI, builds: Builds) -> None:
    await wait(world, 4)
    answered = threading.Event()
    in_time: list[bool] = []
    builds.gate = lambda: in_time.append(answered.wait(PATIENCE_SECONDS))
    reader = Browser(app, KARI)

    slow = asyncio.create_task(reader.get(waiting_page(1)))
    while not builds.threads:
        await asyncio.sleep(0)
    quick = await reader.get("/stab/rom")
    answered.set()

    assert quick.status_code == 200
    assert (await slow).status_code == 200
    assert in_time == [True]


async def test_waiting_page_does_not_wait_for_scenarios(world: World, app: FastAPI, builds: Builds) -> None:
    await wait(world, 4)
    answered = threading.Event()
    in_time: list[bool] = []

    def hold_scenarios() -> None:
        if threading.current_thread().name.startswith("scenarios"):
            in_time.append(answered.wait(PATIENCE_SECONDS))

    builds.gate = hold_scenarios
    coordinator, participant = Browser(app, KARI), Browser(app)

    comparing = [
        asyncio.create_task(coordinator.get(f"{BERGEN_PAGE}/hva-om?cell={cell}"))
        for cell in ("bergen-sentrum|tue-evening|nb", "bergen-sentrum|wed-evening|nb", CELL)
    ]
    while not any(thread.name.startswith("scenarios") for thread in builds.threads):
        await asyncio.sleep(0)
    page = await participant.get(waiting_page(1))
    answered.set()

    assert page.status_code == 200
    assert [answer.status_code for answer in await asyncio.gather(*comparing)] == [200] * 3
    assert set(in_time) == {True}


async def test_snapshots_compute_in_few_threads_at_once(world: World, builds: Builds) -> None:
    """A barrier lets builds go on in pairs, so two run at once; a third beside them is counted."""
    area_ids = [area.id for centre in world.context.centres.all for area in centre.areas]
    barrier = threading.Barrier(snapshot_cache.WORKERS)
    running, most = 0, 0
    lock = threading.Lock()

    def meet() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        barrier.wait(PATIENCE_SECONDS)
        with lock:
            running -= 1

    builds.gate = meet
    snapshots = snapshots_of(world)

    await asyncio.gather(*(snapshots.of(area_id, world.clock.now()) for area_id in area_ids))

    assert len(builds.threads) == len(area_ids) == 2 * snapshot_cache.WORKERS
    assert most == snapshot_cache.WORKERS


async def test_cancelled_reader_leaves_snapshot_for_the_next(world: World, builds: Builds) -> None:
    await wait(world, 4)
    snapshots = snapshots_of(world)
    go = threading.Event()
    builds.gate = lambda: assert_set(go)
    first = asyncio.create_task(snapshots.of("bergen", world.clock.now()))
    while not builds.threads:
        await asyncio.sleep(0)
    first.cancel()
    go.set()

    assert await (await snapshots.of("bergen", world.clock.now())).wait_of(signup_id(1)) is not None


def assert_set(event: threading.Event) -> None:
    assert event.wait(PATIENCE_SECONDS)


async def check_current(world: World, snapshots: SnapshotCache) -> None:
    """Check that the cached snapshot says the same as one built from scratch, and is kept while nothing changes."""
    now = world.clock.now()
    snapshot = await snapshots.of("bergen", now)
    assert await snapshots.of("bergen", now) is snapshot
    async with world.database.transaction() as session:
        state = await area_state(session, world.context, "bergen", now)
    assert snapshot.state.config == state.config
    assert snapshot.state.open_groups == state.open_groups
    explained = {member.waiting.signup_id: member for member in explanation.explain_all(AreaMatcher(state))}
    assert dict(await snapshot.explanations(list(explained))) == explained


async def test_snapshot_after_each_change_equals_rebuild(world: World) -> None:
    await scene.build(world)
    snapshots = snapshots_of(world)
    await check_current(world, snapshots)
    seen = [await snapshots.of("bergen", world.clock.now())]

    async def changed() -> None:
        await check_current(world, snapshots)
        snapshot = await snapshots.of("bergen", world.clock.now())
        assert snapshot is not seen[-1]
        seen.append(snapshot)

    await world.deliver(world.ready(70, slots=("fri-evening",)), times=1)
    await changed()
    await world.deliver(world.withdrawn(70), times=1)
    await changed()
    await decide(world, areas.hold_area, "bergen")
    await changed()
    exclusion = {"other_id": signup_id(41), "area_id": "bergen", "reason": "acquainted"}
    await decide(world, people.add_exclusion, signup_id(42), **exclusion)
    await changed()
    await resources.add_room(world, name="Annet rom", slots=("thu-evening",))
    await changed()
    await resources.add_igangsetter(world, label="NY", slots=("thu-evening",))
    await changed()
    await world.answer(scene.PROPOSED.start + 1, yes=False)
    await changed()
    world.clock.move(timedelta(days=1))
    await changed()


async def test_snapshot_older_than_limit_is_rebuilt(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshots = snapshots_of(world)
    first = await snapshots.of("bergen", world.clock.now())

    monkeypatch.setattr(snapshot_cache, "MAX_AGE_SECONDS", -1.0)

    assert await snapshots.of("bergen", world.clock.now()) is not first


async def test_snapshots_drop_least_recently_used_area(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot_cache, "MOST_SNAPSHOTS", 2)
    snapshots, now = snapshots_of(world), world.clock.now()
    bergen = await snapshots.of("bergen", now)
    oslo = await snapshots.of("oslo", now)
    assert await snapshots.of("bergen", now) is bergen

    await snapshots.of("trondheim", now)

    assert await snapshots.of("bergen", now) is bergen
    assert await snapshots.of("oslo", now) is not oslo
