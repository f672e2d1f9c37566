"""
What becomes of a mail: ``queued -> sending -> sent | retry | failed | unknown``, or ``cancelled``, or ``call``.

``sending`` is written down before a socket opens, so that after a crash it is known which mails may be out. SMTP cannot
tell whether a server that fell silent after the last dot has the mail (RFC 1047): such a mail is ``unknown`` and,
unless it is a reminder, sent once more with the same Message-ID. So nobody gets more than two copies.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from notify.domain.hours import not_at_night
from notify.domain.kinds import REMINDERS, Kind


class Status(StrEnum):
    """Where a mail is."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    CALL = "call"
    CALLED = "called"


RETRY_DELAYS: Final = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
)
"""How long to wait after the first, second … temporary refusal; the last one repeats."""

GIVE_UP_AFTER: Final = timedelta(hours=48)
RESEND_AFTER: Final = timedelta(minutes=1)
HARD_BOUNCES_TO_SUPPRESS: Final = 2


@dataclass(frozen=True)
class Delivery:
    """
    One mail's way so far.

    Attributes:
        attempt: How often a socket was opened for it.
        unknowns: How many of those ended without anybody knowing whether the server has it.
        next_at: When it may be taken up; None when it never will be by itself.
        first_attempt_at: When the 48 hours began to run.
        reason: A fixed word, or an SMTP code, for why it is where it is.
        unwanted: Why it should not be sent any more, although just now it is being sent.
    """

    status: Status
    next_at: datetime | None
    attempt: int = 0
    unknowns: int = 0
    first_attempt_at: datetime | None = None
    reason: str | None = None
    unwanted: str | None = None

    @property
    def open(self) -> bool:
        """Whether it may still go out by itself."""
        return self.status is Status.SENDING or self.next_at is not None


@dataclass(frozen=True)
class Accepted:
    """The server said 250 to the whole mail."""


@dataclass(frozen=True)
class SmtpRejected:
    """
    The server said no to this mail.

    Attributes:
        code: 400 to 599; below 500 it may be tried again.
        hard: Whether it is the recipient's address that was refused for good.
    """

    code: int
    hard: bool = False


@dataclass(frozen=True)
class Unreachable:
    """The server was not there, or would not talk to us: nothing about this mail."""


@dataclass(frozen=True)
class OutcomeUnknown:
    """The line, or this process, died after the mail had begun to leave; the server may have it."""


Outcome = Accepted | SmtpRejected | Unreachable | OutcomeUnknown


def queued(kind: Kind, at: datetime) -> Delivery:
    """A new mail that may go out from ``at`` on."""
    return Delivery(Status.QUEUED, not_at_night(at) if kind in REMINDERS else at)


def begin(mail: Delivery, now: datetime) -> Delivery:
    """
    The mail as it is written down before the socket opens.

    Raises:
        ValueError: It is not due.
    """
    if mail.status is Status.SENDING or mail.next_at is None or mail.next_at > now:
        raise ValueError(mail.status)
    return replace(
        mail,
        status=Status.SENDING,
        next_at=None,
        attempt=mail.attempt + 1,
        first_attempt_at=mail.first_attempt_at or now,
    )


def settle(mail: Delivery, kind: Kind, outcome: Outcome, now: datetime) -> Delivery:
    """The mail after an attempt that ended with ``outcome``."""
    match outcome:
        case Accepted():
            after = replace(mail, status=Status.SENT, next_at=None, reason=None)
        case SmtpRejected(code=code) if code >= 500:
            after = replace(mail, status=Status.FAILED, next_at=None, reason=str(code))
        case SmtpRejected(code=code):
            after = _again(mail, str(code), now)
        case Unreachable():
            after = replace(mail, status=_waiting(mail.attempt - 1), next_at=now, attempt=mail.attempt - 1)
        case OutcomeUnknown():
            unknowns = mail.unknowns + 1
            once_more = kind not in REMINDERS and unknowns == 1
            next_at = now + RESEND_AFTER if once_more else None
            after = replace(mail, status=Status.UNKNOWN, next_at=next_at, unknowns=unknowns, reason="outcome_unknown")
    if after.next_at is not None and kind in REMINDERS:
        after = replace(after, next_at=not_at_night(after.next_at))
    if after.unwanted is not None:
        after = cancel(replace(after, unwanted=None), after.unwanted)
    return after


def _again(mail: Delivery, reason: str, now: datetime) -> Delivery:
    delay = RETRY_DELAYS[min(mail.attempt, len(RETRY_DELAYS)) - 1]
    began = mail.first_attempt_at or now
    if now + delay > began + GIVE_UP_AFTER:
        return replace(mail, status=Status.FAILED, next_at=None, reason=reason)
    return replace(mail, status=Status.RETRY, next_at=now + delay, reason=reason)


def _waiting(attempt: int) -> Status:
    return Status.RETRY if attempt else Status.QUEUED


def cancel(mail: Delivery, reason: str) -> Delivery:
    """
    The mail when nobody wants it any more.

    One that is being sent is marked and stopped at its next turn; one that may be out stays ``unknown`` but is not sent
    again; one that has come to its end is left as it is.
    """
    if mail.status is Status.SENDING:
        return replace(mail, unwanted=reason)
    if mail.next_at is None:
        return mail
    if mail.unknowns:
        return replace(mail, status=Status.UNKNOWN, next_at=None)
    return replace(mail, status=Status.CANCELLED, next_at=None, reason=reason)


def postpone(mail: Delivery, until: datetime) -> Delivery:
    """A mail that is due, but not now."""
    return replace(mail, next_at=until)


def to_call(mail: Delivery, reason: str) -> Delivery:
    """There is no address to mail to: the centre calls instead."""
    return replace(mail, status=Status.CALL, next_at=None, reason=reason)


def fail(mail: Delivery, reason: str) -> Delivery:
    """It cannot be sent, and trying again would not help."""
    return replace(mail, status=Status.FAILED, next_at=None, reason=reason)


def called(mail: Delivery) -> Delivery | None:
    """The centre has called; None where there was nothing to call about."""
    return replace(mail, status=Status.CALLED) if mail.status is Status.CALL else None


def retry_by_hand(mail: Delivery, now: datetime) -> Delivery | None:
    """
    A person has looked at it and wants it sent once more; None where there is nothing to retry.

    The 48 hours begin anew, and so does the one resend after an unknown outcome.
    """
    stuck = mail.status in {Status.FAILED, Status.CALL} or (mail.status is Status.UNKNOWN and mail.next_at is None)
    return Delivery(Status.QUEUED, now) if stuck else None


@dataclass(frozen=True)
class Situation:
    """
    What is true at the moment of sending, which is not always what was true when the mail was queued.

    Attributes:
        expires_at: When the mail begins to mean nothing: the link is dead, the meeting has begun.
        answered: The question that the mail asks has been answered already.
        sequence: Which version of the meeting's plan the mail would tell; None for other mails.
        told_sequence: The latest version that this person has been told; None when they have heard of no meeting.
        told_of_group: Whether anything about this group has reached, or may have reached, this person.
    """

    expires_at: datetime | None = None
    answered: bool = False
    sequence: int | None = None
    told_sequence: int | None = None
    told_of_group: bool = False


def drop_reason(kind: Kind, situation: Situation, now: datetime) -> str | None:
    """Why a mail that is due should not go out after all, as a fixed word; None when it should."""
    if situation.answered:
        return "answered"
    if situation.expires_at is not None and situation.expires_at <= now:
        return "expired"
    if kind is Kind.PLAN_CHANGED and situation.told_sequence is not None:
        assert situation.sequence is not None
        if situation.told_sequence >= situation.sequence:
            return "told_already"
    if kind is Kind.START_CANCELLED and not situation.told_of_group:
        return "never_told"
    return None
