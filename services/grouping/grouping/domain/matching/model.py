"""What decides who can meet in an area, and what is decided: the words that the engine and its users share."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from grouping.domain.matching.cells import Cell, Place, Starter, WaitingPerson, travel_km


@dataclass(frozen=True, slots=True)
class OpenGroup:
    """
    A group that is on its way and has not met.

    Attributes:
        chairs: How many more it can take.
        created_at: When it was made; of two equally near the older is filled first.
        members: The people who have a seat in it, where somebody must not meet them.
    """

    group_id: UUID
    cell: Cell
    free_seats: int
    created_at: datetime
    members: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class AreaState:
    """
    All that decides who can meet in one area.

    Attributes:
        places: Where groups can meet; see :class:`Place` for what limits one.
        size_min, size_max: What the centre's policy says of a new group.
        waiting: Who may be given a seat now.
        open_groups: Groups with free chairs.
        held: The centre wants to decide itself; no new group is made, those that exist are still filled.
        offered: Wishes about who else is in the group that the centre's policy offers.
        taken: How many groups meet already, by place and slot; it counts against :attr:`Place.at_once`.
        starters: Igangsettere who could take on a group.
        starters_min: How many of them a new group needs.
        apart: Pairs of people who must never be in one group.
    """

    places: tuple[Place, ...]
    size_min: int
    size_max: int
    waiting: tuple[WaitingPerson, ...]
    open_groups: tuple[OpenGroup, ...] = ()
    on_hold: bool = False
    offered_wishes: tuple[str, ...] = ()
    occupied_rooms: tuple[tuple[str, str, int], ...] = ()
    starters: tuple[Starter, ...] = ()
    starters_min: int = 0
    exclusions: frozenset[frozenset[UUID]] = frozenset()


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
class Assignment:
    """One person and why."""

    waiting: WaitingPerson
    reason: Reason


@dataclass(frozen=True, slots=True)
class Join:
    """Somebody takes an open chair."""

    group_id: UUID
    assignment: Assignment


@dataclass(frozen=True, slots=True)
class NewGroup:
    """A new group, the longest waiting first, with the igangsettere who start it."""

    cell: Cell
    members: tuple[Assignment, ...]
    starters: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What should happen now; applying it leaves nothing more to plan."""

    joins: tuple[Join, ...] = ()
    new_groups: tuple[NewGroup, ...] = ()


def assignment(who: WaitingPerson, cell: Cell, place: Place, now: datetime) -> Assignment:
    """Somebody in a cell, with what counted."""
    return assignment_at_distance(who, cell, travel_km(who.wishes, place), now)


def assignment_at_distance(who: WaitingPerson, cell: Cell, km: float, now: datetime) -> Assignment:
    """The same, where it is known how far they have to the place."""
    waited_days = max(0, (now - who.signed_up_at).days)
    return Assignment(who, Reason(km, cell.slot, cell.language, waited_days))


def in_waiting_order(waiting: Iterable[WaitingPerson]) -> list[WaitingPerson]:
    """Longest waiting first, and each person once, with the sign-up that has waited longest."""
    seen: set[UUID] = set()
    found = []
    for who in sorted(waiting, key=lambda one: one.seniority):
        if who.person_id not in seen:
            seen.add(who.person_id)
            found.append(who)
    return found


def without_signup(area: AreaState, signup_id: UUID) -> AreaState:
    """The area if this one had not signed up."""
    return replace(area, waiting=tuple(who for who in area.waiting if who.signup_id != signup_id))
