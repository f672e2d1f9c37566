"""Another weekday, meeting place or language for a possible group: the people it would add, and those it would lose."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import numpy as np

from grouping.domain.matching.cell_index import Numbers
from grouping.domain.matching.cells import Cell
from grouping.domain.matching.matcher import AreaMatcher

MOST_OF_A_KIND: Final = 3
"""Other weekdays, other places and other languages that are returned at most, each."""

_CANDIDATES: Final = 20
"""Cells of a kind that are compared, because cells with the same people are dropped."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """
    A cell that differs from another one in its slot, place or language.

    Attributes:
        count: Number of waiting people who fit it.
        needed: The smallest group that the policy allows.
        missing: Missing capacity: "room", "starter", both or nothing.
        gains: Sign-ups that fit it, but not the other cell.
        loses: Sign-ups that fit the other cell, but not this one.
    """

    cell: Cell
    count: int
    needed: int
    missing: frozenset[str]
    gains: frozenset[UUID]
    loses: frozenset[UUID]

    @property
    def people_needed(self) -> int:
        """Number of people who must still sign up; zero when there are enough."""
        return max(0, self.needed - self.count)


def alternatives(matcher: AreaMatcher, cell: Cell) -> tuple[Alternative, ...]:
    """Return the fullest cells that differ in one thing and have somebody new, the fullest first."""
    number = matcher.cell_index.number(cell)
    if number is None:
        return ()
    here = _signups(matcher, number)
    found = [one for cells in _other_cells(matcher, number) for one in _of_kind(matcher, cells, here)]
    return tuple(sorted(found, key=lambda one: -one.count))


def _other_cells(matcher: AreaMatcher, number: int) -> Iterator[Numbers]:
    """Yield the numbers of the cells in another slot, at another place and in another language."""
    index = matcher.cell_index
    profiles = len(index.profiles)
    place, offset = divmod(number, index.cells_per_place)
    slot, within = divmod(offset, index.cells_per_slot)
    language, profile = divmod(within, profiles)
    slots = np.arange(index.cells_per_place // index.cells_per_slot, dtype=np.int32)
    yield place * index.cells_per_place + slots[slots != slot] * index.cells_per_slot + within
    places = np.arange(len(index.places), dtype=np.int32)
    yield places[places != place] * np.int32(index.cells_per_place) + offset
    languages = np.arange(index.language_count, dtype=np.int32)
    others = languages[languages != language]
    yield place * index.cells_per_place + slot * index.cells_per_slot + others * profiles + profile


def _of_kind(matcher: AreaMatcher, cells: Numbers, here: frozenset[UUID]) -> Iterator[Alternative]:
    index = matcher.cell_index
    cells = cells[
        matcher.capacity.feasible.ravel()[cells // index.cells_per_slot] & (matcher.waiting_counts[cells] > 0)
    ]
    fullest = cells[np.argsort(-matcher.waiting_counts[cells], kind="stable")[:_CANDIDATES]]
    seen: set[frozenset[UUID]] = set()
    for number in fullest.tolist():
        there = _signups(matcher, number)
        if there <= here or there in seen or len(seen) == MOST_OF_A_KIND:
            continue
        seen.add(there)
        cell = index.cell(number)
        missing = matcher.capacity.missing(cell)
        yield Alternative(cell, len(there), matcher.config.size_min, missing, there - here, here - there)


def _signups(matcher: AreaMatcher, number: int) -> frozenset[UUID]:
    rows, _ = matcher.pool.people_fitting(number)
    return frozenset(matcher.pool.people[row].signup_id for row in rows.tolist())
