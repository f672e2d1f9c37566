"""The rules about who is asked to start a group, on invented groups."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grouping.domain import starters
from grouping.domain.starters import Candidate, GroupNeed, Question, QuestionState, next_steps
from shared.errors import DomainError

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
MEETS = NOW + timedelta(days=10)
PEOPLE = [UUID(int=number) for number in range(1, 6)]


def question(number: int, state: QuestionState = QuestionState.OPEN, **changes: object) -> Question:
    plain = Question(UUID(int=100 + number), PEOPLE[number], state, NOW + timedelta(days=2), MEETS)
    return replace(plain, **changes)  # type: ignore[arg-type]


def need(*assigned: int, required: int = 1, **changes: object) -> GroupNeed:
    ids = frozenset(PEOPLE[number] for number in assigned)
    return replace(GroupNeed(MEETS, required=required, assigned=ids, askable=ids), **changes)  # type: ignore[arg-type]


def test_assigned_igangsetter_is_asked_and_nobody_else() -> None:
    steps = next_steps(need(0), [], [Candidate(PEOPLE[1], 0, 1.0)], NOW)
    assert steps.ask == (PEOPLE[0],)


def test_igangsetter_without_account_is_neither_asked_nor_replaced() -> None:
    assert not next_steps(need(0, askable=frozenset()), [], [Candidate(PEOPLE[1], 0, 1.0)], NOW)


def test_next_best_is_the_one_with_fewest_groups_then_the_nearest() -> None:
    candidates = [Candidate(PEOPLE[1], 1, 0.1), Candidate(PEOPLE[2], 0, 9.0), Candidate(PEOPLE[3], 0, 3.0)]
    assert next_steps(need(), [], candidates, NOW).ask == (PEOPLE[3],)
    assert next_steps(need(required=2), [], candidates, NOW).ask == (PEOPLE[3], PEOPLE[2])


@pytest.mark.parametrize("state", [QuestionState.DECLINED, QuestionState.LAPSED, QuestionState.WITHDRAWN])
def test_nobody_is_asked_twice_about_one_time(state: QuestionState) -> None:
    candidates = [Candidate(PEOPLE[0], 0, 1.0), Candidate(PEOPLE[1], 3, 9.0)]
    assert next_steps(need(), [question(0, state)], candidates, NOW).ask == (PEOPLE[1],)
    assert next_steps(need(), [question(0, state)], candidates[:1], NOW).ask == ()


def test_question_past_its_deadline_lapses_and_the_next_is_asked() -> None:
    late = question(0, deadline=NOW)
    steps = next_steps(need(0), [late], [Candidate(PEOPLE[1], 0, 1.0)], NOW)
    assert (steps.lapse, steps.release, steps.ask) == ((late,), (PEOPLE[0],), (PEOPLE[1],))


@pytest.mark.parametrize("state", [QuestionState.OPEN, QuestionState.ACCEPTED])
def test_moved_meeting_is_asked_about_again(state: QuestionState) -> None:
    asked = question(0, state)
    steps = next_steps(need(0, starts_at=MEETS + timedelta(days=7)), [asked], [], NOW)
    assert steps.withdraw == ((asked, "moved"),)
    assert (steps.ask, steps.again, steps.release) == ((PEOPLE[0],), frozenset({PEOPLE[0]}), ())


@pytest.mark.parametrize("over", ["cancelled"])
def test_cancelled_group_takes_every_question_back(over: starters.WithdrawReason) -> None:
    live = [question(0), question(1, QuestionState.ACCEPTED)]
    steps = next_steps(need(0, 1, over=over), live, [], NOW)
    assert [reason for _, reason in steps.withdraw] == ["cancelled", "cancelled"]


def test_started_group_keeps_a_yes_and_frees_who_did_not_answer() -> None:
    steps = next_steps(need(0, 1, started=True), [question(0), question(1, QuestionState.ACCEPTED)], [], NOW)
    assert (steps.release, steps.withdraw) == ((PEOPLE[0],), ())


def test_closed_account_frees_a_group_and_another_is_asked() -> None:
    accepted = question(0, QuestionState.ACCEPTED)
    closed = need(0, askable=frozenset(), closed=frozenset({PEOPLE[0]}))
    steps = next_steps(closed, [accepted], [Candidate(PEOPLE[1], 0, 1.0)], NOW)
    assert steps.withdraw == ((accepted, "account_closed"),)
    assert (steps.release, steps.ask) == ((PEOPLE[0],), (PEOPLE[1],))


def test_question_can_be_answered_for_two_days_and_never_after_the_meeting() -> None:
    assert starters.deadline(MEETS, NOW) == NOW + timedelta(days=2)
    assert starters.deadline(NOW + timedelta(hours=5), NOW) == NOW + timedelta(hours=5)


@pytest.mark.parametrize(
    ("asked", "starts_at"),
    [
        (question(0, QuestionState.LAPSED), MEETS),
        (question(0, QuestionState.WITHDRAWN), MEETS),
        (question(0, QuestionState.DECLINED), MEETS),
        (question(0, deadline=NOW), MEETS),
        (question(0), MEETS + timedelta(days=7)),
        (question(0), None),
    ],
)
def test_accept_of_what_is_no_longer_asked_is_refused(asked: Question, starts_at: datetime | None) -> None:
    with pytest.raises(DomainError, match="question_over"):
        starters.accept(asked, starts_at, NOW)


STATES = st.sampled_from(QuestionState)
MOMENTS = st.sampled_from([MEETS, MEETS + timedelta(days=7)])
QUESTIONS = st.lists(
    st.builds(
        Question,
        id=st.uuids(),
        igangsetter_id=st.sampled_from(PEOPLE),
        state=STATES,
        deadline=st.sampled_from([NOW - timedelta(hours=1), NOW + timedelta(days=1)]),
        starts_at=MOMENTS,
    ),
    max_size=6,
)
SETS = st.frozensets(st.sampled_from(PEOPLE))


@given(
    starts_at=st.one_of(st.none(), MOMENTS),
    assigned=SETS,
    with_account=SETS,
    closed=SETS,
    over=st.sampled_from([None, None, "cancelled"]),
    started=st.booleans(),
    required=st.integers(0, 2),
    questions=QUESTIONS,
    free=SETS,
)
def test_doing_the_steps_leaves_none_and_asks_nobody_twice(
    starts_at: datetime | None,
    assigned: frozenset[UUID],
    with_account: frozenset[UUID],
    closed: frozenset[UUID],
    over: starters.WithdrawReason | None,
    started: bool,
    required: int,
    questions: list[Question],
    free: frozenset[UUID],
) -> None:
    live = {}
    for each in questions:  # the database has one live question to each about a group
        if each.is_live:
            live[each.igangsetter_id] = each
    questions = [each for each in questions if not each.is_live] + list(live.values())
    closed = closed & with_account & assigned
    state = GroupNeed(
        starts_at,
        over=over,
        started=started,
        required=required,
        assigned=assigned,
        askable=(with_account & assigned) - closed,
        closed=closed,
    )
    candidates = [Candidate(each, 0, 1.0) for each in sorted(free & with_account - closed)]
    steps = next_steps(state, questions, candidates, NOW)

    asked = list(steps.ask)
    assert len(asked) == len(set(asked))
    if over is not None or started or starts_at is None:
        assert asked == []
    refused = {each.igangsetter_id for each in questions if not each.is_live and each.starts_at == starts_at}
    assert not refused & set(asked)
    assert not set(steps.release) & set(asked)

    ended = {each.id for each, _ in steps.withdraw} | {each.id for each in steps.lapse}
    after = [replace(each, state=QuestionState.WITHDRAWN) if each.id in ended else each for each in questions]
    if starts_at is not None:
        after += [
            Question(UUID(int=900 + number), each, QuestionState.OPEN, NOW + timedelta(days=2), starts_at)
            for number, each in enumerate(asked)
        ]
    kept = (assigned - set(steps.release)) | set(asked)
    then = replace(state, assigned=kept, askable=(with_account & kept) - closed, closed=closed & kept)
    assert not next_steps(then, after, [each for each in candidates if each.igangsetter_id not in kept], NOW)
