"""
A better arrangement of drafts, the groups about which nothing is published yet.

Members of drafts can be moved and waiting people can get seats; members of published groups take no part.
:func:`improve_drafts` is a pure function of a snapshot and returns a diff, so it can run in a thread outside any
transaction. Before applying the diff, the caller must check that the snapshot is still current.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from grouping.domain.matching.cells import fits
from grouping.domain.matching.model import AreaState, assignment
from grouping.domain.matching.objective import LEAST_GAIN
from grouping.domain.optimise.diff import Draft, SeatChange, TargetGroup, diff_drafts
from grouping.domain.optimise.limits import Stop, never
from grouping.domain.optimise.local_search import local_search, perturb
from grouping.domain.optimise.problem import Problem
from grouping.domain.optimise.solution import Group, Solution

ROBUST: Final = 6
"""A group of six can lose a member before the start and still meet; source: the project's study of grouping, 1.3."""

ROUNDS: Final = 200
"""Rounds of ruin-and-recreate, by default."""

_NO_ID: Final = UUID(int=0)
_Before = dict[UUID, tuple[Group, frozenset[int]]]
"""By draft id: its group and its members."""


@dataclass(frozen=True, slots=True)
class Improvement:
    """
    A better arrangement of drafts.

    Attributes:
        gain: The rise of the total score; see :mod:`grouping.domain.matching.objective`.
        groups: Changed and unchanged drafts by id, then new groups. A sound draft that is missing here is cancelled.
        changes: All people whose seat changes.
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
    rounds: int = ROUNDS,
    seed: int = 0,
    stop: Stop = never,
) -> Improvement | None:
    """
    Return a better arrangement, or None if none was found or the area is on hold.

    A draft that is not sound, because it violates a limit of a member, has a wrong size or meets at a place on hold, is
    left to staff: it stays as it is and is not part of the result.

    Args:
        area: Its capacity is what remains while the drafts have their rooms and igangsettere.
        drafts: The groups that can change.
        now: Decides how long each person has waited.
        floor: The size below which a group gives no member to another group.
        rounds: Rounds of ruin-and-recreate.
        seed: Seed of the random choices.
        stop: Ends the search with the best arrangement so far: a deadline, or
            :func:`grouping.domain.optimise.limits.stop_after` for a number of steps.
    """
    if area.config.on_hold:
        return None
    area = replace(area, config=area.config.without_held_places())
    drafted = {person.person_id for draft in drafts for person in draft.members}
    sound = [draft for draft in sorted(drafts, key=lambda draft: draft.group_id) if _is_sound(area, draft)]
    people = [person for person in area.waiting if person.person_id not in drafted]
    people += [person for draft in sound for person in draft.members]
    solution = Solution(Problem(area, now, people), max(floor, area.config.size_min))
    before = _assign_drafts(solution, sound)
    score_before = solution.total_score
    local_search(solution, stop, with_flow=True)
    perturb(solution, range(len(solution.group_of)), rounds, seed, stop, with_flow=True)
    if solution.total_score <= score_before + LEAST_GAIN:
        return None
    _reuse_ids(solution, sound, before)
    groups = _sorted_groups(_target_group(solution, group, sound, before) for group in solution.groups.values())
    return Improvement(solution.total_score - score_before, groups, diff_drafts(sound, groups))


def _is_sound(area: AreaState, draft: Draft) -> bool:
    """Return True if the draft has an allowed size and violates no limit of a member."""
    place = {place.id: place for place in area.config.places}.get(draft.cell.place)
    return (
        place is not None
        and area.config.size_min <= len(draft.members) <= min(draft.capacity, place.max_people or draft.capacity)
        and all(
            fits(person.wishes, draft.cell, place) and draft.cell not in person.declined for person in draft.members
        )
    )


def _assign_drafts(solution: Solution, drafts: list[Draft]) -> _Before:
    """Open the drafts as they are, and return their groups with their members."""
    problem = solution.problem
    number_of = {person.signup_id: number for number, person in enumerate(problem.people)}
    before: _Before = {}
    for draft in drafts:
        cell = problem.number(draft.cell)
        assert cell is not None, "a member fits the cell of a sound draft"
        starters = solution.capacity.starter_numbers(draft.starters)
        # The drafts' own rooms and igangsettere are missing in the area's capacity.
        solution.capacity.release(cell, starters)
        members = sorted(number_of[person.signup_id] for person in draft.members)
        pinned = frozenset(number_of[person.signup_id] for person in draft.members if person.signup_id in draft.pinned)
        room = problem.places[cell // problem.time_count].max_people or draft.capacity
        max_size = min(draft.capacity, room)
        group = Group(cell, max_size, id=draft.group_id, capacity=draft.capacity, pinned=pinned)
        number = solution.open_group(group, starters)
        for person in members:
            solution.assign(person, number)
        before[draft.group_id] = group, frozenset(members)
    solution.commit()
    return before


def _reuse_ids(solution: Solution, drafts: list[Draft], before: _Before) -> None:
    """Give a closed draft's id to the new group with most of its people, so that fewer people are moved."""
    kept_ids = {group.id for group in solution.groups.values()}
    for draft in drafts:
        _, old_members = before[draft.group_id]
        fewest = min(solution.floor, len(old_members))
        for group in solution.groups.values() if draft.group_id not in kept_ids else ():
            mostly_same = 2 * len(old_members & set(group.members)) > len(old_members)
            if mostly_same and group.id is None and fewest <= len(group.members) <= draft.capacity:
                group.id = draft.group_id


def _target_group(solution: Solution, group: Group, drafts: list[Draft], before: _Before) -> TargetGroup:
    problem = solution.problem
    cell, place = problem.cell(group.cell), problem.places[group.cell // problem.time_count]
    members = tuple(assignment(problem.people[person], cell, place, problem.now) for person in sorted(group.members))
    starters = solution.capacity.starter_ids(group.starters)
    if group.id is not None and before[group.id][0] is group:
        starters = next(draft.starters for draft in drafts if draft.group_id == group.id)
    return TargetGroup(group.id, cell, members, starters)


def _sorted_groups(groups: Iterable[TargetGroup]) -> tuple[TargetGroup, ...]:
    """Return drafts by id, then new groups by their longest waiting member."""
    return tuple(
        sorted(
            groups,
            key=lambda group: (group.group_id is None, group.group_id or _NO_ID, group.members[0].waiting.seniority),
        )
    )
