"""What changes from one arrangement to another, person by person, so that somebody can read it and say yes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from grouping.domain.matching.cells import Cell, WaitingPerson
from grouping.domain.matching.model import Assignment


@dataclass(frozen=True, slots=True)
class Draft:
    """
    A group that nobody in has been told about.

    Attributes:
        members: Those in it; none of them is among those who wait.
        pinned: Sign-ups in it that stay where they are; as long as there are any the group keeps its cell.
        capacity: How many it can have.
        starters: The igangsettere who have it.
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
    A group as it would be.

    Attributes:
        group_id: The draft that it is; None where it would be new.
        members: Longest waiting first.
    """

    group_id: UUID | None
    cell: Cell
    members: tuple[Assignment, ...]
    starters: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Placement:
    """
    Where somebody is.

    Attributes:
        group_id: None in a group that is new.
        new: Which of the new groups, the first is 1; zero in a draft.
    """

    group_id: UUID | None
    cell: Cell
    new_group_number: int = 0


@dataclass(frozen=True, slots=True)
class SeatChange:
    """
    What would change for one person.

    Attributes:
        kind: "placed" who waited gets a seat, "moved" to another group, "along" with their group to another cell,
            "freed" who had a seat waits again.
        before, after: None where they wait.
    """

    kind: Literal["placed", "moved", "along", "freed"]
    signup_id: UUID
    before: Placement | None
    after: Placement | None


def diff_drafts(drafts: Iterable[Draft], groups: Iterable[TargetGroup]) -> tuple[SeatChange, ...]:
    """Everybody whose seat is another than before, longest waiting first; nobody else."""
    people: dict[UUID, WaitingPerson] = {}
    before: dict[UUID, Placement] = {}
    for draft in drafts:
        for who in draft.members:
            people[who.signup_id] = who
            before[who.signup_id] = Placement(draft.group_id, draft.cell)
    after: dict[UUID, Placement] = {}
    new = 0
    for group in groups:
        new += group.group_id is None
        for member in group.members:
            people[member.waiting.signup_id] = member.waiting
            seat = Placement(group.group_id, group.cell, new if group.group_id is None else 0)
            after[member.waiting.signup_id] = seat
    line = sorted(people.values(), key=lambda who: who.seniority)
    steps = (_step(who.signup_id, before.get(who.signup_id), after.get(who.signup_id)) for who in line)
    return tuple(step for step in steps if step is not None)


def _step(signup_id: UUID, before: Placement | None, after: Placement | None) -> SeatChange | None:
    if before == after:
        return None
    if before is None:
        return SeatChange("placed", signup_id, before, after)
    if after is None:
        return SeatChange("freed", signup_id, before, after)
    return SeatChange("along" if before.group_id == after.group_id else "moved", signup_id, before, after)
