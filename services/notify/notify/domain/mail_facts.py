"""The facts about one mail at the moment of sending."""

from dataclasses import dataclass
from datetime import datetime

from notify.domain.announcements import NO_LIFE, Announcement, GroupLife
from notify.domain.centre_messages import Told
from notify.domain.facts import Group, Meeting, PageLink, Seat, Signup
from notify.domain.helpers import Notice
from notify.domain.kontaktmoter.invitations import Invited
from notify.domain.talks import Talk


@dataclass(frozen=True)
class MailFacts:
    """
    The facts about one mail at the moment of sending, which may differ from those it was planned from.

    Attributes:
        told_sequence: Latest version of the meeting's plan that was mailed to this person; None if none was.
        told_starts_at: The time in that version; None if it had none.
        told_of_group: True if a mail about this group has reached, or may have reached, this person, or if they have
            said yes to it; of a mail about a sign-up, if that is so of a group in which it has a seat or an offer.
        page_link: The request that the mail answers.
        talk: The talk with the centre that the mail is about.
        has_seat: True if the sign-up has a seat, or an open offer.
        life: The announcements and meetings of the group, for a mail about the time after its start.
        announcement: The announcement that the mail is about.
        told_version: Newest version up to which mails of the same topic have told this person; 0 if none has.
        notice: The question to an igangsetter that the mail is about.
        invited: The invitation that it is about; ``told_sequence`` is then about its meeting.
        told_message: The message of the centre that it has.
    """

    signup: Signup | None = None
    group: Group | None = None
    seat: Seat | None = None
    meeting: Meeting | None = None
    told_sequence: int | None = None
    told_starts_at: datetime | None = None
    told_of_group: bool = False
    page_link: PageLink | None = None
    talk: Talk | None = None
    has_seat: bool = False
    life: GroupLife = NO_LIFE
    announcement: Announcement | None = None
    told_version: int = 0
    notice: Notice | None = None
    invited: Invited | None = None

    @property
    def starts_at(self) -> datetime | None:
        """The start of the meeting that the mail is about; None if it is about none."""
        if self.invited is not None:
            return self.invited.meeting.plan.starts_at
        if self.talk is not None:
            return self.talk.starts_at
        return self.meeting.starts_at if self.meeting is not None else None

    @property
    def plan_sequence(self) -> int | None:
        """The version of the meeting's plan now; None if the mail is about no meeting with versions."""
        if self.invited is not None:
            return self.invited.meeting.sequence
        return self.meeting.sequence if self.meeting is not None else None

    told_message: Told | None = None
