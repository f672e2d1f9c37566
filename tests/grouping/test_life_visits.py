"""The rules of visits to a group on its own: offered, asked for, answered, lapsed and over."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from grouping.domain.life import accompaniment, solo, steps, visits
from grouping.domain.life.model import GroupLife, VisitState
from shared.errors import DomainError
from tests.grouping.support.lives import PRESETS, started
from tests.grouping.test_group_life import ENDED, WEEK, declined, independent, visit_id


@pytest.mark.parametrize(("weeks", "after"), [(1, 3), (2, 6)])
def test_return_visit_is_offered_after_the_policys_meetings_alone(weeks: int, after: int) -> None:
    life, now = independent(weeks)
    due = now + after * WEEK

    assert solo.follow_up_at(life) == due
    assert steps.advance(life, due - timedelta(seconds=1)).visit is None
    offered = steps.advance(life, due)
    assert offered.visit is not None
    assert (offered.visit.kind, offered.visit.state) == ("return_visit", VisitState.OFFERED)


def test_return_visit_is_offered_once_even_after_it_was_declined() -> None:
    life, now = independent()
    life = declined(steps.advance(life, now + 3 * WEEK))

    later = steps.advance(life, now + 20 * WEEK)

    assert later.visits == 1
    assert later.visit is not None
    assert later.visit.state is VisitState.DECLINED_BY_GROUP


@pytest.mark.parametrize("memory", ["none", "sealed_alias", "opt_in"])
def test_offer_that_nobody_answers_lapses_after_four_weeks(memory: str) -> None:
    life, now = independent(post_handover_memory=memory)
    offered = steps.take_steps(life, now + 3 * WEEK)
    ends_at = visits.offer_ends_at(offered)
    assert ends_at == now + 7 * WEEK

    assert steps.take_steps(offered, ends_at - timedelta(seconds=1)).visit == offered.visit
    assert steps.next_step_at(offered) is not None
    lapsed = steps.take_steps(offered, ends_at)

    assert lapsed.visit is not None
    assert (lapsed.visit.state, lapsed.visits, lapsed.visit.is_ahead) == (VisitState.LAPSED, 1, False)
    assert steps.take_steps(lapsed, ends_at + 20 * WEEK).visit == lapsed.visit
    assert visits.offer_ends_at(lapsed) is None
    assert steps.advance(offered, ends_at).members == frozenset()


@pytest.mark.parametrize("answer", [visits.accept_visit, lambda life, _now: declined(life)])
def test_offer_that_is_answered_never_lapses(answer: Callable[[GroupLife, datetime], GroupLife]) -> None:
    life, now = independent()
    answered = answer(steps.take_steps(life, now + 3 * WEEK), now + 4 * WEEK)
    later = steps.take_steps(answered, now + 9 * WEEK)
    assert later.visit is not None
    assert later.visit.state is not VisitState.LAPSED


def test_return_visit_comes_later_when_the_group_pauses() -> None:
    life, now = independent()
    life = solo.pause_meetings(life, (now + 2 * WEEK).date(), now)

    assert solo.follow_up_at(life) == now + 5 * WEEK


def test_visit_is_asked_for_only_where_the_policy_has_visits() -> None:
    oslo = started(PRESETS["link-oslo"])
    oslo = accompaniment.record_agreement(oslo, ENDED)

    with pytest.raises(DomainError, match="no_visits"):
        visits.ask_for_visit(oslo, ENDED)
    with pytest.raises(DomainError, match="vote_needed"):
        visits.ask_in_conflict(oslo, ENDED)
    assert visits.ask_in_conflict(oslo, ENDED, unanimous=True).visit is not None


def test_visit_is_agreed_moved_held_and_over() -> None:
    life, now = independent()
    life = visits.ask_for_visit(life, now)
    at = now + WEEK

    life = visits.agree_visit(life, visit_id(life), at, at + timedelta(hours=1), "Storstua", now)
    life = visits.agree_visit(life, visit_id(life), at + WEEK, at + WEEK + timedelta(hours=1), "Storstua", now)

    assert life.visit is not None
    assert life.visit.meeting_id is not None
    assert life.meeting(life.visit.meeting_id).sequence == 1
    over = steps.advance(life, at + WEEK + timedelta(hours=1))
    assert over.visit is not None
    assert over.visit.state is VisitState.OVER
