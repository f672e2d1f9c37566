"""The difference between two arrangements of drafts, person by person."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from grouping.domain.matching.cells import Cell, WaitingPerson
from grouping.domain.matching.model import Assignment


@dataclass(frozen=True, slots=True)
class Draft:
    """
    A group about which nothing is published.

    Attributes:
        members: People with a seat in it, who are therefore not among the waiting people of the area.
        pinned: Sign-ups that must stay in it. A draft with pinned sign-ups keeps its cell.
        capacity: Its largest size.
        starters: Ids of its igangsettere.
    """

    group_id: UUID
    cell: Cell
    members: tuple[WaitingPerson, ...]
    pinned: frozenset[UUID]
    capacity: int
    starters: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class TargetGroup:
    """
    A group of the new arrangement.

    Attributes:
        group_id: The id of the draft that it changes; None for a new group.
        members: Longest waiting first.
        starters: Ids of its igangsettere.
    """

    group_id: UUID | None
    cell: Cell
    members: tuple[Assignment, ...]
    starters: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Placement:
    """
    A person's seat in one arrangement.

    Attributes:
        group_id: The id of the draft; None for a new group.
        new_group_number: The position among the new groups, from 1; 0 for a draft.
    """

    group_id: UUID | None
    cell: Cell
    new_group_number: int = 0


@dataclass(frozen=True, slots=True)
class SeatChange:
    """
    The change for one person.

    Attributes:
        kind: "placed": a waiting person gets a seat. "moved": a person gets a seat in another group. "along": the
            person's group is relocated. "freed": the person loses the seat and waits again.
        before, after: None while waiting.
    """

    kind: Literal["placed", "moved", "along", "freed"]
    signup_id: UUID
    before: Placement | None
    after: Placement | None


def diff_drafts(drafts: Iterable[Draft], groups: Iterable[TargetGroup]) -> tuple[SeatChange, ...]:
    """Return one change for each person whose seat differs, longest waiting first."""
    people: dict[UUID, WaitingPerson] = {}
    before: dict[UUID, Placement] = {}
    for draft in drafts:
        for person in draft.members:
            people[person.signup_id] = person
            before[person.signup_id] = Placement(draft.group_id, draft.cell)
    after: dict[UUID, Placement] = {}
    new_groups = 0
    for group in groups:
        if group.group_id is None:
            new_groups += 1
        placement = Placement(group.group_id, group.cell, new_groups if group.group_id is None else 0)
        for member in group.members:
            people[member.waiting.signup_id] = member.waiting
            after[member.waiting.signup_id] = placement
    ordered = sorted(people.values(), key=lambda person: person.seniority)
    changes = (
        _seat_change(person.signup_id, before.get(person.signup_id), after.get(person.signup_id)) for person in ordered
    )
    return tuple(change for change in changes if change is not None)


def _seat_change(signup_id: UUID, before: Placement | None, after: Placement | None) -> SeatChange | None:
    if before == after:
        return None
    if before is None:
        return SeatChange("placed", signup_id, before, after)
    if after is None:
        return SeatChange("freed", signup_id, before, after)
    return SeatChange("along" if before.group_id == after.group_id else "moved", signup_id, before, after)
