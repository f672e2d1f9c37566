"""Calendar files in other programs: two libraries that share no code with ours read what was meant."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import vobject
from ical.calendar_stream import IcsCalendarStream

from notify.calendar import Entry, calendar_file
from notify.domain.mail_spec import CalendarMethod
from tests.notify.test_calendar import ENTRY

WINTER = datetime(2027, 12, 2, 17, 0, tzinfo=UTC)
BASE = replace(ENTRY, starts_at=WINTER, ends_at=WINTER + timedelta(hours=2), place="Strømgaten 6, 5015 Bergen")
CALENDARS = {
    "winter": (BASE,),
    "summer": (replace(BASE, starts_at=WINTER.replace(month=7), ends_at=WINTER.replace(month=7, hour=19)),),
    "evening before summer time": (
        replace(BASE, starts_at=datetime(2027, 3, 27, 18, tzinfo=UTC), ends_at=datetime(2027, 3, 27, 20, tzinfo=UTC)),
    ),
    "over the turn of the year": (
        replace(
            BASE, starts_at=datetime(2027, 12, 31, 21, tzinfo=UTC), ends_at=datetime(2027, 12, 31, 23, 30, tzinfo=UTC)
        ),
    ),
    "long place": (replace(BASE, place="Biblioteket; rom «Ærfugl», andre etasje, " * 8),),
    "no place": (replace(BASE, place=None),),
    "three meetings, one off": (
        BASE,
        replace(BASE, meeting_id=UUID(int=8), cancelled=True, starts_at=WINTER + timedelta(weeks=1)),
        replace(BASE, meeting_id=UUID(int=9), starts_at=WINTER + timedelta(weeks=2)),
    ),
}
Read = list[dict[str, Any]]


def by_vobject(file: bytes) -> tuple[str, Read]:
    # It keeps the first definition of a time zone that it reads, of whatever file; each file here has its own years.
    vars(vobject.icalendar)["__tzidMap"].pop("Europe/Oslo", None)
    calendar = vobject.readOne(file.decode())
    events: Read = [
        {
            "uid": event.uid.value,
            "sequence": int(event.sequence.value),
            "status": event.status.value,
            "starts_at": event.dtstart.value.astimezone(UTC),
            "ends_at": event.dtend.value.astimezone(UTC) if hasattr(event, "dtend") else None,
            "place": event.location.value if hasattr(event, "location") else None,
            "organizer": event.organizer.value,
        }
        for event in calendar.vevent_list
    ]
    return calendar.method.value, events


def by_ical(file: bytes) -> tuple[str, Read]:
    calendar = IcsCalendarStream.calendar_from_ics(file.decode())
    method = next(line for line in file.decode().split("\r\n") if line.startswith("METHOD:"))
    events: Read = [
        {
            "uid": event.uid,
            "sequence": event.sequence,
            "status": event.status,
            "starts_at": event.start_datetime.astimezone(UTC),
            "ends_at": event.end_datetime.astimezone(UTC) if event.dtend else None,
            "place": event.location,
            "organizer": str(event.organizer.uri) if event.organizer else None,
        }
        for event in calendar.events
    ]
    return method.removeprefix("METHOD:"), events


def expected(entries: tuple[Entry, ...], method: CalendarMethod) -> Read:
    return [
        {
            "uid": f"{entry.meeting_id}@post.example",
            "sequence": entry.sequence,
            "status": "CANCELLED" if off else "CONFIRMED",
            "starts_at": entry.starts_at,
            "ends_at": None if off else entry.ends_at,
            "place": None if off else entry.place,
            "organizer": f"mailto:{entry.organizer}",
        }
        for entry in entries
        for off in [entry.cancelled or method == "CANCEL"]
    ]


@pytest.mark.parametrize("read", [by_vobject, by_ical])
@pytest.mark.parametrize("method", ["PUBLISH", "CANCEL"])
@pytest.mark.parametrize("name", CALENDARS)
def test_other_libraries_read_the_meetings_as_meant(name: str, method: CalendarMethod, read: Any) -> None:
    entries = CALENDARS[name]
    file = calendar_file(entries, method, "post.example")
    assert not re.search(rb"(?<!\r)\n", file)
    assert read(file) == (method, expected(entries, method))
