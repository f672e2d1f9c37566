"""
Specification of one mail: cause, relevance and contents, in one object.

Each folder under ``notify/mails`` has a ``spec.py`` with one ``SPEC``. The rest of notify knows no mail by name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from notify.domain.announcements import Announcement
from notify.domain.calls import CallSpec
from notify.domain.content import MailContent, MailTools
from notify.domain.facts import Group, Meeting, Seat, Signup
from notify.domain.helpers import Notice
from notify.domain.kontaktmoter.invitations import Invited
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_texts import ALL_BLOCKS, Block
from notify.domain.talks import Talk

CalendarMethod = Literal["PUBLISH", "REQUEST", "CANCEL"]


@dataclass(frozen=True)
class FromSignup:
    """
    A mail that is planned from a sign-up.

    Attributes:
        cause: Returns the id of the mail's cause, or None to plan none; there is one mail per cause and person.
    """

    cause: Callable[[Signup], UUID | None]


@dataclass(frozen=True)
class FromTalk:
    """
    A mail that is planned from a talk with the centre, unless the sign-up is withdrawn.

    Attributes:
        cause: Returns the id of the mail's cause, or None to plan none.
        due_at: Returns the earliest time of sending; None sends at once.
    """

    cause: Callable[[Talk], UUID | None]
    due_at: Callable[[Talk], datetime] | None = None


@dataclass(frozen=True)
class FromPageLink:
    """A mail that is planned from a person's request for the link to their own page; the request is its cause."""


@dataclass(frozen=True)
class FromNotice:
    """
    A mail to an igangsetter that is planned from a question to them.

    Attributes:
        wanted: Returns True as long as the question needs the mail.
        due_at: Returns the earliest time of sending; None sends at once.
    """

    wanted: Callable[[Notice], bool]
    due_at: Callable[[Notice], datetime | None] | None = None


@dataclass(frozen=True)
class FromMessage:
    """A mail with a message of the centre, which is its cause; planned once, when staff send it."""


@dataclass(frozen=True)
class FromInvitation:
    """
    A mail that is planned from an invitation to a meeting of the centre.

    Attributes:
        cause: Returns the id of the mail's cause, or None to plan none.
        due_at: Returns the earliest time of sending; None sends at once.
    """

    cause: Callable[[Invited], UUID | None]
    due_at: Callable[[Invited], datetime] | None = None


@dataclass(frozen=True)
class FromSeat:
    """
    A mail that is planned from a seat whose sign-up is not withdrawn.

    Attributes:
        cause: Returns the id of the mail's cause, or None to plan none.
        with_meeting: True if the mail also states the first meeting to which the seat was called.
    """

    cause: Callable[[Seat, Group], UUID | None]
    with_meeting: bool = False


@dataclass(frozen=True)
class FromMeeting:
    """
    A mail that is planned from a start meeting, for each unreleased seat called to it, until the group is closed.

    Attributes:
        cause: Returns the id of the mail's cause, or None to plan none.
        due_at: Returns the earliest time of sending; None sends at once.
        postponed: True if the mail is about a meeting that has lost its time, False if about one that has it.
    """

    cause: Callable[[Seat, Meeting], UUID | None]
    due_at: Callable[[Meeting], datetime] | None = None
    postponed: bool = False


@dataclass(frozen=True)
class FromMeetingAhead:
    """
    A mail that is planned from a meeting of a started group, for each unreleased seat called to it.

    Attributes:
        cause: Returns the id of the mail's cause, or None to plan none; the number counts the weekly meetings from 1.
        due_at: Returns the earliest time of sending.
    """

    cause: Callable[[Meeting, int], UUID | None]
    due_at: Callable[[Meeting], datetime]


@dataclass(frozen=True)
class FromAnnouncement:
    """
    A mail that is planned from an announcement to a member of a started group, as long as it holds.

    Attributes:
        kinds: Kinds of announcements.
        due_at: Returns the earliest time of sending; None sends at once.
        wanted: Returns False for an announcement that needs no mail.
        after_leaving: True if a person is also told who no longer has the seat.
    """

    kinds: frozenset[str]
    due_at: Callable[[Announcement], datetime] | None = None
    wanted: Callable[[Announcement], bool] = lambda _announcement: True
    after_leaving: bool = False


def always_relevant(_facts: MailFacts, _now: datetime) -> str | None:
    """Return None, so that the mail is never dropped."""
    return None


def no_context(_content: MailContent, _tools: MailTools) -> Mapping[str, object]:
    """Return nothing beyond the context that every template gets."""
    return {}


@dataclass(frozen=True, kw_only=True)
class MailSpec:
    """
    One mail.

    Attributes:
        kind: Name of the folder; stored in the queue, so it must never change.
        order: Position among mails that are planned together, which are sent in this order.
        label: Name of the mail for staff (msgid).
        because: What has happened that staff are told as its cause (msgid).
        sent: When it is sent, for staff (msgid).
        own_words: The parts that a centre may write itself: not those that say different things from mail to mail, nor
            anything in a mail that nobody should be able to imitate.
        plan: The facts from which the mail is planned.
        drop_reason: Returns the reason to drop a due mail, as a fixed word, or None to send it.
        requires: Names of ``MailContent`` fields without which the mail cannot be rendered.
        context: Returns sentences and links for the templates that only this mail needs.
        calendar: METHOD of the calendar file that is attached if the mail is about a meeting; None for no file.
        calendar_of: ``meeting`` if the file has the mail's own meeting, ``ahead`` if it has all that are ahead,
            ``talk`` if it has the talk with the centre.
        offers_seat: True if the mail offers a seat and asks for an answer.
        takes_back: True if the mail tells of the loss of a seat or an offer that the person did not ask for.
        leave_link: True if the mail has a link to withdraw, in its text and in List-Unsubscribe.
        greets_by_name: True if the mail uses the recipient's first name.
        is_reminder: True if the mail is never sent at night, nor again after an unknown outcome.
        while_paused: True for a receipt, which also people get who have asked for a pause.
        call: The call to a person who cannot get the mail; None if the mail has no news that such a person needs.
        waits_for: Kinds of mails about the same meeting that must be sent first.
        by_day: True if the mail waits for the morning at night, unless its meeting begins before that.
        tells_when: True if the mail states when and where its meeting is; within an hour of it, a reminder is not sent.
        gathers: True if further mails of the kind about the same meeting wait until an hour has passed, and become one.
        topic: Mails of one topic to a person are one: the first one to leave tells all there is to tell, and the others
            are dropped. None for mails that stand alone.
        joins: True if the mail may leave as one with others to the same person that are due within an hour: it has no
            calendar file, is no receipt and no reminder, and nothing else depends on when it arrives.
        outlives_members: True if the mail is also sent when grouping has forgotten its members.
        by_phone: True if staff call in any case, because mails about the same matter were not answered.
        sms: A sentence that tells the same by SMS to a person without an e-mail address (msgid with ``when``), discreet
            as a subject and without a link; None if it is not told so.
        secret: True if staff are not to see that such a mail exists, unless it needs them.
        on_request: True if the recipient has just asked for it: it is also sent to people who have complained of mails.
    """

    kind: str
    order: int
    label: str
    because: str = ""
    sent: str = ""
    own_words: frozenset[Block] = ALL_BLOCKS
    plan: (
        FromSignup
        | FromTalk
        | FromPageLink
        | FromNotice
        | FromInvitation
        | FromMessage
        | FromSeat
        | FromMeeting
        | FromMeetingAhead
        | FromAnnouncement
    )
    drop_reason: Callable[[MailFacts, datetime], str | None] = always_relevant
    requires: tuple[str, ...] = ()
    context: Callable[[MailContent, MailTools], Mapping[str, object]] = no_context
    calendar: CalendarMethod | None = None
    calendar_of: Literal["meeting", "ahead", "talk"] = "meeting"
    offers_seat: bool = False
    takes_back: bool = False
    leave_link: bool = True
    greets_by_name: bool = True
    is_reminder: bool = False
    while_paused: bool = False
    call: CallSpec | None = None
    waits_for: frozenset[str] = frozenset()
    by_day: bool = False
    tells_when: bool = False
    gathers: bool = False
    topic: str | None = None
    joins: bool = False
    outlives_members: bool = False
    by_phone: bool = False
    sms: str | None = None
    secret: bool = False
    on_request: bool = False

    @property
    def must_stay_alone(self) -> bool:
        """True if the mail can never leave as one with others."""
        return (
            self.calendar is not None
            or self.is_reminder
            or self.secret
            or self.on_request
            or self.offers_seat
            or self.takes_back
            or self.by_phone
            or self.gathers
            or self.outlives_members
            or bool(self.waits_for)
        )

    @property
    def about_meeting(self) -> bool:
        """True if the mail states one version of a start meeting's plan."""
        return isinstance(self.plan, FromMeeting)

    @property
    def about_life(self) -> bool:
        """True if the mail is about the time after the start of a group."""
        return isinstance(self.plan, FromMeetingAhead | FromAnnouncement)

    @property
    def tells_of_group(self) -> bool:
        """True if a person who got this mail knows of the group."""
        return self.offers_seat or isinstance(self.plan, FromMeeting)


def expired(end: datetime | None, now: datetime) -> str | None:
    """Return the reason to drop a mail that has no use from ``end`` on."""
    return "expired" if end is not None and end <= now else None


def drop_after_talk(facts: MailFacts, now: datetime) -> str | None:
    """Return the reason to drop a mail about a talk whose time has come."""
    return expired(facts.talk.starts_at, now) if facts.talk else None


def drop_after_deadline(facts: MailFacts, now: datetime) -> str | None:
    """Return the reason to drop a question to an igangsetter that can no longer be answered."""
    return expired(facts.notice.expires_at, now) if facts.notice else None


def never_told(facts: MailFacts) -> str | None:
    """Return the reason to drop a mail about a meeting of which the person never heard."""
    return "never_told" if facts.told_sequence is None else None


def drop_after_start(facts: MailFacts, now: datetime) -> str | None:
    """Return the reason to drop a mail about a meeting that has begun."""
    return expired(facts.meeting.starts_at, now) if facts.meeting else None
