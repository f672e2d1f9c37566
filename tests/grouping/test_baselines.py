"""The baselines keep every rule too, or the comparison would say nothing."""

import numpy as np
import pytest

from tests.bench.grouping import baselines
from tests.bench.grouping.bounds import lagrange
from tests.bench.grouping.edges import build
from tests.bench.grouping.engine import engine
from tests.bench.grouping.instances import generate
from tests.bench.grouping.judge import judge

COUNTRY = generate(400, seed=21)
EDGES = build(COUNTRY)


@pytest.mark.parametrize("name", baselines.BASELINES)
def test_baseline_keeps_all_rules_and_places_most_people(name: str) -> None:
    verdict = judge(COUNTRY, baselines.BASELINES[name](COUNTRY, EDGES))
    assert verdict.placed > 0.6 * verdict.placeable


@pytest.mark.proofs
def test_engine_score_is_between_best_baseline_and_bound() -> None:
    bound, _ = lagrange(EDGES, rounds=200)
    best = max(judge(COUNTRY, method(COUNTRY, EDGES)).objective for method in baselines.BASELINES.values())
    assert best < judge(COUNTRY, engine(COUNTRY)).objective <= bound


def test_along_curve_neighbours_in_order_are_adjacent_squares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "HILBERT_BITS", 3)
    squares = np.array([(x, y) for x in range(8) for y in range(8)], dtype=np.float64)
    way = squares[np.argsort(baselines.along_curve(squares))]
    assert np.abs(np.diff(way, axis=0)).sum(axis=1).tolist() == [1.0] * 63
