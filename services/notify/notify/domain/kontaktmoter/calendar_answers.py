"""Answers that a recipient's calendar sends about a meeting of the centre (RFC 5546, 3.2.3)."""

from dataclasses import dataclass
from uuid import UUID

from notify.domain.kontaktmoter.meetings import Kontaktmote
from notify.domain.kontaktmoter.replies import Reply


@dataclass(frozen=True)
class CalendarAnswer:
    """
    An answer of a calendar.

    Attributes:
        meeting_id: The meeting in its UID.
        sequence: Version of the calendar entry that was answered.
        comes: True for a yes, False for a no.
    """

    meeting_id: UUID
    sequence: int
    comes: bool


def is_news(answer: CalendarAnswer, meeting: Kontaktmote, reply: Reply) -> bool:
    """
    Return True if an answer changes the reply of an invitation.

    A yes leaves a number for the group as it is, and a yes to an earlier time is none to the present one.
    """
    if answer.meeting_id != meeting.id:
        return False
    if answer.comes:
        return reply.wanted == 0 and answer.sequence >= meeting.sequence
    return not reply.declined
