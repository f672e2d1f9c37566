"""The rules of delivery, hours and pace, tried with everything that can happen."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify.domain import delivery, planning
from notify.domain.delivery import (
    GIVE_UP_AFTER,
    RETRY_DELAYS,
    Accepted,
    Delivery,
    Outcome,
    OutcomeUnknown,
    Situation,
    SmtpRejected,
    Status,
    Unreachable,
)
from notify.domain.hours import is_quiet, not_at_night, reminder_at
from notify.domain.kinds import REMINDERS, Kind
from notify.domain.throttling import BREAKS_AFTER, CircuitBreaker, TokenBucket
from shared.timezone import OSLO_TZ

NOON = datetime(2026, 1, 5, 11, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
KINDS = st.sampled_from(list(Kind))
OUTCOMES = st.one_of(
    st.just(Accepted()),
    st.builds(SmtpRejected, st.integers(400, 599)),
    st.just(Unreachable()),
    st.just(OutcomeUnknown()),
)


def run(kind: Kind, outcomes: list[Outcome], start: datetime) -> tuple[list[datetime], Delivery]:
    """Live through these outcomes; when it was attempted, and where it ended."""
    mail, attempts = delivery.queued(kind, start), []
    now = start
    for outcome in outcomes:
        if mail.next_at is None:
            break
        now = max(now, mail.next_at)
        mail = delivery.begin(mail, now)
        attempts.append(now)
        mail = delivery.settle(mail, kind, outcome, now)
    return attempts, mail


@given(kind=KINDS, outcomes=st.lists(OUTCOMES, max_size=30), start=MOMENTS)
def test_whatever_happens(kind: Kind, outcomes: list[Outcome], start: datetime) -> None:
    attempts, mail = run(kind, outcomes, start)
    took = outcomes[: len(attempts)]
    copies = sum(isinstance(outcome, Accepted | OutcomeUnknown) for outcome in took)
    assert copies <= (1 if kind in REMINDERS else 2)
    assert mail.status is not Status.SENDING
    if kind in REMINDERS:
        assert not any(is_quiet(at) for at in attempts)
    for (at, outcome), after in zip(zip(attempts, took, strict=True), attempts[1:], strict=False):
        if isinstance(outcome, SmtpRejected | OutcomeUnknown):
            assert after - at >= timedelta(minutes=1)
        assert not isinstance(outcome, Accepted)
        assert not (isinstance(outcome, SmtpRejected) and outcome.code >= 500)
    if mail.next_at is None and took:
        ends = {Accepted: {Status.SENT}, OutcomeUnknown: {Status.UNKNOWN}, SmtpRejected: {Status.FAILED}}
        assert mail.status in ends[type(took[-1])]


def test_passing_refusals_follow_the_schedule_and_end_after_two_days() -> None:
    attempts, mail = run(Kind.SEAT_OFFERED, [SmtpRejected(451)] * 50, NOON)
    gaps = [after - at for at, after in pairwise(attempts)]
    assert gaps[: len(RETRY_DELAYS)] == list(RETRY_DELAYS)
    assert set(gaps[len(RETRY_DELAYS) :]) <= {RETRY_DELAYS[-1]}
    assert attempts[-1] <= NOON + GIVE_UP_AFTER
    assert (mail.status, mail.reason) == (Status.FAILED, "451")


def test_a_server_that_is_away_uses_up_no_attempt() -> None:
    attempts, mail = run(Kind.ON_THE_LIST, [Unreachable()] * 500, NOON)
    assert len(attempts) == 500
    assert (mail.status, mail.attempt) == (Status.QUEUED, 0)


@given(kind=KINDS, outcomes=st.lists(OUTCOMES, max_size=6), start=MOMENTS, at=st.integers(0, 6))
def test_what_is_cancelled_never_goes_out_again(kind: Kind, outcomes: list[Outcome], start: datetime, at: int) -> None:
    _, mail = run(kind, outcomes[:at], start)
    after = delivery.cancel(mail, "withdrawn")
    assert not after.open
    assert delivery.cancel(after, "again") == after
    if mail.next_at is not None:
        sending = delivery.begin(mail, mail.next_at)
        marked = delivery.cancel(sending, "withdrawn")
        for outcome in (Accepted(), SmtpRejected(451), SmtpRejected(550), Unreachable(), OutcomeUnknown()):
            assert not delivery.settle(marked, kind, outcome, start).open


def test_only_what_is_stuck_is_retried_by_hand() -> None:
    mail = delivery.queued(Kind.ON_THE_LIST, NOON)
    assert delivery.retry_by_hand(mail, NOON) is None
    failed = delivery.settle(delivery.begin(mail, NOON), Kind.ON_THE_LIST, SmtpRejected(550), NOON)
    again = delivery.retry_by_hand(failed, NOON)
    assert again == mail
    assert delivery.called(delivery.to_call(mail, "no_email")) is not None
    assert delivery.called(mail) is None


@given(at=MOMENTS)
def test_nobody_is_disturbed_at_night(at: datetime) -> None:
    moved = not_at_night(at)
    assert at <= moved <= at + timedelta(hours=12)
    assert not is_quiet(moved)
    assert (moved == at) == (not is_quiet(at))


@given(starts_at=MOMENTS)
def test_a_reminder_comes_by_day_the_day_before(starts_at: datetime) -> None:
    due = reminder_at(starts_at)
    assert due.astimezone(OSLO_TZ).date() == starts_at.astimezone(OSLO_TZ).date() - timedelta(days=1)
    assert not is_quiet(due)


@pytest.mark.parametrize(
    ("day", "hour_utc"),
    [("2027-03-28", 16), ("2027-03-29", 16), ("2026-10-25", 17), ("2026-10-24", 16)],
)
def test_summer_time_moves_no_reminder(day: str, hour_utc: int) -> None:
    starts_at = datetime.fromisoformat(f"{day}T{hour_utc:02}:00:00+00:00")
    assert starts_at.astimezone(OSLO_TZ).hour == 18
    assert reminder_at(starts_at).astimezone(OSLO_TZ).hour == 18


@pytest.mark.parametrize(
    ("kind", "situation", "reason"),
    [
        (Kind.ADDRESS_TO_CONFIRM, Situation(expires_at=NOON), "expired"),
        (Kind.ADDRESS_TO_CONFIRM, Situation(expires_at=NOON + timedelta(seconds=1)), None),
        (Kind.SEAT_OFFERED, Situation(answered=True), "answered"),
        (Kind.PLAN_CHANGED, Situation(sequence=2, told_sequence=2), "told_already"),
        (Kind.PLAN_CHANGED, Situation(sequence=2, told_sequence=1), None),
        (Kind.PLAN_CHANGED, Situation(sequence=2), None),
        (Kind.START_CANCELLED, Situation(), "never_told"),
        (Kind.START_CANCELLED, Situation(told_of_group=True), None),
        (Kind.GOODBYE, Situation(), None),
    ],
)
def test_what_has_become_pointless_is_dropped(kind: Kind, situation: Situation, reason: str | None) -> None:
    assert delivery.drop_reason(kind, situation, NOON) == reason


def test_the_message_id_is_the_same_for_ever() -> None:
    mail_id = uuid4()
    assert planning.message_id(mail_id, "x.no") == planning.message_id(mail_id, "x.no")
    assert planning.message_id(mail_id, "x.no") != planning.message_id(uuid4(), "x.no")


def test_the_breaker_pauses_after_twenty_and_closes_with_one_success() -> None:
    breaker = CircuitBreaker()
    pauses = [breaker.failed(reached=True) for _ in range(BREAKS_AFTER + 1)]
    assert pauses[:-2] == [0.0] * (BREAKS_AFTER - 1)
    assert all(pause > 0 for pause in pauses[-2:])
    breaker.succeeded()
    assert breaker.failed(reached=True) == 0.0
    away = [breaker.failed(reached=False) for _ in range(8)]
    assert away == sorted(away)
    assert 0 < away[0] < away[-1] == away[-2]


@given(gaps=st.lists(st.floats(0, 5), min_size=1, max_size=200), per_minute=st.integers(1, 600))
def test_no_more_than_so_many_a_minute(gaps: list[float], per_minute: int) -> None:
    bucket, at, sent = TokenBucket(per_minute, float(per_minute), 0.0), 0.0, []
    for gap in gaps:
        at += gap
        at += bucket.wait_seconds(at)
        sent.append(at)
    for index, began in enumerate(sent):
        assert sum(began <= other < began + 60 for other in sent[index:]) <= 2 * per_minute + 1


def test_no_limit_is_no_limit() -> None:
    bucket = TokenBucket(0, 0.0, 0.0)
    assert [bucket.wait_seconds(0.0) for _ in range(1000)] == [0.0] * 1000
