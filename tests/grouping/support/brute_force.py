"""Decisions of the matcher by brute force: every cell, every size and every set of people is tried."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from uuid import UUID

from grouping.domain.matching.cells import Cell, Place, WaitingPerson, cost_km, fits, wish_profiles
from grouping.domain.matching.group_sizes import best_split
from grouping.domain.matching.model import AreaState, OpenGroup
from grouping.domain.matching.objective import IF_NEEDED_AS_KM
from tests.grouping.support.areas import LANGUAGES, SLOTS, can_start, is_spoken, lacking_cost, value


def best_seat(area: AreaState, person: WaitingPerson) -> UUID | None:
    """
    Return the open group that a person joins.

    One that lacks fewest people for its start comes first, then those that lack none; of equals the one that costs
    least, then the oldest.
    """
    seats = [
        (group.missing or 1000, _cost(person, group, place), group.created_at, group.group_id)
        for group in area.open_groups
        for place in area.config.places
        if place.id == group.cell.place
        and group.free_seats > 0
        and _can_have(person, group.cell, place)
        and not any(
            person.person_id in pair and pair <= {person.person_id, *group.members} for pair in area.config.exclusions
        )
    ]
    return min(seats)[-1] if seats else None


def best_group(area: AreaState, person: WaitingPerson) -> tuple[int, float] | None:
    """Return size and score of the best group around a person; None if there is none."""
    groups = [group for cell, place in _cells(area) if (group := _best_in(area, person, cell, place)) is not None]
    return max(groups, key=lambda group: group[1], default=None)


def possible(area: AreaState) -> bool:
    """Return True if any group can be formed."""
    return any(best_group(area, person) is not None for person in area.waiting)


def after_joins(area: AreaState) -> tuple[dict[UUID, UUID], tuple[WaitingPerson, ...]]:
    """Return the joins of a plan, by person, and the people who still wait: longest waiting first, each the best."""
    groups = {group.group_id: group for group in area.open_groups}
    joins: dict[UUID, UUID] = {}
    for person in sorted(area.waiting, key=lambda person: person.seniority):
        group_id = best_seat(AreaState(area.config, (), tuple(groups.values())), person)
        if group_id is not None:
            group = groups[group_id]
            members = group.members | {person.person_id}
            groups[group_id] = replace(
                group, free_seats=group.free_seats - 1, members=members, missing=max(0, group.missing - 1)
            )
            joins[person.person_id] = group_id
    return joins, tuple(person for person in area.waiting if person.person_id not in joins)


def _cells(area: AreaState) -> Iterator[tuple[Cell, Place]]:
    for place in area.config.places:
        for slot in SLOTS:
            for language in LANGUAGES:
                for wishes in wish_profiles(area.config.offered_wishes):
                    yield Cell(place.id, slot, language, wishes), place


def _best_in(area: AreaState, person: WaitingPerson, cell: Cell, place: Place) -> tuple[int, float] | None:
    if (
        not _can_have(person, cell, place)
        or area.config.is_on_hold_at(place.id)
        or not _has_capacity(area, cell, place)
        or not is_spoken(area, cell)
    ):
        return None
    others = [other for other in area.waiting if other is not person and _can_have(other, cell, place)]
    max_size = place.largest_group(area.config.size_max)
    by_size = {
        size: [
            (person, *chosen)
            for chosen in combinations(others, size - 1)
            if _compatible(area, {person.person_id, *(other.person_id for other in chosen)})
        ]
        for size in range(1, len(others) + 2)
    }
    most = max((size for size, sets in by_size.items() if sets), default=0)
    if max_size < area.config.size_min:
        return None
    sizes = best_split(most, area.config.size_min, max_size)
    if not sizes:
        return None
    best = max(value(members, cell, place) for members in by_size[sizes[0]])
    return sizes[0], best - lacking_cost(area, place, free_starters(area, cell, place))


def _can_have(person: WaitingPerson, cell: Cell, place: Place) -> bool:
    return fits(person.wishes, cell, place) and cell not in person.declined


def _compatible(area: AreaState, people: set[UUID]) -> bool:
    return not any(pair <= people for pair in area.config.exclusions)


def _has_capacity(area: AreaState, cell: Cell, place: Place) -> bool:
    taken = {(place_id, slot): count for place_id, slot, count in area.config.occupied_rooms}
    return place.max_groups is None or taken.get((place.id, cell.slot), 0) < place.max_groups


def free_starters(area: AreaState, cell: Cell, place: Place) -> int:
    """Return the number of free igangsettere who can start a group in a cell."""
    return sum(starter.remaining_groups > 0 and can_start(starter, cell, place) for starter in area.config.starters)


def _cost(person: WaitingPerson, group: OpenGroup, place: Place) -> float:
    return cost_km(person.wishes, place) + IF_NEEDED_AS_KM * (group.cell.slot not in person.wishes.slots)
