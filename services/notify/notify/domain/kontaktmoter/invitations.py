"""One invitation to a meeting, and what follows from it for its mails."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID, uuid5

from notify.domain.kontaktmoter.meetings import Kontaktmote, State
from notify.domain.kontaktmoter.replies import Reply


class Via(StrEnum):
    """
    How an invitation reaches its recipient.

    Attributes:
        MEMBER: A member of a group whom the system knows.
        SEALED: A sealed address of a group, by its own id; nobody knows whose it is.
        ACCOUNT: Somebody who starts groups.
        SIGNUP: Somebody who waits for a group.
        GUEST: Somebody who has signed up on the public page, and nobody else in the system.
    """

    MEMBER = "member"
    SEALED = "sealed"
    ACCOUNT = "account"
    SIGNUP = "signup"
    GUEST = "guest"


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """
    An invitation and its reply.

    Attributes:
        recipient_id: Whom the mails go to, an opaque id; None once nobody knows any more. Its link still answers.
        sequence: Version of the meeting when the invitation was made.
        place_number: Counts how often it was given places after it had none.
        from_line: True if the last places were given from the line.
        missed: True if it waited in vain until the line closed.
        stopped: True if its recipient wants no more invitations, and has no place at this meeting.
        told_before: True if it stands for members who were invited while they were known: they hear of changes only.
    """

    reply: Reply
    recipient_id: UUID | None
    language: str
    via: Via = Via.MEMBER
    sequence: int = 0
    place_number: int = 0
    from_line: bool = False
    missed: bool = False
    stopped: bool = False
    told_before: bool = False

    @property
    def id(self) -> UUID:
        """The id in its link."""
        return self.reply.invitation_id

    @property
    def is_guest(self) -> bool:
        """True for somebody who was not invited, but has signed up on the public page."""
        return self.via is Via.GUEST


@dataclass(frozen=True)
class Invited:
    """An invitation to one meeting, as its mails see it."""

    meeting: Kontaktmote
    invitation: Invitation

    @property
    def _concerned(self) -> bool:
        """True unless the recipient has said no, to the meeting or to all of them."""
        return not self.invitation.stopped and not self.invitation.reply.declined

    @property
    def invite_cause(self) -> UUID | None:
        """Cause of the invitation itself."""
        invites = self.meeting.announced and not self.invitation.told_before
        return self._cause("invited") if invites and self._concerned and not self.invitation.is_guest else None

    @property
    def guest_cause(self) -> UUID | None:
        """Cause of the mail that asks a guest whether the address is theirs, and whether they come."""
        asks = self.meeting.announced and self.invitation.is_guest and not self.invitation.reply.answered
        return self._cause("guest") if asks and self._concerned else None

    @property
    def change_cause(self) -> UUID | None:
        """Cause of the mail about another time or place than the recipient was invited to."""
        changed = self.meeting.announced and self.meeting.sequence > self.invitation.sequence
        return self._cause(f"changed {self.meeting.sequence}") if changed and self._concerned else None

    @property
    def cancel_cause(self) -> UUID | None:
        """Cause of the mail that calls the meeting off."""
        return self._cause("cancelled") if self.meeting.state is State.CANCELLED and self._concerned else None

    @property
    def place_cause(self) -> UUID | None:
        """Cause of the mail with time and place for those who have a place."""
        has_place = self.meeting.announced and self.invitation.reply.seats > 0
        return self._cause(f"place {self.invitation.place_number}") if has_place else None

    @property
    def given_up_cause(self) -> UUID | None:
        """Cause of the receipt for those who have given their places up, which also empties their calendar."""
        gave_up = self.meeting.announced and self.invitation.reply.declined and self.invitation.place_number > 0
        return self._cause(f"given up {self.invitation.place_number}") if gave_up else None

    @property
    def reminder_cause(self) -> UUID | None:
        """Cause of the reminder."""
        has_place = self.meeting.announced and self.invitation.reply.seats > 0
        return self._cause(f"reminder {self.meeting.sequence}") if has_place else None

    @property
    def full_cause(self) -> UUID | None:
        """Cause of the mail that no place became free."""
        missed = self.meeting.announced and self.invitation.missed and self.invitation.reply.seats == 0
        return self._cause("full") if missed and self._concerned else None

    def _cause(self, name: str) -> UUID:
        return uuid5(self.invitation.id, name)
