"""
The best groups of all waiting people at once.

The matcher decides as people arrive; here all people are considered together. Groups of few people are proven to be the
best possible, groups of many are close to it: ``tests/bench/grouping`` measures how close. The functions are pure
functions of a snapshot, so they can run in a thread.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Final

import numpy as np

from grouping.domain.matching.matcher import AreaMatcher
from grouping.domain.matching.model import AreaState, NewGroup, Plan, assignment
from grouping.domain.matching.objective import DIGITAL_AS_KM, LACKING_COST, LEAST_GAIN, score
from grouping.domain.optimise.exact import solve_small_components
from grouping.domain.optimise.limits import Stop, never
from grouping.domain.optimise.local_search import construct, local_search, perturb
from grouping.domain.optimise.problem import Problem
from grouping.domain.optimise.solution import Group, Solution

MOST_PEOPLE: Final = 3000
"""Most people that :func:`plan_together` considers, in about two seconds."""


def regroup(
    area: AreaState,
    now: datetime,
    *,
    rounds: int = 0,
    floor: int | None = None,
    seed: int = 0,
    flow: bool = True,
    stop: Stop = never,
    stop_rounds: Stop = never,
) -> tuple[NewGroup, ...]:
    """
    Return the groups with the highest total score, the one with the longest waiting member first.

    Args:
        area: Its open groups are ignored; an area on hold gives no groups.
        now: Decides how long each person has waited.
        rounds: Rounds of ruin-and-recreate; some thousands take some seconds.
        floor: The size below which a group gives no member to another group; ``size_min`` if None.
        seed: Seed of the random choices.
        flow: True to also reassign all seats by a flow, which loads OR-tools.
        stop: Ends the search with the groups so far; see :mod:`grouping.domain.optimise.limits`.
        stop_rounds: Ends the rounds only.
    """
    if area.config.on_hold:
        return ()
    problem = Problem(replace(area, config=area.config.without_held_places()), now)
    size_min = area.config.size_min
    solution = Solution(problem, size_min if floor is None else max(floor, size_min))
    solved = solve_small_components(solution, stop)
    construct(solution, stop)
    local_search(solution, stop, with_flow=flow)
    others = (person for person in range(len(problem.people)) if person not in solved)
    perturb(solution, others, rounds, seed, stop, stop_rounds, with_flow=flow)
    groups = sorted(solution.groups.values(), key=lambda group: min(group.members))
    return tuple(_new_group(solution, group) for group in groups)


def plan_together(area: AreaState, now: datetime, stop: Stop = never) -> Plan | None:
    """
    Return a better plan than the matcher's if groups can be formed, as after an area was on hold.

    The matcher would let the longest waiting people choose one after the other; together more people can meet. Free
    seats of open groups are filled first, as the matcher does.

    Returns:
        The matcher's seats in open groups, and better new groups. None if the matcher's groups are as good or there
        are more than :data:`MOST_PEOPLE` waiting people.
    """
    size_min = area.config.size_min
    if area.config.on_hold or not size_min <= len(area.waiting) <= MOST_PEOPLE:
        return None
    matcher_plan = AreaMatcher(area).decide(now)
    if not matcher_plan.new_groups:
        return None
    seated = {join.assignment.waiting.person_id for join in matcher_plan.joins}
    waiting = tuple(person for person in area.waiting if person.person_id not in seated)
    groups = regroup(replace(area, waiting=waiting, open_groups=()), now, stop=stop)
    better = _total_score(area, groups, now) > _total_score(area, matcher_plan.new_groups, now) + LEAST_GAIN
    return Plan(matcher_plan.joins, groups) if better else None


def _total_score(area: AreaState, groups: Collection[NewGroup], now: datetime) -> float:
    digital = {place.id for place in area.config.places if place.digital}
    seats = [(group, member) for group in groups for member in group.members]
    waited_days = np.array([(now - member.waiting.signed_up_at).days for _, member in seats], dtype=np.float64)
    distances_km = np.array(
        [DIGITAL_AS_KM if group.cell.place in digital else member.reason.distance_km for group, member in seats]
    )
    if_needed = np.array([member.reason.if_needed for _, member in seats], dtype=bool)
    lacking = sum(area.config.lacking(group) for group in groups)
    return float(score(np.maximum(waited_days, 0.0), distances_km, if_needed).sum()) - LACKING_COST * lacking


def _new_group(solution: Solution, group: Group) -> NewGroup:
    problem = solution.problem
    cell, place = problem.cell(group.cell), problem.places[group.cell // problem.time_count]
    members = tuple(assignment(problem.people[person], cell, place, problem.now) for person in sorted(group.members))
    return NewGroup(cell, members, solution.capacity.starter_ids(group.starters))
