"""
Baselines: four common ways to group near people, each with the best room for them.

All but the first see one evening, language and agreement at a time and come back to it until it gives no more; all let
the remaining people take a free seat at the end. Each was tuned on seeds that the report does not use.
"""

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

import numpy as np
from k_means_constrained import KMeansConstrained

from tests.bench.grouping.edges import Edges, Floats
from tests.bench.grouping.instances import Instance
from tests.bench.grouping.judge import Group
from tests.bench.grouping.seating import Bucket, Numbers, Seating

PASSES: Final = 4
GREEDY_CELLS: Final = 40
GREEDY_SIZE: Final = 5
MDAV_SIZE: Final = 6
MDAV_LOOK: Final = 10
RUN_SPAN: Final = 20
KMEANS_SIZE: Final = 5.5
KMEANS_TOGETHER: Final = 300
"""Constrained k-means takes quadratic time or more, so larger buckets are cut along the Hilbert curve."""
HILBERT_BITS: Final = 16


def greedy(instance: Instance, edges: Edges) -> tuple[Group, ...]:
    """Group the longest waiting person with the nearest others, in the cell with the highest score."""
    seating = Seating(instance, edges)
    order, start = edges.own
    for number in np.argsort(-seating.waited).tolist():
        if not seating.free[number]:
            continue
        cells = edges.cell[order[start[number] : start[number + 1]]]
        best_score, best_cell, best_people = 0.0, -1, np.zeros(0, dtype=np.int64)
        for turn, cell in enumerate(cells.tolist()):
            if best_cell >= 0 and turn >= GREEDY_CELLS:
                break
            if not seating.left[edges.spot[cell]]:
                continue
            inside = slice(edges.start[cell], edges.start[cell + 1])
            here = np.flatnonzero(seating.free[edges.person[inside]])
            if len(here) < instance.size_min:
                continue
            people = edges.person[inside][here].astype(np.int64)
            away = np.square(seating.home[people] - seating.home[number]).sum(axis=1)
            away[people == number] = -1.0
            near = np.argsort(away, kind="stable")[: min(GREEDY_SIZE, edges.seats[cell])]
            score = float(edges.value[inside][here][near].sum())
            if score > best_score:
                best_score, best_cell, best_people = score, cell, people[near]
        if best_cell >= 0:
            seating.meet(best_cell, best_people.tolist())
    seating.fill()
    return seating.groups()


def mdav(instance: Instance, edges: Edges) -> tuple[Group, ...]:
    """Apply MDAV (maximum distance to average vector): group the farthest person with the nearest others, inwards."""
    return _by_bucket(instance, edges, _mdav)


def _mdav(seating: Seating, bucket: Bucket, people: Numbers) -> int:
    placed = 0
    points = seating.home[people]
    centre = points.mean(axis=0)
    turn = 0
    while len(people) >= seating.size_min:
        # The method alternates between the farthest person and the one farthest from that.
        farthest = points[_from(points, centre).argmax()]
        away = _from(points, farthest)
        near = np.argsort(away, kind="stable")[:MDAV_LOOK]
        placed += seating.seat(bucket, people[near])
        gone = ~seating.free[people]
        gone[near[:MDAV_SIZE]] = True
        people, points = people[~gone], points[~gone]
        turn += 1
        if len(people):
            centre = farthest if turn % 2 else points.mean(axis=0)
    return placed


def _from(points: Floats, point: Floats) -> Floats:
    squares: Floats = np.square(points - point).sum(axis=1)
    return squares


def hilbert(instance: Instance, edges: Edges) -> tuple[Group, ...]:
    """Sort people along a Hilbert curve and cut it into the runs with the highest total score."""
    return _by_bucket(instance, edges, _hilbert)


def _hilbert(seating: Seating, bucket: Bucket, people: Numbers) -> int:
    edges = seating.edges
    people = people[np.argsort(along_curve(seating.home[people]), kind="stable")]
    place = np.full(edges.people, -1)
    place[people] = np.arange(len(people))
    own = bucket.edges[(place[bucket.person] >= 0) & (seating.left[edges.spot[edges.cell[bucket.edges]]] > 0)]
    at, cell = place[edges.person[own]], edges.cell[own]
    order = np.lexsort((at, cell))
    at, cell, own = at[order], cell[order], own[order]
    total = np.concatenate(([0.0], np.cumsum(edges.value[own])))
    score = np.full((len(people), RUN_SPAN), -np.inf)
    which = np.full((len(people), RUN_SPAN, 2), -1)
    for size in range(seating.size_min, seating.size_max + 1):
        first = np.arange(max(0, len(own) - size + 1))
        last = first + size - 1
        span = at[last] - at[first]
        runs = first[(cell[last] == cell[first]) & (span < RUN_SPAN) & (span >= 0) & (edges.seats[cell[first]] >= size)]
        gain = total[runs + size] - total[runs]
        runs, gain = runs[np.argsort(gain)], np.sort(gain)
        # The last of equals stays, which has the highest score.
        begin, reach = at[runs], at[runs + size - 1] - at[runs]
        better = gain > score[begin, reach]
        begin, reach, runs, gain = begin[better], reach[better], runs[better], gain[better]
        score[begin, reach] = gain
        which[begin, reach, 0], which[begin, reach, 1] = runs, size
    placed = 0
    for begin, reach in sorted(_best_runs(score), key=lambda run: -score[run]):
        run, size = which[begin, reach]
        if seating.left[edges.spot[cell[run]]] > 0:
            placed += seating.meet(int(cell[run]), edges.person[own[run : run + size]].tolist())
    return placed


def _best_runs(score: Floats) -> list[tuple[int, int]]:
    """Return disjoint runs with the highest total score, as first position and length minus one."""
    count, spans = score.shape
    best = [0.0] * (count + 1)
    step = [-1] * count
    rows = score.tolist()
    for begin in range(count - 1, -1, -1):
        best[begin] = best[begin + 1]
        for reach in range(min(spans, count - begin)):
            value = rows[begin][reach] + best[begin + reach + 1]
            if value > best[begin]:
                best[begin], step[begin] = value, reach
    runs, begin = [], 0
    while begin < count:
        if step[begin] >= 0:
            runs.append((begin, step[begin]))
        begin += step[begin] + 1 if step[begin] >= 0 else 1
    return runs


def kmeans(instance: Instance, edges: Edges) -> tuple[Group, ...]:
    """Cluster by k-means with bounds on the cluster sizes."""
    return _by_bucket(instance, edges, _kmeans)


def _kmeans(seating: Seating, bucket: Bucket, people: Numbers) -> int:
    people = people[np.argsort(along_curve(seating.home[people]), kind="stable")]
    placed = 0
    for part in np.array_split(people, -(-len(people) // KMEANS_TOGETHER)):
        if len(part) < seating.size_min:
            continue
        count = max(
            -(-len(part) // seating.size_max), min(round(len(part) / KMEANS_SIZE), len(part) // seating.size_min)
        )
        smallest = min(seating.size_min, len(part) // count)
        model = KMeansConstrained(
            count, size_min=smallest, size_max=seating.size_max, n_init=1, max_iter=30, random_state=0
        )
        labels = model.fit_predict(seating.home[part]) if count > 1 else np.zeros(len(part), dtype=np.int64)
        placed += sum(seating.seat(bucket, part[labels == label]) for label in range(count))
    return placed


def _by_bucket(instance: Instance, edges: Edges, make: Callable[[Seating, Bucket, Numbers], int]) -> tuple[Group, ...]:
    seating = Seating(instance, edges)
    for _ in range(PASSES):
        if not sum(make(seating, bucket, people) for bucket, people in seating.buckets()):
            break
    seating.fill()
    return seating.groups()


def along_curve(points: Floats) -> Numbers:
    """Return the position of each point along a Hilbert curve."""
    low, high = points.min(axis=0), points.max(axis=0)
    side = float(max((high - low).max(), 1e-9))
    cells = ((points - low) / side * ((1 << HILBERT_BITS) - 1)).astype(np.int64)
    x, y = cells[:, 0].copy(), cells[:, 1].copy()
    result = np.zeros(len(points), dtype=np.int64)
    for bit in reversed(range(HILBERT_BITS)):
        half = 1 << bit
        right, up = (x & half) > 0, (y & half) > 0
        result += half * half * ((3 * right) ^ up)
        # Rotate the quarter so that its curve begins at the end of the one before.
        x, y = np.where(up, x, np.where(right, half - 1 - x, x)), np.where(up, y, np.where(right, half - 1 - y, y))
        x, y = np.where(up, x, y), np.where(up, y, x)
        x, y = x & (half - 1), y & (half - 1)
    return result


BASELINES: Final = MappingProxyType({"greedy": greedy, "mdav": mdav, "hilbert": hilbert, "kmeans": kmeans})
