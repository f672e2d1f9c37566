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
    assert (again.state, again.sequence, again.is_scheduled) == (MeetingState.MOVED, 2, True)


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


def test_postpone_counts_one_change_and_repeated_none() -> None:
    postponed = meetings.postpone(meeting())

    assert (postponed.state, postponed.sequence) == (MeetingState.POSTPONED, 1)
    assert meetings.postpone(postponed) is postponed


def test_report_repeated_the_last_one_counts() -> None:
    assumed = meetings.assume_held(meeting(), STARTS_AT + 2 * HOUR)
    six = meetings.report_held(assumed, 6, STARTS_AT + 3 * HOUR)
    seven = meetings.report_held(six, 7, STARTS_AT + 4 * HOUR)

    assert (seven.state, seven.attendance, seven.sequence) == (MeetingState.HELD, 7, 0)
    not_held = meetings.report_not_held(seven, STARTS_AT + 5 * HOUR)
    assert (not_held.state, not_held.attendance, not_held.sequence) == (MeetingState.POSTPONED, None, 1)
    assert meetings.report_held(meeting(), None, STARTS_AT).state is MeetingState.HELD


@pytest.mark.parametrize("state", ["called", "postponed", "cancelled"])
def test_report_before_the_meeting_or_without_one_is_refused(state: str) -> None:
    moment = NOW if state == "called" else STARTS_AT + HOUR

    with pytest.raises(DomainError, match="not_met"):
        meetings.report_held(meeting(MeetingState(state)), 5, moment)
    with pytest.raises(DomainError, match="not_met"):
        meetings.report_not_held(meeting(MeetingState(state)), moment)


@pytest.mark.parametrize("state", ["called", "moved", "held", "assumed_held", "postponed"])
def test_report_held_at_another_time_corrects_the_meeting(state: str) -> None:
    other_day = STARTS_AT + timedelta(days=2)

    corrected = meetings.report_held_at(
        meeting(MeetingState(state)), other_day, other_day + 2 * HOUR, 5, STARTS_AT + timedelta(days=3)
    )

    assert (corrected.state, corrected.starts_at, corrected.sequence) == (MeetingState.HELD, other_day, 1)
    assert corrected.ends_at == other_day + 2 * HOUR


@pytest.mark.parametrize(
    ("days_after", "held_after", "slug"),
    [
        (3, 4, "held_in_the_future"),
        (15, 0, "report_too_late"),
        (-1, 0, "held_in_the_future"),
        (0, 1, "held_in_the_future"),
    ],
)
def test_report_held_at_impossible_time_is_refused(days_after: int, held_after: int, slug: str) -> None:
    held_at = STARTS_AT + timedelta(days=held_after)

    with pytest.raises(DomainError, match=slug):
        meetings.report_held_at(meeting(), held_at, held_at + HOUR, 5, STARTS_AT + timedelta(days=days_after))


@pytest.mark.parametrize("state", ["called", "moved", "postponed"])
@pytest.mark.parametrize("days_before", [1, 2, 6])
def test_report_held_earlier_than_called_is_accepted(state: str, days_before: int) -> None:
    held_at = STARTS_AT - timedelta(days=days_before)

    early = meetings.report_held_at(meeting(MeetingState(state)), held_at, held_at + 2 * HOUR, 5, STARTS_AT - HOUR)

    assert (early.state, early.starts_at, early.sequence) == (MeetingState.HELD, held_at, 1)


def test_report_is_accepted_for_fourteen_days() -> None:
    last = STARTS_AT + 2 * HOUR + timedelta(days=14)
    assumed = meetings.assume_held(meeting(), STARTS_AT + 2 * HOUR)

    assert meetings.can_report(assumed, last - timedelta(seconds=1))
    with pytest.raises(DomainError, match="report_too_late"):
        meetings.report_held(assumed, 5, last)
    with pytest.raises(DomainError, match="report_too_late"):
        meetings.report_not_held(assumed, last)
