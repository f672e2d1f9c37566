"""Replies to a meeting with limited places end as in a simple model, whatever happens in between."""

from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notify.domain.kontaktmoter.replies import Replies, Reply
from shared.errors import DomainError
from tests.notify.support.reply_model import Model

GROUPS = 3
MEMBERS = 3
ALL = [UUID(int=100 * group + member) for group in range(1, GROUPS + 1) for member in range(MEMBERS)]
Step = tuple[str, int, int]

steps = st.lists(
    st.one_of(
        st.tuples(st.just("one"), st.integers(0, len(ALL) - 1), st.integers(0, 1)),
        st.tuples(st.just("group"), st.integers(0, len(ALL) - 1), st.integers(0, 6)),
        st.tuples(st.just("capacity"), st.integers(0, 12), st.just(0)),
        st.tuples(st.just("dissolve"), st.integers(1, GROUPS), st.just(0)),
        st.tuples(st.just("close"), st.just(0), st.just(0)),
    ),
    max_size=25,
)


def group_of(id_: UUID) -> UUID:
    return UUID(int=id_.int // 100)


def play(history: list[Step]) -> tuple[Replies, Model]:
    """Do the same to the rules and to the model."""
    replies = Replies(5, {id_: Reply(id_, group_of(id_)) for id_ in ALL})
    model = Model(5)
    for what, first, second in history:
        if what in ("one", "group"):
            id_ = ALL[first]
            if id_ in model.gone:
                continue
            mates = [m for m in ALL if m != id_ and group_of(m) == group_of(id_) and m not in model.gone]
            with suppress(DomainError):  # full: nothing has changed, in the model neither
                replies = replies.answer(id_, second, for_group=what == "group")
            model.answer(id_, second, mates if what == "group" else [])
        elif what == "capacity":
            replies, model.capacity = replies.resized(first), first
            model.serve()
        elif what == "dissolve":
            members = {id_ for id_ in ALL if group_of(id_) == UUID(int=first)}
            replies = replies.without(members)
            model.gone |= members
            model.has = {who: n for who, n in model.has.items() if who not in members}
            model.queue = [entry for entry in model.queue if entry[0] not in members]
            model.serve()
        elif not model.closed:
            replies, missed = replies.closed()
            assert missed == {who for who, _ in model.queue if not model.has.get(who)}
            model.closed, model.queue = True, []
    return replies, model


@settings(max_examples=150, deadline=None)
@given(steps)
def test_replies_end_as_in_the_model(history: list[Step]) -> None:
    replies, model = play(history)
    has = {id_: reply.seats for id_, reply in replies.by_invitation.items() if reply.seats}
    assert has == {who: people for who, people in model.has.items() if people}
    line = sorted((reply for reply in replies.by_invitation.values() if reply.line), key=lambda reply: reply.line or 0)
    assert [(reply.invitation_id, reply.wanted) for reply in line] == model.queue


@settings(max_examples=100, deadline=None)
@given(steps)
def test_answers_given_twice_change_nothing(history: list[Step]) -> None:
    twice = [step for step in history for _ in range(2)]
    once, again = play(history)[0], play(twice)[0]
    assert {id_: (reply.seats, reply.wanted) for id_, reply in once.by_invitation.items()} == {
        id_: (reply.seats, reply.wanted) for id_, reply in again.by_invitation.items()
    }


@settings(max_examples=100, deadline=None)
@given(steps)
def test_places_are_never_more_than_there_ever_were(history: list[Step]) -> None:
    most = max([5, *(step[1] for step in history if step[0] == "capacity")])
    replies, _ = play(history)
    assert replies.coming <= most
    assert all(reply.seats <= reply.wanted for reply in replies.by_invitation.values())
    assert all((reply.line is None) == (reply.seats == reply.wanted) for reply in replies.by_invitation.values())


A, B, C = UUID(int=1), UUID(int=2), UUID(int=3)


def three(capacity: int | None) -> Replies:
    return Replies(capacity, {id_: Reply(id_) for id_ in (A, B, C)})


def test_line_promotes_in_order_and_a_small_wish_passes_nobody() -> None:
    replies = three(3).answer(A, 3).answer(B, 2).answer(C, 1).answer(A, 2)
    assert [replies.by_invitation[id_].seats for id_ in (A, B, C)] == [2, 0, 0]
    replies = replies.answer(A, 0)
    assert [replies.by_invitation[id_].seats for id_ in (A, B, C)] == [0, 2, 1]


def test_who_has_cancelled_is_never_offered_again() -> None:
    replies = three(1).answer(A, 1).answer(B, 1).answer(B, 0).answer(A, 0).resized(10)
    assert replies.by_invitation[B].seats == 0
    assert replies.coming == 0


@pytest.mark.parametrize("change", [lambda r: r.answer(A, 0), lambda r: r.resized(9), lambda r: r.without([A])])
def test_closed_line_gives_no_place_any_more(change: Callable[[Replies], Replies]) -> None:
    replies, missed = three(1).answer(A, 1).answer(B, 1).closed()
    assert missed == {B}
    assert change(replies).by_invitation[B].seats == 0


def test_answer_after_the_line_has_closed_takes_a_free_place_or_nothing() -> None:
    replies, _ = three(2).answer(A, 1).closed()
    assert replies.answer(B, 1).coming == 2
    with pytest.raises(DomainError, match="meeting_is_full"):
        replies.answer(B, 2)


def test_no_limit_gives_everybody_a_place() -> None:
    assert three(None).answer(A, 40).answer(B, 50).coming == 90
