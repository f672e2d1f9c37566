"""Follow each invented person from sign-up to group, by their mails and answers."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from selvhjelp.rehearsal.people import InventedPerson
from selvhjelp.rehearsal.visitor import Mail

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CALENDAR_FIELD: Final = re.compile(r"^(UID|SEQUENCE|DTSTART)(?:;[^:]*)?:(.*)$", re.MULTILINE)


class Stage(StrEnum):
    """The progress of a person, as their mails and answers show it."""

    SIGNED_UP = "signed_up"
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    OFFERED = "offered"
    SEATED = "seated"
    IN_GROUP = "in_group"


@dataclass(frozen=True)
class CalendarEntry:
    """The meeting in a calendar file; ``starts_at`` is in local time, without a zone."""

    uid: str
    sequence: int
    starts_at: datetime
    cancelled: bool

    @property
    def in_words(self) -> str:
        """The weekday, day and time of the start, in local time."""
        return f"{WEEKDAYS[self.starts_at.weekday()]} {self.starts_at:%Y-%m-%d at %H:%M}"


@dataclass
class Person:
    """
    An invented person with their area and progress.

    Attributes:
        listed: True once the person has been on the waiting list.
        entry: The meeting of the person's group, in the stage ``IN_GROUP``.
    """

    invented: InventedPerson
    area: str
    stage: Stage = Stage.SIGNED_UP
    listed: bool = False
    entry: CalendarEntry | None = None

    @property
    def name(self) -> str:
        """The first name."""
        return self.invented.first_name


@dataclass
class Stories:
    """
    The progress of all people.

    Attributes:
        people: By e-mail address.
        groups: By UID of the calendar entry: the area and the newest entry of a group's start meeting.
    """

    people: dict[str, Person] = field(default_factory=dict)
    groups: dict[str, tuple[str, CalendarEntry]] = field(default_factory=dict)

    def add(self, person: Person) -> str:
        """Add a person who signed up; return a sentence about it."""
        self.people[person.invented.email] = person
        return f"{person.name} in {person.area} signs up"

    def answer(self, mail: Mail, deed: str) -> str:
        """Update a person who answered a mail; the deed is "confirmed", "accepted" or "declined". Return a sentence."""
        person = self.people[mail.to]
        if deed == "confirmed":
            if person.stage is Stage.SIGNED_UP:
                person.stage = Stage.CONFIRMED
            return f"{person.name} confirms the address"
        if person.stage is not Stage.IN_GROUP:
            person.stage = Stage.SEATED if deed == "accepted" else Stage.WAITING
        return f"{person.name} accepts a seat" if deed == "accepted" else f"{person.name} declines a seat"

    def receive(self, mail: Mail) -> str | None:
        """Update a person who got a mail, by its links and calendar; return a sentence, or None if nothing is new."""
        person = self.people[mail.to]
        if mail.link("bekreft"):
            return None
        if mail.calendar:
            return self._receive_meeting(person, entry_of(mail.calendar))
        if mail.link("plass"):
            if person.stage is Stage.IN_GROUP:
                return f"{person.name} is reminded of the meeting"
            person.stage = Stage.OFFERED
            return f"{person.name} is offered a seat"
        if mail.link("meld-av"):
            was_listed = person.listed
            person.listed, person.stage = True, Stage.WAITING
            return f"{person.name} is on the list again" if was_listed else f"{person.name} is on the list"
        return f"{person.name} is signed off"

    def _receive_meeting(self, person: Person, entry: CalendarEntry) -> str | None:
        if entry.cancelled:
            person.stage, person.entry = Stage.WAITING, None
            return f"{person.name} is on the list again: the group could not start"
        before = self.groups.get(entry.uid)
        person.stage, person.entry = Stage.IN_GROUP, entry
        self.groups[entry.uid] = (person.area, entry)
        if before is None:
            return f"A group in {person.area} is ready; its first meeting is on {entry.in_words}"
        if entry.sequence > before[1].sequence:
            return f"The group in {person.area} meets on {entry.in_words} instead"
        return None

    # Summaries.

    def stages_in(self, area: str) -> Counter[Stage]:
        """Return the number of people of an area at each stage."""
        return Counter(person.stage for person in self.people.values() if person.area == area)

    @property
    def areas(self) -> list[str]:
        """The areas, in the order of their first sign-up."""
        return list(dict.fromkeys(person.area for person in self.people.values()))

    def groups_in(self, area: str) -> int:
        """Return the number of groups with members in an area."""
        return len({person.entry.uid for person in self._members() if person.area == area and person.entry})

    def sizes(self) -> Iterator[tuple[str, CalendarEntry, int]]:
        """Yield area, start meeting and size of each group with members, the earliest meeting first."""
        sizes = Counter(person.entry.uid for person in self._members() if person.entry)
        for uid, (area, entry) in sorted(self.groups.items(), key=lambda item: item[1][1].starts_at):
            if sizes[uid]:
                yield area, entry, sizes[uid]

    def count(self, *stages: Stage) -> int:
        """Return the number of people at these stages."""
        return sum(person.stage in stages for person in self.people.values())

    def _members(self) -> Iterable[Person]:
        return (person for person in self.people.values() if person.stage is Stage.IN_GROUP)


def entry_of(calendar: str) -> CalendarEntry:
    """
    Return the meeting in a calendar file of notify (RFC 5545, one event, local time).

    Raises:
        ValueError: The file has no event.
    """
    unfolded = calendar.replace("\r\n", "\n").replace("\n ", "")
    head, begin_event, event = unfolded.partition("BEGIN:VEVENT")
    # Not the fields of the reminder, which comes last.
    fields = dict(_CALENDAR_FIELD.findall(event.partition("BEGIN:VALARM")[0]))
    if not begin_event or not {"UID", "DTSTART"} <= fields.keys():
        raise ValueError("no event in the calendar file")
    return CalendarEntry(
        uid=fields["UID"].strip(),
        sequence=int(fields.get("SEQUENCE", "0")),
        starts_at=datetime.strptime(fields["DTSTART"].strip()[:15], "%Y%m%dT%H%M%S"),  # noqa: DTZ007 - local time
        cancelled="METHOD:CANCEL" in head,
    )
