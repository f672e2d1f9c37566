"""Calendar files: readable by other programs, without any participant."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Event

from notify.calendar import Entry, calendar_file
from notify.calendar_attachment import Attachment
from notify.domain.mail_spec import CalendarMethod
from notify.mime import build_message
from shared.reference import centres
from shared.timezone import OSLO_TZ
from tests.notify.support.contents import KINDS, LANGUAGES, ORGANIZER, content, renderer
from tests.notify.support.itip import violations

ENTRY = Entry(
    meeting_id=UUID(int=7),
    sequence=3,
    starts_at=datetime(2027, 3, 25, 17, 0, tzinfo=UTC),
    ends_at=datetime(2027, 3, 25, 19, 0, tzinfo=UTC),
    title="Møte",
    place="Biblioteket i Bergen; inngang fra Strømgaten, rom «Ærfugl» i andre etasje, ring på klokka til høyre",
    organizer="post@senter.example",
    stamp=datetime(2027, 3, 1, 9, 30, tzinfo=UTC),
)


def read(file: bytes) -> tuple[Calendar, Event]:
    calendar = Calendar.from_ical(file)
    assert isinstance(calendar, Calendar)
    (event,) = calendar.events
    return calendar, event


@pytest.mark.parametrize("starts_at", [ENTRY.starts_at, datetime(2027, 7, 1, 16, tzinfo=UTC)])
def test_calendar_file_parsed_again_has_all_fields_and_no_people(starts_at: datetime) -> None:
    entry = replace(ENTRY, starts_at=starts_at, ends_at=starts_at + timedelta(hours=2))
    calendar, event = read(calendar_file((entry,), "PUBLISH", "post.example"))
    assert calendar["METHOD"] == "PUBLISH"
    assert event["UID"] == "00000000-0000-0000-0000-000000000007@post.example"
    assert event["SEQUENCE"] == 3
    assert event.start == starts_at.astimezone(OSLO_TZ)
    assert event.end == (starts_at + timedelta(hours=2)).astimezone(OSLO_TZ)
    assert event["LOCATION"] == ENTRY.place
    assert event["STATUS"] == "CONFIRMED"
    assert "ATTENDEE" not in event
    assert event["ORGANIZER"] == f"mailto:{ENTRY.organizer}"


def test_cancelled_entry_keeps_uid_and_raises_sequence() -> None:
    _, published = read(calendar_file((ENTRY,), "PUBLISH", "post.example"))
    calendar, cancelled = read(calendar_file((replace(ENTRY, sequence=4),), "CANCEL", "post.example"))
    assert calendar["METHOD"] == "CANCEL"
    assert cancelled["UID"] == published["UID"]
    assert int(cancelled["SEQUENCE"]) > int(published["SEQUENCE"])  # type: ignore[arg-type]
    assert cancelled["STATUS"] == "CANCELLED"
    assert "LOCATION" not in cancelled


ENTRIES = [
    ENTRY,
    replace(ENTRY, place=None),
    replace(
        ENTRY, sequence=0, starts_at=datetime(2027, 7, 1, 16, tzinfo=UTC), ends_at=datetime(2027, 7, 1, 18, tzinfo=UTC)
    ),
    replace(ENTRY, place="Kongens gate 1, 7011 Trondheim", title="Meeting"),
    replace(ENTRY, place="x" * 500, sequence=99),
]


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("method", ["PUBLISH", "CANCEL"])
def test_calendar_file_follows_the_rules_of_its_method(entry: Entry, method: CalendarMethod) -> None:
    assert violations(calendar_file((entry,), method, "post.example")) == []


@pytest.mark.parametrize(
    ("method", "old", "new", "rule"),
    [
        ("PUBLISH", b"ORGANIZER:mailto:post@senter.example\r\n", b"", "ORGANIZER"),
        ("CANCEL", b"ORGANIZER:mailto:post@senter.example\r\n", b"", "ORGANIZER"),
        ("CANCEL", b"SEQUENCE:3\r\n", b"", "SEQUENCE"),
        ("PUBLISH", b"SUMMARY:M", b"ATTENDEE:mailto:kari@example.org\r\nSUMMARY:M", "ATTENDEE"),
        ("PUBLISH", b"STATUS:CONFIRMED", b"STATUS:CANCELLED-NOT", "STATUS"),
        ("CANCEL", b"STATUS:CANCELLED", b"STATUS:CONFIRMED", "STATUS"),
        ("PUBLISH", b"BEGIN:VTIMEZONE", b"BEGIN:X-ZONE", "VTIMEZONE"),
    ],
)
def test_violations_of_a_broken_file_names_the_rule(method: CalendarMethod, old: bytes, new: bytes, rule: str) -> None:
    file = calendar_file((ENTRY,), method, "post.example")
    assert old in file
    assert any(rule in violation for violation in violations(file.replace(old, new)))


@pytest.mark.parametrize(
    ("written", "location"),
    [
        ("Bergen sentrum. LINK Bergen skaffer et gratis rom og sier fra om adressen før møtet.", "Bergen sentrum"),
        ("Strømgaten 6, 5015 Bergen", "Strømgaten 6, 5015 Bergen"),
        ("Selvhjelpshuset, Kongens gate 1, 5015 Bergen", "Kongens gate 1, 5015 Bergen"),
        ("Frivilligsentralen. Samtalerommet. Olav Kyrres gate 11", "Frivilligsentralen, Olav Kyrres gate 11"),
        ("Selvhjelpsgruppa møtes her", None),
    ],
)
def test_location_is_neutral_and_an_address_only(written: str, location: str | None) -> None:
    file = renderer().render(content("group_confirmed", "nb", place_text=written)).calendar
    assert file is not None
    _, event = read(file.file)
    assert event.get("LOCATION") == location


@pytest.mark.parametrize("kind", ["group_confirmed", "plan_changed"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_entry_without_known_address_has_no_location(kind: str, language: str) -> None:
    file = renderer().render(content(kind, language, address_known=False)).calendar
    assert file is not None
    _, event = read(file.file)
    assert "LOCATION" not in event


@pytest.mark.parametrize("centre", [centre.id for centre in centres.load().all])
@pytest.mark.parametrize("kind", KINDS)
def test_calendar_of_every_mail_follows_its_method(kind: str, centre: str) -> None:
    row = centres.load().get(centre)
    assert row is not None
    file = renderer().render(content(kind, "nb", centre=centre)).calendar
    if file is not None:
        assert violations(file.file) == []
        calendar = Calendar.from_ical(file.file)
        assert isinstance(calendar, Calendar)
        assert {str(event["ORGANIZER"]) for event in calendar.events} == {f"mailto:{row.email or ORGANIZER}"}


@given(place=st.text(max_size=200), title=st.sampled_from(["Møte", "Meeting"]))
def test_calendar_file_with_hostile_place_stays_one_event(place: str, title: str) -> None:
    file = calendar_file((replace(ENTRY, place=place, title=title),), "PUBLISH", "post.example")
    lines = file.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert b"\n" not in file.replace(b"\r\n", b"")
    assert b"\r" not in file.replace(b"\r\n", b"")
    assert [line for line in lines if line.startswith(b"ATTENDEE")] == []
    assert lines.count(b"BEGIN:VEVENT") == 1


def test_time_zone_component_is_small_and_correct() -> None:
    file = calendar_file((ENTRY,), "PUBLISH", "post.example")
    assert len(file) < 1400
    calendar, _ = read(file)
    (zone,) = calendar.timezones
    assert zone["TZID"] == "Europe/Oslo"
    for month, offset in ((2, 1), (6, 2), (11, 1)):
        assert datetime(2027, month, 20, 12, tzinfo=zone.to_tz()).utcoffset() == timedelta(hours=offset)


@pytest.mark.parametrize("method", ["PUBLISH", "CANCEL"])
def test_attached_file_has_the_method_of_its_mime_part(method: CalendarMethod) -> None:
    rendered = renderer().render(content("group_confirmed", "nb"))
    raw = build_message(
        replace(rendered, calendar=Attachment(calendar_file((ENTRY,), method, "post.example"), method)),
        sender=ORGANIZER,
        recipient="kari@example.org",
        reply_to=None,
        language="nb",
        message_id="<1@post.example>",
        now=datetime(2027, 3, 9, 12, 0, tzinfo=UTC),
    )
    parsed = BytesParser(policy=policy.default).parsebytes(raw)
    assert isinstance(parsed, EmailMessage)
    (part,) = parsed.iter_attachments()
    assert part.get_content_type() == "text/calendar"
    assert part.get_param("method") == method
    assert isinstance(part, EmailMessage)
    calendar, _ = read(part.get_payload(decode=True))  # type: ignore[arg-type]
    assert calendar["METHOD"] == method
