"""Invented people, and their stories by mails and answers."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from notify.calendar import Entry as CalendarEntry
from notify.calendar import calendar_file
from selvhjelp.rehearsal.display import closing_lines
from selvhjelp.rehearsal.people import invent
from selvhjelp.rehearsal.stories import Person, Stage, Stories, entry_of
from selvhjelp.rehearsal.visitor import Mail

MEETING = CalendarEntry(
    meeting_id=UUID("0192f0e0-0000-7000-8000-000000000001"),
    sequence=0,
    starts_at=datetime(2026, 12, 1, 17, 0, tzinfo=UTC),
    ends_at=datetime(2026, 12, 1, 19, 0, tzinfo=UTC),
    title="Avtale",
    place="Et sted som har et ganske langt navn, så langt at linjen må brettes i kalenderfilen som følger med",
    organizer="post@senter.example",
    stamp=datetime(2026, 11, 20, tzinfo=UTC),
)


def test_invent_same_seed_gives_equal_people() -> None:
    once, again, other = invent(60, ["4601"], 7), invent(60, ["4601"], 7), invent(60, ["4601"], 8)
    assert once == again != other
    assert len({person.email for person in once}) == 60
    assert all(person.email.isascii() and person.email.endswith("@example.org") for person in once)


def test_entry_of_reads_the_calendar_file_of_notify() -> None:
    entry = entry_of(calendar_file((MEETING,), "PUBLISH", "example.org").decode())
    assert entry.uid == "0192f0e0-0000-7000-8000-000000000001@example.org"
    assert entry.in_words == "Tuesday 2026-12-01 at 18:00"
    assert not entry.cancelled
    assert entry_of(calendar_file((MEETING,), "CANCEL", "example.org").decode()).cancelled
    with pytest.raises(ValueError, match="no event"):
        entry_of("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")


def test_stories_follow_a_person_into_a_group_and_back() -> None:
    stories, person = Stories(), invent(1, ["4601"], 1)[0]
    name = person.first_name
    assert stories.add(Person(person, "Bergen")) == f"{name} in Bergen signs up"

    def mail(*links: str, calendar: str = "") -> Mail:
        text = "\n".join(f"http://localhost:8080/{link}/abc" for link in links)
        return Mail("1", "m", person.email, "Hei", text, "", (), calendar)

    assert stories.receive(mail("bekreft")) is None
    assert stories.answer(mail("bekreft"), "confirmed") == f"{name} confirms the address"
    assert stories.receive(mail("meld-av")) == f"{name} is on the list"
    assert stories.receive(mail("plass", "meld-av")) == f"{name} is offered a seat"
    assert stories.answer(mail("plass"), "declined") == f"{name} declines a seat"
    assert stories.count(Stage.WAITING) == 1
    assert stories.receive(mail("plass", "meld-av")) == f"{name} is offered a seat"
    assert stories.answer(mail("plass"), "accepted") == f"{name} accepts a seat"
    plan = calendar_file((MEETING,), "PUBLISH", "example.org").decode()
    assert stories.receive(mail("plass", "meld-av", calendar=plan)) == (
        "A group in Bergen is ready; its first meeting is on Tuesday 2026-12-01 at 18:00"
    )
    assert stories.receive(mail("plass", "meld-av")) == f"{name} is reminded of the meeting"
    assert closing_lines(stories, settled=True)[-1] == "Invented people: 1. Groups: 1, members: 1. Without a group: 0."
    off = calendar_file((MEETING,), "CANCEL", "example.org").decode()
    assert "could not start" in str(stories.receive(mail("meld-av", calendar=off)))
    assert stories.groups_in("Bergen") == 0
    lines = closing_lines(stories, settled=False)
    assert "Waiting: 1 in Bergen." in lines[0]
    assert lines[-1] == "Invented people: 1. Groups: 0, members: 0. Without a group: 1."
