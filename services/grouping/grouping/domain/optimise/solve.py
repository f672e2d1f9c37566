"""
The best groups of all who wait, as if nobody had been told anything: for proposals, and to know what is possible.

The board decides at once when somebody comes; here everybody is looked at together. Few people are grouped so that
nothing better is possible, many so that little is: ``tests/bench/grouping`` measures how little.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

import numpy as np

from grouping.domain.matching.matcher import AreaMatcher
from grouping.domain.matching.model import AreaState, NewGroup, Plan, assignment
from grouping.domain.matching.objective import score
from grouping.domain.optimise.exact import solve_small_components
from grouping.domain.optimise.local_search import construct, local_search, perturb
from grouping.domain.optimise.operators import LEAST_GAIN
from grouping.domain.optimise.problem import Problem
from grouping.domain.optimise.solution import Group, Solution

MOST_TOGETHER: Final = 3000
"""So many are looked at together in about two seconds."""

SEVERAL: Final = 2
"""One group is made best by the board itself."""


def regroup(
    area: AreaState,
    now: datetime,
    *,
    rounds: int = 0,
    floor: int | None = None,
    seed: int = 0,
    flow: bool = True,
    stop: Callable[[], bool] | None = None,
) -> tuple[NewGroup, ...]:
    """
    The groups that are worth most together, the one with the longest waiting member first.

    Args:
        area: Its open groups are not looked at; where it is held there are no groups.
        now: Decides how long each has waited.
        rounds: Of ruin and recreate; some thousands take some seconds.
        floor: Nobody is taken out of a group that then would have fewer; the smallest size where it is not given.
        seed: What chance brings in the rounds.
        flow: Whether everybody at last gets the best seat in the groups that there are; it loads OR-tools.
        stop: Asked before each round; that is where a budget of time comes in, and what is then done depends on it.
    """
    if area.config.on_hold:
        return ()
    field = Problem(area, now)
    seating = Solution(field, area.config.size_min if floor is None else max(floor, area.config.size_min))
    settled = solve_small_components(seating)
    construct(seating)
    local_search(seating, with_flow=flow)
    others = (person for person in range(len(field.people)) if person not in settled)
    perturb(seating, others, rounds, seed, stop, with_flow=flow)
    groups = sorted(seating.groups.values(), key=lambda group: min(group.members))
    return tuple(_told(seating, group) for group in groups)


def together_first(board: AreaMatcher, now: datetime) -> Plan | None:
    """
    What should happen where several groups can be made at once, as when an area that was held goes on.

    The board would let the longest waiting choose, one after the other; together more of them can meet.

    Returns:
        Who takes the open chairs, and the groups; None where the board's own way is as good, or there are so many
        people that it would take long. The board is left as it was.
    """
    area = board.snapshot()
    if area.config.on_hold or not 2 * area.config.size_min <= len(area.waiting) <= MOST_TOGETHER:
        return None
    own = AreaMatcher(area).decide(now)
    if len(own.new_groups) < SEVERAL:
        return None
    seated = {join.assignment.waiting.person_id for join in own.joins}
    waiting = tuple(who for who in area.waiting if who.person_id not in seated)
    groups = regroup(replace(area, waiting=waiting, open_groups=()), now)
    return Plan(own.joins, groups) if _worth(groups, now) > _worth(own.new_groups, now) + LEAST_GAIN else None


def _worth(groups: Iterable[NewGroup], now: datetime) -> float:
    members = [member for group in groups for member in group.members]
    days = np.array([(now - member.waiting.signed_up_at).days for member in members], dtype=np.float64)
    km = np.array([member.reason.distance_km for member in members], dtype=np.float64)
    return float(score(np.maximum(days, 0.0), km).sum())


def _told(seating: Solution, group: Group) -> NewGroup:
    field = seating.problem
    cell, place = field.cell(group.cell), field.places[group.cell // field.time_count]
    members = tuple(assignment(field.people[person], cell, place, field.now) for person in sorted(group.members))
    return NewGroup(cell, members, seating.capacity.starter_ids(group.starters))
