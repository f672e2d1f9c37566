"""
Calendar files about meetings, without any participant but the recipient.

METHOD:PUBLISH, and CANCEL of what was published, with an ORGANIZER and no ATTENDEE (RFC 5546, 3.2.1 and 4.1.3): the
file is a note for the recipient's own calendar. REQUEST names the recipient as the only ATTENDEE, whose calendar then
sends answers to the ORGANIZER (3.2.2). That calendar may be shared with a family or an employer, so title, place and
organizer are neutral.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from icalendar import Alarm, Calendar, Event, vCalAddress

from notify.domain.mail_spec import CalendarMethod
from shared.timezone import OSLO_TZ

PRODUCT: Final = "-//selvhjelp//notify//NO"
ALARM_BEFORE: Final = timedelta(hours=2)


@dataclass(frozen=True)
class Entry:
    """
    A meeting in a calendar.

    Attributes:
        meeting_id: The same for the life of the meeting; the UID is made of it.
        sequence: Higher in each file about this meeting to this person.
        title: Neutral; see :mod:`notify.domain.discretion`.
        place: An address that a map finds; None if it is not known.
        organizer: Role address of the centre, in ASCII, or the one to which the recipient's calendar answers.
        stamp: Moment of this version.
        cancelled: True if the meeting is off; in a cancellation all are.
        attendee: Address of the recipient, who has said yes and may answer again; None if no answer is read.
    """

    meeting_id: UUID
    sequence: int
    starts_at: datetime
    ends_at: datetime
    title: str
    place: str | None
    organizer: str
    stamp: datetime
    cancelled: bool = False
    attendee: str | None = None


def uid(meeting_id: UUID, domain: str) -> str:
    """Return the UID of a meeting in every calendar."""
    return f"{meeting_id}@{domain}"


def calendar_file(entries: Sequence[Entry], method: CalendarMethod, domain: str) -> bytes:
    """Return entries as an iCalendar file (RFC 5545): UTF-8, folded, lines ending in CRLF."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    for entry in entries:
        calendar.add_component(_event(entry, method, domain))
    if entries:
        years = sorted(entry.starts_at.astimezone(OSLO_TZ).year for entry in entries)
        calendar.add_missing_timezones(date(years[0], 1, 1), date(years[-1] + 1, 1, 1))
    file: bytes = calendar.to_ical()
    return file


def _event(entry: Entry, method: CalendarMethod, domain: str) -> Event:
    event = Event()
    event.add("uid", uid(entry.meeting_id, domain))
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.stamp)
    event.add("organizer", vCalAddress(f"mailto:{entry.organizer}"))
    if entry.attendee:
        event.add("attendee", _attendee(entry.attendee, method))
    event.add("dtstart", entry.starts_at.astimezone(OSLO_TZ))
    event.add("summary", entry.title)
    event.add("class", "PRIVATE")
    if method == "CANCEL" or entry.cancelled:
        event.add("status", "CANCELLED")
        return event
    event.add("dtend", entry.ends_at.astimezone(OSLO_TZ))
    event.add("status", "CONFIRMED")
    if entry.place:
        event.add("location", entry.place)
    event.add_component(_alarm(entry.title))
    return event


def _attendee(address: str, method: CalendarMethod) -> vCalAddress:
    attendee = vCalAddress(f"mailto:{address}")
    if method == "REQUEST":
        attendee.params["PARTSTAT"] = "ACCEPTED"
        attendee.params["RSVP"] = "TRUE"
    return attendee


def _alarm(title: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", -ALARM_BEFORE)
    return alarm
