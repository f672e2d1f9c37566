"""
The life of a group against a simple model: whatever is pressed, repeated or late, over all policies.

``LIFE_RUNS`` sets the number of runs, of 50 steps each.
"""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from grouping.domain.life import accompaniment, calendar, ending, membership, memory, solo, steps, visits
from grouping.domain.life.model import ONGOING, GroupLife, LifeState
from grouping.domain.life.rhythm import occurrences
from grouping.domain.meetings import MeetingKind, MeetingState
from shared.errors import DomainError
from shared.reference.holidays import holiday_at
from shared.reference.policy import Policy
from shared.reference.retention import Data, kept_for
from shared.timezone import OSLO_TZ
from tests.grouping.support.lives import START, any_policy, started

RUNS: Final = int(os.environ.get("LIFE_RUNS", "60"))

MEMBERS: Final = st.integers(1, 9).map(lambda number: UUID(int=number))
"""Nine people, of whom five have seats: the others are strangers, or newcomers."""

ALLOWED: Final = {
    LifeState.ACCOMPANIED: set(LifeState),
    LifeState.INDEPENDENT: {LifeState.INDEPENDENT, LifeState.DISSOLVED, LifeState.EXPIRED},
    LifeState.EXPIRED: {LifeState.EXPIRED, LifeState.INDEPENDENT},
    LifeState.DISSOLVED: {LifeState.DISSOLVED},
}


class LifeMachine(RuleBasedStateMachine):
    """Everybody presses everything; the model knows only who is in the group and who said yes to what."""

    life: GroupLife
    policy: Policy
    now: datetime
    members: set[UUID]
    ready: set[UUID]
    left: set[UUID]
    let_in: int
    staff_handed_over: bool
    offers: int
    seen: LifeState

    @initialize(policy=any_policy)
    def start(self, policy: Policy) -> None:
        self.policy = policy
        self.life = started(policy)
        self.now = START + timedelta(hours=2)
        self.members = {UUID(int=number) for number in range(1, 6)}
        self.ready, self.left = set(), set()
        self.let_in = self.offers = 0
        self.staff_handed_over = False
        self.seen = self.life.state
        self.moved: set[UUID] = set()

    def do(self, command: Callable[[GroupLife], GroupLife]) -> bool:
        """
        Run a command twice, as a double press or delivery does, each with the steps that are due, as use cases do.

        Return True if it was accepted.
        """
        before = self.life
        try:
            once = steps.advance(command(before), self.now)
        except DomainError:
            return False
        try:
            twice = steps.advance(command(once), self.now)
        except DomainError:
            twice = once  # refused, since it has happened
        assert twice == once
        self.note(before, once)
        self.life = once
        return True

    def note(self, before: GroupLife, after: GroupLife) -> None:
        assert after.state in ALLOWED[before.state]
        if after.visits > before.visits and after.visit is not None and after.visit.kind == "return_visit":
            self.offers += 1
            assert solo.meetings_alone(after, self.now) >= 1
        if after.state is not LifeState.ACCOMPANIED and before.state is LifeState.ACCOMPANIED and after.is_ongoing:
            by_time = self.now >= accompaniment.assumed_at(before)
            everybody = before.members - (before.members - after.members) <= self.ready
            assert by_time or self.staff_handed_over or everybody
        if before.members < after.members:
            assert self.let_in > 0
            self.let_in -= 1

    @rule(hours=st.integers(1, 40))
    def hours_pass(self, hours: int) -> None:
        self.pass_time(timedelta(hours=hours))

    @rule(days=st.integers(3, 120))
    def days_pass(self, days: int) -> None:
        self.pass_time(timedelta(days=days))

    def pass_time(self, time: timedelta) -> None:
        """Move the clock as the sweeper does, from one due step to the next."""
        until = self.now + time
        while (due := steps.next_step_at(self.life)) is not None and due <= until:
            self.now = max(self.now, due)
            before = self.life
            self.do(lambda life: steps.advance(life, self.now))
            assert self.life is not before or due > self.now
        self.now = until
        self.do(lambda life: steps.advance(life, self.now))

    @rule(seat=MEMBERS)
    def member_is_ready(self, seat: UUID) -> None:
        can = self.life.state is LifeState.ACCOMPANIED and seat in self.members
        was = set(self.ready)
        self.ready |= {seat} if can else set()
        if not self.do(lambda life: accompaniment.say_ready(life, seat, self.now)):
            self.ready = was

    @rule(seat=MEMBERS)
    def member_is_not_ready(self, seat: UUID) -> None:
        if self.do(lambda life: accompaniment.take_back_ready(life, seat)):
            self.ready -= {seat}

    @rule()
    def igangsetter_records_agreement(self) -> None:
        self.staff_handed_over = True
        if not self.do(lambda life: accompaniment.record_agreement(life, self.now)):
            self.staff_handed_over = self.life.handed_over_by == "igangsetter"
        else:
            assert accompaniment.attended(self.life) >= accompaniment.least_meetings(self.policy)

    @rule(reason=st.sampled_from(["", "  ", "Gruppa vil ha en gang til."]))
    def igangsetter_continues(self, reason: str) -> None:
        if self.do(lambda life: accompaniment.continue_with_igangsetter(life, reason)):
            assert reason.strip()
            assert not accompaniment.is_question(self.life)
            self.ready.clear()

    @rule(days=st.integers(-30, 3))
    def pledge_is_recorded(self, days: int) -> None:
        on = (self.now + timedelta(days=days)).astimezone(OSLO_TZ).date()
        if self.do(lambda life: accompaniment.record_pledge(life, on, self.now)):
            assert START.astimezone(OSLO_TZ).date() <= on <= self.now.astimezone(OSLO_TZ).date()

    @rule(number=st.integers(0, 5))
    def meeting_is_skipped(self, number: int) -> None:
        ahead = calendar.meetings_ahead(self.life, self.now)
        if number < len(ahead):
            meeting_id = ahead[number].id
            assert self.do(lambda life: calendar.skip(life, meeting_id, self.now))
            assert self.life.meeting(meeting_id).state is MeetingState.CANCELLED

    @rule(number=st.integers(0, 3), hours=st.integers(-60, 60), following=st.booleans())
    def meeting_is_moved(self, number: int, hours: int, following: bool) -> None:
        ahead = calendar.meetings_ahead(self.life, self.now)
        if number >= len(ahead):
            return
        meeting = ahead[number]
        command = calendar.move_following if following else calendar.move
        to = meeting.starts_at + timedelta(hours=hours)
        if self.do(lambda life: command(life, meeting.id, to, "Lillestua", self.now)):
            self.moved |= set() if following else {meeting.id}

    @rule(weeks=st.integers(0, 3), days=st.integers(-10, 20), hour=st.integers(0, 23))
    def rhythm_is_set(self, weeks: int, days: int, hour: int) -> None:
        rhythm = self.life.rhythm
        if rhythm is None:
            return
        first = (self.now + timedelta(days=days)).date()
        other = type(rhythm)(weeks, first.weekday(), rhythm.at.replace(hour=hour), 120, "Storstua", first)
        if self.do(lambda life: calendar.set_rhythm(life, other, self.now)):
            assert weeks in {1, 2}

    @rule(number=st.integers(0, 8))
    def group_meets_anyway(self, number: int) -> None:
        if self.life.rhythm is not None:
            times = occurrences(self.life.rhythm, self.now)
            day = [next(times) for _ in range(number + 1)][-1].day
            self.do(lambda life: calendar.meet_anyway(life, day, self.now))

    @rule(number=st.integers(0, 4), held=st.booleans())
    def meeting_is_reported(self, number: int, held: bool) -> None:
        if number < len(self.life.meetings):
            meeting_id = self.life.meetings[-1 - number].id
            self.do(lambda life: calendar.report(life, meeting_id, self.now, held=held))

    @rule()
    def group_tells_that_it_met(self) -> None:
        before = self.life
        if self.do(lambda life: solo.tell_met(life, self.now)):
            alone = solo.meetings_alone(self.life, self.now)
            assert solo.meetings_alone(before, self.now) <= alone <= solo.meetings_alone(before, self.now) + 1

    @rule(days=st.integers(-2, 60))
    def group_pauses(self, days: int) -> None:
        until = (self.now + timedelta(days=days)).astimezone(OSLO_TZ).date()
        due = solo.follow_up_at(self.life)
        if self.do(lambda life: solo.pause_meetings(life, until, self.now)) and due is not None and due > self.now:
            later = solo.follow_up_at(self.life)
            assert later is not None
            assert later.astimezone(OSLO_TZ).date() > until or self.life.solo_meetings

    @rule(conflict=st.booleans(), unanimous=st.booleans())
    def visit_is_asked_for(self, conflict: bool, unanimous: bool) -> None:
        if not conflict:
            if self.do(lambda life: visits.ask_for_visit(life, self.now)):
                assert self.policy.visit_on_request
        elif self.do(lambda life: visits.ask_in_conflict(life, self.now, unanimous=unanimous)):
            assert self.policy.conflict_visit == "on_request" or (unanimous and self.policy.conflict_visit != "off")

    @rule(days=st.integers(0, 20))
    def visit_is_agreed(self, days: int) -> None:
        at = self.now + timedelta(days=days)
        visit_id = self.life.visit.id if self.life.visit else UUID(int=0)
        self.do(lambda life: visits.agree_visit(life, visit_id, at, at + timedelta(hours=2), "Storstua", self.now))

    @rule(by_group=st.booleans())
    def visit_is_declined(self, by_group: bool) -> None:
        visit_id = self.life.visit.id if self.life.visit else UUID(int=0)
        self.do(lambda life: visits.decline_visit(life, visit_id, by_group=by_group))

    @rule(seat=MEMBERS)
    def member_leaves(self, seat: UUID) -> None:
        self.do(lambda life: membership.leave(life, seat, self.now))
        self.part_with(seat)

    @rule(seat=MEMBERS)
    def member_is_erased(self, seat: UUID) -> None:
        self.do(lambda life: membership.lose(life, seat, self.now))
        self.part_with(seat)

    def part_with(self, seat: UUID) -> None:
        self.left |= {seat} & self.members
        self.members -= {seat}
        self.ready -= {seat}

    @rule()
    def group_lets_one_in(self) -> None:
        if self.do(lambda life: membership.open_admission(life, self.now)):
            assert self.policy.reopen_rule == "participants_decide"
            self.let_in = 1

    @rule(seat=MEMBERS)
    def stranger_wants_in(self, seat: UUID) -> None:
        if seat in self.members | self.left:
            return
        if self.do(lambda life: membership.admit(life, seat, self.now)):
            self.members |= {seat}
            self.ready.clear()

    @rule(seat=MEMBERS, keep=st.booleans())
    def member_wants_to_be_kept(self, seat: UUID, keep: bool) -> None:
        self.do(lambda life: memory.keep_me(life, seat, keep=keep))

    @rule()
    def group_says_it_is_alive(self) -> None:
        self.do(lambda life: ending.say_alive(life, self.now))

    @precondition(lambda self: self.now > START + timedelta(days=60))
    @rule(seat=MEMBERS)
    def member_wants_to_dissolve(self, seat: UUID) -> None:
        self.do(lambda life: ending.say_dissolve(life, seat, self.now))

    @precondition(lambda self: self.now > START + timedelta(days=200))
    @rule()
    def centre_dissolves(self) -> None:
        self.do(lambda life: ending.dissolve(life, "centre", self.now))

    @rule(seat=MEMBERS)
    def member_chooses_way_on(self, seat: UUID) -> None:
        if self.do(lambda life: ending.choose_way_on(life, seat)):
            assert self.life.state is LifeState.DISSOLVED
            self.part_with(seat)

    @invariant()
    def members_are_those_of_the_model(self) -> None:
        assert self.life.members <= self.members
        assert self.life.members == self.members or self.life.handed_over_at is not None
        assert self.life.handover_yes <= self.life.members
        assert self.life.opted_in <= self.life.members
        assert self.life.dissolve_yes <= self.life.members

    @invariant()
    def members_are_forgotten_in_time(self) -> None:
        life = self.life
        assert not (life.forgotten and life.members)
        if life.handed_over_at is None or life.policy.post_handover_memory != "none" or life.ended_at is not None:
            return
        if self.now >= max(life.handed_over_at, life.started_at + kept_for(Data.GROUP_LINKS, life.policy)):
            assert not life.members

    @invariant()
    def meetings_ahead_keep_the_rhythm(self) -> None:
        life = self.life
        ahead = calendar.meetings_ahead(life, self.now)
        if life.state is not LifeState.ACCOMPANIED:
            assert not ahead
            return
        assert life.rhythm is not None
        days = [meeting.starts_at.astimezone(OSLO_TZ).date() for meeting in ahead]
        for meeting, day in zip(ahead, days, strict=True):
            if meeting.id in self.moved:
                continue
            local = meeting.starts_at.astimezone(OSLO_TZ)
            assert (local.weekday(), local.time()) == (life.rhythm.weekday, life.rhythm.at)
            assert holiday_at(local) is None or day in life.kept_days
            assert day not in life.skipped_days
        own = [day for meeting, day in zip(ahead, days, strict=True) if meeting.id not in self.moved]
        assert len(own) == len(set(own))
        assert len({meeting.id for meeting in life.meetings}) == len(life.meetings)

    @invariant()
    def one_return_visit_at_most(self) -> None:
        assert self.offers <= 1
        if self.policy.followup_after_solo is None:
            assert not self.offers

    @invariant()
    def ended_life_is_quiet(self) -> None:
        life = self.life
        if life.state not in ONGOING:
            assert not [one for one in life.meetings if one.is_scheduled and one.starts_at > self.now]
            assert life.ended_at is not None
        visit_meetings = [one for one in life.meetings if one.kind is not MeetingKind.WEEKLY and one.is_scheduled]
        assert len(visit_meetings) <= 1

    @invariant()
    def next_step_is_never_in_the_past(self) -> None:
        due = steps.next_step_at(steps.advance(self.life, self.now))
        assert due is None or due > self.now


LifeMachine.TestCase.settings = settings(max_examples=RUNS, stateful_step_count=50, deadline=None)
test_life_machine = LifeMachine.TestCase
