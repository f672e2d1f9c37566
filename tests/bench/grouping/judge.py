"""Judge groups: every hard rule, and the score, by the domain's own functions instead of the edges."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from grouping.domain.matching.cells import Cell, fits, travel_km
from grouping.domain.matching.objective import score
from tests.bench.grouping.edges import blocks
from tests.bench.grouping.instances import Instance


@dataclass(frozen=True, slots=True)
class Group:
    """A group in a cell; people are numbers in the instance."""

    cell: Cell
    people: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    The quality of a result.

    Attributes:
        objective: The sum of the scores of all placed people.
        placeable: People with a cell that enough people fit; an upper limit.
        km: From home to the room, the mean over those who are placed.
        oldest_left_days: How long the longest waiting of the placeable who are left has waited.
        size: The mean number of people in a group.
    """

    objective: float
    placed: int
    placeable: int
    km: float
    oldest_left_days: float
    size: float


class RuleBrokenError(Exception):
    """A result breaks a hard rule and is void."""


def judge(instance: Instance, groups: Sequence[Group]) -> Verdict:
    """
    The figures of a result.

    Raises:
        RuleBrokenError: Somebody is in two groups or in one that they do not fit, or a group is too small or too large,
            or too many meet at one place and time.
    """
    check(instance, groups)
    by_id = {place.id: place for place in instance.places}
    placed = np.array([number for group in groups for number in group.people], dtype=np.int64)
    km = np.array(
        [
            travel_km(instance.waiting[number].wishes, by_id[group.cell.place])
            for group in groups
            for number in group.people
        ]
    )
    days = instance.waited_days()
    possible = placeable(instance)
    left = np.setdiff1d(possible, placed)
    return Verdict(
        objective=float(score(days[placed], km).sum()),
        placed=len(placed),
        placeable=len(possible),
        km=float(km.mean()) if len(km) else 0.0,
        oldest_left_days=float(days[left].max()) if len(left) else 0.0,
        size=len(placed) / len(groups) if groups else 0.0,
    )


def check(instance: Instance, groups: Sequence[Group]) -> None:
    """Raise :class:`RuleBrokenError` if a hard rule is broken."""
    by_id = {place.id: place for place in instance.places}
    seen: set[object] = set()
    for group in groups:
        place = by_id[group.cell.place]
        if not instance.size_min <= len(group.people) <= min(instance.size_max, place.max_people or instance.size_max):
            msg = f"{len(group.people)} people at {group.cell.key}"
            raise RuleBrokenError(msg)
        for number in group.people:
            who = instance.waiting[number]
            if not fits(who.wishes, group.cell, place) or group.cell in who.declined:
                msg = f"person {number} does not fit {group.cell.key}"
                raise RuleBrokenError(msg)
            if who.person_id in seen:
                msg = f"person {number} is in two groups"
                raise RuleBrokenError(msg)
            seen.add(who.person_id)
    for (place_id, slot), count in Counter((group.cell.place, group.cell.slot) for group in groups).items():
        limit = by_id[place_id].max_groups
        if limit is not None and count > limit:
            msg = f"{count} groups at {place_id} on {slot}"
            raise RuleBrokenError(msg)


def placeable(instance: Instance) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the people who fit a cell with enough people for a group, in any room."""
    result = np.zeros(len(instance.waiting), dtype=bool)
    for block in blocks(instance):
        result[block.person] = True
    return np.flatnonzero(result)
