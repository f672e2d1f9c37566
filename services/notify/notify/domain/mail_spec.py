"""
Specification of one mail: cause, relevance and contents, in one object.

Each folder under ``notify/mails`` has a ``spec.py`` with one ``SPEC``. The rest of notify knows no mail by name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from notify.domain.content import MailContent, MailTools
from notify.domain.facts import Group, MailFacts, Meeting, Seat, Signup

CalendarMethod = Literal["PUBLISH", "CANCEL"]


@dataclass(frozen=True)
class FromSignup:
    """
    A mail that follows from a sign-up.

    Attributes:
        cause: Returns the id that the mail is about, or None if no mail follows; one mail per cause and person.
    """

    cause: Callable[[Signup], UUID | None]


@dataclass(frozen=True)
class FromSeat:
    """
    A mail that follows from a seat; never asked about a seat whose sign-up is withdrawn.

    Attributes:
        cause: Returns the id that the mail is about, or None if no mail follows.
        with_meeting: The mail also carries the group's first meeting if the seat was called to it.
    """

    cause: Callable[[Seat, Group], UUID | None]
    with_meeting: bool = False


@dataclass(frozen=True)
class FromMeeting:
    """
    A mail that follows from a meeting, for each kept seat that was called to it, until the group is closed.

    Attributes:
        cause: Returns the id that the mail is about, or None if no mail follows.
        due_at: Returns the moment before which the mail is not sent; None sends at once.
    """

    cause: Callable[[Seat, Meeting], UUID | None]
    due_at: Callable[[Meeting], datetime] | None = None


def always_relevant(_facts: MailFacts, _now: datetime) -> str | None:
    """Never drop a mail."""
    return None


def no_context(_content: MailContent, _tools: MailTools) -> Mapping[str, object]:
    """Add nothing to what every template gets."""
    return {}


@dataclass(frozen=True, kw_only=True)
class MailSpec:
    """
    One mail.

    Attributes:
        kind: Name of the folder; stored in the queue, so it never changes.
        order: Mails that become due together leave in this order.
        label: Name of the mail for staff (msgid).
        plan: Facts that the mail follows from.
        drop_reason: Returns why a due mail is pointless by now, as a fixed word, or None to send it.
        requires: Names of ``MailContent`` fields without which the mail cannot be made.
        context: Returns sentences and links for the templates that only this mail needs.
        calendar: METHOD of the calendar file that goes with the mail; None for no file.
        leave_link: The mail carries the way out, in the text and for the mail program's button.
        greets_by_name: The mail uses the recipient's first name.
        is_reminder: Never sent at night, and not sent again after an unknown outcome.
        waits_for: Kinds about the same meeting that must leave first.
    """

    kind: str
    order: int
    label: str
    plan: FromSignup | FromSeat | FromMeeting
    drop_reason: Callable[[MailFacts, datetime], str | None] = always_relevant
    requires: tuple[str, ...] = ()
    context: Callable[[MailContent, MailTools], Mapping[str, object]] = no_context
    calendar: CalendarMethod | None = None
    leave_link: bool = True
    greets_by_name: bool = True
    is_reminder: bool = False
    waits_for: frozenset[str] = frozenset()

    @property
    def about_meeting(self) -> bool:
        """True if the mail states one version of a meeting's plan."""
        return isinstance(self.plan, FromMeeting)

    @property
    def takes_back(self) -> bool:
        """True if the mail takes back what earlier mails about the group said."""
        return self.calendar == "CANCEL"

    @property
    def tells_of_group(self) -> bool:
        """True if a person who got this mail has heard of the group."""
        return not isinstance(self.plan, FromSignup) and not self.takes_back


def expired(end: datetime | None, now: datetime) -> str | None:
    """Return the drop reason of a mail that is pointless from ``end`` on."""
    return "expired" if end is not None and end <= now else None


def drop_after_start(facts: MailFacts, now: datetime) -> str | None:
    """Drop a mail about a meeting that has begun."""
    return expired(facts.meeting.starts_at, now) if facts.meeting else None
