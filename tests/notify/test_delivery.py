"""Delivery of mails: states, retries and cancellation, with random outcomes."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from notify.domain import delivery
from notify.domain.delivery import (
    GIVE_UP_AFTER,
    RETRY_DELAYS,
    Accepted,
    Delivery,
    Outcome,
    OutcomeUnknown,
    SmtpRejected,
    Status,
    Unreachable,
)
from notify.domain.hours import is_night

NOON = datetime(2026, 1, 5, 11, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
OUTCOMES = st.one_of(
    st.just(Accepted()),
    st.builds(SmtpRejected, st.integers(400, 599)),
    st.just(Unreachable()),
    st.just(OutcomeUnknown()),
)


def run(outcomes: list[Outcome], start: datetime, *, is_reminder: bool = False) -> tuple[list[datetime], Delivery]:
    """Return the moments of the attempts that had these outcomes, and the state after the last one."""
    mail, attempts = delivery.queued(start, is_reminder=is_reminder), []
    now = start
    for outcome in outcomes:
        if mail.next_at is None:
            break
        now = max(now, mail.next_at)
        mail = delivery.begin_attempt(mail, now)
        attempts.append(now)
        mail = delivery.end_attempt(mail, outcome, now, is_reminder=is_reminder)
    return attempts, mail


@given(is_reminder=st.booleans(), outcomes=st.lists(OUTCOMES, max_size=30), start=MOMENTS)
def test_delivery_with_random_outcomes_keeps_its_promises(
    is_reminder: bool, outcomes: list[Outcome], start: datetime
) -> None:
    attempts, mail = run(outcomes, start, is_reminder=is_reminder)
    took = outcomes[: len(attempts)]
    copies = sum(isinstance(outcome, Accepted | OutcomeUnknown) for outcome in took)
    assert copies <= (1 if is_reminder else 2)
    assert mail.status is not Status.SENDING
    if is_reminder:
        assert not any(is_night(at) for at in attempts)
    for (at, outcome), after in zip(zip(attempts, took, strict=True), attempts[1:], strict=False):
        if isinstance(outcome, SmtpRejected | OutcomeUnknown):
            assert after - at >= timedelta(minutes=1)
        assert not isinstance(outcome, Accepted)
        assert not (isinstance(outcome, SmtpRejected) and outcome.code >= 500)
    if mail.next_at is None and took:
        ends = {Accepted: {Status.SENT}, OutcomeUnknown: {Status.UNKNOWN}, SmtpRejected: {Status.FAILED}}
        assert mail.status in ends[type(took[-1])]


def test_temporary_refusals_follow_schedule_and_fail_after_two_days() -> None:
    attempts, mail = run([SmtpRejected(451)] * 50, NOON)
    gaps = [after - at for at, after in pairwise(attempts)]
    assert gaps[: len(RETRY_DELAYS)] == list(RETRY_DELAYS)
    assert set(gaps[len(RETRY_DELAYS) :]) <= {RETRY_DELAYS[-1]}
    assert attempts[-1] <= NOON + GIVE_UP_AFTER
    assert (mail.status, mail.reason) == (Status.FAILED, "451")


def test_unreachable_server_uses_up_no_attempt() -> None:
    attempts, mail = run([Unreachable()] * 500, NOON)
    assert len(attempts) == 500
    assert (mail.status, mail.attempt) == (Status.QUEUED, 0)


@given(is_reminder=st.booleans(), outcomes=st.lists(OUTCOMES, max_size=6), start=MOMENTS, at=st.integers(0, 6))
def test_cancelled_mail_is_never_sent_again(
    is_reminder: bool, outcomes: list[Outcome], start: datetime, at: int
) -> None:
    _, mail = run(outcomes[:at], start, is_reminder=is_reminder)
    cancelled = delivery.cancel(mail, "withdrawn")
    assert not cancelled.open
    assert delivery.cancel(cancelled, "again") == cancelled
    if mail.next_at is not None:
        sending = delivery.begin_attempt(mail, mail.next_at)
        marked = delivery.cancel(sending, "withdrawn")
        for outcome in (Accepted(), SmtpRejected(451), SmtpRejected(550), Unreachable(), OutcomeUnknown()):
            assert not delivery.end_attempt(marked, outcome, start, is_reminder=is_reminder).open


def test_retry_by_hand_queues_only_stuck_mails() -> None:
    mail = delivery.queued(NOON, is_reminder=False)
    assert delivery.retry_by_hand(mail, NOON) is None
    failed = delivery.end_attempt(delivery.begin_attempt(mail, NOON), SmtpRejected(550), NOON, is_reminder=False)
    assert delivery.retry_by_hand(failed, NOON) == mail


def test_called_closes_only_call_tasks() -> None:
    mail = delivery.queued(NOON, is_reminder=False)
    assert delivery.called(delivery.to_call(mail, "no_email")) is not None
    assert delivery.called(mail) is None
