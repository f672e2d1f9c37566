"""
What the background pass proposes: a better arrangement of the groups that nobody has been told about.

Whoever waits besides may get a seat. People who were told anything are not here at all.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from grouping.domain.matching.cells import fits
from grouping.domain.matching.model import AreaState, assignment
from grouping.domain.optimise.diff import Draft, SeatChange, TargetGroup, diff_drafts
from grouping.domain.optimise.local_search import local_search, perturb
from grouping.domain.optimise.operators import LEAST_GAIN
from grouping.domain.optimise.problem import Problem
from grouping.domain.optimise.solution import Group, Solution

ROBUST: Final = 6
"""A group of six bears that somebody withdraws before it starts; source: the project's study of grouping, 1.3."""


NO_ID: Final = UUID(int=0)
Before = dict[UUID, tuple[Group, frozenset[int]]]
"""By draft its group, and who was in it."""


@dataclass(frozen=True, slots=True)
class Improvement:
    """
    A better arrangement.

    Attributes:
        gain: By how much it is worth more; see :func:`grouping.domain.matching.objective.worth`.
        groups: Drafts in the order of their ids, then those that are new; a draft that is not here is given up.
        steps: What changes; nothing else does.
    """

    gain: float
    groups: tuple[TargetGroup, ...]
    changes: tuple[SeatChange, ...]


def improve_drafts(
    area: AreaState,
    drafts: tuple[Draft, ...],
    now: datetime,
    *,
    floor: int = ROBUST,
    rounds: int = 200,
    seed: int = 0,
    stop: Callable[[], bool] | None = None,
) -> Improvement | None:
    """
    A better arrangement, or None where none was found.

    A draft that breaks somebody's limits or is too small is left as it is and not part of what is given back.

    Args:
        area: Its rooms and igangsettere are counted as if the drafts had theirs, as they have. Where it is held there
            is nothing to improve.
        drafts: The groups that can be changed.
        now: Decides how long each has waited.
        floor: Nobody is taken out of a group that then would have fewer, unless somebody else takes the seat.
        rounds: Of ruin and recreate.
        seed: What chance brings in them.
        stop: Asked before each of them.
    """
    if area.config.on_hold:
        return None
    taken = {who.person_id for draft in drafts for who in draft.members}
    sound = [draft for draft in sorted(drafts, key=lambda one: one.group_id) if _sound(area, draft)]
    people = [who for who in area.waiting if who.person_id not in taken]
    people += [who for draft in sound for who in draft.members]
    seating = Solution(Problem(area, now, people), max(floor, area.config.size_min))
    before = _seat(seating, sound)
    worth = seating.total_score
    local_search(seating, with_flow=True)
    perturb(seating, range(len(seating.group_of)), rounds, seed, stop, with_flow=True)
    if seating.total_score <= worth + LEAST_GAIN:
        return None
    _recognise(seating, sound, before)
    groups = _in_order(_arranged(seating, group, sound, before) for group in seating.groups.values())
    return Improvement(seating.total_score - worth, groups, diff_drafts(sound, groups))


def _sound(area: AreaState, draft: Draft) -> bool:
    place = {place.id: place for place in area.config.places}.get(draft.cell.place)
    return (
        place is not None
        and area.config.size_min <= len(draft.members) <= min(draft.capacity, place.max_people or draft.capacity)
        and all(fits(who.wishes, draft.cell, place) and draft.cell not in who.declined for who in draft.members)
    )


def _seat(seating: Solution, drafts: list[Draft]) -> Before:
    """Seat everybody as they are; the groups with their members."""
    field = seating.problem
    number_of = {who.signup_id: number for number, who in enumerate(field.people)}
    seated: Before = {}
    for draft in drafts:
        cell = field.number(draft.cell)
        assert cell is not None, "somebody fits the cell of a sound draft"
        starters = seating.capacity.starter_numbers(draft.starters)
        seating.capacity.release(cell, starters)
        members = sorted(number_of[who.signup_id] for who in draft.members)
        pinned = frozenset(number_of[who.signup_id] for who in draft.members if who.signup_id in draft.pinned)
        seats = field.places[cell // field.time_count].max_people or draft.capacity
        group = Group(cell, min(draft.capacity, seats), id=draft.group_id, capacity=draft.capacity, pinned=pinned)
        number = seating.open_group(group, starters)
        for person in members:
            seating.assign(person, number)
        seated[draft.group_id] = group, frozenset(members)
    seating.commit()
    return seated


def _recognise(seating: Solution, drafts: list[Draft], before: Before) -> None:
    """A new group of mostly the people of a draft that was given up is that draft, so that fewer are moved."""
    there = {group.id for group in seating.groups.values()}
    for draft in drafts:
        _, old = before[draft.group_id]
        for group in seating.groups.values() if draft.group_id not in there else ():
            fewest = min(seating.floor, len(old))
            same = 2 * len(old & set(group.members)) > len(old)
            if same and group.id is None and fewest <= len(group.members) <= draft.capacity:
                group.id = draft.group_id


def _arranged(seating: Solution, group: Group, drafts: list[Draft], before: Before) -> TargetGroup:
    field = seating.problem
    cell, place = field.cell(group.cell), field.places[group.cell // field.time_count]
    members = tuple(assignment(field.people[person], cell, place, field.now) for person in sorted(group.members))
    starters = seating.capacity.starter_ids(group.starters)
    if group.id is not None and before[group.id][0] is group:
        starters = next(draft.starters for draft in drafts if draft.group_id == group.id)
    return TargetGroup(group.id, cell, members, starters)


def _in_order(groups: Iterable[TargetGroup]) -> tuple[TargetGroup, ...]:
    """Drafts by their ids, then new ones by who of each has waited longest."""
    return tuple(
        sorted(
            groups,
            key=lambda group: (group.group_id is None, group.group_id or NO_ID, group.members[0].waiting.seniority),
        )
    )
