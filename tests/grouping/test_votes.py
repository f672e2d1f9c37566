"""A vote tells one bit at its deadline, and nothing else before, during or after."""

import os
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grouping.domain import votes
from grouping.domain.votes import Chance, Turnout, Vote
from shared.errors import DomainError

NOW = datetime(2026, 1, 6, 17, 0, tzinfo=UTC)
KEY = b"k" * 32


def vote(size: int = 5) -> Vote:
    ballots = tuple(UUID(int=number) for number in range(1, size + 1))
    return Vote(UUID(int=100), UUID(int=7), "conflict_visit", NOW + votes.OPEN_FOR, ballots)


def chance() -> Chance:
    return Chance(os.urandom(votes.NONCE_BYTES), os.urandom(votes.NOISE_BYTES))


def opened(question: Vote) -> tuple[Turnout, bytes]:
    return votes.empty_turnout(question, KEY, os.urandom(votes.NONCE_BYTES)), votes.empty_box(question, KEY)


def answered(question: Vote, answers: list[tuple[int, bool]]) -> tuple[Turnout, bytes]:
    turnout, box = opened(question)
    for number, yes in answers:
        ballot = UUID(int=number)
        turnout, box = votes.answer(question, turnout, box, KEY, ballot, yes=yes, chance=chance(), now=NOW)
    return turnout, box


def agreed(question: Vote, box: bytes, key: bytes = KEY) -> bool:
    return votes.all_agree(question, box, key, question.deadline)


@pytest.mark.parametrize("answers", list(product([True, False, None], repeat=3)))
def test_vote_agrees_only_if_every_ballot_says_yes(answers: tuple[bool | None, ...]) -> None:
    given_answers = [(number, yes) for number, yes in enumerate(answers, start=1) if yes is not None]

    _, box = answered(vote(3), given_answers)

    assert agreed(vote(3), box) is (answers == (True, True, True))


@given(st.permutations(range(1, 9)))
def test_vote_agrees_in_any_order_of_answers(order: list[int]) -> None:
    _, box = answered(vote(8), [(number, True) for number in order])

    assert agreed(vote(8), box)


def test_vote_without_ballots_agrees_to_nothing() -> None:
    _, box = opened(vote(0))

    assert not agreed(vote(0), box)


def test_second_answer_is_refused_and_cannot_take_back_the_first() -> None:
    turnout, box = answered(vote(), [(1, True)])

    for yes in (True, False):
        with pytest.raises(DomainError, match="answered_already"):
            votes.answer(vote(), turnout, box, KEY, UUID(int=1), yes=yes, chance=chance(), now=NOW)


def test_answer_of_stranger_or_after_deadline_is_refused() -> None:
    turnout, box = opened(vote())

    with pytest.raises(DomainError, match="unknown_ballot"):
        votes.answer(vote(), turnout, box, KEY, UUID(int=6), yes=True, chance=chance(), now=NOW)
    with pytest.raises(DomainError, match="vote_closed"):
        votes.answer(vote(), turnout, box, KEY, UUID(int=1), yes=True, chance=chance(), now=vote().deadline)


def test_result_before_the_deadline_is_refused_even_if_all_have_answered() -> None:
    _, box = answered(vote(3), [(1, True), (2, True), (3, True)])

    with pytest.raises(DomainError, match="vote_open"):
        votes.all_agree(vote(3), box, KEY, vote(3).deadline - timedelta(seconds=1))


def test_seals_have_one_length_and_change_both_at_every_answer() -> None:
    seen = [opened(vote())]
    for number, yes in ((3, True), (1, False), (5, True), (2, False), (4, True)):
        turnout, box = seen[-1]
        ballot = UUID(int=number)
        seen.append(votes.answer(vote(), turnout, box, KEY, ballot, yes=yes, chance=chance(), now=NOW))

    assert {(len(turnout.sealed), len(box)) for turnout, box in seen} == {(8, 32)}
    assert len({turnout.sealed for turnout, _ in seen}) == len({box for _, box in seen}) == 6


def test_seals_without_the_key_tell_nothing() -> None:
    """With another key each turnout is equally likely: over many runs every bit of a full and an empty one is even."""
    wrong = b"w" * 32
    full, empty = 0, 0
    for _ in range(400):
        turnout, _ = answered(vote(2), [(1, True), (2, True)])
        full += votes.has_answered(vote(2), turnout, wrong, UUID(int=1))
        turnout, _ = opened(vote(2))
        empty += votes.has_answered(vote(2), turnout, wrong, UUID(int=1))
    assert 130 < full < 270
    assert 130 < empty < 270


def test_key_that_changes_during_the_vote_gives_no_agreement() -> None:
    _, box = answered(vote(2), [(1, True), (2, True)])

    assert not agreed(vote(2), box, b"w" * 32)


def test_has_answered_is_known_to_the_owner_of_the_ballot() -> None:
    turnout, _ = answered(vote(), [(2, False), (4, True)])

    assert [votes.has_answered(vote(), turnout, KEY, UUID(int=number)) for number in range(1, 6)] == [
        False,
        True,
        False,
        True,
        False,
    ]
