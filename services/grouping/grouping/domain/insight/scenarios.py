"""
The consequences of a possible decision by staff: people who would get a seat, and people who would lose one.

Nothing is changed: each scenario is the matcher's own decision on a copy of the area.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from grouping.domain.matching.cells import Cell, Place, WaitingPerson, Wishes, travel_km
from grouping.domain.matching.matcher import AreaMatcher
from grouping.domain.matching.model import AreaState, Join, NewGroup
from shared.reference.slots import SLOTS

NEAR_KM: Final = 150.0
"""People who live further from a meeting place than this are left out in the area of a whole country."""

ScenarioKind = Literal["start", "wait", "further", "other_slot"]


@dataclass(frozen=True, slots=True)
class Scenario:
    """
    One possible decision and its consequences.

    Attributes:
        kind: Start a group now, wait, let all people travel further, or choose another slot.
        size, km, slot: The size of the group to start, the additional travel, or the other slot; None for other kinds.
        gains: Sign-ups that would get a seat, but get none without a decision.
        loses: Sign-ups that would get no seat, but get one if groups are formed automatically.
        groups: The groups that would be formed.
        still_waiting: Number of people who would go on waiting.
        longest_wait_days: Days since the oldest of their sign-ups.
    """

    kind: ScenarioKind
    size: int | None
    km: int | None
    slot: str | None
    gains: frozenset[UUID]
    loses: frozenset[UUID]
    groups: tuple[NewGroup, ...]
    still_waiting: int
    longest_wait_days: int


def near(area: AreaState, place_id: str, within_km: float = NEAR_KM) -> AreaState:
    """Return the area without the people who live further from a place; decisions there hardly depend on them."""
    place = next((place for place in area.config.places if place.id == place_id), None)
    if place is None:
        return area
    waiting = tuple(person for person in area.waiting if is_near(person.wishes, place, within_km))
    return replace(area, waiting=waiting)


def is_near(wishes: Wishes, place: Place, within_km: float = NEAR_KM) -> bool:
    """Return True if a person lives near a meeting place; everybody is near one on screen."""
    return travel_km(wishes, place) <= within_km


def compare_scenarios(
    area: AreaState,
    cell: Cell,
    now: datetime,
    further_km: tuple[int, ...] = (10, 20),
    part: frozenset[str] = frozenset(),
) -> tuple[Scenario, ...]:
    """
    Return all decisions that staff can make about one possible group, with their consequences.

    Args:
        area: It may be on hold or not; groups are considered in either case.
        cell: The cell of the possible group.
        now: Decides how long each person has waited.
        further_km: The additional travel to consider.
        part: The places that are put on hold together with the cell's.
    """
    comparison = _Comparison(area, cell, now, part | {cell.place})
    return (
        comparison.wait(),
        *comparison.start(),
        *(comparison.travel_further(km) for km in further_km),
        *comparison.other_slots(),
    )


class _Comparison:
    """An area, with the seats it gives without a decision and automatically, which scenarios are compared with."""

    def __init__(self, area: AreaState, cell: Cell, now: datetime, part: frozenset[str]) -> None:
        self.area, self.cell, self.now = area, cell, now
        held_places = area.config.held_places - part
        self.automatic_area = replace(area, config=replace(area.config, on_hold=False, held_places=held_places))
        self.groups_without_decision, self.seated_without_decision = self._decide(area)
        self.seated_automatically = (
            self._decide(self.automatic_area)[1]
            if area.config.is_on_hold_at(cell.place)
            else self.seated_without_decision
        )
        places = {place.id: place for place in area.config.places}
        size_max = area.config.size_max
        self.max_size = places[cell.place].largest_group(size_max) if cell.place in places else size_max

    def wait(self) -> Scenario:
        """Return the scenario without a decision."""
        return self._scenario("wait", self.groups_without_decision, self.seated_without_decision)

    def start(self) -> Iterator[Scenario]:
        """Yield the scenarios of starting a group in the cell now, by possible size, the largest first."""
        matcher = AreaMatcher(self.area)
        number = matcher.cell_index.number(self.cell)
        if number is None or "room" in matcher.capacity.missing(self.cell):
            return
        people = len(matcher.compatible_people(number))
        for size in range(min(people, self.max_size), self.area.config.size_min - 1, -1):
            matcher = AreaMatcher(self.area)
            group = matcher.form_group(self.cell, size, self.now)
            if group is not None:
                plan = matcher.decide(self.now)
                groups = (group, *plan.new_groups)
                yield self._scenario("start", groups, _members(groups) | _joined(plan.joins), size=size)

    def travel_further(self, km: int) -> Scenario:
        """Return the scenario in which all people travel further."""
        waiting = tuple(_with_further_travel(person, km) for person in self.area.waiting)
        return self._scenario("further", *self._decide(replace(self.automatic_area, waiting=waiting)), km=km)

    def other_slots(self) -> Iterator[Scenario]:
        """Yield the scenarios of starting the largest possible group in the same place and language in another slot."""
        for slot in SLOTS:
            if slot == self.cell.slot:
                continue
            moved_cell = replace(self.cell, slot=slot)
            matcher = AreaMatcher(self.automatic_area)
            number = matcher.cell_index.number(moved_cell)
            if number is None:
                continue
            people = len(matcher.compatible_people(number))
            if people < self.area.config.size_min or matcher.capacity.missing(moved_cell):
                continue
            group = matcher.form_group(moved_cell, min(people, self.max_size), self.now)
            if group is not None:
                yield self._scenario("other_slot", (group,), _members((group,)), slot=slot)

    def _decide(self, area: AreaState) -> tuple[tuple[NewGroup, ...], frozenset[UUID]]:
        """Return the groups that the matcher forms, and all sign-ups that get a seat."""
        plan = AreaMatcher(area).decide(self.now)
        return plan.new_groups, _members(plan.new_groups) | _joined(plan.joins)

    def _scenario(
        self,
        kind: ScenarioKind,
        groups: tuple[NewGroup, ...],
        seated: frozenset[UUID],
        *,
        size: int | None = None,
        km: int | None = None,
        slot: str | None = None,
    ) -> Scenario:
        waiting = [person for person in self.area.waiting if person.signup_id not in seated]
        longest_wait_days = max(((self.now - person.signed_up_at).days for person in waiting), default=0)
        return Scenario(
            kind=kind,
            size=size,
            km=km,
            slot=slot,
            gains=seated - self.seated_without_decision,
            loses=self.seated_automatically - seated,
            groups=groups,
            still_waiting=len(waiting),
            longest_wait_days=max(0, longest_wait_days),
        )


def _members(groups: tuple[NewGroup, ...]) -> frozenset[UUID]:
    return frozenset(member.waiting.signup_id for group in groups for member in group.members)


def _joined(joins: tuple[Join, ...]) -> frozenset[UUID]:
    return frozenset(join.assignment.waiting.signup_id for join in joins)


def _with_further_travel(person: WaitingPerson, km: int) -> WaitingPerson:
    return replace(person, wishes=replace(person.wishes, max_travel_km=person.wishes.max_travel_km + km))
