"""The life of a sign-up, by hand and by a machine that tries everything."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from intake.domain.form import Asks
from intake.domain.signups import ANNOUNCED, Placed, SignupProgress, State

NOW = datetime(2026, 1, 5, tzinfo=UTC)
OPEN = Asks("1", None, reading=False, talk=False)
STRICT = Asks("1", "1", reading=True, talk=True)
GROUP, OTHER = uuid4(), uuid4()


def news(version: int, group: UUID = GROUP, minutes: int = 0) -> Placed:
    return Placed(group, version, NOW + timedelta(minutes=minutes))


def test_where_nothing_is_asked_for_confirming_is_enough() -> None:
    assert State.READY is SignupProgress().confirm(OPEN).state


def test_every_step_that_the_centre_asks_for_comes_before_the_list() -> None:
    life = SignupProgress().confirm(STRICT)
    assert (life.state, life.awaits(STRICT)) == (State.CONFIRMED, ("read", "talk"))
    life = life.hold_talk(STRICT)
    assert (life.state, life.awaits(STRICT)) == (State.CONFIRMED, ("read",))
    assert State.READY is life.read_information(STRICT).state


def test_a_talk_before_the_confirmation_does_not_confirm() -> None:
    assert State.RECEIVED is SignupProgress().hold_talk(STRICT).state


@pytest.mark.parametrize("state", list(State))
def test_confirming_twice_is_confirming_once(state: State) -> None:
    life = SignupProgress(state).confirm(OPEN)
    assert life == life.confirm(OPEN)


def test_older_news_of_a_group_change_nothing() -> None:
    life = SignupProgress(State.READY).place(State.SEATED, news(3))
    assert life == life.place(State.OFFERED, news(2))
    assert life == life.place(State.SEATED, news(3))


def test_what_one_group_gives_up_says_nothing_of_a_seat_in_another() -> None:
    life = SignupProgress(State.READY).place(State.OFFERED, news(2, OTHER, minutes=5))
    assert life == life.place(State.READY, news(9, GROUP, minutes=5))


def test_who_has_left_is_left_alone() -> None:
    gone = SignupProgress(State.READY).withdraw()
    assert gone == gone.place(State.OFFERED, news(1))


HISTORY = [
    (State.OFFERED, news(1, GROUP, 1)),
    (State.SEATED, news(2, GROUP, 2)),
    (State.READY, news(3, GROUP, 3)),
    (State.OFFERED, news(1, OTHER, 4)),
    (State.SEATED, news(2, OTHER, 5)),
    (State.MEMBER, news(3, OTHER, 6)),
]


@given(st.permutations(HISTORY * 2))
def test_order_and_copies_do_not_matter(order: list[tuple[State, Placed]]) -> None:
    life = SignupProgress(State.READY)
    for state, told in order:
        life = life.place(state, told)
    assert (life.state, life.placed and life.placed.group_id) == (State.MEMBER, OTHER)


class Signups(RuleBasedStateMachine):
    """One sign-up, everything that can happen, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.life = SignupProgress()
        self.asks = OPEN
        self.version = 0

    @rule(reading=st.booleans(), talk=st.booleans())
    def policy(self, reading: bool, talk: bool) -> None:
        self.asks = Asks("1", "1", reading=reading, talk=talk)

    @rule()
    def confirm(self) -> None:
        self.life = self.life.confirm(self.asks)

    @rule()
    def talk(self) -> None:
        self.life = self.life.hold_talk(self.asks)

    @rule()
    def read(self) -> None:
        self.life = self.life.read_information(self.asks)

    @rule(state=st.sampled_from([State.OFFERED, State.SEATED, State.READY]))
    def grouping_tells(self, state: State) -> None:
        self.version += 1
        before = self.life.state
        self.life = self.life.place(state, news(self.version))
        if before in ANNOUNCED:
            assert self.life.state is state

    @precondition(lambda self: self.life.state is not State.RECEIVED)
    @rule()
    def withdraw(self) -> None:
        self.life = self.life.withdraw()

    @rule()
    def never_back_from_gone(self) -> None:
        gone = self.life.withdraw()
        assert State.WITHDRAWN is gone.confirm(self.asks).hold_talk(self.asks).read_information(self.asks).state

    @invariant()
    def placed_only_when_announced(self) -> None:
        assert self.life.placed is None or self.life.state in {*ANNOUNCED, State.WITHDRAWN}


TestSignups = Signups.TestCase
