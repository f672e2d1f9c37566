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
class AreaConfig:
    """
    All conditions for groups in one area, without its people and groups.

    Attributes:
        places: Meeting places; see :class:`Place` for the limits of each.
        size_min, size_max: The centre's policy for the size of a new group.
        on_hold: True if the centre forms new groups itself. Open groups are still filled.
        offered_wishes: Wishes about the other members that the centre's policy offers.
        occupied_rooms: Number of groups that meet already, as (place id, slot, number of groups). Counts against
            :attr:`Place.max_groups`.
        starters: Igangsettere who can start a group.
        starters_min: Number of igangsettere a new group needs.
        exclusions: Pairs of people (person ids) who must never be in one group.
    """

    places: tuple[Place, ...]
    size_min: int
    size_max: int
    on_hold: bool = False
    offered_wishes: tuple[str, ...] = ()
    occupied_rooms: tuple[tuple[str, str, int], ...] = ()
    starters: tuple[Starter, ...] = ()
    starters_min: int = 0
    exclusions: frozenset[frozenset[UUID]] = frozenset()


@dataclass(frozen=True, slots=True)
class AreaState:
    """
    An area at one moment: its conditions, its waiting people and its open groups.

    Attributes:
        waiting: People who may be given a seat now.
        open_groups: Groups with free seats that have not met.
    """

    config: AreaConfig
    waiting: tuple[WaitingPerson, ...]
    open_groups: tuple[OpenGroup, ...] = ()


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
