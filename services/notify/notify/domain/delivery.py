"""
State machine of a mail: ``queued -> sending -> sent | retry | failed | unknown``, or ``cancelled``, or ``call``.

A call task is ``call -> called | not_reached | cancelled``; see :mod:`notify.domain.calls`.

``sending`` is stored before a socket opens, so that every mail that may have been sent is known after a crash. If the
server never replies to the end of the text, it may have the mail or not (RFC 1047): the mail is ``unknown`` and, unless
it is a reminder, sent once more with the same Message-ID. A person therefore gets two copies at most.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from notify.domain.hours import not_at_night
from notify.domain.refusals import About


class Status(StrEnum):
    """State of a mail."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    CALL = "call"
    CALLED = "called"
    NOT_REACHED = "not_reached"


RETRY_DELAYS: Final = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
)
"""Delays after the first, second … temporary refusal; the last one repeats."""

GIVE_UP_AFTER: Final = timedelta(hours=48)
GIVE_UP_AFTER_OWN_TROUBLE: Final = timedelta(days=5)
"""How long a mail waits while the server refuses its sender, or a mail system on the way is out of order."""

RESEND_AFTER: Final = timedelta(minutes=1)
HELD_AT_MOST: Final = timedelta(days=7)
"""How long a mail that staff hold waits after the time at which it was due; then it is cancelled."""
HARD_BOUNCES_TO_SUPPRESS: Final = 2
COMPLAINED: Final = "complained"
"""Reason of a mail that its recipient has marked as unwanted, and of calls to them from then on."""
ANSWERED: Final = frozenset({"answered", "seat_declined"})
"""Reasons of which the person knows, because they gave the answer."""


_TO_TELL: Final = frozenset({Status.CALL, Status.NOT_REACHED})


@dataclass(frozen=True)
class Delivery:
    """
    State of one mail, with the history that decides the next step.

    Attributes:
        attempt: Number of attempts, each of which opened a socket.
        unknowns: Number of attempts with an unknown outcome.
        next_at: Earliest next attempt; None if there will be none without staff.
        first_attempt_at: Start of the time (:data:`GIVE_UP_AFTER`) after which a mail fails.
        reason: A fixed word, or an SMTP code, that explains the state.
        unwanted: Reason to cancel the mail as soon as the running attempt has ended.
        held_due_at: The time at which the mail was due when staff held it; None unless it is held.
    """

    status: Status
    next_at: datetime | None
    attempt: int = 0
    unknowns: int = 0
    first_attempt_at: datetime | None = None
    reason: str | None = None
    unwanted: str | None = None
    held_due_at: datetime | None = None

    @property
    def open(self) -> bool:
        """True if the mail may still be sent without staff."""
        return self.status is Status.SENDING or self.next_at is not None

    @property
    def held(self) -> bool:
        """True while staff hold the mail."""
        return self.held_due_at is not None and self.next_at is not None

    @property
    def pending(self) -> bool:
        """True if the mail may still be sent, or staff have still to call."""
        return self.open or self.status is Status.CALL

    @property
    def may_be_sent(self) -> bool:
        """True if the mail may still be sent: by itself, by staff, or because a person to call gets an address."""
        return self.pending or is_stuck(self)


@dataclass(frozen=True)
class Accepted:
    """The server answered 250 to the whole mail."""


@dataclass(frozen=True)
class SmtpRejected:
    """
    The server refused this mail.

    Attributes:
        code: 400 to 599; below 500 the refusal is temporary.
        about: The subject of a permanent refusal.
    """

    code: int
    about: About = About.MESSAGE

    @property
    def of_mailbox(self) -> bool:
        """True if the recipient's mailbox was refused for good."""
        return self.code >= 500 and self.about is About.MAILBOX

    @property
    def of_sender(self) -> bool:
        """True if the sender, or a mail system, was refused: every other mail would be refused too."""
        return self.code >= 500 and not self.final

    @property
    def final(self) -> bool:
        """True if another attempt would be refused too."""
        return self.code >= 500 and self.about in {About.MAILBOX, About.MESSAGE}


@dataclass(frozen=True)
class Unreachable:
    """
    The server could not be reached or refused the connection, for reasons that have nothing to do with this mail.

    Attributes:
        code: The reply with which it refused our connection or our password; None if it did not answer.
    """

    code: int | None = field(default=None, compare=False)


@dataclass(frozen=True)
class OutcomeUnknown:
    """The connection, or this process, died after DATA had begun; the server may have the mail."""


Outcome = Accepted | SmtpRejected | Unreachable | OutcomeUnknown


def queued(at: datetime, *, is_reminder: bool) -> Delivery:
    """Return a new mail that may be sent from ``at`` on."""
    return Delivery(Status.QUEUED, not_at_night(at) if is_reminder else at)


def begin_attempt(mail: Delivery, now: datetime) -> Delivery:
    """
    Return the mail as it is stored before the socket opens.

    Raises:
        ValueError: The mail is not due.
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


def put_back(mail: Delivery, due_at: datetime) -> Delivery:
    """Return a mail that was claimed, and did not reach the server, as it was before, due at the time it had."""
    status = Status.RETRY if mail.attempt > 1 else Status.QUEUED
    first_attempt_at = mail.first_attempt_at if mail.attempt > 1 else None
    back = replace(
        mail,
        status=Status.UNKNOWN if mail.unknowns else status,
        next_at=due_at,
        attempt=mail.attempt - 1,
        first_attempt_at=first_attempt_at,
    )
    return back if mail.unwanted is None else cancel(replace(back, unwanted=None), mail.unwanted)


def end_attempt(mail: Delivery, outcome: Outcome, now: datetime, *, is_reminder: bool) -> Delivery:
    """Return the mail after an attempt with this outcome."""
    match outcome:
        case Accepted():
            after = replace(mail, status=Status.SENT, next_at=None, reason=None)
        case SmtpRejected(code=code) if outcome.final:
            after = replace(mail, status=Status.FAILED, next_at=None, reason=str(code))
        case SmtpRejected(code=code):
            patience = GIVE_UP_AFTER_OWN_TROUBLE if code >= 500 else GIVE_UP_AFTER
            after = _retry_later(mail, str(code), now, patience)
        case Unreachable():
            after = put_back(mail, now)
        case OutcomeUnknown():
            unknowns = mail.unknowns + 1
            once_more = not is_reminder and unknowns == 1
            next_at = now + RESEND_AFTER if once_more else None
            after = replace(mail, status=Status.UNKNOWN, next_at=next_at, unknowns=unknowns, reason="outcome_unknown")
    if after.next_at is not None and is_reminder:
        after = replace(after, next_at=not_at_night(after.next_at))
    if after.unwanted is not None:
        after = cancel(replace(after, unwanted=None), after.unwanted)
    return after


def _retry_later(mail: Delivery, reason: str, now: datetime, give_up_after: timedelta) -> Delivery:
    delay = RETRY_DELAYS[min(mail.attempt, len(RETRY_DELAYS)) - 1]
    began = mail.first_attempt_at or now
    if now + delay > began + give_up_after:
        return replace(mail, status=Status.FAILED, next_at=None, reason=reason)
    return replace(mail, status=Status.RETRY, next_at=now + delay, reason=reason)


def cancel(mail: Delivery, reason: str) -> Delivery:
    """
    Return the mail without further attempts.

    During an attempt the mail is only marked; it is cancelled when the attempt has ended. A mail that may have been
    sent stays ``unknown`` but is not sent again. A call task is closed, as ``called`` if the person has answered.
    A mail in a final state is returned unchanged.
    """
    if mail.status is Status.CALL:
        status = Status.CALLED if reason in ANSWERED else Status.CANCELLED
        return replace(mail, status=status, reason=reason)
    if mail.status is Status.SENDING:
        return replace(mail, unwanted=reason)
    if mail.next_at is None:
        return mail
    if mail.unknowns:
        return replace(mail, status=Status.UNKNOWN, next_at=None, held_due_at=None)
    return replace(mail, status=Status.CANCELLED, next_at=None, held_due_at=None, reason=reason)


def hold(mail: Delivery, now: datetime) -> Delivery | None:
    """
    Return a waiting mail that staff hold; None if it does not wait, is being sent, or is held already.

    If nobody releases it within :data:`HELD_AT_MOST`, the mailer cancels it in place of sending it.
    """
    if mail.next_at is None or mail.held_due_at is not None:
        return None
    return replace(mail, next_at=max(mail.next_at, now) + HELD_AT_MOST, held_due_at=mail.next_at)


def release(mail: Delivery) -> Delivery | None:
    """Return a held mail with the time at which it was due; None if it is not held."""
    return None if mail.held_due_at is None else replace(mail, next_at=mail.held_due_at, held_due_at=None)


UNPLANNED: Final = frozenset(
    {"overtaken", "plan_changed", "meeting_postponed", "meeting_reported", "group_started", "group_cancelled"}
)
"""Reasons of mails that no fact asked for any more; if facts ask for one again, it is queued again."""


def is_revivable(mail: Delivery) -> bool:
    """Return True for a mail that never left and was cancelled only because no fact asked for it."""
    return mail.status is Status.CANCELLED and mail.reason in UNPLANNED


def postpone(mail: Delivery, until: datetime) -> Delivery:
    """Return a due mail with a later time."""
    return replace(mail, next_at=until)


def to_call(mail: Delivery, reason: str) -> Delivery:
    """Return the mail as a call task for the centre, because it cannot be sent to any address."""
    return replace(mail, status=Status.CALL, next_at=None, reason=reason)


def fail(mail: Delivery, reason: str) -> Delivery:
    """Return the mail as failed for good."""
    return replace(mail, status=Status.FAILED, next_at=None, reason=reason)


def call_instead(mail: Delivery) -> Delivery | None:
    """Return a stuck mail that staff tell on the phone in its place; None if it is not stuck, or a call already."""
    if not is_stuck(mail) or mail.status is Status.CALL:
        return None
    return replace(mail, status=Status.CALL, next_at=None, reason="call_chosen")


def called(mail: Delivery) -> Delivery | None:
    """Return the mail after the person has been told on the phone; None unless a call is, or was, to be made."""
    return replace(mail, status=Status.CALLED, reason="told") if mail.status in _TO_TELL else None


def not_reached(mail: Delivery) -> Delivery | None:
    """Return the call task after the last unanswered call; None if it is not open."""
    return replace(mail, status=Status.NOT_REACHED, reason="not_reached") if mail.status is Status.CALL else None


def retry_at_new_address(mail: Delivery, now: datetime) -> Delivery | None:
    """Return a failed mail, or a call that stands for one, queued for another address; None for all others."""
    return Delivery(Status.QUEUED, now) if mail.status in {Status.FAILED, Status.CALL} else None


def retry_by_hand(mail: Delivery, now: datetime) -> Delivery | None:
    """
    Return the mail queued once more by staff; None unless it :func:`is stuck <is_stuck>`.

    All counts start again: the 48 hours, the attempts and the one resend after an unknown outcome.
    """
    return Delivery(Status.QUEUED, now) if is_stuck(mail) else None


def set_aside(mail: Delivery) -> Delivery | None:
    """Return a mail of a task that staff leave as it is, with what is known about its arrival; None for others."""
    if mail.status is Status.CALL or not (is_stuck(mail) or mail.reason == COMPLAINED):
        return None
    return replace(mail, reason="by_staff")


def is_stuck(mail: Delivery) -> bool:
    """Return True if staff may send the mail again: it failed, its outcome is unknown, or its address was refused."""
    if mail.status is Status.CALL:
        return mail.reason in {"address_refused", COMPLAINED}
    return mail.status is Status.FAILED or (mail.status is Status.UNKNOWN and mail.next_at is None)
