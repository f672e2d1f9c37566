"""
Who meets whom: one pure function behind one interface.

The first matcher is simple and fair. Open chairs are filled before anything new is made; the longest waiting chooses
first; a group is made the moment there are enough for one. The same area gives the same plan, always.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from grouping.domain.arithmetic import best_split
from grouping.domain.cells import Cell, Place, Waiting, fits, own_cells, travel_km


@dataclass(frozen=True, slots=True)
class OpenGroup:
    """
    A proposed or confirmed group that has not met.

    Attributes:
        chairs: How many more it can take.
        created_at: When it was proposed; of two equally near the older is filled first.
    """

    group_id: UUID
    cell: Cell
    chairs: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AreaState:
    """
    All that decides who can meet in one area.

    Attributes:
        size_min, size_max: What the centre's policy says of a new group.
        held: The centre wants to decide itself; no new group is made, those that exist are still filled.
    """

    places: tuple[Place, ...]
    size_min: int
    size_max: int
    waiting: tuple[Waiting, ...]
    open_groups: tuple[OpenGroup, ...]
    held: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """
    Why this person is in this group.

    Attributes:
        distance_km: From about where they live to the meeting place, one decimal.
        waited_days: Whole days since they signed up.
    """

    distance_km: float
    slot: str
    language: str
    waited_days: int


@dataclass(frozen=True, slots=True)
class Placed:
    """One person and why."""

    waiting: Waiting
    reason: Reason


@dataclass(frozen=True, slots=True)
class Join:
    """Somebody takes an open chair."""

    group_id: UUID
    placed: Placed


@dataclass(frozen=True, slots=True)
class Forming:
    """A new group, the longest waiting first."""

    cell: Cell
    members: tuple[Placed, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """
    Somebody who goes on waiting, and what binds.

    Attributes:
        cell: The fullest of the cells they fit, the nearest of equals; None where they reach no meeting place.
        count: How many of those who wait fit that cell, this person included: "3 of 5".
    """

    waiting: Waiting
    cell: Cell | None
    count: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What should happen now; applying it leaves nothing more to plan."""

    joins: tuple[Join, ...]
    forming: tuple[Forming, ...]
    left: tuple[Left, ...]


class Matcher(Protocol):
    """Decides who meets. The engine of a later version takes this place and nothing else changes."""

    def plan(self, area: AreaState, now: datetime) -> Plan:
        """What should happen in the area now: pure, deterministic, and breaking nobody's limits."""


class FirstMatcher:
    """Fills open chairs, then makes groups, by who has waited longest."""

    def plan(self, area: AreaState, now: datetime) -> Plan:
        """See :class:`Matcher`."""
        line = _line(area.waiting)
        joins = _fill(area, line, now)
        joined = {join.placed.waiting.signup_id for join in joins}
        pool = _Pool(area, [who for who in line if who.signup_id not in joined])
        groups = [] if area.held else _form(area, pool)
        forming = tuple(_forming(area, cell, members, now) for cell, members in groups)
        return Plan(tuple(joins), forming, pool.left())


def make_group(area: AreaState, cell: Cell, size: int, now: datetime) -> Forming | None:
    """The group of ``size`` longest waiting in a cell, for somebody who has decided so; None where too few fit."""
    members = _Pool(area, _line(area.waiting)).members.get(cell, [])[:size]
    return _forming(area, cell, members, now) if len(members) == size else None


def _line(waiting: tuple[Waiting, ...]) -> list[Waiting]:
    """Longest waiting first, and each person once, with the sign-up that has waited longest."""
    seen: set[UUID] = set()
    line = []
    for who in sorted(waiting, key=lambda one: one.seniority):
        if who.person_id not in seen:
            seen.add(who.person_id)
            line.append(who)
    return line


class _Pool:
    """Those who still wait, by the cells they fit; each list longest waiting first."""

    def __init__(self, area: AreaState, line: list[Waiting]) -> None:
        self.line = line
        self.cells = {
            who.signup_id: tuple(
                (cell, km) for cell, km in own_cells(who.wishes, area.places) if cell not in who.refused
            )
            for who in line
        }
        self._here = {who.signup_id for who in line}
        self.members: dict[Cell, list[Waiting]] = {}
        for who in line:
            for cell, _ in self.cells[who.signup_id]:
                self.members.setdefault(cell, []).append(who)

    def __contains__(self, who: Waiting) -> bool:
        return who.signup_id in self._here

    def take(self, members: list[Waiting]) -> None:
        """These have a group now."""
        gone = {who.signup_id for who in members}
        self._here -= gone
        self.line = [who for who in self.line if who.signup_id not in gone]
        for touched in {cell for who in members for cell, _ in self.cells[who.signup_id]}:
            self.members[touched] = [who for who in self.members[touched] if who.signup_id not in gone]

    def left(self) -> tuple[Left, ...]:
        """What binds each who is still here."""
        found = []
        for who in self.line:
            # ``max`` keeps the first of equals, and the cells come nearest first.
            best = max(self.cells[who.signup_id], key=lambda own: len(self.members[own[0]]), default=None)
            found.append(Left(who, best[0], len(self.members[best[0]])) if best else Left(who, None, 0))
        return tuple(found)


def _fill(area: AreaState, line: list[Waiting], now: datetime) -> list[Join]:
    places = {place.id: place for place in area.places}
    chairs = Counter({group.group_id: group.chairs for group in area.open_groups})
    joins = []
    for who in line:
        possible = [
            (travel_km(who.wishes, places[group.cell.place]), group.created_at, group.group_id, group.cell)
            for group in area.open_groups
            if chairs[group.group_id] > 0
            and group.cell not in who.refused
            and group.cell.place in places
            and fits(who.wishes, group.cell, places[group.cell.place])
        ]
        if possible:
            _, _, group_id, cell = min(possible)
            chairs[group_id] -= 1
            joins.append(Join(group_id, _placed(who, cell, places[cell.place], now)))
    return joins


def _form(area: AreaState, pool: _Pool) -> list[tuple[Cell, list[Waiting]]]:
    groups = []
    for anchor in list(pool.line):
        if anchor not in pool:
            continue
        possible = [(cell, km) for cell, km in pool.cells[anchor.signup_id] if len(pool.members[cell]) >= area.size_min]
        if not possible:
            continue
        cell, _ = min(possible, key=lambda own: (-min(len(pool.members[own[0]]), area.size_max), own[1]))
        size = best_split(len(pool.members[cell]), area.size_min, area.size_max)[0]
        members = pool.members[cell][:size]
        pool.take(members)
        groups.append((cell, members))
    _fill_new(area, pool, groups)
    return groups


def _fill_new(area: AreaState, pool: _Pool, groups: list[tuple[Cell, list[Waiting]]]) -> None:
    """Whoever is left over takes a chair in a group that was just made."""
    for who in list(pool.line):
        for cell, _ in pool.cells[who.signup_id]:
            members = next((own for at, own in groups if at == cell and len(own) < area.size_max), None)
            if members is not None:
                members.append(who)
                pool.take([who])
                break


def _forming(area: AreaState, cell: Cell, members: list[Waiting], now: datetime) -> Forming:
    place = next(place for place in area.places if place.id == cell.place)
    return Forming(cell, tuple(_placed(who, cell, place, now) for who in members))


def _placed(who: Waiting, cell: Cell, place: Place, now: datetime) -> Placed:
    distance = round(travel_km(who.wishes, place), 1)
    waited_days = max(0, (now - who.signed_up_at).days)
    return Placed(who, Reason(distance, cell.slot, cell.language, waited_days))
