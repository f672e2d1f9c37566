"""
Why a person waits, and which changes would help: read from the matcher's counters, without a search.

Staff see exact numbers. Participants see no small numbers: with a place and an evening they could point to a person.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from grouping.domain.matching.cell_index import Numbers
from grouping.domain.matching.cells import Cell, WaitingPerson, Wishes
from grouping.domain.matching.matcher import AreaMatcher
from shared.reference.slots import SLOTS

FURTHER_KM: Final = (5, 10, 20, 40)
"""Longer journeys to try, shortest first."""

SMALLEST_SHOWN: Final = 3
"""Participants see no number of people below this."""

ChangeKind = Literal["travel", "slot", "wish"]


@dataclass(frozen=True, slots=True)
class WishChange:
    """
    The effect of one change of a person's wishes.

    Attributes:
        kind: A longer journey, one more slot, or no requirement about the other members.
        km, slot: The additional travel, or the additional slot; None for other kinds.
        cell: The best cell that the person then fits.
        count: Number of people who would fit it, this person included.
        free_seat: True if a group with a free seat meets there.
        immediate: True if the person would get a seat at once.
        missing: Resources that a group there waits for; see :attr:`WaitExplanation.missing`.
    """

    kind: ChangeKind
    km: int | None
    slot: str | None
    cell: Cell
    count: int
    free_seat: bool
    immediate: bool
    missing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class WaitExplanation:
    """
    The reason that a person goes on waiting.

    Attributes:
        cell: The cell with most people among those that the person fits, the nearest of equals; None if the person
            fits no cell.
        count: Number of waiting people who fit that cell, this person included: "3 of 5".
        distance_km: From home to its place.
        missing: Resources that a group there waits for: "room", "starter", both or none.
        changes: Changes that would help, best first.
        if_needed: True if the cell's slot suits the person only if need be.
    """

    waiting: WaitingPerson
    cell: Cell | None
    count: int
    distance_km: float
    missing: frozenset[str]
    changes: tuple[WishChange, ...]
    if_needed: bool = False


def visible_count(count: int) -> int | None:
    """Return the count as participants may see it; None if it is too small."""
    return count if count >= SMALLEST_SHOWN else None


def explain_all(matcher: AreaMatcher) -> tuple[WaitExplanation, ...]:
    """Explain the wait of all waiting people, longest waiting first."""
    pool = matcher.pool
    return tuple(explain(matcher, pool.people[row]) for row in pool.in_waiting_order(pool.rows()))


def explain(matcher: AreaMatcher, person: WaitingPerson) -> WaitExplanation:
    """
    Explain the wait of one person.

    Raises:
        KeyError: The person is not among the matcher's waiting people.
    """
    row = matcher.pool.row_of_signup[person.signup_id]
    cells = matcher.pool.cells_of(row)
    sorted_cells = np.sort(cells)
    best = _best_cell(matcher, cells, sorted_cells)
    if best is None:
        changes = tuple(_helpful_changes(matcher, person, sorted_cells, count=0))
        return WaitExplanation(person, None, 0, 0.0, frozenset(), changes)
    cell = matcher.cell_index.cell(best)
    distance_km = matcher.pool.distance_to_place_km(row, best // matcher.cell_index.cells_per_place)
    count = int(matcher.waiting_counts[best])
    changes = tuple(_helpful_changes(matcher, person, sorted_cells, count))
    missing = matcher.capacity.missing(cell)
    if_needed = person.wishes.only_if_needed(cell.slot)
    return WaitExplanation(person, cell, count, distance_km, missing, changes, if_needed)


def _helpful_changes(
    matcher: AreaMatcher, person: WaitingPerson, own_cells: Numbers, count: int
) -> Iterator[WishChange]:
    """Yield the best change of each kind, if it gives a seat or a cell with more people than ``count``."""
    wishes = person.wishes
    changes = []
    for km in FURTHER_KM:
        further = replace(wishes, max_travel_km=wishes.max_travel_km + km)
        changes.append(_wish_change(matcher, person, own_cells, further, "travel", km))
    other_slots = replace(
        wishes, slots=tuple(slot for slot in SLOTS if slot not in wishes.possible_slots), slots_if_needed=()
    )
    changes.append(_wish_change(matcher, person, own_cells, other_slots, "slot"))
    if wishes.requires:
        changes.append(_wish_change(matcher, person, own_cells, replace(wishes, requires=frozenset()), "wish"))
    helpful = sorted(
        (change for change in changes if change is not None and (change.immediate or change.count > count)),
        key=lambda change: (not change.immediate, not change.free_seat, -change.count),
    )
    kinds: set[ChangeKind] = set()
    for change in helpful:
        if change.kind not in kinds:
            kinds.add(change.kind)
            yield change


def _wish_change(
    matcher: AreaMatcher,
    person: WaitingPerson,
    own_cells: Numbers,
    wishes: Wishes,
    kind: ChangeKind,
    km: int | None = None,
) -> WishChange | None:
    """Return the effect of other wishes; None if no cell fits them."""
    index = matcher.cell_index
    reachable = index.reachable_places(wishes)
    cells = (reachable.places[:, None] * np.int32(index.cells_per_place) + index.time_offsets(wishes)).ravel()
    if person.declined:
        declined = [number for number in map(index.number, person.declined) if number is not None]
        cells = cells[~np.isin(cells, declined)]
    best = _best_cell(matcher, cells, own_cells)
    if best is None:
        return None
    cell = index.cell(best)
    count = int(matcher.waiting_counts[best]) + (best not in own_cells)
    free_seat = bool(matcher.open_groups.free_seats[best] > 0)
    missing = matcher.capacity.missing(cell)
    new_group = count >= matcher.config.size_min and not matcher.config.is_on_hold_at(cell.place) and not missing
    slot = cell.slot if kind == "slot" else None
    return WishChange(kind, km, slot, cell, count, free_seat, immediate=free_seat or new_group, missing=missing)


def _best_cell(matcher: AreaMatcher, cells: Numbers, own_cells: Numbers) -> int | None:
    """
    Return a cell with a free seat, else the one with most people, the nearest of equals; None if none is feasible.

    Args:
        matcher: Of the area.
        cells: The cells to choose from, the nearest place first.
        own_cells: The cells in which the person is already counted, ascending.
    """
    places, offsets = np.divmod(cells, matcher.cell_index.cells_per_place)
    cells = cells[matcher.capacity.feasible[places, offsets // matcher.cell_index.cells_per_slot]]
    if not len(cells):
        return None
    counts, free_seats = matcher.waiting_counts[cells], matcher.open_groups.free_seats[cells]
    # The person adds at most one to a count, so no other cell can be the best.
    near_best = ((counts >= counts.max() - 1) | (free_seats > 0)).nonzero()[0]
    cells = cells[near_best]
    counts = counts[near_best] + ~_is_in(cells, own_cells)
    ranking = np.lexsort((np.arange(len(cells)), -counts, free_seats[near_best] < 1))
    return int(cells[ranking[0]])


def _is_in(cells: Numbers, sorted_cells: Numbers) -> NDArray[np.bool_]:
    """Return by cell: True if it is one of ``sorted_cells``, which are in ascending order."""
    if not len(sorted_cells):
        return np.zeros(len(cells), dtype=bool)
    positions = np.minimum(sorted_cells.searchsorted(cells), len(sorted_cells) - 1)
    is_in: NDArray[np.bool_] = sorted_cells[positions] == cells
    return is_in
