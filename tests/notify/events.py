"""Events as intake and grouping tell them, about people who exist only here."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from shared.events import Event, groups, people, signups
from shared.kit.messaging.causes import Cause

NOON = datetime.fromisoformat("2026-01-05T11:00:00+00:00")
CENTRE, AREA = "link-bergen", "bergen"


@dataclass
class Person:
    """Somebody, by ids only, with the version of their newest event."""

    id: UUID = field(default_factory=uuid4)
    signup_id: UUID = field(default_factory=uuid4)
    confirmation_id: UUID = field(default_factory=uuid4)
    language: str = "nb"
    version: int = 0

    def _tell(self, kind: type[Event], now: datetime, **fields: Any) -> Any:
        self.version += 1
        common = {"signup_id": self.signup_id, "person_id": self.id, "version": self.version, "language": self.language}
        return Cause.fresh().event(kind, self.id, now, **(common | fields))

    def received(self, now: datetime = NOON, *, by_mail: bool = True) -> signups.Received:
        expires_at = now + timedelta(hours=72)
        told: signups.Received = self._tell(
            signups.Received,
            now,
            centre=CENTRE,
            confirmation_id=self.confirmation_id,
            expires_at=expires_at,
            by_mail=by_mail,
        )
        return told

    def confirmed(self, now: datetime = NOON, *, awaits: tuple[str, ...] = ()) -> signups.Confirmed:
        told: signups.Confirmed = self._tell(signups.Confirmed, now, centre=CENTRE, awaits=awaits)
        return told

    def ready(self, now: datetime = NOON, kind: type[signups.Wishes] = signups.Ready) -> Any:
        return self._tell(
            kind,
            now,
            centre=CENTRE,
            area=AREA,
            kommune="4601",
            latitude=60.39,
            longitude=5.32,
            slots=("tue-evening",),
            languages=("nb",),
            max_travel_km=20,
            signed_up_at=now,
        )

    def withdrawn(self, now: datetime = NOON) -> signups.Withdrawn:
        told: signups.Withdrawn = self._tell(signups.Withdrawn, now)
        return told

    def erased(self, now: datetime = NOON) -> people.Erased:
        return Cause.fresh().event(people.Erased, self.id, now, person_id=self.id, signup_ids=(self.signup_id,))


class GroupLife:
    """One group and what grouping tells about it."""

    def __init__(self, members: list[Person]) -> None:
        self.id, self.meeting_id = uuid4(), uuid4()
        self.members = members
        self.seats = {person.id: self._seat(person) for person in members}
        self.version = 0

    def _seat(self, person: Person) -> groups.Seat:
        return groups.Seat(seat_id=uuid4(), signup_id=person.signup_id, person_id=person.id, language=person.language)

    def join(self, person: Person) -> None:
        self.members.append(person)
        self.seats[person.id] = self._seat(person)

    def _tell(self, kind: type[Event], now: datetime, **fields: Any) -> Any:
        self.version += 1
        common = {"group_id": self.id, "version": self.version, "centre": CENTRE, "area": AREA}
        return Cause.fresh().event(kind, self.id, now, **(common | fields))

    def offered(self, person: Person, now: datetime = NOON) -> groups.SeatOffered:
        told: groups.SeatOffered = self._tell(
            groups.SeatOffered,
            now,
            seat=self.seats[person.id],
            slot="tue-evening",
            spoken_language="nb",
            size=len(self.members),
            deadline=now + timedelta(hours=72),
        )
        return told

    def taken(self, person: Person, now: datetime = NOON) -> groups.SeatTaken:
        told: groups.SeatTaken = self._tell(groups.SeatTaken, now, seat=self.seats[person.id])
        return told

    def released(self, person: Person, reason: str, now: datetime = NOON) -> groups.SeatReleased:
        told: groups.SeatReleased = self._tell(
            groups.SeatReleased, now, seat=self.seats[person.id], reason=reason, waits=reason != "withdrawn"
        )
        return told

    def called(
        self,
        *members: Person,
        sequence: int = 0,
        starts_at: datetime = NOON + timedelta(days=8, hours=6),
        place: str = "Biblioteket, rom 2",
        now: datetime = NOON,
    ) -> groups.MeetingCalled:
        told: groups.MeetingCalled = self._tell(
            groups.MeetingCalled,
            now,
            meeting_id=self.meeting_id,
            sequence=sequence,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=2),
            place_text=place,
            seats=tuple(self.seats[person.id] for person in (members or self.members)),
        )
        return told

    def cancelled(self, *members: Person, now: datetime = NOON) -> groups.Cancelled:
        seats = tuple(self.seats[person.id] for person in (members or self.members))
        told: groups.Cancelled = self._tell(groups.Cancelled, now, reason="too_few", seats=seats)
        return told

    def started(self, *members: Person, now: datetime = NOON) -> groups.Started:
        seats = tuple(self.seats[person.id] for person in (members or self.members))
        told: groups.Started = self._tell(
            groups.Started, now, size=len(seats), policy_version="2026-11-1", started_at=now, seats=seats
        )
        return told
