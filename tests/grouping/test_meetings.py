from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from grouping.domain import meetings
from grouping.domain.meetings import Meeting, MeetingKind, MeetingState
from shared.errors import DomainError

NOW = datetime(2026, 1, 5, 11, 0, tzinfo=UTC)
STARTS_AT = NOW + timedelta(days=7)
HOUR = timedelta(hours=1)


def meeting(state: MeetingState = MeetingState.CALLED) -> Meeting:
    return Meeting(UUID(int=8), MeetingKind.START, STARTS_AT, STARTS_AT + 2 * HOUR, "Rom 2", state)


def move(from_state: MeetingState, starts_at: datetime, place_text: str = "Rom 2") -> Meeting:
    return meetings.move(meeting(from_state), starts_at, starts_at + 2 * HOUR, place_text, NOW)


def test_move_to_another_time_or_place_counts_one_change() -> None:
    later = move(MeetingState.CALLED, STARTS_AT + HOUR)
    elsewhere = move(MeetingState.MOVED, STARTS_AT, "Rom 3")

    assert (later.state, later.sequence, later.starts_at) == (MeetingState.MOVED, 1, STARTS_AT + HOUR)
    assert later.ends_at == STARTS_AT + 3 * HOUR
    assert (elsewhere.state, elsewhere.sequence, elsewhere.place_text) == (MeetingState.MOVED, 1, "Rom 3")


def test_move_to_the_same_time_and_place_changes_nothing() -> None:
    called = meeting()

    assert meetings.move(called, STARTS_AT, STARTS_AT + 2 * HOUR, "Rom 2", NOW) is called


def test_move_of_a_postponed_meeting_schedules_it_again() -> None:
    postponed = meetings.postpone(meeting())

    assert not postponed.is_scheduled
    again = meetings.move(postponed, STARTS_AT, STARTS_AT + 2 * HOUR, "Rom 2", NOW)
    assert (again.state, again.sequence, again.is_scheduled) == (MeetingState.MOVED, 1, True)


def test_move_into_the_past_is_refused() -> None:
    with pytest.raises(DomainError, match="meeting_in_the_past"):
        move(MeetingState.CALLED, NOW)


@pytest.mark.parametrize("state", ["cancelled", "held", "not_held", "assumed_held"])
def test_meeting_that_is_over_cannot_be_moved_or_postponed(state: str) -> None:
    over = meeting(MeetingState(state))

    with pytest.raises(DomainError, match="meeting_over"):
        move(over.state, STARTS_AT + HOUR)
    with pytest.raises(DomainError, match="meeting_over"):
        meetings.postpone(over)
    assert meetings.cancel(over) is over


@pytest.mark.parametrize("state", ["called", "moved", "postponed"])
def test_meeting_ahead_can_be_cancelled(state: str) -> None:
    assert meetings.cancel(meeting(MeetingState(state))).state is MeetingState.CANCELLED


def test_has_begun_and_is_over_only_if_scheduled() -> None:
    called, postponed = meeting(), meeting(MeetingState.POSTPONED)

    assert not called.has_begun(STARTS_AT - timedelta(seconds=1))
    assert called.has_begun(STARTS_AT)
    assert not called.is_over(STARTS_AT + 2 * HOUR - timedelta(seconds=1))
    assert called.is_over(STARTS_AT + 2 * HOUR)
    assert not postponed.has_begun(STARTS_AT + HOUR)
    assert not postponed.is_over(STARTS_AT + 3 * HOUR)


def test_meeting_is_assumed_held_only_after_its_end() -> None:
    with pytest.raises(DomainError, match="not_met"):
        meetings.assume_held(meeting(), STARTS_AT + HOUR)

    assert meetings.assume_held(meeting(), STARTS_AT + 2 * HOUR).state is MeetingState.ASSUMED_HELD


def test_report_repeated_the_last_one_counts() -> None:
    assumed = meetings.assume_held(meeting(), STARTS_AT + 2 * HOUR)
    not_held = meetings.report(assumed, held=False, now=STARTS_AT + 3 * HOUR)

    assert not_held.state is MeetingState.NOT_HELD
    assert meetings.report(not_held, held=True, now=STARTS_AT + 4 * HOUR).state is MeetingState.HELD
    assert meetings.report(meeting(), held=True, now=STARTS_AT).state is MeetingState.HELD


@pytest.mark.parametrize("state", ["called", "postponed", "cancelled"])
def test_report_before_the_meeting_or_without_one_is_refused(state: str) -> None:
    moment = NOW if state == "called" else STARTS_AT + HOUR

    with pytest.raises(DomainError, match="not_met"):
        meetings.report(meeting(MeetingState(state)), held=True, now=moment)
