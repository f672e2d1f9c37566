"""
Snapshots of areas for pages: a matcher that is built once per change and shared by all requests.

Building a matcher takes up to a second of CPU. It happens in a worker thread, outside any transaction, once for all
requests that need the same area, and in few areas at a time, so that many readers cost no more than one.
"""

import asyncio
import time
from collections import OrderedDict, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.matching.matcher import AreaMatcher
from grouping.domain.matching.model import AreaState
from grouping.queries.area_snapshot import AreaSnapshot, SnapshotVersion, WorkerPool
from grouping.queries.wait_forecast import count_signups
from grouping.usecases.area_state import load_area_configs
from grouping.usecases.context import GroupingContext
from shared.kit.database.engine import Database
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


@dataclass(frozen=True, slots=True)
class _Cached:
    """A snapshot with its version and the moment of its build, by the process's monotonic clock."""

    version: SnapshotVersion
    snapshot: AreaSnapshot
    built_at: float


class SnapshotCache:
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
        self._run = WorkerPool("pages", WORKERS)
        self._run_scenarios = WorkerPool("scenarios", SCENARIO_WORKERS)

    async def of(self, area_id: str, now: datetime) -> AreaSnapshot:
        """
        Return the current snapshot of an area; it is built unless the cached one is current.

        Raises:
            NotFoundError: ``unknown_area``.
        """
        area_id = self._context.area(area_id)[1].id
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

    async def _current(self, area_id: str, version: SnapshotVersion, now: datetime) -> AreaSnapshot:
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
                area = self._context.area(area_id)[1]
                newest = await store.signups.recent(session, area_id, wide=area.is_wide)
            state = AreaState(version.config, waiting, version.open_groups)
            matcher = await self._run(partial(AreaMatcher, state))
            snapshot = AreaSnapshot(
                matcher, state, newest, version, area, run=self._run, run_scenarios=self._run_scenarios
            )
            self._store(area_id, _Cached(version, snapshot, time.monotonic()))
            return snapshot

    def _lookup(self, area_id: str, version: SnapshotVersion) -> AreaSnapshot | None:
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

    async def _versions(
        self, session: AsyncSession, area_ids: Collection[str], now: datetime
    ) -> dict[str, SnapshotVersion]:
        # Read first: content read later is at least as new, so an old number never hides a change for good.
        changes = await store.matching.newest_changes(session, area_ids)
        configs = await load_area_configs(session, self._context, area_ids, now, quiet=False)
        groups = await store.matching.open_groups(session, area_ids, now)
        today = now.astimezone(OSLO_TZ).date()
        parts = {area_id: [part.id for part in self._context.area(area_id)[1].parts] for area_id in area_ids}
        signups = await count_signups(session, [part for ids in parts.values() for part in ids], today)
        return {
            area_id: SnapshotVersion(
                changes.get(area_id),
                configs[area_id],
                groups[area_id],
                {part: signups[part] for part in parts[area_id] if part in signups},
                self._context.area(area_id)[0].policy,
                today,
            )
            for area_id in area_ids
        }
