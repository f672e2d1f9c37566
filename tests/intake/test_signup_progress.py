"""SignupProgress: examples, and a state machine that tries all orders."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from intake.domain.requirements import Requirements
from intake.domain.signups import IN_MATCHING, SeatChange, SignupProgress, SignupState

NOW = datetime(2026, 1, 5, tzinfo=UTC)
OPEN = Requirements("1", None, reading=False, talk=False)
STRICT = Requirements("1", "1", reading=True, talk=True)
GROUP, OTHER = uuid4(), uuid4()


def seat_change(version: int, group: UUID = GROUP, minutes: int = 0) -> SeatChange:
    return SeatChange(group, version, NOW + timedelta(minutes=minutes))


def test_confirm_without_requirements_is_ready() -> None:
    assert SignupState.READY is SignupProgress().confirm(OPEN).state


def test_confirm_with_requirements_waits_for_every_step() -> None:
    progress = SignupProgress().confirm(STRICT)
    assert (progress.state, progress.pending_steps(STRICT)) == (SignupState.CONFIRMED, ("read", "talk"))
    progress = progress.complete_talk(STRICT)
    assert (progress.state, progress.pending_steps(STRICT)) == (SignupState.CONFIRMED, ("read",))
    assert SignupState.READY is progress.complete_reading(STRICT).state


def test_complete_talk_before_confirmation_stays_received() -> None:
    assert SignupState.RECEIVED is SignupProgress().complete_talk(STRICT).state


@pytest.mark.parametrize("state", list(SignupState))
def test_confirm_twice_changes_nothing(state: SignupState) -> None:
    progress = SignupProgress(state).confirm(OPEN)
    assert progress == progress.confirm(OPEN)


def test_apply_seat_change_older_version_changes_nothing() -> None:
    progress = SignupProgress(SignupState.READY).apply_seat_change(SignupState.SEATED, seat_change(3))
    assert progress == progress.apply_seat_change(SignupState.OFFERED, seat_change(2))
    assert progress == progress.apply_seat_change(SignupState.SEATED, seat_change(3))


def test_apply_seat_change_release_keeps_seat_in_other_group() -> None:
    progress = SignupProgress(SignupState.READY).apply_seat_change(
        SignupState.OFFERED, seat_change(2, OTHER, minutes=5)
    )
    assert progress == progress.apply_seat_change(SignupState.READY, seat_change(9, GROUP, minutes=5))


def test_apply_seat_change_withdrawn_changes_nothing() -> None:
    withdrawn = SignupProgress(SignupState.READY).withdraw()
    assert withdrawn == withdrawn.apply_seat_change(SignupState.OFFERED, seat_change(1))


HISTORY = [
    (SignupState.OFFERED, seat_change(1, GROUP, 1)),
    (SignupState.SEATED, seat_change(2, GROUP, 2)),
    (SignupState.READY, seat_change(3, GROUP, 3)),
    (SignupState.OFFERED, seat_change(1, OTHER, 4)),
    (SignupState.SEATED, seat_change(2, OTHER, 5)),
    (SignupState.MEMBER, seat_change(3, OTHER, 6)),
]


@given(st.permutations(HISTORY * 2))
def test_apply_seat_change_any_order_same_result(changes: list[tuple[SignupState, SeatChange]]) -> None:
    progress = SignupProgress(SignupState.READY)
    for state, change in changes:
        progress = progress.apply_seat_change(state, change)
    assert (progress.state, progress.seat_change and progress.seat_change.group_id) == (SignupState.MEMBER, OTHER)


CORRECTED = [
    *HISTORY,
    (SignupState.SEATED, seat_change(4, OTHER, 7)),
    (SignupState.MEMBER, seat_change(5, OTHER, 8)),
    (SignupState.SEATED, seat_change(6, OTHER, 9)),
]
"""The start of the group is revoked, made again, and revoked once more."""


@given(st.permutations(CORRECTED * 2), st.integers(6, len(CORRECTED)))
def test_apply_seat_change_revoked_start_any_order_same_result(
    changes: list[tuple[SignupState, SeatChange]], length: int
) -> None:
    happened = CORRECTED[:length]
    progress = SignupProgress(SignupState.READY)
    for state, change in changes:
        if (state, change) in happened:
            progress = progress.apply_seat_change(state, change)
    assert (progress.state, progress.seat_change) == happened[-1]


class Signups(RuleBasedStateMachine):
    """One sign-up, with all transitions in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.progress = SignupProgress()
        self.requirements = OPEN
        self.version = 0

    @rule(reading=st.booleans(), talk=st.booleans())
    def policy(self, reading: bool, talk: bool) -> None:
        self.requirements = Requirements("1", "1", reading=reading, talk=talk)

    @rule()
    def confirm(self) -> None:
        self.progress = self.progress.confirm(self.requirements)

    @rule()
    def talk(self) -> None:
        self.progress = self.progress.complete_talk(self.requirements)

    @rule()
    def parse_form(self) -> None:
        self.progress = self.progress.complete_reading(self.requirements)

    @rule(state=st.sampled_from([SignupState.OFFERED, SignupState.SEATED, SignupState.READY]))
    def seat_changes(self, state: SignupState) -> None:
        self.version += 1
        before = self.progress.state
        self.progress = self.progress.apply_seat_change(state, seat_change(self.version))
        if before in IN_MATCHING:
            assert self.progress.state is state

    @precondition(lambda self: self.progress.state is not SignupState.RECEIVED)
    @rule()
    def withdraw(self) -> None:
        self.progress = self.progress.withdraw()

    @rule()
    def withdrawn_is_final(self) -> None:
        withdrawn = self.progress.withdraw()
        assert (
            SignupState.WITHDRAWN
            is withdrawn.confirm(self.requirements)
            .complete_talk(self.requirements)
            .complete_reading(self.requirements)
            .state
        )

    @invariant()
    def seat_change_only_in_matching(self) -> None:
        assert self.progress.seat_change is None or self.progress.state in {*IN_MATCHING, SignupState.WITHDRAWN}


TestSignups = Signups.TestCase
