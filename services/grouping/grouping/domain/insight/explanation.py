"""
Why somebody waits, and what would help: read from the counters, without a search.

What a coordinator sees is exact. What another participant sees hides small numbers, so that nobody can be guessed from
a place, an evening and a count.
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
"""The longer journeys that are tried, shortest first."""

SMALLEST_SHOWN: Final = 3
"""Fewer people than this are never counted for a participant."""

ChangeKind = Literal["travel", "slot", "wish"]


@dataclass(frozen=True, slots=True)
class WishChange:
    """
    What one thing more would bring.

    Attributes:
        km, slot: How much further they would travel, or when else they could meet; None where that is not the change.
        cell: The best cell that they then fit.
        count: How many would fit it, this person included.
        chair: Whether a group with a free chair meets there.
        now: Whether they would have a group at once.
        lacking: What a group there waits for besides people; see :attr:`Left.lacking`.
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
    Somebody who goes on waiting, and what binds.

    Attributes:
        cell: The fullest of the cells they fit, the nearest of equals; None where they reach no meeting place.
        count: How many of those who wait fit that cell, this person included: "3 of 5".
        km: How far it is there.
        lacking: What a group there waits for besides people: "room", "starter", both or nothing.
        changes: What would help, best first.
    """

    waiting: WaitingPerson
    cell: Cell | None
    count: int
    distance_km: float
    missing: frozenset[str]
    changes: tuple[WishChange, ...]


def visible_count(count: int) -> int | None:
    """The count as a participant may see it; None where it is too small to be shown."""
    return count if count >= SMALLEST_SHOWN else None


def explain_all(board: AreaMatcher) -> tuple[WaitExplanation, ...]:
    """What binds each who waits, longest waiting first."""
    return tuple(explain(board, board.pool.people[row]) for row in board.pool.in_waiting_order(board.pool.rows()))


def explain(board: AreaMatcher, who: WaitingPerson) -> WaitExplanation:
    """What binds one person who is on the board; KeyError where they are not."""
    row = board.pool.row_of_signup[who.signup_id]
    cells = board.pool.cells_of(row)
    own = np.sort(cells)
    best = _best(board, cells, own)
    if best is None:
        return WaitExplanation(who, None, 0, 0.0, frozenset(), tuple(_changes(board, who, own, 0)))
    cell = board.cell_index.cell(best)
    km = round(float(board.pool.distances_km(row, np.array([best], dtype=np.int32))[0]), 1)
    count = int(board.waiting_counts[best])
    return WaitExplanation(who, cell, count, km, board.capacity.missing(cell), tuple(_changes(board, who, own, count)))


def _changes(board: AreaMatcher, who: WaitingPerson, own: Numbers, count: int) -> Iterator[WishChange]:
    """At most one of each kind, and only what brings more people together than there are now."""
    found = []
    for km in FURTHER_KM:
        further = replace(who.wishes, max_travel_km=who.wishes.max_travel_km + km)
        found.append(_change(board, who, own, further, "travel", km))
    other_slots = replace(who.wishes, slots=tuple(slot for slot in SLOTS if slot not in who.wishes.slots))
    found.append(_change(board, who, own, other_slots, "slot"))
    if who.wishes.requires:
        found.append(_change(board, who, own, replace(who.wishes, requires=frozenset()), "wish"))
    better = sorted(
        (one for one in found if one is not None and (one.immediate or one.count > count)),
        key=lambda one: (not one.immediate, not one.free_seat, -one.count),
    )
    kinds: set[ChangeKind] = set()
    for one in better:
        if one.kind not in kinds:
            kinds.add(one.kind)
            yield one


def _change(
    board: AreaMatcher, who: WaitingPerson, own: Numbers, wishes: Wishes, kind: ChangeKind, km: int | None = None
) -> WishChange | None:
    layout = board.cell_index
    reach = layout.reachable_places(wishes)
    numbers = (reach.places[:, None] * np.int32(layout.cells_per_place) + layout.time_offsets(wishes)).ravel()
    if who.declined:
        refused = [layout.number(cell) for cell in who.declined]
        numbers = numbers[~np.isin(numbers, [number for number in refused if number is not None])]
    best = _best(board, numbers, own)
    if best is None:
        return None
    cell = layout.cell(best)
    count = int(board.waiting_counts[best]) + (best not in own)
    chair = bool(board.open_groups.free_seats[best] > 0)
    lacking = board.capacity.missing(cell)
    enough = count >= board.config.size_min and not board.config.on_hold and not lacking
    return WishChange(kind, km, cell.slot if kind == "slot" else None, cell, count, chair, chair or enough, lacking)


def _among(numbers: Numbers, own: Numbers) -> NDArray[np.bool_]:
    """Which of these numbers are among their own, which are in order."""
    if not len(own):
        return np.zeros(len(numbers), dtype=bool)
    found: NDArray[np.bool_] = own[np.minimum(own.searchsorted(numbers), len(own) - 1)] == numbers
    return found


def _best(board: AreaMatcher, numbers: Numbers, own: Numbers) -> int | None:
    """The cell with a free chair, else the fullest, the nearest of equals; only where a group can ever meet."""
    places, times = np.divmod(numbers, board.cell_index.cells_per_place)
    numbers = numbers[board.capacity.feasible[places, times // board.cell_index.cells_per_slot]]
    if not len(numbers):
        return None
    counts, chairs = board.waiting_counts[numbers], board.open_groups.free_seats[numbers]
    # This person adds one at most, so that no other cell can be the best.
    near_best = ((counts >= counts.max() - 1) | (chairs > 0)).nonzero()[0]
    numbers = numbers[near_best]
    counts = counts[near_best] + ~_among(numbers, own)
    return int(numbers[np.lexsort((np.arange(len(numbers)), -counts, chairs[near_best] < 1))[0]])
