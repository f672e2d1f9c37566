"""The content of a mail as data, and the tools with which the mail's own folder makes sentences and links of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from notify.domain.announcements import Announcement
from notify.domain.centre_messages import CentreMessage
from notify.domain.helpers import Notice
from notify.domain.kontaktmoter.invitations import Invited
from notify.domain.mail_texts import NO_WORDS, Block
from notify.domain.talks import Talk
from shared.reference.centres import Centre
from shared.reference.policy import Policy


@dataclass(frozen=True)
class MeetingAhead:
    """
    A meeting after the start meeting, in the text or in the calendar file of a mail.

    Attributes:
        sequence: SEQUENCE in the calendar file.
        cancelled: True if the file takes it out of the calendar.
    """

    meeting_id: UUID
    sequence: int
    starts_at: datetime
    ends_at: datetime
    place_text: str
    address_known: bool = True
    cancelled: bool = False


@dataclass(frozen=True)
class Change:
    """
    A change of one meeting ahead.

    Attributes:
        reason: ``moved``, or the reason of ``groups.meeting_cancelled``.
        planned_at: The time that people know.
        starts_at: The time of the meeting now.
        address_known: False while ``place_text`` is only a part of town.
    """

    reason: str
    planned_at: datetime
    starts_at: datetime
    place_text: str
    address_known: bool = True


@dataclass(frozen=True)
class Absence:
    """The number of members who cannot come to one meeting."""

    starts_at: datetime
    count: int


@dataclass(frozen=True)
class MailContent:
    """
    The content of one mail, looked up at the moment of sending and stored nowhere.

    Attributes:
        kind: Name of the mail's folder.
        cause_id: Id of the cause: a confirmation, a sign-up, a seat, a meeting or one version of its plan.
        stamp: Moment of rendering.
        first_name: The recipient's first name; None if it is not confirmed to be theirs.
        awaits: Steps that remain before the waiting list.
        taken: Number of people who have said yes to the offered group.
        offer_place: Where the offered group meets, as far as it is told before an answer.
        first_meeting_at: Time of the offered group's start meeting, as it is now; None if it is not set.
        earliest_at: Earliest time of that meeting, if it is not set.
        sequence: SEQUENCE of the calendar file (RFC 5545), higher than in any earlier file about this meeting.
        starts_at, ends_at: The meeting, as it is now; in a cancellation, as the person knew it.
        address_known: False while ``place_text`` is only a part of town.
        self_start: True if no igangsetter comes to the meeting, and a sheet helps the members start.
        reason: Reason of a released seat, as in ``groups.seat_released``.
        cancel_reason: Reason of a cancelled group, as in ``groups.cancelled``.
        had_said_yes: True if the lost seat was taken.
        lost_slot, lost_place: Time and place of the lost seat, if the offer stands instead of one.
        paused: True if the person has asked for a pause.
        withdrawn_reason: ``left`` or ``no_answer``.
        had_seat: True if the person who leaves had a seat in a group that has not started.
        was_member: True if the person who leaves was in a group that has started.
        texts_asked: The changed texts that the person is asked about.
        renewal_deadline: The sign-up ends then without an answer.
        announcement: What a member of a started group is told.
        rhythm: The newest rhythm of the group; None if it has none.
        ahead: Its next meetings, the next one first.
        calendar: Meetings in the calendar file, if it is about more than the mail's own.
        changes: Changes of meetings that the person has not been told.
        absences: Absences that the person has not been told.
        notice: The question to an igangsetter.
        invited: The invitation to a meeting of the centre.
        message: The message that the centre has written.
        own_words: What the centre has written itself in this mail, in its language.
        talk: The talk with the centre that the mail is about, or whose outcome it follows from.
        link_id: Id in the mail's link, if that is a right by itself; shown to nobody but the recipient.
        group_policy: The policy that the mail's group has kept since its start; None before it.
        starters: Number of igangsettere of the started group, if it is known.
    """

    kind: str
    language: str
    centre: Centre
    signup_id: UUID | None
    cause_id: UUID
    stamp: datetime
    first_name: str | None = None
    expires_at: datetime | None = None
    awaits: tuple[str, ...] = ()
    seat_id: UUID | None = None
    slot: str | None = None
    area_name: str | None = None
    spoken_language: str | None = None
    size: int | None = None
    deadline: datetime | None = None
    meeting_id: UUID | None = None
    sequence: int = 0
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    place_text: str | None = None
    address_known: bool = True
    self_start: bool = False
    reason: str | None = None
    cancel_reason: str | None = None
    had_said_yes: bool = False
    taken: int | None = None
    offer_place: str | None = None
    first_meeting_at: datetime | None = None
    earliest_at: datetime | None = None
    lost_slot: str | None = None
    lost_place: str | None = None
    paused: bool = False
    withdrawn_reason: str | None = None
    had_seat: bool = False
    was_member: bool = False
    renewal_deadline: datetime | None = None
    texts_asked: tuple[str, ...] = ()
    announcement: Announcement | None = None
    rhythm: Announcement | None = None
    ahead: tuple[MeetingAhead, ...] = ()
    calendar: tuple[MeetingAhead, ...] = ()
    changes: tuple[Change, ...] = ()
    absences: tuple[Absence, ...] = ()
    talk: Talk | None = None
    link_id: UUID | None = None
    notice: Notice | None = None
    invited: Invited | None = None
    message: CentreMessage | None = None
    own_words: Mapping[Block, str] = field(default_factory=lambda: NO_WORDS)
    group_policy: Policy | None = None
    starters: int | None = None

    @property
    def policy(self) -> Policy:
        """The policy of the recipient's started group, else that of the centre now."""
        return self.group_policy or self.centre.policy

    @property
    def has_igangsetter(self) -> bool:
        """True if an igangsetter attends the first meetings; by the policy where the number is not known."""
        if self.starters is not None:
            return self.starters > 0
        return self.policy.runs_groups and self.policy.starters_min > 0


@dataclass(frozen=True)
class MailTools:
    """
    Tools for the ``context`` of a mail, in the mail's language.

    Attributes:
        gettext: Translates a msgid.
        link: Returns the link with a purpose and an id, which must be there; see :mod:`shared.reference.link_purposes`.
        page: Returns the URL of a public page by its path.
    """

    gettext: Callable[[str], str]
    link: Callable[[str, UUID | None], str]
    page: Callable[[str], str]
