"""A random history, checked after each thing that happens; `just storm --events 1000000` is the long one."""

from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.grouping.support.storm import AREAS, EVENT_WEIGHTS, Storm

pytestmark = pytest.mark.proofs

EVENTS: Final = 3000


def test_storm_long_history_keeps_every_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    # So that empty rows are left behind many times, not once in tens of thousands of arrivals.
    monkeypatch.setattr("grouping.domain.matching.matcher.SPARE_ROWS", 100)
    storm = Storm(seed=3)

    storm.play(EVENTS)

    assert storm.event_counts.keys() == EVENT_WEIGHTS.keys()
    assert storm.ledger.formed > EVENTS // 50
    assert storm.ledger.checks > 4 * EVENTS


@given(st.integers(0, 2**32), st.sampled_from(AREAS))
@settings(max_examples=15, deadline=None)
def test_storm_any_seed_and_policy_keeps_every_rule(seed: int, area: tuple[int, int, int]) -> None:
    Storm(seed, *area).play(120, recount_every=20)


@pytest.mark.parametrize("area", AREAS)
def test_storm_rebuilt_matcher_decides_as_one_never_rebuilt(area: tuple[int, int, int]) -> None:
    kept, renewed = Storm(11, *area), Storm(11, *area, rebuild_every=7)

    kept.play(600)
    renewed.play(600)

    assert kept.ledger.formed > 5
    assert renewed.digest.digest() == kept.digest.digest()
