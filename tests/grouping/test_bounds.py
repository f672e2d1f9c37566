"""The yardstick itself: no grouping is better than its bounds, and its judge lets no broken rule pass."""

from dataclasses import replace
from functools import cache
from itertools import combinations
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grouping.domain.matching.cells import Cell, Place, can_reach, fitting_cells, travel_km
from grouping.domain.matching.objective import PLACED, WAIT_WEIGHT, score
from tests.bench.grouping.bounds import lagrange, program, proven
from tests.bench.grouping.edges import build
from tests.bench.grouping.instances import Instance, generate
from tests.bench.grouping.judge import Group, RuleBrokenError, judge, placeable

pytestmark = pytest.mark.proofs

ROOM = Place(
    "here", 60.39, 5.32, step_free=False, max_people=3, slots=frozenset({"mon-evening", "tue-evening"}), max_groups=1
)


@cache
def country() -> Instance:
    return generate(300, seed=7)


def tiny(seed: int) -> Instance:
    """Eight people and three small rooms within a few kilometres; groups of two or three."""
    rng = np.random.default_rng(seed)
    base = country()
    waiting = tuple(
        replace(
            base.waiting[index],
            wishes=replace(
                base.waiting[index].wishes,
                latitude=60.39 + float(rng.normal(0, 0.05)),
                longitude=5.32 + float(rng.normal(0, 0.1)),
            ),
        )
        for index in rng.choice(300, 8, replace=False).tolist()
    )
    rooms = tuple(
        replace(
            ROOM,
            id=f"room-{number}",
            latitude=60.39 + float(rng.normal(0, 0.05)),
            max_people=int(rng.integers(2, 4)),
            step_free=bool(rng.random() < 0.5),
            max_groups=int(rng.integers(1, 3)),
        )
        for number in range(3)
    )
    return Instance(f"tiny-{seed}", rooms, waiting, size_min=2, size_max=3)


def best_of_all(instance: Instance) -> float:
    """The optimum, by trying everything."""
    by_id = {place.id: place for place in instance.places}
    fitting: dict[Cell, list[int]] = {}
    for number, person in enumerate(instance.waiting):
        for cell, _ in fitting_cells(person.wishes, instance.places, instance.offered):
            fitting.setdefault(cell, []).append(number)
    days = instance.waited_days()

    def gain(cell: Cell, people: tuple[int, ...]) -> float:
        km = np.array([travel_km(instance.waiting[number].wishes, by_id[cell.place]) for number in people])
        return float(score(days[list(people)], km).sum())

    groups = [
        (cell, people, gain(cell, people))
        for cell, fit in fitting.items()
        for size in range(instance.size_min, min(instance.size_max, by_id[cell.place].max_people or 99) + 1)
        for people in combinations(fit, size)
    ]
    by_first = [[group for group in groups if group[1][0] == number] for number in range(len(instance.waiting))]

    def best(number: int, gone: frozenset[int], used: tuple[tuple[str, str], ...]) -> float:
        if number == len(instance.waiting):
            return 0.0
        result = best(number + 1, gone, used)
        if number in gone:
            return result
        for cell, people, gain in by_first[number]:
            spot = (cell.place, cell.slot)
            if gone.isdisjoint(people) and used.count(spot) < (by_id[cell.place].max_groups or 99):
                result = max(result, gain + best(number + 1, gone | set(people), (*used, spot)))
        return result

    return best(0, frozenset(), ())


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_bounds_are_at_least_any_grouping(seed: int) -> None:
    instance = tiny(seed)
    optimum = best_of_all(instance)
    edges = build(instance)
    by_prices, prices = lagrange(edges, rounds=80)
    by_program, reached = program(edges, by_prices, prices)
    assert by_prices >= optimum - 1e-9
    assert by_program >= optimum - 1e-9
    assert reached <= by_program + 1e-6
    assert by_program <= by_prices
    assert proven(instance, prices, together=1) == pytest.approx(by_prices)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.floats(0, 3))
def test_bound_holds_for_any_prices(seed: int, price: float) -> None:
    instance = tiny(seed)
    prices = np.random.default_rng(seed).uniform(0, price + 1e-9, len(instance.waiting))
    assert proven(instance, prices) >= best_of_all(instance) - 1e-9


def test_program_proves_its_optimum_to_a_thousandth() -> None:
    edges = build(country())
    bound, reached = program(edges, *lagrange(edges))
    assert reached <= bound <= 1.001 * reached


def test_edges_are_the_cells_that_people_fit() -> None:
    instance = country()
    edges = build(instance)
    whole = {
        (number, cell, km)
        for number, person in enumerate(instance.waiting)
        for cell, km in fitting_cells(person.wishes, instance.places, instance.offered)
    }
    counts: dict[Cell, int] = {}
    for _, cell, _ in whole:
        counts[cell] = counts.get(cell, 0) + 1
    listed = {
        (person, edges.cells[cell], km)
        for person, cell, km in zip(edges.person.tolist(), edges.cell.tolist(), edges.km.tolist(), strict=True)
    }
    assert listed == {edge for edge in whole if counts[edge[1]] >= instance.size_min}
    assert set(placeable(instance).tolist()) == {number for number, _, _ in listed}


def test_edges_many_people_have_only_the_nearest_rooms() -> None:
    instance = replace(country(), size_min=1)
    farthest = [
        max(
            sorted(travel_km(person.wishes, place) for place in instance.places if can_reach(person.wishes, place))[:3],
            default=0,
        )
        for person in instance.waiting
    ]
    edges, nearest = build(instance), build(instance, nearest=3)
    kept = edges.km <= np.array(farthest)[edges.person]
    assert edges.km[kept].tolist() == nearest.km.tolist()
    assert edges.person[kept].tolist() == nearest.person.tolist()


def test_generate_same_seed_gives_same_people() -> None:
    assert generate(50, seed=1) == generate(50, seed=1)
    assert generate(50, seed=1).waiting != generate(50, seed=2).waiting


def cell_of_five(instance: Instance) -> Group:
    edges = build(instance)
    return Group(edges.cells[0], tuple(edges.person[: edges.start[1]].tolist()[:5]))


def test_judge_valid_group_is_counted() -> None:
    instance = country()
    group = cell_of_five(instance)
    verdict = judge(instance, [group])
    assert (verdict.placed, verdict.size) == (5, 5)
    assert 5 * (PLACED - 0.6) < verdict.objective < 5 * (PLACED + WAIT_WEIGHT)
    assert verdict.placeable == len(placeable(instance))


def test_judge_broken_rule_raises() -> None:
    instance = country()
    group = cell_of_five(instance)
    stranger = next(
        number for number, person in enumerate(instance.waiting) if group.cell.slot not in person.wishes.slots
    )
    refused = replace(instance.waiting[group.people[0]], declined=frozenset({group.cell}))
    unwilling = replace(
        instance, waiting=tuple(refused if n == group.people[0] else w for n, w in enumerate(instance.waiting))
    )
    twice = replace(instance.waiting[group.people[0]], signup_id=UUID(int=9_999))
    broken = [
        (instance, [Group(group.cell, group.people[:4])]),
        (instance, [Group(group.cell, (*group.people[:4], stranger))]),
        (instance, [group, group]),
        (unwilling, [group]),
        (replace(instance, waiting=(*instance.waiting, twice)), [Group(group.cell, (*group.people[:5], 300))]),
    ]
    for given_to, groups in broken:
        with pytest.raises(RuleBrokenError):
            judge(given_to, groups)


def test_judge_too_many_groups_in_one_room_raises() -> None:
    people = tuple(
        replace(
            country().waiting[number],
            wishes=replace(
                country().waiting[0].wishes,
                latitude=60.39,
                longitude=5.32,
                slots=("mon-evening",),
                languages=("nb",),
                wheelchair=False,
                requires=frozenset(),
            ),
        )
        for number in range(6)
    )
    instance = Instance("one-room", (ROOM,), people, size_min=2, size_max=3)
    cell = Cell("here", "mon-evening", "nb")
    assert judge(instance, [Group(cell, (0, 1, 2))]).placed == 3
    with pytest.raises(RuleBrokenError):
        judge(instance, [Group(cell, (0, 1, 2)), Group(cell, (3, 4, 5))])
