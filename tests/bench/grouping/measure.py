"""Run one method on one instance in a process of its own, on one core, so that no cache or memory is shared."""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from types import MappingProxyType
from typing import Final, ParamSpec, TypeVar

from tests.bench.grouping.edges import build, nearest_for
from tests.bench.grouping.instances import Instance, generate
from tests.bench.grouping.judge import Group, Verdict, judge

P = ParamSpec("P")
R = TypeVar("R")

EXACT_PEOPLE: Final = 500
"""Up to this many people the bound is that of the linear program."""
MANY_PEOPLE: Final = 20_000
BOUND_ROUNDS: Final = 600
BOUND_ROUNDS_MANY: Final = 200

TITLES: Final = MappingProxyType(
    {
        "greedy": "greedy nearest neighbour",
        "mdav": "MDAV",
        "hilbert": "Hilbert order, dynamic program",
        "kmeans": "k-means-constrained",
        "quick": "**the engine, no flow**",
        "engine": "**the engine**",
        "longer": "**the engine, 5 s more**",
    }
)
TOO_SLOW: Final = MappingProxyType({"kmeans": 20_000})
"""The largest instance of each method."""


@dataclass(frozen=True, slots=True)
class Row:
    """
    One method on one instance.

    Attributes:
        seconds: That the processor worked, from the people and rooms to the groups, every index included.
        memory_mib: The most the process has held, the people and rooms included.
    """

    method: str
    people: int
    seed: int
    verdict: Verdict
    seconds: float
    memory_mib: float


def measure(method: str, people: int, seed: int) -> Row:
    """Generate the instance, group it and judge the groups."""
    return alone(_measure, method, people, seed)


def bound(people: int, seed: int) -> float:
    """Return an upper bound on the score of any grouping of the instance."""
    return alone(_bound, people, seed)


def alone(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a function in a new process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *args, **kwargs).result()


def _measure(method: str, people: int, seed: int) -> Row:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    instance = generate(people, seed)
    run = _method(method)
    began = time.process_time()
    groups = run(instance)
    seconds = time.process_time() - began
    memory = _peak_mib()
    return Row(method, people, seed, judge(instance, groups), seconds, memory)


def _method(name: str) -> Callable[[Instance], tuple[Group, ...]]:
    # Imported only where it runs: each loads libraries that the others must not pay for.
    if name in {"quick", "engine", "longer"}:
        from tests.bench.grouping.engine import engine, engine_longer, engine_quick

        return {"quick": engine_quick, "engine": engine, "longer": engine_longer}[name]
    from tests.bench.grouping.baselines import BASELINES

    return lambda instance: BASELINES[name](instance, build(instance, nearest_for(instance)))


def _bound(people: int, seed: int) -> float:
    from tests.bench.grouping.bounds import lagrange, program, proven

    instance = generate(people, seed)
    edges = build(instance, nearest_for(instance))
    least, prices = lagrange(edges, BOUND_ROUNDS if people <= MANY_PEOPLE else BOUND_ROUNDS_MANY)
    if people <= EXACT_PEOPLE:
        return program(edges, least, prices)[0]
    return least if people <= MANY_PEOPLE else proven(instance, prices)


def _peak_mib() -> float:
    fields = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in fields if line.startswith("VmHWM")) / 1024


def plan(methods: list[str], sizes: dict[int, int]) -> Iterator[tuple[int, int, list[str]]]:
    """Yield each instance, as people and seed, with the methods that can handle its size."""
    for people, seeds in sizes.items():
        for seed in range(1, seeds + 1):
            yield people, seed, [name for name in methods if people <= TOO_SLOW.get(name, people)]
