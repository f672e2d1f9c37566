"""Input and output of matching: the state of an area, and the plan that was decided for it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from grouping.domain.matching.cells import Cell, Place, Starter, WaitingPerson, travel_km


@dataclass(frozen=True, slots=True)
class OpenGroup:
    """
    A group with free seats that has not met yet.

    Attributes:
        created_at: Decides between groups at the same distance: the oldest is filled first.
        members: Person ids of the members, to keep excluded pairs apart.
        missing: Number of people without whom the group cannot start; 0 if it has enough.
    """

    group_id: UUID
    cell: Cell
    free_seats: int
    created_at: datetime
    members: frozenset[UUID] = frozenset()
    missing: int = 0


@dataclass(frozen=True, slots=True)
class AreaConfig:
    """
    The conditions for groups in one area, without its people and groups.

    Attributes:
        places: Meeting places; see :class:`Place` for the limits of each.
        size_min, size_max: The centre's policy for the size of a new group.
        on_hold: True if the centre forms new groups itself. Open groups are still filled.
        held_places: The places at which this is so, if it is not so everywhere.
        offered_wishes: Wishes about the other members that the centre's policy offers.
        occupied_rooms: Places in use, as (place id, slot, number of groups that meet there already); the number
            counts against :attr:`Place.max_groups`.
        starters: Igangsettere who can start a group.
        starters_min: Number of igangsettere that a new group gets if so many are free; it forms without the others.
        languages: Languages in which new groups form; None if in all.
        exclusions: Pairs of people (person ids) who must never be in one group.
    """

    places: tuple[Place, ...]
    size_min: int
    size_max: int
    on_hold: bool = False
    held_places: frozenset[str] = frozenset()
    offered_wishes: tuple[str, ...] = ()
    occupied_rooms: tuple[tuple[str, str, int], ...] = ()
    starters: tuple[Starter, ...] = ()
    starters_min: int = 0
    languages: frozenset[str] | None = None
    exclusions: frozenset[frozenset[UUID]] = frozenset()

    def is_spoken(self, language: str) -> bool:
        """Return True if new groups form in this language."""
        return self.languages is None or language in self.languages

    def lacking(self, group: "NewGroup") -> int:
        """Return the number of things that a group lacks: igangsettere and the room."""
        starters = max(0, self.starters_min - len(group.starters))
        return starters + any(place.id == group.cell.place and place.lacks_room for place in self.places)

    def is_on_hold_at(self, place_id: str) -> bool:
        """Return True if only the centre forms groups at this place."""
        return self.on_hold or place_id in self.held_places

    def without_held_places(self) -> "AreaConfig":
        """Return the conditions for groups that are formed automatically."""
        if not self.held_places:
            return self
        places = tuple(place for place in self.places if place.id not in self.held_places)
        return replace(self, places=places, held_places=frozenset())


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
    The facts behind one person's seat in a group.

    Attributes:
        distance_km: From the approximate home to the meeting place, one decimal; 0 on screen.
        waited_days: Whole days since the sign-up.
        if_needed: True if the time suits the person only if need be.
    """

    distance_km: float
    slot: str
    language: str
    waited_days: int
    if_needed: bool = False


@dataclass(frozen=True, slots=True)
class Assignment:
    """A person who gets a seat, with the facts that counted."""

    waiting: WaitingPerson
    reason: Reason


@dataclass(frozen=True, slots=True)
class Join:
    """A person takes a free seat in an open group."""

    group_id: UUID
    assignment: Assignment


@dataclass(frozen=True, slots=True)
class NewGroup:
    """A group to form: its members, longest waiting first, and the ids of its igangsettere."""

    cell: Cell
    members: tuple[Assignment, ...]
    starters: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """All seats to fill and groups to form now. After it is applied, the next plan is empty."""

    joins: tuple[Join, ...] = ()
    new_groups: tuple[NewGroup, ...] = ()


def assignment(person: WaitingPerson, cell: Cell, place: Place, now: datetime) -> Assignment:
    """Return the assignment of a person to a cell, with the facts that count."""
    return assignment_at_distance(person, cell, travel_km(person.wishes, place), now)


def assignment_at_distance(person: WaitingPerson, cell: Cell, distance_km: float, now: datetime) -> Assignment:
    """Return the assignment of a person to a cell at a distance that is already measured."""
    waited_days = max(0, (now - person.signed_up_at).days)
    if_needed = person.wishes.only_if_needed(cell.slot)
    return Assignment(person, Reason(distance_km, cell.slot, cell.language, waited_days, if_needed))


def in_waiting_order(waiting: Iterable[WaitingPerson]) -> list[WaitingPerson]:
    """Return people longest waiting first; of several sign-ups of a person only the oldest."""
    oldest: dict[UUID, WaitingPerson] = {}
    for person in sorted(waiting, key=lambda person: person.seniority):
        oldest.setdefault(person.person_id, person)
    return list(oldest.values())
