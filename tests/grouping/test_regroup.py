from dataclasses import replace
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grouping.domain.matching.cells import Cell, WaitingPerson
from grouping.domain.matching.matcher import plan
from grouping.domain.matching.model import AreaState, NewGroup
from grouping.domain.optimise.solve import regroup
from tests.grouping.support.areas import NOW, areas, best_possible, check, total, with_config

MANY = ((2, 4, 40), (3, 5, 40), (5, 8, 60))


def as_checked(groups: tuple[NewGroup, ...]) -> list[tuple[Cell, tuple[WaitingPerson, ...], tuple[UUID, ...]]]:
    return [(group.cell, tuple(member.waiting for member in group.members), group.starters) for group in groups]


def kept(area: AreaState, groups: tuple[NewGroup, ...]) -> None:
    check(area, as_checked(groups))


@given(areas())
@settings(max_examples=60, deadline=None)
def test_regroup_few_people_is_optimal(area: AreaState) -> None:
    groups = regroup(area, NOW)

    kept(area, groups)
    assert total(area, as_checked(groups)) == pytest.approx(best_possible(area), abs=1e-6)


@pytest.mark.proofs
@given(areas(MANY), st.sampled_from((0, 20)), st.booleans())
@settings(max_examples=20, deadline=None)
def test_regroup_many_people_violates_no_limit(area: AreaState, rounds: int, flow: bool) -> None:
    kept(area, regroup(area, NOW, rounds=rounds, flow=flow))


@pytest.mark.proofs
@given(areas(MANY), st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_regroup_shuffled_input_is_the_same(area: AreaState, chance: Random) -> None:
    waiting, places = list(area.waiting), list(area.config.places)
    chance.shuffle(waiting)
    chance.shuffle(places)

    other = with_config(
        replace(area, waiting=tuple(waiting)), places=tuple(places), starters=area.config.starters[::-1]
    )

    assert regroup(other, NOW, rounds=10, seed=3) == regroup(area, NOW, rounds=10, seed=3)


@pytest.mark.proofs
@given(areas(MANY))
@settings(max_examples=12, deadline=None)
def test_regroup_is_never_worse_than_the_matcher(area: AreaState) -> None:
    assert total(area, as_checked(regroup(area, NOW))) >= total(area, as_checked(plan(area, NOW).new_groups)) - 1e-6


@pytest.mark.proofs
@given(areas(MANY))
@settings(max_examples=6, deadline=None)
def test_regroup_more_rounds_are_never_worse(area: AreaState) -> None:
    assert total(area, as_checked(regroup(area, NOW, rounds=30))) >= total(area, as_checked(regroup(area, NOW))) - 1e-6


@given(areas())
@settings(max_examples=5, deadline=None)
def test_regroup_area_on_hold_gives_no_groups(area: AreaState) -> None:
    assert regroup(with_config(area, on_hold=True), NOW) == ()
