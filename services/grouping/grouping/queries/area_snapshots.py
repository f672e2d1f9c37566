"""
Snapshots of areas for pages: a matcher that is built once per change and shared by all requests.

Building a matcher takes up to a second of CPU. It happens in a worker thread, outside any transaction, once for all
requests that need the same area, and in few areas at a time, so that many readers cost no more than one.
"""

import asyncio
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from threading import Lock
from types import MappingProxyType
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.insight.explanation import WaitExplanation, explain, explain_all
from grouping.domain.insight.forecast import DayRange
from grouping.domain.insight.possible_groups import PossibleGroup, count_fitting, possible_groups
from grouping.domain.insight.scenarios import Scenario, compare_scenarios
from grouping.domain.matching.cells import Cell, WaitingPerson
from grouping.domain.matching.matcher import AreaMatcher
from grouping.domain.matching.model import AreaConfig, AreaState, OpenGroup
from grouping.queries.wait_forecast import SignupCount, count_signups, forecast_wait
from grouping.usecases.area_state import load_area_configs
from grouping.usecases.context import GroupingContext
from shared.kit.database.engine import Database
from shared.reference.centres import Policy
from shared.timezone import OSLO_TZ

WORKERS: Final = 2
"""Threads that build matchers and explain them; further requests wait."""

SCENARIO_WORKERS: Final = 1
"""
Threads that compare scenarios.

A comparison builds dozens of matchers for one coordinator, so it never occupies the threads that people wait for.
"""

MOST_SNAPSHOTS: Final = 64
"""Snapshots kept in memory; the least recently used is dropped first."""

MAX_AGE_SECONDS: Final = 60.0
"""
Maximum age of a snapshot.

The number of the newest change misses one case: a transaction in another area that changes a person's sign-up here and
commits after a later number. It shows at the latest after this time.
"""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PersonWait:
    """
    The outlook of one waiting person.

    Attributes:
        explanation: The best cell, and changes that would help.
        forecast: Days until the start meeting; None if no forecast is possible.
    """

    explanation: WaitExplanation
    forecast: DayRange | None


@dataclass(frozen=True, slots=True)
class _Version:
    """
    Identity of an area's content: two reads with equal versions yield equal snapshots.

    Attributes:
        newest_change: Number of the newest change of a sign-up; None if none is recorded.
        config: Rules and capacity.
        signups: Number of recent sign-ups.
    """

    newest_change: int | None
    config: AreaConfig
    open_groups: tuple[OpenGroup, ...]
    signups: SignupCount
    policy: Policy
    today: date


class AreaSnapshot:
    """
    One area at one moment, with the answers that pages ask of its matcher.

    Answers are computed in a worker thread and kept. A matcher is not thread-safe, so one answer is computed at a time.
    """

    def __init__(
        self,
        matcher: AreaMatcher,
        state: AreaState,
        newest: tuple[WaitingPerson, ...],
        version: _Version,
        *,
        run: "_Run",
        run_scenarios: "_Run",
    ) -> None:
        self.on_hold = state.config.on_hold
        self.state = state
        self._matcher = matcher
        self._newest = newest
        self._version = version
        self._run = run
        self._run_scenarios = run_scenarios
        self._single_flight = asyncio.Lock()
        # A request that is cancelled leaves its thread running, so the matcher has a lock of its own.
        self._matcher_lock = Lock()
        self._waits: dict[UUID, PersonWait] = {}
        self._explanations: Mapping[UUID, WaitExplanation] | None = None
        self._possible_groups: dict[int, tuple[PossibleGroup, ...]] = {}

    def __contains__(self, signup_id: UUID) -> bool:
        return signup_id in self._matcher.pool

    def missing(self, cell: Cell) -> frozenset[str]:
        """Return the capacity that is missing for a group in this cell: "room", "starter", both or nothing."""
        return self._matcher.capacity.missing(cell)

    def count(self, cell: Cell) -> int | None:
        """Return the number of people who fit a cell; None if the area has no such cell."""
        number = self._matcher.cell_index.number(cell)
        return None if number is None else int(self._matcher.waiting_counts[number])

    async def wait_of(self, signup_id: UUID) -> PersonWait | None:
        """Return the outlook of one person; None if the sign-up is not in the matcher."""
        if signup_id not in self:
            return None
        async with self._single_flight:
            if signup_id not in self._waits:
                self._waits[signup_id] = await self._compute(partial(self._wait_of, signup_id))
            return self._waits[signup_id]

    async def explanations(self) -> Mapping[UUID, WaitExplanation]:
        """Return the explanations of all waiting people, by sign-up."""
        async with self._single_flight:
            if self._explanations is None:
                self._explanations = await self._compute(self._explain_all)
            return self._explanations

    async def possible_groups(self, most: int) -> tuple[PossibleGroup, ...]:
        """Return at most ``most`` possible groups, the fullest first."""
        async with self._single_flight:
            if most not in self._possible_groups:
                self._possible_groups[most] = await self._compute(partial(possible_groups, self._matcher, most))
            return self._possible_groups[most]

    async def count_fitting(self, cells: Collection[Cell]) -> dict[Cell, int | None]:
        """Return for each cell the number of waiting sign-ups that fit it; None if its place is gone."""
        return await self._run(lambda: {cell: count_fitting(self.state, cell) for cell in cells}) if cells else {}

    async def scenarios(self, cell: Cell, now: datetime) -> tuple[Scenario, ...]:
        """Return the consequences of each decision that staff can take about a cell."""
        return await self._run_scenarios(partial(compare_scenarios, self.state, cell, now))

    async def _compute(self, work: Callable[[], T]) -> T:
        def locked() -> T:
            with self._matcher_lock:
                return work()

        return await self._run(locked)

    def _wait_of(self, signup_id: UUID) -> PersonWait:
        pool = self._matcher.pool
        explanation = explain(self._matcher, pool.people[pool.row_of_signup[signup_id]])
        forecast = forecast_wait(
            self._matcher,
            signup_id,
            signups=self._version.signups,
            newest=self._newest,
            policy=self._version.policy,
            today=self._version.today,
        )
        return PersonWait(explanation, forecast)

    def _explain_all(self) -> Mapping[UUID, WaitExplanation]:
        explanations = explain_all(self._matcher)
        return MappingProxyType({explanation.waiting.signup_id: explanation for explanation in explanations})


class _Run:
    """A small pool of threads; more work waits its turn."""

    def __init__(self, name: str, workers: int) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix=name)

    async def __call__(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)


@dataclass(frozen=True, slots=True)
class _Cached:
    """A snapshot with its version and the moment of its build, by the process's monotonic clock."""

    version: _Version
    snapshot: AreaSnapshot
    built_at: float


class AreaSnapshots:
    """
    The snapshots of this process.

    Args:
        database: Read in short transactions, which are closed before anything is computed.
        context: Centres and their policies.
    """

    def __init__(self, database: Database, context: GroupingContext) -> None:
        self._database = database
        self._context = context
        self._cached: OrderedDict[str, _Cached] = OrderedDict()
        self._single_flight: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._run = _Run("pages", WORKERS)
        self._run_scenarios = _Run("scenarios", SCENARIO_WORKERS)

    async def of(self, area_id: str, now: datetime) -> AreaSnapshot:
        """
        Return the current snapshot of an area; it is built unless the cached one is current.

        Raises:
            NotFoundError: ``unknown_area``.
        """
        return (await self.of_all([area_id], now))[area_id]

    async def of_all(self, area_ids: Collection[str], now: datetime) -> dict[str, AreaSnapshot]:
        """
        Return the current snapshots of some areas, by area.

        Raises:
            NotFoundError: ``unknown_area``.
        """
        if not area_ids:
            return {}
        async with self._database.transaction() as session:
            versions = await self._versions(session, area_ids, now)
        return {area_id: await self._current(area_id, version, now) for area_id, version in versions.items()}

    async def _current(self, area_id: str, version: _Version, now: datetime) -> AreaSnapshot:
        cached = self._lookup(area_id, version)
        if cached is not None:
            return cached
        async with self._single_flight[area_id]:
            async with self._database.transaction() as session:
                version = (await self._versions(session, [area_id], now))[area_id]
                cached = self._lookup(area_id, version)
                if cached is not None:
                    return cached
                waiting = (await store.matching.waiting_people(session, [area_id]))[area_id]
                newest = await store.signups.recent(session, area_id)
            state = AreaState(version.config, waiting, version.open_groups)
            matcher = await self._run(partial(AreaMatcher, state))
            snapshot = AreaSnapshot(matcher, state, newest, version, run=self._run, run_scenarios=self._run_scenarios)
            self._store(area_id, _Cached(version, snapshot, time.monotonic()))
            return snapshot

    def _lookup(self, area_id: str, version: _Version) -> AreaSnapshot | None:
        cached = self._cached.get(area_id)
        if cached is None or cached.version != version or time.monotonic() - cached.built_at > MAX_AGE_SECONDS:
            return None
        self._cached.move_to_end(area_id)
        return cached.snapshot

    def _store(self, area_id: str, cached: _Cached) -> None:
        self._cached[area_id] = cached
        self._cached.move_to_end(area_id)
        while len(self._cached) > MOST_SNAPSHOTS:
            self._cached.popitem(last=False)

    async def _versions(self, session: AsyncSession, area_ids: Collection[str], now: datetime) -> dict[str, _Version]:
        # Read first: content read later is at least as new, so an old number never hides a change for good.
        changes = await store.matching.newest_changes(session, area_ids)
        configs = await load_area_configs(session, self._context, area_ids, now)
        groups = await store.matching.open_groups(session, area_ids, now)
        today = now.astimezone(OSLO_TZ).date()
        signups = await count_signups(session, area_ids, today)
        return {
            area_id: _Version(
                changes.get(area_id),
                configs[area_id],
                groups[area_id],
                signups[area_id],
                self._context.area(area_id)[0].policy,
                today,
            )
            for area_id in area_ids
        }
