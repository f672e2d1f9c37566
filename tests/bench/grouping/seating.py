"""State shared by the baselines: unassigned people, free rooms, and the best room for people near each other."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tests.bench.grouping.edges import Edges, Floats, Ints
from tests.bench.grouping.instances import KM_PER_DEGREE, Instance
from tests.bench.grouping.judge import Group

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Bucket:
    """People who share an evening, a language and a wish profile, with their edges by person."""

    edges: Numbers
    person: Ints

    def of(self, people: Numbers) -> Numbers:
        """Return the edges of these people."""
        first, last = np.searchsorted(self.person, people), np.searchsorted(self.person, people, side="right")
        counts = last - first
        result: Numbers = self.edges[np.repeat(first - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())]
        return result


class Seating:
    """Groups during construction."""

    def __init__(self, instance: Instance, edges: Edges) -> None:
        self.edges = edges
        self.size_min, self.size_max = instance.size_min, instance.size_max
        self.free = np.ones(edges.people, dtype=bool)
        self.left = edges.at_once.copy()
        self.home = _flat(instance)
        self.waited = instance.waited_days()
        self._made: list[tuple[int, list[int]]] = []
        self._kinds = _kinds(edges)

    def buckets(self) -> Iterator[tuple[Bucket, Numbers]]:
        """Yield every bucket with its unassigned people, if enough for a group; the rarest first."""
        edges = self.edges
        kind = self._kinds[edges.cell]
        order = np.lexsort((edges.person, kind))
        starts = np.searchsorted(kind[order], np.arange(self._kinds.max(initial=-1) + 2))
        parts = [order[first:last] for first, last in pairwise(starts.tolist())]
        for part in sorted(parts, key=lambda part: len(np.unique(edges.person[part]))):
            bucket = Bucket(part, edges.person[part])
            people = np.unique(bucket.person).astype(np.int64)
            people = people[self.free[people]]
            if len(people) >= self.size_min:
                yield bucket, people

    def seat(self, bucket: Bucket, people: Numbers) -> int:
        """Form a group of the people who can meet, in the room with the highest score; return its size."""
        edges = self.edges
        result = bucket.of(people[self.free[people]])
        result = result[self.left[edges.spot[edges.cell[result]]] > 0]
        cell, value = edges.cell[result], edges.value[result]
        order = np.lexsort((-value, cell))
        cell, value = cell[order], value[order]
        first = np.flatnonzero(np.diff(cell, prepend=-1))
        counts = np.diff(np.append(first, len(cell)))
        enough = counts >= self.size_min
        if not enough.any():
            return 0
        rank = np.arange(len(cell)) - np.repeat(first, counts)
        score = np.add.reduceat(np.where(rank < edges.seats[cell], value, 0.0), first)
        best = int(np.argmax(np.where(enough, score, -np.inf)))
        where = int(cell[first[best]])
        chosen = result[order[first[best] : first[best] + min(counts[best], edges.seats[where])]]
        return self.meet(where, edges.person[chosen].tolist())

    def meet(self, cell: int, people: list[int]) -> int:
        """Add a group and return its size."""
        self.left[self.edges.spot[cell]] -= 1
        self.free[people] = False
        self._made.append((cell, people))
        return len(people)

    def fill(self) -> None:
        """Give free seats to unassigned people, longest waiting first, where the score is highest."""
        groups_at: dict[int, list[list[int]]] = {}
        for cell, people in self._made:
            groups_at.setdefault(cell, []).append(people)
        order, start = self.edges.own
        for number in np.argsort(-self.waited).tolist():
            if not self.free[number]:
                continue
            for cell in self.edges.cell[order[start[number] : start[number + 1]]].tolist():
                group = next((one for one in groups_at.get(cell, ()) if len(one) < self.edges.seats[cell]), None)
                if group is not None:
                    group.append(number)
                    self.free[number] = False
                    break

    def groups(self) -> tuple[Group, ...]:
        """Return all groups."""
        return tuple(Group(self.edges.cells[cell], tuple(people)) for cell, people in self._made)


def _kinds(edges: Edges) -> Numbers:
    names: dict[tuple[str, str, str], int] = {}
    return np.array(
        [names.setdefault((cell.slot, cell.language, cell.wishes), len(names)) for cell in edges.cells], dtype=np.int64
    )


def _flat(instance: Instance) -> Floats:
    """Return homes on a flat map in kilometres, exact enough to compare distances."""
    points = np.array([(person.wishes.latitude, person.wishes.longitude) for person in instance.waiting])
    east = points[:, 1] * np.cos(np.radians(points[:, 0]))
    return np.column_stack((points[:, 0], east)) * KM_PER_DEGREE
