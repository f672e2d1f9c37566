"""
Cached matchers, one per area, kept in step with the database.

PostgreSQL is the truth. A matcher is used only under its area's lock, and first reads the changes of all processes
since its last use; so any number of processes decide as a single one would. A transaction checks matchers out of the
cache and puts them back on commit; after a rollback they are rebuilt from the database.
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
from grouping.domain.matching.cells import WaitingPerson
from grouping.domain.matching.matcher import AreaMatcher
from grouping.domain.matching.model import AreaConfig, AreaState
from shared.kit.database.engine import on_commit

MAX_IDLE_SECONDS: Final = 6 * 3600.0
"""A matcher that was unused for longer is rebuilt; the changes that it would read are kept for a day."""


@dataclass
class CachedMatcher:
    """
    A matcher and its position among the changes of its area.

    Attributes:
        last_change: Number of the last change that is in the matcher or in ``pending_arrivals``.
        synced_at: When it last read changes, by this process's monotonic clock in seconds.
        pending_arrivals: People to add and decide about, by sign-up in order of arrival; empty while it is cached.
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

    def pop_next_person(self) -> list[WaitingPerson]:
        """Remove the person who comes next from ``pending_arrivals``, and return their sign-ups."""
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
        """Rebuild this area's matcher at its next use."""
        self._cached.pop(area, None)

    def remove(self, area: str) -> CachedMatcher | None:
        """Hand a matcher over to a transaction."""
        return self._cached.pop(area, None)

    def put_back(self, matchers: Mapping[str, CachedMatcher]) -> None:
        """Take matchers back whose transaction has committed."""
        self._cached.update(matchers)


class MatcherCheckout:
    """
    The matchers that one transaction uses.

    Attributes:
        checked_out: By area; put back when the transaction commits.
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
            now: Decides which groups have met.
        """
        cached = {area: self.checked_out.get(area) or self._cache.remove(area) for area in configs}
        usable = {
            area: entry for area, entry in cached.items() if entry is not None and _is_usable(entry, configs[area])
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
        """Do not put this area's matcher back; it is rebuilt at its next use."""
        del self.checked_out[area]


async def build_matcher(state: AreaState) -> AreaMatcher:
    """
    Build a matcher in a worker thread, so that the event loop stays responsive.

    The transaction waits, since the matcher must hold just the rows that are locked. The time is bounded by the people
    who wait in one area: about a tenth of a second for two thousand.
    """
    return await asyncio.to_thread(AreaMatcher, state)


def _is_usable(entry: CachedMatcher, config: AreaConfig) -> bool:
    current = entry.matcher.config
    same_cells = (current.places, current.offered_wishes) == (config.places, config.offered_wishes)
    return same_cells and time.monotonic() - entry.synced_at <= MAX_IDLE_SECONDS


async def _rebuild(session: AsyncSession, configs: Mapping[str, AreaConfig]) -> dict[str, CachedMatcher]:
    """
    Build matchers from the database.

    Changes of this transaction become pending arrivals, as in a matcher that was cached: so a decision does not depend
    on the process that takes it.
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
    Apply changes in the order in which they happened: remove people who no longer wait, note arrivals.

    Other transactions have as a rule decided about their changes already, so only this one's are pending arrivals.
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
