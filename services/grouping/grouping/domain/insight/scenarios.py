"""
What would follow if something were decided: who would have a group that has none now, and who would not any more.

Nothing is done. Each answer is the board's own decision on a copy of the area.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from grouping.domain.matching.cells import Cell, WaitingPerson
from grouping.domain.matching.matcher import AreaMatcher
from grouping.domain.matching.model import AreaState, Join, NewGroup
from shared.reference.slots import SLOTS

Kind = Literal["start", "wait", "further", "other_slot"]


@dataclass(frozen=True, slots=True)
class Scenario:
    """
    One way to go, and what it does to people.

    Attributes:
        kind: Start a group now, wait, everybody travels further, or another time of the week.
        size, km, slot: How many would begin, how much further, which time; None where that is not the question.
        gains: Sign-ups that would have a seat and have none if nothing is decided.
        loses: Sign-ups that would wait and would have a seat if groups were made by themselves.
        groups: The groups that would be made.
        left: How many would still wait.
        oldest_days: For how long the one of them has waited who has waited longest.
    """

    kind: Kind
    size: int | None
    km: int | None
    slot: str | None
    gains: frozenset[UUID]
    loses: frozenset[UUID]
    groups: tuple[NewGroup, ...]
    still_waiting: int
    longest_wait_days: int


def compare_scenarios(
    area: AreaState, cell: Cell, now: datetime, further_km: tuple[int, ...] = (10, 20)
) -> tuple[Scenario, ...]:
    """
    What a coordinator can do about one possible group, each with what follows.

    Args:
        area: As it is; whether it is held makes no difference to what could be.
        cell: The possible group that the question is about.
        now: Decides how long each has waited.
        further_km: How much further everybody could be asked to travel.
    """
    free = replace(area, config=replace(area.config, on_hold=False))
    nothing = _placed(area, now)
    before = nothing[1], _placed(free, now)[1] if area.config.on_hold else nothing[1]
    found = [_outcome(area, "wait", nothing, before, now)]
    seats = AreaMatcher(area)
    number = seats.cell_index.number(cell)
    here = 0 if number is None else len(seats.compatible_people(number))
    lacking = frozenset() if number is None else seats.capacity.missing(cell)
    most = _most(area, cell)
    for size in range(0 if "room" in lacking else min(here, most), area.config.size_min - 1, -1):
        board = AreaMatcher(area)
        group = board.form_group(cell, size, now)
        if group is not None:
            rest = board.decide(now)
            groups = (group, *rest.new_groups)
            placed = _signups(groups) | _joined(rest.joins)
            found.append(_outcome(area, "start", (groups, placed), before, now, size=size))
    for km in further_km:
        wider = replace(free, waiting=tuple(_further(who, km) for who in area.waiting))
        found.append(_outcome(area, "further", _placed(wider, now), before, now, km=km))
    for slot in SLOTS:
        moved = replace(cell, slot=slot)
        board = AreaMatcher(free)
        number = board.cell_index.number(moved)
        people = 0 if number is None or slot == cell.slot else len(board.compatible_people(number))
        ready = people >= area.config.size_min and not board.capacity.missing(moved)
        group = board.form_group(moved, min(people, most), now) if ready else None
        if group is not None:
            found.append(_outcome(area, "other_slot", ((group,), _signups((group,))), before, now, slot=slot))
    return tuple(found)


def _most(area: AreaState, cell: Cell) -> int:
    place = next((place for place in area.config.places if place.id == cell.place), None)
    return area.config.size_max if place is None else place.largest_group(area.config.size_max)


_Placed = tuple[tuple[NewGroup, ...], frozenset[UUID]]


def _placed(area: AreaState, now: datetime) -> _Placed:
    plan = AreaMatcher(area).decide(now)
    return plan.new_groups, _signups(plan.new_groups) | _joined(plan.joins)


def _signups(groups: tuple[NewGroup, ...]) -> frozenset[UUID]:
    return frozenset(one.waiting.signup_id for group in groups for one in group.members)


def _joined(joins: tuple[Join, ...]) -> frozenset[UUID]:
    return frozenset(join.assignment.waiting.signup_id for join in joins)


def _further(who: WaitingPerson, km: int) -> WaitingPerson:
    return replace(who, wishes=replace(who.wishes, max_travel_km=who.wishes.max_travel_km + km))


def _outcome(
    area: AreaState,
    kind: Kind,
    after: _Placed,
    before: tuple[frozenset[UUID], frozenset[UUID]],
    now: datetime,
    *,
    size: int | None = None,
    km: int | None = None,
    slot: str | None = None,
) -> Scenario:
    groups, placed = after
    nothing, by_itself = before
    waits = [who for who in area.waiting if who.signup_id not in placed]
    oldest = max(((now - who.signed_up_at).days for who in waits), default=0)
    return Scenario(kind, size, km, slot, placed - nothing, by_itself - placed, groups, len(waits), max(0, oldest))
