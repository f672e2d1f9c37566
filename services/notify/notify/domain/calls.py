"""
Rules of call tasks, the twin of a mail for a person without a working address.

A mail that cannot be sent becomes a call if its specification has a :class:`CallSpec`. Somebody of the centre calls and
tells the person what the mail says, and the person's answer is recorded by the service that owns the question.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final, Literal

from notify.domain.mail_facts import MailFacts
from shared.reference.calls import MORNING, UNANSWERED_AT_MOST, is_working_day, next_morning
from shared.timezone import OSLO_TZ

CALLS_AT_MOST: Final = UNANSWERED_AT_MOST
"""Number of unanswered calls after which the rule of the question (:data:`Unanswered`) applies."""

TRY_AGAIN_AFTER: Final = timedelta(hours=2)
STAFF_HOURS: Final = (time(8), time(20))
"""Hours of calls on working days, Norwegian time."""


class Question(StrEnum):
    """The question of a call, which decides its buttons."""

    CONFIRM = "confirm"
    STEPS = "steps"
    OFFER = "offer"
    STARTER = "starter"
    """To an igangsetter: whether they start a group."""
    COMING = "coming"
    NEWS = "news"
    STILL_WANTED = "still_wanted"
    TEXTS = "texts"
    NOT_REACHED = "not_reached"


Unanswered = Literal["lapses", "stays", "tell", "next"]
"""What happens after the third unanswered call: the offer lapses at its deadline as for everybody, the sign-up stays as
it is until its retention ends, the coordinator is told that the person has not been reached, or the next igangsetter is
asked."""


class Outcome(StrEnum):
    """Outcome of one call."""

    TOLD = "told"
    NO_ANSWER = "no_answer"
    NOTED = "noted"
    """The coordinator knows that the person has not been reached."""


def no_deadline(_facts: MailFacts) -> datetime | None:
    """Return None: the call has no deadline."""
    return None


def always_wanted(_facts: MailFacts) -> bool:
    """Return True, so that a mail that cannot be sent is always a call."""
    return True


@dataclass(frozen=True, kw_only=True)
class CallSpec:
    """
    The call that takes the place of a mail; the words to say are the mail folder's ``call.txt.j2``.

    Attributes:
        question: What is asked, which decides the buttons of the page.
        unanswered: The rule after the third unanswered call.
        deadline: Returns the latest time of the call; None for no such time.
        wanted: Returns False if the person needs no call about these facts.
    """

    question: Question
    unanswered: Unanswered
    deadline: Callable[[MailFacts], datetime | None] = no_deadline
    wanted: Callable[[MailFacts], bool] = always_wanted


def offer_deadline(facts: MailFacts) -> datetime | None:
    """Return the end of the offer."""
    return facts.seat.deadline if facts.seat else None


def question_deadline(facts: MailFacts) -> datetime | None:
    """Return until when an igangsetter can answer."""
    return facts.notice.expires_at if facts.notice else None


def meeting_start(facts: MailFacts) -> datetime | None:
    """Return the start of the meeting."""
    return facts.meeting.starts_at if facts.meeting else None


def in_staff_hours(at: datetime) -> bool:
    """Return True if staff may call at this time: on a working day between :data:`STAFF_HOURS`."""
    local = at.astimezone(OSLO_TZ)
    first, last = STAFF_HOURS
    return is_working_day(local.date()) and first <= local.time() < last


def next_staff_hours(at: datetime) -> datetime:
    """Return ``at`` if staff may call then, otherwise the next morning on which they do."""
    if in_staff_hours(at):
        return at
    local = at.astimezone(OSLO_TZ)
    same_day = is_working_day(local.date()) and local.time() < STAFF_HOURS[0]
    return local.replace(hour=MORNING.hour, minute=0, second=0, microsecond=0) if same_day else next_morning(at)


def again_later(now: datetime) -> datetime:
    """Return the time of the next call two hours from now, moved into staff hours."""
    return next_staff_hours(now + TRY_AGAIN_AFTER)
