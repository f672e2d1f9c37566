from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from grouping.domain import groups, meetings, starts
from grouping.domain.groups import Group, GroupState, Seat, SeatState
from grouping.domain.meetings import Meeting, MeetingKind
from shared.errors import DomainError

NOW = datetime(2026, 1, 5, 11, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def seat(number: int, state: SeatState = SeatState.OFFERED, deadline: datetime | None = NOW + 3 * DAY) -> Seat:
    return Seat(UUID(int=number), UUID(int=100 + number), state, deadline)


def group(*seats: Seat, state: GroupState = GroupState.PROPOSED) -> Group:
    called = state in {GroupState.CONFIRMED, GroupState.STARTED}
    return Group(UUID(int=7), state, 5, 8, seats, meeting(NOW + 7 * DAY) if called else None)


def meeting(starts_at: datetime) -> Meeting:
    return Meeting(UUID(int=8), MeetingKind.START, starts_at, starts_at + timedelta(hours=2), "Rom 2")


def five(state: SeatState = SeatState.TAKEN) -> tuple[Seat, ...]:
    return tuple(seat(number, state) for number in range(1, 6))


def slug(attempt: pytest.ExceptionInfo[DomainError]) -> str:
    return attempt.value.slug


def test_group_started_refuses_every_new_member() -> None:
    closed = group(*five(), seat(6), state=GroupState.STARTED)

    attempts: tuple[Callable[[], Group], ...] = (
        lambda: groups.offer(closed, seat(9), NOW),
        lambda: groups.take(closed, UUID(int=6), NOW),
        lambda: groups.cancel(closed),
        lambda: groups.release(closed, UUID(int=1), "declined"),
        lambda: groups.move_meeting(closed, NOW + 9 * DAY, NOW + 9.1 * DAY, "Rom 2", NOW),
        lambda: groups.postpone(closed),
    )
    for attempt in attempts:
        with pytest.raises(DomainError) as refusal:
            attempt()
        assert slug(refusal) == "group_closed"


def test_release_started_group_lets_members_leave() -> None:
    left = groups.release(group(*five(), state=GroupState.STARTED), UUID(int=1), "withdrawn")

    assert len(left.taken) == 4
    assert left.state is GroupState.STARTED


def test_take_twice_is_taken_once() -> None:
    once = groups.take(group(*five(SeatState.OFFERED)), UUID(int=1), NOW)

    assert groups.take(once, UUID(int=1), NOW + 30 * DAY) == once


def test_take_offer_lapses_at_its_deadline() -> None:
    offered = group(*five(SeatState.OFFERED))

    assert groups.lapsed_offers(offered, NOW + 3 * DAY - timedelta(seconds=1)) == ()
    assert len(groups.lapsed_offers(offered, NOW + 3 * DAY)) == 5
    with pytest.raises(DomainError) as refusal:
        groups.take(offered, UUID(int=1), NOW + 3 * DAY)
    assert slug(refusal) == "seat_lapsed"


def test_confirm_proposal_needs_the_minimum() -> None:
    four = group(*five()[:4], seat(5))

    assert not groups.has_enough(four)
    assert groups.has_enough(groups.take(four, UUID(int=5), NOW))


def test_start_meeting_past_counts_as_held_unless_postponed() -> None:
    confirmed = group(*five(), seat(6), state=GroupState.CONFIRMED)
    over = NOW + 7 * DAY + timedelta(hours=2)

    assert not starts.is_start_meeting_over(confirmed, over - timedelta(seconds=1))
    assert starts.is_start_meeting_over(confirmed, over)
    assert not starts.is_start_meeting_over(groups.postpone(confirmed), over)
    started = starts.start(confirmed, over)
    assert started.state is GroupState.STARTED
    assert started.seat(UUID(int=6)).reason == "lapsed"


def test_start_with_too_few_members_is_refused() -> None:
    with pytest.raises(DomainError) as refusal:
        starts.start(group(*five()[:4], state=GroupState.CONFIRMED), NOW + 8 * DAY)
    assert slug(refusal) == "too_few"


def test_free_seats_are_none_once_the_start_meeting_begins() -> None:
    confirmed = group(*five(), state=GroupState.CONFIRMED)

    assert confirmed.free_seats(NOW + 7 * DAY - timedelta(seconds=1)) == 3
    assert confirmed.free_seats(NOW + 7 * DAY) == 0


class LifeOfAGroup(RuleBasedStateMachine):
    """All commands on a group, in any order and at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.group = group(*five(SeatState.OFFERED))
        self.members_at_start: frozenset[UUID] | None = None
        self.told: dict[str, Any] = {}
        self.next = 6

    def attempt(self, change: object) -> None:
        try:
            self.group = change()  # type: ignore[operator]
        except DomainError:
            return

    def any_seat(self, index: int) -> UUID:
        return self.group.seats[index % len(self.group.seats)].id

    @rule(at_once=st.booleans())
    def offer(self, at_once: bool) -> None:
        state = SeatState.TAKEN if at_once else SeatState.OFFERED
        new = seat(self.next, state, self.now + 3 * DAY)
        self.next += 1
        self.attempt(lambda: groups.offer(self.group, new, self.now))

    @rule(index=st.integers(0, 50))
    def take(self, index: int) -> None:
        self.attempt(lambda: groups.take(self.group, self.any_seat(index), self.now))

    @rule(index=st.integers(0, 50), reason=st.sampled_from(["declined", "withdrawn", "erased", "changed"]))
    def release(self, index: int, reason: groups.ReleaseReason) -> None:
        self.attempt(lambda: groups.release(self.group, self.any_seat(index), reason))

    @rule()
    def confirm(self) -> None:
        self.attempt(lambda: groups.confirm(self.group, meeting(self.now + 7 * DAY)))

    @rule(days=st.integers(-3, 9))
    def move(self, days: int) -> None:
        at = self.now + days * DAY
        self.attempt(lambda: groups.move_meeting(self.group, at, at + timedelta(hours=2), "Rom 3", self.now))

    @rule()
    def postpone(self) -> None:
        self.attempt(lambda: groups.postpone(self.group))

    @rule()
    def cancel(self) -> None:
        self.attempt(lambda: groups.cancel(self.group))

    @rule(days=st.integers(1, 5))
    def wait(self, days: int) -> None:
        self.now += days * DAY

    @rule()
    def start(self) -> None:
        self.attempt(lambda: starts.start(self.group, self.now))
        self.note_start()

    @rule(attendance=st.none() | st.integers(1, 8), days_ago=st.none() | st.integers(0, 20))
    def report_held(self, attendance: int | None, days_ago: int | None) -> None:
        def report() -> groups.Group:
            met = starts.met(self.group)
            if days_ago is None:
                return starts.report_held(self.group, meetings.report_held(met, attendance, self.now))
            at = self.now - days_ago * DAY
            held = meetings.report_held_at(met, at, at + timedelta(hours=2), attendance, self.now)
            return starts.report_held(self.group, held)

        self.attempt(report)
        self.note_start()

    @rule()
    def report_not_held(self) -> None:
        taken = {seat.person_id for seat in self.group.taken}
        self.attempt(lambda: starts.report_not_held(self.group, self.now))
        if self.group.state is GroupState.CONFIRMED:
            self.members_at_start = None
            assert {seat.person_id for seat in self.group.taken} == taken

    def note_start(self) -> None:
        if self.group.state is GroupState.STARTED and self.members_at_start is None:
            self.members_at_start = frozenset(seat.person_id for seat in self.group.taken)

    @invariant()
    def sequence_never_falls_and_counts_each_new_time(self) -> None:
        start_meeting = self.group.start_meeting
        if start_meeting is None:
            return
        told = (start_meeting.sequence, start_meeting.starts_at, start_meeting.place_text, start_meeting.is_postponed)
        sequence, *what = told
        assert sequence >= self.told.get("sequence", 0)
        assert self.told.get("what", what) == what or sequence > self.told["sequence"]
        self.told = {"sequence": sequence, "what": what}

    @invariant()
    def meeting_is_over_exactly_in_a_started_group(self) -> None:
        start_meeting = self.group.start_meeting
        if start_meeting is not None:
            assert (start_meeting.state in meetings.OVER) == (self.group.state is GroupState.STARTED)
            assert self.group.state is not GroupState.STARTED or start_meeting.starts_at <= self.now

    @invariant()
    def live_seats_are_at_most_the_capacity(self) -> None:
        assert len(self.group.live) <= self.group.capacity
        assert len({seat.person_id for seat in self.group.live}) == len(self.group.live)

    @invariant()
    def group_starts_with_five_to_eight(self) -> None:
        if self.members_at_start is not None:
            assert 5 <= len(self.members_at_start) <= 8

    @invariant()
    @precondition(lambda self: self.members_at_start is not None)
    def started_group_gets_no_new_member(self) -> None:
        assert self.members_at_start is not None
        assert self.group.state is GroupState.STARTED
        assert {seat.person_id for seat in self.group.live} <= self.members_at_start

    @invariant()
    def cancelled_group_has_no_live_seat(self) -> None:
        if self.group.state is GroupState.CANCELLED:
            assert not self.group.live


TestLifeOfAGroup = LifeOfAGroup.TestCase
TestLifeOfAGroup.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
