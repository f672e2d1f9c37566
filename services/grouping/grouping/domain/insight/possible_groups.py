"""Possible groups of an area: the cells that waiting people fit, each with its missing capacity and possible sizes."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from grouping.domain.matching import group_sizes
from grouping.domain.matching.cell_index import Numbers
from grouping.domain.matching.cells import Cell, fits
from grouping.domain.matching.group_sizes import SizeOption
from grouping.domain.matching.matcher import AreaMatcher
from grouping.domain.matching.model import AreaState
from shared.reference.languages import NORWEGIAN
from shared.reference.slots import SLOTS

NEARLY_FULL: Final = 2
"""A possible group that needs at most this many more people is nearly full."""

_CANDIDATES_PER_GROUP: Final = 20
"""Number of cells compared for each returned group; many, because cells with the same people are dropped."""


@dataclass(frozen=True, slots=True)
class PossibleGroup:
    """
    A cell in which a group could be formed.

    Attributes:
        count: Number of waiting people who fit the cell.
        needed: The smallest group that the policy allows.
        missing: Missing capacity: "room", "starter", both or nothing.
        sizes: Sizes that a group of these people could have, the largest first; empty with too few people.
    """

    cell: Cell
    count: int
    needed: int
    missing: frozenset[str]
    sizes: tuple[SizeOption, ...]

    @property
    def people_needed(self) -> int:
        """Number of people who must still sign up; zero when there are enough."""
        return max(0, self.needed - self.count)

    @property
    def nearly_full(self) -> bool:
        """True if people are missing, but at most :data:`NEARLY_FULL`."""
        return 0 < self.people_needed <= NEARLY_FULL

    @property
    def can_form(self) -> bool:
        """True if nothing is missing, so that the group can be formed now."""
        return bool(self.sizes) and not self.missing

    @property
    def lacks_little(self) -> bool:
        """True if one or two people, a room or an igangsetter would complete the group."""
        return self.people_needed <= NEARLY_FULL and bool(self.people_needed or self.missing)


def possible_groups(
    matcher: AreaMatcher, limit: int, places: Collection[str] | None = None
) -> tuple[PossibleGroup, ...]:
    """
    Return at most ``limit`` possible groups at some places, or at all, the fullest and nearest first.

    Of several cells that exactly the same people fit only the nearest is returned.
    """
    return tuple(_possible_groups(matcher, limit, _cells_at(matcher, places)))


def _cells_at(matcher: AreaMatcher, places: Collection[str] | None) -> Numbers:
    """Return the cells of some places, or all; a place that the area no longer has is left out."""
    index = matcher.cell_index
    if places is None:
        return np.arange(index.size, dtype=np.int32)
    numbers = sorted(index.place_numbers[place] for place in places if place in index.place_numbers)
    offsets = np.arange(index.cells_per_place, dtype=np.int32)
    cells: Numbers = (np.array(numbers, dtype=np.int32)[:, None] * np.int32(index.cells_per_place) + offsets).ravel()
    return cells


def _possible_groups(matcher: AreaMatcher, limit: int, cells: Numbers) -> Iterator[PossibleGroup]:
    slots = cells // matcher.cell_index.cells_per_slot
    numbers = cells[matcher.capacity.feasible.ravel()[slots] & (matcher.waiting_counts[cells] > 0)]
    fullest = numbers[np.argsort(-matcher.waiting_counts[numbers], kind="stable")[: _CANDIDATES_PER_GROUP * limit]]
    ranked = []
    for number in fullest.tolist():
        rows, km = matcher.pool.people_fitting(number)
        cell = matcher.cell_index.cell(number)
        ranked.append(((-len(rows), float(km.mean()), _calendar_order(cell)), cell, frozenset(rows.tolist())))
    seen: set[frozenset[int]] = set()
    for _, cell, rows_of_cell in sorted(ranked, key=lambda item: item[0]):
        if rows_of_cell not in seen and len(seen) < limit:
            seen.add(rows_of_cell)
            count = len(rows_of_cell)
            missing = matcher.capacity.missing(cell)
            yield PossibleGroup(cell, count, matcher.config.size_min, missing, _sizes(matcher, cell, count))


def _sizes(matcher: AreaMatcher, cell: Cell, people: int) -> tuple[SizeOption, ...]:
    """Return the sizes for this many people; a small room lowers the maximum."""
    size_max = matcher.cell_index.places[matcher.cell_index.place_numbers[cell.place]].largest_group(
        matcher.config.size_max
    )
    return group_sizes.size_options(people, matcher.config.size_min, size_max)


def _calendar_order(cell: Cell) -> tuple[bool, int, str, str, str]:
    """Sort key of equally full and near cells: Norwegian first, then by weekday and time."""
    return cell.language != NORWEGIAN, SLOTS.index(cell.slot), cell.place, cell.language, cell.wishes


def count_fitting(state: AreaState, cell: Cell) -> int | None:
    """Return the number of waiting sign-ups that fit a cell and have not declined it; None if its place is gone."""
    place = next((place for place in state.config.places if place.id == cell.place), None)
    if place is None:
        return None
    return sum(cell not in person.declined and fits(person.wishes, cell, place) for person in state.waiting)
