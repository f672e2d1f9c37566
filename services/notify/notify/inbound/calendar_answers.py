"""Answers of calendars to meetings that we have sent: METHOD:REPLY of RFC 5546, by mail (RFC 6047)."""

from email.message import Message
from typing import Final
from uuid import UUID

from icalendar import Calendar

from notify.domain.kontaktmoter.calendar_answers import CalendarAnswer

_ANSWERS: Final = {"ACCEPTED": True, "DECLINED": False}
"""Other answers, as "perhaps", leave the reply as it is."""


def read(message: Message, mail_domain: str) -> CalendarAnswer | None:
    """
    Return the answer in a mail; None if it has none, or more than one.

    Raises:
        ValueError: The calendar file cannot be read.
    """
    part = next((part for part in message.walk() if part.get_content_type() == "text/calendar"), None)
    content = part.get_payload(decode=True) if part is not None else None
    if not isinstance(content, bytes):
        return None
    calendar = Calendar.from_ical(content)
    events = calendar.walk("VEVENT") if str(calendar.get("METHOD", "")).upper() == "REPLY" else []
    if len(events) != 1:
        return None
    (event,) = events
    attendee = event.get("ATTENDEE")
    meeting_id, _, domain = str(event.get("UID", "")).partition("@")
    comes = _ANSWERS.get(str(getattr(attendee, "params", {}).get("PARTSTAT", "")).upper())
    if comes is None or domain.lower() != mail_domain.lower():
        return None
    return CalendarAnswer(UUID(meeting_id), int(event.get("SEQUENCE", 0)), comes)
