"""The acts that a member's page offers: those that the policy and the state of the group allow, and no other."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grouping.domain.life import accompaniment
from grouping.domain.life.acts import GROUP_ACTS, MEMBER_ACTS, possible_for_group, possible_for_member
from grouping.domain.life.model import GroupLife, LifeState
from shared.reference.policy import Policy
from tests.grouping.support.lives import START, any_policy, policy, started

ME, STRANGER = UUID(int=1), UUID(int=77)
AFTER = START.replace(month=2)
KEPT: dict[str, Any] = {"post_handover_memory": "opt_in"}


def alone(**changes: Any) -> GroupLife:
    life = started(policy(**({"starter_meetings": {"min": 1, "max": 5}} | changes)))
    return accompaniment.hand_over(life, "members", AFTER)


@pytest.mark.parametrize(
    ("life", "act", "offered"),
    [
        (started(policy(starter_meetings={"min": 1, "max": 2})), "ready", True),
        (started(policy(starter_meetings={"min": 2, "max": 2})), "ready", False),
        (alone(), "ready", False),
        (started(policy(**KEPT)), "keep", True),
        (started(policy()), "keep", False),
        (alone(**KEPT), "keep", True),
        (started(policy()), "not_ready", False),
        (started(policy()), "do_not_dissolve", False),
        (started(policy()), "dissolve", True),
    ],
)
def test_act_of_member_is_offered_where_its_rule_holds(life: GroupLife, act: str, offered: bool) -> None:
    assert (act in possible_for_member(life, ME, AFTER)) is offered


@pytest.mark.parametrize(
    ("life", "act", "offered"),
    [
        (alone(visit_on_request=True), "visit", True),
        (alone(visit_on_request=False), "visit", False),
        (started(policy(visit_on_request=True)), "visit", False),
        (alone(conflict_visit="on_request"), "conflict_visit", True),
        (alone(conflict_visit="unanimous_and_centre_accepts"), "conflict_visit", False),
        (alone(conflict_visit="off"), "conflict_visit", False),
        (alone(), "met", True),
        (started(policy()), "met", False),
        (alone(), "alive", False),
        (alone(), "accept_visit", False),
    ],
)
def test_act_of_group_is_offered_where_its_rule_holds(life: GroupLife, act: str, offered: bool) -> None:
    assert (act in possible_for_group(life, AFTER)) is offered


@given(any_policy, st.booleans())
def test_stranger_is_offered_nothing_and_each_offer_changes_something(rules: Policy, handed_over: bool) -> None:
    life = started(rules)
    if handed_over and life.state is LifeState.ACCOMPANIED:
        life = accompaniment.hand_over(life, "igangsetter", AFTER)

    assert possible_for_member(life, STRANGER, AFTER) == frozenset()
    for group_act in possible_for_group(life, AFTER):
        assert GROUP_ACTS[group_act](life, AFTER) != life
    for member_act in possible_for_member(life, ME, AFTER):
        assert MEMBER_ACTS[member_act](life, ME, AFTER) != life
