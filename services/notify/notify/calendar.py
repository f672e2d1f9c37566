"""
Calendar files that tell of one meeting and of nobody who comes.

METHOD:PUBLISH and no ATTENDEE (RFC 5546): the file is a note for the recipient's own calendar, which may be shared
with a family or an employer, so its title is neutral.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from typing import Final, Literal
from uuid import UUID

from icalendar import Alarm, Calendar, Event

from shared.timezone import OSLO_TZ

Method = Literal["PUBLISH", "CANCEL"]

PRODUCT: Final = "-//selvhjelp//notify//NO"
ALARM_BEFORE: Final = timedelta(hours=2)


@dataclass(frozen=True)
class Entry:
    """
    A meeting as a calendar needs it.

    Attributes:
        meeting_id: The same for the life of the meeting; the UID is made of it.
        sequence: Grows whenever time or place changes, and once more when the meeting is cancelled.
        title: Neutral; see :mod:`notify.domain.discretion`.
        stamp: When this version was made.
    """

    meeting_id: UUID
    sequence: int
    starts_at: datetime
    ends_at: datetime
    title: str
    place: str
    stamp: datetime


def calendar_file(entry: Entry, method: Method, domain: str) -> bytes:
    """The entry as an iCalendar file (RFC 5545): UTF-8, folded, lines ending in CRLF."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    event = Event()
    event.add("uid", f"{entry.meeting_id}@{domain}")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.stamp)
    event.add("dtstart", entry.starts_at.astimezone(OSLO_TZ))
    event.add("dtend", entry.ends_at.astimezone(OSLO_TZ))
    event.add("summary", entry.title)
    event.add("class", "PRIVATE")
    if method == "CANCEL":
        event.add("status", "CANCELLED")
    else:
        event.add("status", "CONFIRMED")
        event.add("location", entry.place)
        event.add_component(_alarm(entry.title))
    calendar.add_component(event)
    year = entry.starts_at.astimezone(OSLO_TZ).year
    calendar.add_missing_timezones(date(year, 1, 1), date(year + 1, 1, 1))
    file: bytes = calendar.to_ical()
    return file


def _alarm(title: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", -ALARM_BEFORE)
    return alarm


def attach(message: EmailMessage, file: bytes, method: Method, filename: str) -> None:
    """Put a calendar file on a mail so that both calendars and people find it."""
    message.add_attachment(
        file,
        maintype="text",
        subtype="calendar",
        filename=filename,
        params={"method": method, "charset": "UTF-8"},
    )
