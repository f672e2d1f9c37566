"""
Cached matchers, one per area, kept in step with the database.

The database decides what is true; a matcher is only a projection of it. It is used under its area's lock, and before
each use reads the changes that any process has committed since the last; so any number of processes decide as a single
one would. A transaction checks matchers out of the cache, and its commit puts them back; after a rollback they are
rebuilt from the database.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.matching.cells import Cell, WaitingPerson, fits
from grouping.domain.matching.matcher import AreaMatcher
from grouping.domain.matching.model import AreaConfig, AreaState
from shared.kit.database.engine import on_commit

MAX_IDLE_SECONDS: Final = 6 * 3600.0
"""A matcher that is unused for longer is rebuilt. Changes are deleted after a day, so it would miss some later."""


@dataclass
class CachedMatcher:
    """
    A matcher and its position among the changes of its area.

    Attributes:
        last_change: Number of the last change that is in the matcher or in ``pending_arrivals``.
        synced_at: Time of the last reading of changes, in seconds of this process's monotonic clock.
        pending_arrivals: By sign-up, in order of arrival: people to add to the matcher and decide about. Empty while
            the matcher is in the cache.
    """

    matcher: AreaMatcher
    last_change: int
    synced_at: float
    pending_arrivals: dict[UUID, WaitingPerson] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckedOutMatcher:
    """
    A matcher in use by a transaction.

    Attributes:
        pending_arrivals: See :attr:`CachedMatcher.pending_arrivals`.
        full_rescan: True if all waiting people must be re-evaluated.
    """

    matcher: AreaMatcher
    pending_arrivals: dict[UUID, WaitingPerson]
    full_rescan: bool

    def fitting_count(self, cell: Cell) -> int:
        """Return the number of sign-ups that fit a cell, pending ones too; a little too high if people have several."""
        index = self.matcher.cell_index
        number = index.number(cell)
        if number is None:
            return 0
        place = index.places[index.place_numbers[cell.place]]
        pending = (
            waiting
            for waiting in self.pending_arrivals.values()
            if cell not in waiting.declined and fits(waiting.wishes, cell, place)
        )
        return len(self.matcher.pool.people_fitting(number)[0]) + sum(1 for _ in pending)

    def pop_next_person(self) -> list[WaitingPerson]:
        """Remove the person who arrived first from ``pending_arrivals``, and return all their sign-ups."""
        person_id = next(iter(self.pending_arrivals.values())).person_id
        signups = [waiting for waiting in self.pending_arrivals.values() if waiting.person_id == person_id]
        for waiting in signups:
            del self.pending_arrivals[waiting.signup_id]
        return signups


class MatcherCache:
    """
    The matchers of this process that no transaction uses, by area.

    Attributes:
        differences: Number of differences found by the hourly check since the process started. Expected: 0.
    """

    def __init__(self) -> None:
        self._cached: dict[str, CachedMatcher] = {}
        self.differences = 0

    def __len__(self) -> int:
        return len(self._cached)

    def areas(self) -> tuple[str, ...]:
        """Return the areas that have a cached matcher."""
        return tuple(sorted(self._cached))

    def evict(self, area: str) -> None:
        """Drop this area's matcher; it is rebuilt at its next use."""
        self._cached.pop(area, None)

    def take_out(self, area: str) -> CachedMatcher | None:
        """Remove and return this area's matcher for use by a transaction; None if there is none."""
        return self._cached.pop(area, None)

    def put_back(self, matchers: Mapping[str, CachedMatcher]) -> None:
        """Return the matchers of a committed transaction to the cache."""
        self._cached.update(matchers)


class MatcherCheckout:
    """
    The matchers that one transaction uses.

    Attributes:
        checked_out: By area: its matcher; all are put back into the cache when the transaction commits.
    """

    def __init__(self, cache: MatcherCache, session: AsyncSession) -> None:
        self._cache = cache
        self._session = session
        self.checked_out: dict[str, CachedMatcher] = {}
        on_commit(session, lambda: cache.put_back(self.checked_out))

    async def check_out(self, configs: Mapping[str, AreaConfig], now: datetime) -> dict[str, CheckedOutMatcher]:
        """
        Return the matchers of some areas, in step with what the transaction sees.

        Args:
            configs: By area, its configuration without people; the areas must be locked.
            now: Decides which groups have met and are no longer open.
        """
        cached_or_none = {area: self.checked_out.get(area) or self._cache.take_out(area) for area in configs}
        usable = {
            area: entry
            for area, entry in cached_or_none.items()
            if entry is not None and _is_usable(entry, configs[area])
        }
        last_changes = {area: entry.last_change for area, entry in usable.items()}
        changes = await store.matching.changes(self._session, last_changes) if usable else {}
        rebuilt = await _rebuild(
            self._session, {area: config for area, config in configs.items() if area not in usable}
        )
        open_groups = await store.matching.open_groups(self._session, list(configs), now)
        matchers = {}
        for area, config in configs.items():
            if area in usable:
                entry = usable[area]
                _catch_up(entry, changes.get(area, ()))
                full_rescan = entry.matcher.update_config(config)
            else:
                entry, full_rescan = rebuilt[area], True
            entry.matcher.open_groups.replace_all(open_groups[area])
            entry.synced_at = time.monotonic()
            self.checked_out[area] = entry
            matchers[area] = CheckedOutMatcher(entry.matcher, entry.pending_arrivals, full_rescan)
        return matchers

    def evict(self, area: str) -> None:
        """Drop this area's matcher instead of putting it back; it is rebuilt at its next use."""
        del self.checked_out[area]


async def build_matcher(state: AreaState) -> AreaMatcher:
    """
    Build a matcher in a worker thread, so that the event loop stays responsive.

    The caller's transaction stays open meanwhile, because the matcher must agree with the rows under the area's lock.
    That time is short: about a tenth of a second for two thousand waiting people.
    """
    return await asyncio.to_thread(AreaMatcher, state)


def _is_usable(entry: CachedMatcher, config: AreaConfig) -> bool:
    current = entry.matcher.config
    same_cells = (current.places, current.offered_wishes) == (config.places, config.offered_wishes)
    return same_cells and time.monotonic() - entry.synced_at <= MAX_IDLE_SECONDS


async def _rebuild(session: AsyncSession, configs: Mapping[str, AreaConfig]) -> dict[str, CachedMatcher]:
    """
    Build matchers from the database.

    People whom this transaction has changed become pending arrivals, as :func:`_catch_up` does for a cached matcher. So
    a decision does not depend on which process, with or without a cached matcher, takes it.
    """
    if not configs:
        return {}
    newest = await store.matching.newest_changes(session, configs)
    own_changes = await store.matching.own_changes(session, configs)
    waiting = await store.matching.waiting_people(session, configs)
    rebuilt = {}
    for area, config in configs.items():
        people = {person.signup_id: person for person in waiting[area]}
        pending = {signup_id: people.pop(signup_id) for signup_id in own_changes[area] if signup_id in people}
        matcher = await build_matcher(AreaState(config, tuple(people.values())))
        rebuilt[area] = CachedMatcher(matcher, newest.get(area, 0), time.monotonic(), pending)
    return rebuilt


def _catch_up(entry: CachedMatcher, changes: Iterable[store.matching.Change]) -> None:
    """
    Apply changes to a cached matcher, in the order in which they happened.

    People who no longer wait are removed. Arrivals of this transaction become pending. Those of other transactions have
    as a rule been decided there, so they are added now and marked for the next decision.
    """
    for change in changes:
        entry.last_change = max(entry.last_change, change.number)
        entry.pending_arrivals.pop(change.signup_id, None)
        if change.waiting is None or not entry.matcher.is_current(change.waiting):
            entry.matcher.remove(change.signup_id)
            if change.waiting is not None and change.own:
                entry.pending_arrivals[change.signup_id] = change.waiting
            elif change.waiting is not None and entry.matcher.add(change.waiting):
                entry.matcher.mark_for_evaluation(change.signup_id)
