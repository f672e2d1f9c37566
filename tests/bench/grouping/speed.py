"""Measure decisions by number of waiting people, a rebuilt matcher, explanations and regrouping; write a page."""

import argparse
import os
import resource
import statistics
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final
from uuid import UUID

import numpy as np

from grouping.domain.insight.explanation import explain
from grouping.domain.matching.matcher import AreaMatcher
from grouping.domain.matching.model import AreaConfig, AreaState, NewGroup, OpenGroup
from grouping.domain.optimise.solve import regroup
from tests.bench.grouping.instances import Instance, generate
from tests.bench.grouping.measure import alone

WAITING: Final = (1_000, 10_000, 100_000, 200_000)
ARRIVED: Final = (1_000, 10_000, 100_000)
REBUILT: Final = (4_000, 100_000)
REGROUPED: Final = 100_000
EXPLAINED: Final = 20_000
LAST: Final = 1_000
"""Number of decisions measured at each size."""
ON_THEIR_WAY: Final = 1_000
"""Number of sign-ups after which a group has met and its room is free."""
MIB_PER_KIB: Final = 1 / 1024

INTRODUCTION: Final = """# How quick the grouping is

`just bench-speed` wrote this page. The people and rooms are invented where people live in Norway, all of it one area,
more than any centre will have (`tests/bench/grouping/instances.py`). Every figure is the median of {runs} runs, each
in a process of its own with other people.

Times are those that the processor worked for it, because the clock on the wall measures whoever else uses the machine.
A busy neighbour still makes every core slower: to add the numbers up to a million took {yardstick:.0f} ms here,
where a core of its own needs about ten.

A decision is all that follows from a sign-up: finding the cells that the person fits, then a free seat, or else forming
a group. Where *nobody is placed* no group may form, so the queue only grows; where *groups are made* each is made
as soon as it can, keeps its free seats while the next {on_their_way:,} people sign up, and then leaves its room to
others."""


@dataclass(frozen=True, slots=True)
class Times:
    """Microseconds per decision: median, 99th percentile and slowest."""

    p50: float
    p99: float
    most: float
    waiting: int


def never_placed(seed: int) -> dict[int, Times]:
    """Measure decisions while nobody can be seated, by number of waiting people."""
    instance = generate(max(WAITING), seed)
    return _decisions(instance, _area(instance, languages=frozenset()), WAITING)


def placed(seed: int) -> dict[int, Times]:
    """Measure decisions while groups are formed, by number of sign-ups."""
    instance = generate(max(ARRIVED), seed)
    return _decisions(instance, _area(instance), ARRIVED)


def _decisions(instance: Instance, area: AreaState, sizes: Iterable[int]) -> dict[int, Times]:
    _on_one_core()
    matcher, taken = AreaMatcher(area), []
    on_their_way: deque[tuple[int, UUID, NewGroup]] = deque()
    results = {}
    for number, person in enumerate(sorted(instance.waiting, key=lambda person: person.seniority), start=1):
        began = time.thread_time_ns()
        matcher.add(person)
        plan = matcher.decide(person.signed_up_at, [person.signup_id])
        taken.append(time.thread_time_ns() - began)
        for group in plan.new_groups:
            group_id = UUID(int=number)
            free_seats = instance.size_max - len(group.members)
            matcher.open_groups.put(OpenGroup(group_id, group.cell, free_seats, person.signed_up_at))
            on_their_way.append((number, group_id, group))
        while on_their_way and on_their_way[0][0] + ON_THEIR_WAY <= number:
            _, group_id, group = on_their_way.popleft()
            matcher.open_groups.remove(group_id)
            matcher.release_room(group.cell)
        if number in sizes:
            p50, p99, most = np.percentile(np.array(taken[-LAST:]) / 1000, (50, 99, 100))
            results[number] = Times(float(p50), float(p99), float(most), len(matcher.pool))
    return results


def rebuild_seconds(people: int, seed: int) -> float:
    """Return the seconds to build a matcher of all waiting people."""
    _on_one_core()
    instance = generate(people, seed)
    area = _area(instance, waiting=True)
    began = time.process_time()
    AreaMatcher(area)
    return time.process_time() - began


def explained(seed: int) -> Times:
    """Measure the explanations of some waiting people."""
    _on_one_core()
    instance = generate(EXPLAINED, seed)
    matcher = AreaMatcher(_area(instance, waiting=True))
    matcher.decide(instance.now)
    people = [matcher.pool.people[row] for row in matcher.pool.rows()]
    taken = []
    for who in Random(seed).sample(people, min(LAST, len(people))):
        began = time.thread_time_ns()
        explain(matcher, who)
        taken.append((time.thread_time_ns() - began) / 1000)
    p50, p99, most = np.percentile(taken, (50, 99, 100))
    return Times(float(p50), float(p99), float(most), len(people))


def regrouped(seed: int, *, flow: bool) -> tuple[float, float]:
    """Return the seconds to regroup all people, and the peak memory of the process in MiB."""
    _on_one_core()
    instance = generate(REGROUPED, seed)
    area = _area(instance, waiting=True)
    began = time.process_time()
    regroup(area, instance.now, rounds=0, flow=flow)
    seconds = time.process_time() - began
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * MIB_PER_KIB


def _area(instance: Instance, *, languages: frozenset[str] | None = None, waiting: bool = False) -> AreaState:
    return AreaState(
        AreaConfig(
            places=instance.places,
            size_min=instance.size_min,
            size_max=instance.size_max,
            offered_wishes=instance.offered,
            languages=languages,
        ),
        instance.waiting if waiting else (),
    )


def _on_one_core() -> None:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def yardstick() -> float:
    """Return the milliseconds of a fixed computation, to tell the speed of this core now."""
    began = time.process_time()
    sum(range(1_000_000))
    return 1000 * (time.process_time() - began)


def page(runs: int) -> str:
    """Measure everything; return the page as Markdown."""
    steps = [yardstick()]
    parts, goals = [], []
    never = [alone(never_placed, seed) for seed in range(1, runs + 1)]
    steps.append(yardstick())
    some = [alone(placed, seed) for seed in range(1, runs + 1)]
    steps.append(yardstick())
    for title, unit, results, sizes in (
        ("Nobody is placed", "waiting", never, WAITING),
        ("Groups are made", "signed up", some, ARRIVED),
    ):
        rows = [
            f"| {size:,} | {_of(results, size, 'waiting'):,.0f} | {_of(results, size, 'p50'):.0f} | "
            f"{_of(results, size, 'p99'):.0f} | {_of(results, size, 'most'):.0f} |"
            for size in sizes
        ]
        head = (f"| {unit} | who wait then | p50 µs | p99 µs | slowest µs |", "|---|---|---|---|---|")
        parts += [f"## One decision: {title.lower()}", "\n".join((*head, *rows))]
    ratio = statistics.median(one[WAITING[-1]].p50 / one[WAITING[0]].p50 for one in never)
    for results, sizes, when in ((never, WAITING, "nobody is placed"), (some, ARRIVED, "groups are made")):
        slowest = max(_of(results, size, "p99") for size in sizes) / 1000
        goals.append((f"a decision, p99, {when}", "< 1 ms", f"{slowest:.2f} ms", slowest < 1))
    goals.append(("p50 with 200,000 waiting / with 1,000", "< 1.5", f"{ratio:.2f}", ratio < 1.5))
    for people, limit in zip(REBUILT, (0.5, 8.0), strict=True):
        seconds = statistics.median(alone(rebuild_seconds, people, seed) for seed in range(1, runs + 1))
        goals.append((f"a matcher of {people:,} rebuilt", f"< {limit} s", f"{seconds:.2f} s", seconds < limit))
    reasons = [alone(explained, seed) for seed in range(1, runs + 1)]
    p50, p99 = (statistics.median(getattr(reason, name) for reason in reasons) / 1000 for name in ("p50", "p99"))
    goals.append(("why somebody waits, with what would help, p50", "", f"{p50:.2f} ms", True))
    goals.append(("why somebody waits, with what would help, p99", "< 2 ms", f"{p99:.2f} ms", p99 < 2))
    goals += _regrouped(runs)
    steps.append(yardstick())
    introduction = INTRODUCTION.format(runs=runs, yardstick=statistics.median(steps), on_their_way=ON_THEIR_WAY)
    lines = [f"| {what} | {goal} | {found}{'' if met else ' (missed)'} |" for what, goal, found, met in goals]
    aims = ["## What was aimed at", "\n".join(("| | aim | measured |", "|---|---|---|", *lines))]
    return "\n\n".join((introduction, *aims, *parts)) + "\n"


def _regrouped(runs: int) -> Iterator[tuple[str, str, str, bool]]:
    for flow, limit, how in ((False, 15, "without flow"), (True, 35, "with the best seats by flow")):
        results = [alone(regrouped, seed, flow=flow) for seed in range(1, runs + 1)]
        seconds, memory = (statistics.median(figures) for figures in zip(*results, strict=True))
        yield f"{REGROUPED:,} regrouped, {how}", f"< {limit} s", f"{seconds:.1f} s", seconds < limit
        yield f"its memory, {how}, the people included", "< 1,024 MiB", f"{memory:,.0f} MiB", memory < 1024


def _of(results: list[dict[int, Times]], size: int, name: str) -> float:
    return float(statistics.median(getattr(result[size], name) for result in results))


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(prog="bench-speed", description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--to", type=Path, default=Path("docs"), help="the folder to write to")
    options = parser.parse_args()
    result = page(options.runs)
    options.to.mkdir(parents=True, exist_ok=True)
    (options.to / "grouping-speed.md").write_text(result, encoding="utf-8")
    print(result)


if __name__ == "__main__":
    main()
