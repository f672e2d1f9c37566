"""The calendar file of a mail: its own meeting and those that follow, with a way to answer where answers are read."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from notify.calendar import Entry, calendar_file
from notify.domain.answer_address import AnswerAddresses
from notify.domain.content import MailContent, MeetingAhead
from notify.domain.discretion import discreet_place
from notify.domain.mail_spec import CalendarMethod, MailSpec
from shared.kit.addresses import to_ascii
from shared.kit.i18n import N_

_CALENDAR_TITLE: Final = N_("Møte")


@dataclass(frozen=True)
class Attachment:
    """A calendar file."""

    file: bytes
    method: CalendarMethod
    filename: str = "invite.ics"


class Calendars:
    """
    Makes calendar files.

    Args:
        mail_domain: Domain in the UID of entries.
        organizer: Address in entries of a centre that has none of its own.
        answers: Makes the addresses to which calendars answer; None if no answer is read.
    """

    def __init__(self, mail_domain: str, organizer: str, answers: AnswerAddresses | None) -> None:
        self._mail_domain = mail_domain
        self._organizer = organizer
        self._answers = answers

    def of(
        self, spec: MailSpec, content: MailContent, recipient: str | None, gettext: Callable[[str], str]
    ) -> Attachment | None:
        """Return the file of a mail, which ``recipient`` may answer; None if it has none."""
        if spec.calendar is None:
            return None
        has_own = spec.calendar_of == "meeting" and content.meeting_id is not None
        meetings = (*((_own_meeting(content),) if has_own else ()), *content.calendar)
        if not meetings:
            return None
        organizer, attendee = _role_address(content.centre.email or self._organizer), None
        method = spec.calendar
        if self._answers is not None and recipient is not None and content.invited is not None:
            organizer, attendee = self._answers.of(content.invited.invitation.id), recipient
            method = "REQUEST" if method == "PUBLISH" else method
        entries = [
            Entry(
                meeting_id=meeting.meeting_id,
                sequence=meeting.sequence,
                starts_at=meeting.starts_at,
                ends_at=meeting.ends_at,
                title=gettext(_CALENDAR_TITLE),
                place=_location(content, meeting),
                organizer=organizer,
                attendee=attendee,
                stamp=content.stamp,
                cancelled=meeting.cancelled,
            )
            for meeting in meetings
        ]
        return Attachment(_shared_file(tuple(entries), method, self._mail_domain), method)


@lru_cache(maxsize=256)
def _shared_file(entries: tuple[Entry, ...], method: CalendarMethod, domain: str) -> bytes:
    """Return a calendar file; it names nobody else, so the members of a group who are told together get the same."""
    return calendar_file(entries, method, domain)


@lru_cache(maxsize=256)
def _role_address(address: str) -> str:
    """Return an address of a centre, or of the sender, in ASCII."""
    return to_ascii(address, smtputf8=True)


def _own_meeting(content: MailContent) -> MeetingAhead:
    assert content.meeting_id is not None
    assert content.starts_at is not None
    return MeetingAhead(
        meeting_id=content.meeting_id,
        sequence=content.sequence,
        starts_at=content.starts_at,
        ends_at=content.ends_at or content.starts_at,
        place_text=content.place_text or "",
        address_known=content.address_known,
    )


def _location(content: MailContent, meeting: MeetingAhead) -> str | None:
    if not meeting.address_known or not meeting.place_text:
        return None
    sentence = content.centre.meeting_place[content.language]
    return discreet_place(meeting.place_text.removesuffix(sentence))
