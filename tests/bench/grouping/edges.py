"""People and the cells they fit, as flat arrays, for bounds and baselines."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from grouping.domain.matching.cells import Cell, wish_profiles
from grouping.domain.matching.objective import score
from shared.reference.places import EARTH_RADIUS_KM
from tests.bench.grouping.instances import Instance

NEAREST_ROOMS: Final = 40
MANY_PEOPLE: Final = 20_000
"""With more people than this, only the nearest rooms of each person are considered."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Edges:
    """
    Every person against every cell that they fit and that has enough people for a group, in the order of the cells.

    Attributes:
        person, value, km: One of each for every pair of a person and a cell; the value is the score.
        start: Where each cell begins in these, and the end.
        spot: For each cell the number of its place and slot together.
        seats: For each cell how many it has room for, at most the largest group.
        at_once: For each spot how many groups can meet there.
        people: How many there are, those who fit nothing included.
    """

    cells: tuple[Cell, ...]
    person: Ints
    value: Floats
    km: Floats
    start: NDArray[np.int64]
    spot: Ints
    seats: Ints
    at_once: Ints
    people: int
    size_min: int

    @cached_property
    def cell(self) -> Ints:
        """Return the cell number of each edge."""
        return np.repeat(np.arange(len(self.cells), dtype=np.int32), np.diff(self.start))

    @cached_property
    def own(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the edges by person, best first, and the first edge of each person."""
        order = np.lexsort((-self.value, self.person))
        return order, np.searchsorted(self.person[order], np.arange(self.people + 1))


def build(instance: Instance, nearest: int | None = None) -> Edges:
    """
    All edges of an instance.

    Args:
        instance: People who declined a cell count as fitting it; generated instances have none.
        nearest: Only so many rooms for each person; None means all of them.
    """
    parts = list(blocks(instance, nearest))
    slots: dict[tuple[str, str], int] = {}
    cells = tuple(cell for part in parts for cell in part.cells)
    spot = np.array([slots.setdefault((cell.place, cell.slot), len(slots)) for cell in cells], dtype=np.int32)
    by_id = {place.id: place for place in instance.places}
    seats = np.array(
        [min(by_id[cell.place].max_people or instance.size_max, instance.size_max) for cell in cells], dtype=np.int32
    )
    at_once = np.array([by_id[place].max_groups or len(instance.waiting) for place, _ in slots], dtype=np.int32)
    sizes = np.concatenate([part.sizes for part in parts]) if parts else np.zeros(0, np.int64)
    person = np.concatenate([part.person for part in parts]) if parts else np.zeros(0, np.int32)
    km = np.concatenate([part.km for part in parts]) if parts else np.zeros(0)
    return Edges(
        cells,
        person,
        score(instance.waited_days()[person], km),
        km,
        np.concatenate(([0], np.cumsum(sizes))),
        spot,
        seats,
        at_once,
        len(instance.waiting),
        instance.size_min,
    )


def nearest_for(instance: Instance) -> int | None:
    """Return the number of rooms to consider for each person; all unless there are very many people."""
    return NEAREST_ROOMS if len(instance.waiting) > MANY_PEOPLE else None


@dataclass(frozen=True, slots=True)
class Block:
    """The edges of one place, by cell; ``sizes`` has the number of each cell."""

    cells: tuple[Cell, ...]
    sizes: NDArray[np.int64]
    person: Ints
    km: Floats


def blocks(instance: Instance, nearest: int | None = None) -> Iterator[Block]:
    """Yield the edges of each place, one at a time to save memory."""
    wishes = [person.wishes for person in instance.waiting]
    kinds = sorted({(slot, language) for one in wishes for slot in one.slots for language in one.languages})
    agreed = wish_profiles(instance.offered)
    variants = [(slot, language, profile) for slot, language in kinds for profile in agreed]
    suits = _suits(instance, variants)
    homes: dict[tuple[float, float], int] = {}
    home = np.array([homes.setdefault((one.latitude, one.longitude), len(homes)) for one in wishes], dtype=np.int32)
    limit = np.array([one.max_travel_km for one in wishes], dtype=np.float64)
    wheelchair = np.array([one.wheelchair for one in wishes], dtype=bool)
    km = _kilometres(np.array(list(homes)), np.array([(p.latitude, p.longitude) for p in instance.places]))
    step_free = np.array([place.step_free for place in instance.places])
    if nearest is not None:
        limit = np.minimum(
            limit,
            np.where(wheelchair, _reach(km[:, step_free], nearest)[home], _reach(km, nearest)[home]),
        )
    for number, place in enumerate(instance.places):
        away = km[:, number][home]
        near = away <= limit
        if not place.step_free:
            near &= ~wheelchair
        people = np.flatnonzero(near).astype(np.int32)
        free = np.flatnonzero([place.slots is None or slot in place.slots for slot, _, _ in variants])
        table = suits[np.ix_(free, people)]
        sizes = table.sum(axis=1)
        enough = sizes >= instance.size_min
        if (place.max_people is not None and place.max_people < instance.size_min) or not enough.any():
            continue
        person = people[np.nonzero(table[enough])[1]]
        cells = tuple(Cell(place.id, *variants[free[index]]) for index in np.flatnonzero(enough))
        yield Block(cells, sizes[enough], person, away[person])


def _suits(instance: Instance, variants: list[tuple[str, str, str]]) -> NDArray[np.bool_]:
    """Return by kind of wishes and time whether the time suits; many people have equal wishes."""
    same: dict[tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str]], int] = {}
    of = [
        same.setdefault(
            (frozenset(one.slots), frozenset(one.languages), one.accepts | one.requires, one.requires), len(same)
        )
        for one in (person.wishes for person in instance.waiting)
    ]
    sets = [(slot, language, frozenset(profile.split("+")) - {""}) for slot, language, profile in variants]
    kinds = np.array(
        [
            [
                slot in slots and language in languages and only <= agreed <= also
                for slots, languages, also, only in same
            ]
            for slot, language, agreed in sets
        ]
    )
    return kinds[:, of]


def _reach(km: Floats, nearest: int) -> Floats:
    """Return for each home the distance to the last of its nearest rooms."""
    return np.partition(km, nearest - 1, axis=1)[:, nearest - 1] if km.shape[1] > nearest else np.full(len(km), np.inf)


def _kilometres(homes: Floats, rooms: Floats) -> Floats:
    """Return the distances from homes to rooms, rounded as by :func:`grouping.domain.matching.cells.travel_km`."""
    phi1, phi2 = np.radians(homes[:, None, 0]), np.radians(rooms[None, :, 0])
    turn = np.radians(rooms[None, :, 1] - homes[:, None, 1])
    half = np.sin((phi2 - phi1) / 2) ** 2 + np.cos(phi1) * np.cos(phi2) * np.sin(turn / 2) ** 2
    km: Floats = np.round(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(1.0, half))), 1)
    return km
