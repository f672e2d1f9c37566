"""Which groups are active follows from the events, in any order and number of copies."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notify.domain.kontaktmoter.groups import Fact, GroupFacts, Standing

NOTHING = GroupFacts({})
LIFE: list[tuple[Fact, str | None]] = [
    (Fact.STARTED, None),
    (Fact.START_REVOKED, None),
    (Fact.HANDED_OVER, "sealed_alias"),
    (Fact.EXPIRED, None),
    (Fact.KEPT_ALIVE, None),
    (Fact.DISSOLVED, None),
]


def standing(*facts: tuple[Fact, int] | tuple[Fact, int, str]) -> Standing:
    """The standing after these facts, the same in every order."""
    found = set()
    for order in permutations(facts):
        group = NOTHING
        for fact in (*order, *order):
            group = group.knowing(*fact)
        found.add(group.standing)
    (one,) = found
    return one


@pytest.mark.parametrize("memory", ["sealed_alias", "opt_in"])
def test_group_on_its_own_is_active(memory: str) -> None:
    assert standing((Fact.STARTED, 3), (Fact.HANDED_OVER, 9, memory)) is Standing.ACTIVE


def test_group_of_which_nothing_is_kept_cannot_be_invited() -> None:
    assert standing((Fact.STARTED, 3), (Fact.HANDED_OVER, 9, "none")) is Standing.NOTHING_KEPT


def test_group_with_igangsetter_or_without_start_is_not_active() -> None:
    assert standing((Fact.STARTED, 3)) is Standing.ACCOMPANIED
    assert standing((Fact.STARTED, 3), (Fact.START_REVOKED, 4)) is Standing.NOT_STARTED
    assert standing((Fact.STARTED, 3), (Fact.START_REVOKED, 4), (Fact.STARTED, 7)) is Standing.ACCOMPANIED
    assert NOTHING.standing is Standing.NOT_STARTED


def test_silent_group_is_active_again_as_soon_as_it_answers() -> None:
    on_its_own = ((Fact.HANDED_OVER, 9, "opt_in"),)
    assert standing(*on_its_own, (Fact.EXPIRED, 11)) is Standing.SILENT
    assert standing(*on_its_own, (Fact.EXPIRED, 11), (Fact.KEPT_ALIVE, 12)) is Standing.ACTIVE
    assert standing(*on_its_own, (Fact.KEPT_ALIVE, 10), (Fact.EXPIRED, 11)) is Standing.SILENT


def test_dissolved_group_is_never_active_again() -> None:
    assert standing((Fact.HANDED_OVER, 9, "opt_in"), (Fact.DISSOLVED, 10), (Fact.KEPT_ALIVE, 11)) is Standing.DISSOLVED


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(LIFE), max_size=8).flatmap(
        lambda facts: st.tuples(st.just(facts), st.permutations([*enumerate(facts, 1), *enumerate(facts, 1)]))
    )
)
def test_standing_is_the_same_in_any_order(history: tuple[list[tuple[Fact, str | None]], list[object]]) -> None:
    facts, shuffled = history
    in_order = any_order = NOTHING
    for version, (fact, memory) in enumerate(facts, 1):
        in_order = in_order.knowing(fact, version, memory)
    for version, (fact, memory) in shuffled:  # type: ignore[misc]  # pairs of a version and a fact
        any_order = any_order.knowing(fact, version, memory)
    assert any_order == in_order
