"""One area at one moment, with the answers that pages ask of its matcher."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from threading import Lock
from types import MappingProxyType
from typing import TypeVar
from uuid import UUID

from grouping import store
from grouping.domain.insight.alternatives import Alternative, alternatives
from grouping.domain.insight.completions import Completion, completions, people_able
from grouping.domain.insight.explanation import WaitExplanation, explain
from grouping.domain.insight.forecast import DayRange
from grouping.domain.insight.possible_groups import PossibleGroup, count_fitting, possible_groups
from grouping.domain.insight.scenarios import Scenario, compare_scenarios, is_near, near
from grouping.domain.matching.cells import Cell, WaitingPerson
from grouping.domain.matching.matcher import AreaMatcher
from grouping.domain.matching.model import AreaConfig, AreaState, OpenGroup
from grouping.queries.wait_forecast import Neighbourhood, RecentSignups, SignupCount, forecast_wait, recent_signups
from shared.reference.areas import Area
from shared.reference.centres import Policy
from shared.timezone import OSLO_TZ

T = TypeVar("T")


class WorkerPool:
    """A few threads; further work waits its turn."""

    def __init__(self, name: str, workers: int) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix=name)

    async def __call__(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)


@dataclass(frozen=True, slots=True)
class PersonWait:
    """
    The outlook of one waiting person.

    Attributes:
        explanation: The best cell, and changes that would help.
        forecast: Days until the start meeting; None if no forecast is possible.
        recent: Recent sign-ups of others for the best cell's slot; None without a cell.
    """

    explanation: WaitExplanation
    forecast: DayRange | None
    recent: RecentSignups | None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """
    People, times and places that would change one possible group, and the consequences of decisions about it.

    Attributes:
        able: Number of people who could meet in the cell, without those who are kept apart.
        completions: People of whom any one would complete the group.
        alternatives: Other slots, places and languages.
        scenarios: The consequences of each decision.
        recent: Recent sign-ups for the cell's slot.
    """

    able: int
    completions: tuple[Completion, ...]
    alternatives: tuple[Alternative, ...]
    scenarios: tuple[Scenario, ...]
    recent: RecentSignups


@dataclass(frozen=True, slots=True)
class SnapshotVersion:
    """
    Identity of an area's content: two reads with equal versions yield equal snapshots.

    Attributes:
        newest_change: Number of the newest change of a sign-up; None if none is recorded.
        config: Rules and capacity.
        signups: Number of recent sign-ups by part of the area.
    """

    newest_change: int | None
    config: AreaConfig
    open_groups: tuple[OpenGroup, ...]
    signups: Mapping[str, SignupCount]
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
        version: SnapshotVersion,
        area: Area,
        *,
        run: WorkerPool,
        run_scenarios: WorkerPool,
    ) -> None:
        self.state = state
        self._matcher = matcher
        self._newest = newest
        self._version = version
        self._area = area
        self._run = run
        self._run_scenarios = run_scenarios
        self._single_flight = asyncio.Lock()
        # A request that is cancelled leaves its thread running, so the matcher has a lock of its own.
        self._matcher_lock = Lock()
        self._waits: dict[UUID, PersonWait] = {}
        self._explanations: dict[UUID, WaitExplanation] = {}
        self._possible_groups: dict[tuple[int, str], tuple[PossibleGroup, ...]] = {}

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

    async def explanations(self, signup_ids: Collection[UUID]) -> Mapping[UUID, WaitExplanation]:
        """Return the explanations of some waiting people, by sign-up; those who are not in the matcher are missing."""
        async with self._single_flight:
            missing = [id_ for id_ in signup_ids if id_ not in self._explanations and id_ in self]
            if missing:
                self._explanations |= await self._compute(partial(self._explain, missing))
            return MappingProxyType(self._explanations)

    async def possible_groups(self, most: int, area: Area) -> tuple[PossibleGroup, ...]:
        """Return at most ``most`` possible groups in the area or one part of it, the fullest first."""
        key = most, area.id
        async with self._single_flight:
            if key not in self._possible_groups:
                places = self._places_in(area)
                self._possible_groups[key] = await self._compute(partial(possible_groups, self._matcher, most, places))
            return self._possible_groups[key]

    async def count_fitting(self, cells: Collection[Cell]) -> dict[Cell, int | None]:
        """Return for each cell the number of waiting sign-ups that fit it; None if its place is gone."""
        return await self._run(lambda: {cell: count_fitting(self.state, cell) for cell in cells}) if cells else {}

    async def what_if(self, cell: Cell, now: datetime) -> WhatIf:
        """Return the changes that would help a possible group, and the consequences of each decision about it."""
        state, places = self.state, frozenset[str]()
        if self._area.is_wide:
            state = near(self.state, cell.place)
            places = self._places_in(self._area.part_of_place(cell.place) or self._area) or frozenset()
        return await self._run_scenarios(partial(self._what_if, state, cell, now, places))

    def _what_if(self, state: AreaState, cell: Cell, now: datetime, part: frozenset[str]) -> WhatIf:
        # A matcher of its own: the shared one serves people's pages meanwhile.
        matcher = AreaMatcher(state)
        place = next(place for place in state.config.places if place.id == cell.place)
        newest = [person for person in self._newest if not self._area.is_wide or is_near(person.wishes, place)]
        return WhatIf(
            people_able(matcher, cell),
            completions(matcher, cell),
            alternatives(matcher, cell),
            compare_scenarios(state, cell, now, part=part),
            recent_signups(newest, cell.slot, self._version.today, since=self._newest_since),
        )

    @property
    def _newest_since(self) -> date | None:
        """The day since which all sign-ups are among the newest; None if there are no older ones."""
        most = store.signups.RECENT_IN_WIDE_AREA if self._area.is_wide else store.signups.RECENT
        return None if len(self._newest) < most else self._newest[-1].signed_up_at.astimezone(OSLO_TZ).date()

    def _places_in(self, part: Area) -> frozenset[str] | None:
        """Return the places and rooms in a part of the area; None if it is the whole."""
        if part.id == self._area.id:
            return None
        return frozenset(
            place.id
            for place in self.state.config.places
            if place.digital or self._part_of(place.id, place.latitude, place.longitude).id == part.id
        )

    def _part_of(self, place_id: str, latitude: float, longitude: float) -> Area:
        return self._area.part_of_place(place_id) or self._area.part_near(latitude, longitude)

    async def _compute(self, work: Callable[[], T]) -> T:
        def locked() -> T:
            with self._matcher_lock:
                return work()

        return await self._run(locked)

    def _wait_of(self, signup_id: UUID) -> PersonWait:
        pool = self._matcher.pool
        person = pool.people[pool.row_of_signup[signup_id]]
        explanation = explain(self._matcher, person)
        nearby = Neighbourhood(self._area, person.wishes)
        forecast = forecast_wait(
            self._matcher,
            signup_id,
            signups=nearby.signups(self._version.signups),
            newest=nearby.people(self._newest),
            policy=self._version.policy,
            today=self._version.today,
        )
        return PersonWait(explanation, forecast, self._recent(explanation, nearby))

    def _recent(self, explanation: WaitExplanation, nearby: Neighbourhood) -> RecentSignups | None:
        if explanation.cell is None:
            return None
        others = [one for one in nearby.people(self._newest) if one.signup_id != explanation.waiting.signup_id]
        return recent_signups(others, explanation.cell.slot, self._version.today, since=self._newest_since)

    def _explain(self, signup_ids: Collection[UUID]) -> dict[UUID, WaitExplanation]:
        pool = self._matcher.pool
        people = [pool.people[pool.row_of_signup[signup_id]] for signup_id in signup_ids]
        return {person.signup_id: explain(self._matcher, person) for person in people}
