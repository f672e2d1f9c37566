"""Limits of a search, and its purity: it ends at its limit, with a valid result, and touches nothing shared."""

from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grouping.domain.matching.matcher import AreaMatcher, plan
from grouping.domain.optimise.diff import Draft
from grouping.domain.optimise.improve_drafts import improve_drafts
from grouping.domain.optimise.limits import never, stop_after, until
from grouping.domain.optimise.solve import plan_together, regroup
from tests.grouping.support.areas import NOW, check, random_area, uuid

SIZES = ((2, 4, 40), (3, 5, 40))


def drafts_of(seed: int) -> tuple[Draft, ...]:
    area = random_area(seed, SIZES)
    return tuple(
        Draft(
            uuid(5000 + number),
            group.cell,
            tuple(member.waiting for member in group.members),
            frozenset(),
            8,
            group.starters,
        )
        for number, group in enumerate(plan(area, NOW).new_groups)
    )


def test_until_limit_reached_yields_no_more() -> None:
    assert list(until(stop_after(3), range(9))) == [0, 1, 2]
    assert list(until(never, range(4))) == [0, 1, 2, 3]


@given(st.integers(0, 2**32), st.integers(0, 60))
@settings(max_examples=20, deadline=None)
def test_regroup_stopped_after_any_step_is_valid_and_repeatable(seed: int, steps: int) -> None:
    area = random_area(seed, SIZES)

    stopped = regroup(area, NOW, rounds=10, stop=stop_after(steps))

    check(area, [(group.cell, tuple(member.waiting for member in group.members), group.starters) for group in stopped])
    assert regroup(area, NOW, rounds=10, stop=stop_after(steps)) == stopped


def test_regroup_stopped_at_once_forms_no_groups() -> None:
    assert regroup(random_area(3, SIZES), NOW, stop=stop_after(0)) == ()


def test_improve_drafts_stopped_at_once_changes_nothing() -> None:
    assert improve_drafts(random_area(3, SIZES), drafts_of(3), NOW, stop=stop_after(0)) is None


@pytest.mark.parametrize("stops", [10, 100])
def test_improve_drafts_stops_soon_after_the_limit_is_reached(stops: int) -> None:
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > stops

    improve_drafts(random_area(3, SIZES), drafts_of(3), NOW, rounds=10_000, stop=stop)

    assert asked <= stops + 20


def test_search_in_threads_gives_the_sequential_result() -> None:
    """Nothing that they use is shared, and what they are given is as it was."""
    areas = [random_area(seed, SIZES) for seed in range(6)]
    drafts = [drafts_of(seed) for seed in range(6)]
    before = deepcopy((areas, drafts))

    def search(number: int) -> object:
        area = areas[number]
        return (
            improve_drafts(area, drafts[number], NOW, rounds=20),
            regroup(area, NOW, rounds=20),
            plan_together(area, NOW),
        )

    alone = [search(number) for number in range(6)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(search, [*range(6)] * 3))

    assert together == alone * 3
    assert (areas, drafts) == before


def test_plan_together_matcher_given_the_plan_is_unchanged() -> None:
    matcher = AreaMatcher(random_area(5, SIZES))
    before = matcher.snapshot()

    plan_together(matcher.snapshot(), NOW)

    assert matcher.snapshot() == before
