"""
The best groups of all who wait, as if nobody had been told anything: for proposals, and to know what is possible.

The board decides at once when somebody comes; here everybody is looked at together. Few people are grouped so that
nothing better is possible, many so that little is: ``tests/bench/grouping`` measures how little.
"""

from collections.abc import Callable
from datetime import datetime

from grouping.domain.matching import AreaState, Forming, placed
from grouping.domain.repair.exact import settle_parts
from grouping.domain.repair.field import Field
from grouping.domain.repair.search import begin, climb, wander
from grouping.domain.repair.seating import Group, Seating


def regroup(
    area: AreaState,
    now: datetime,
    *,
    rounds: int = 0,
    floor: int | None = None,
    seed: int = 0,
    flow: bool = True,
    stop: Callable[[], bool] | None = None,
) -> tuple[Forming, ...]:
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
    if area.held:
        return ()
    field = Field(area, now)
    seating = Seating(field, area.size_min if floor is None else max(floor, area.size_min))
    settled = settle_parts(seating)
    begin(seating)
    climb(seating, with_flow=flow)
    others = (person for person in range(len(field.people)) if person not in settled)
    wander(seating, others, rounds, seed, stop, with_flow=flow)
    groups = sorted(seating.groups.values(), key=lambda group: min(group.members))
    return tuple(_told(seating, group) for group in groups)


def _told(seating: Seating, group: Group) -> Forming:
    field = seating.field
    cell, place = field.cell(group.cell), field.places[group.cell // field.times]
    members = tuple(placed(field.people[person], cell, place, field.now) for person in sorted(group.members))
    return Forming(cell, members, seating.stock.starter_ids(group.starters))
