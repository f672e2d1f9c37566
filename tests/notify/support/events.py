"""Events as intake and grouping publish them, about invented people."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, TypedDict, TypeVar
from uuid import UUID, uuid4

from shared.events import Event, groups, people, signups, talks
from shared.events.base import MailLanguage, Stamp
from shared.kit.messaging.causes import Cause

NOON = datetime.fromisoformat("2026-01-05T11:00:00+00:00")
STARTS_AT = NOON + timedelta(days=8, hours=6)
"""Start of a meeting that is called without another time."""
CENTRE, AREA = "link-bergen", "bergen"

TalkReason = Literal["given_up", "closed", "paused", "over"]

W = TypeVar("W", bound=signups.Wishes)
B = TypeVar("B", signups.Paused, signups.Renewed, signups.TextsAccepted)


class SignupFields(TypedDict):
    """Fields that all events of one sign-up have."""

    signup_id: UUID
    person_id: UUID
    version: int
    language: MailLanguage


class TalkFields(TypedDict):
    """Fields that all events of one talk have."""

    signup_id: UUID
    person_id: UUID
    version: int
    talk_id: UUID


class GroupFields(TypedDict):
    """Fields that all events of one group have."""

    group_id: UUID
    version: int
    centre: str
    area: str


def stamp(kind: type[Event], key: UUID, now: datetime) -> Stamp:
    return Cause.fresh().stamp(kind, key, now)


@dataclass
class Person:
    """One person with one sign-up, and the version of their newest event."""

    id: UUID = field(default_factory=uuid4)
    signup_id: UUID = field(default_factory=uuid4)
    confirmation_id: UUID = field(default_factory=uuid4)
    language: MailLanguage = "nb"
    version: int = 0

    def _fields(self) -> SignupFields:
        self.version += 1
        return {
            "signup_id": self.signup_id,
            "person_id": self.id,
            "version": self.version,
            "language": self.language,
        }

    def received(self, now: datetime = NOON, *, by_mail: bool = True) -> signups.Received:
        return signups.Received(
            **stamp(signups.Received, self.id, now),
            **self._fields(),
            centre=CENTRE,
            confirmation_id=self.confirmation_id,
            expires_at=now + timedelta(hours=72),
            by_mail=by_mail,
        )

    def confirmed(self, now: datetime = NOON, *, awaits: tuple[signups.Step, ...] = ()) -> signups.Confirmed:
        return signups.Confirmed(
            **stamp(signups.Confirmed, self.id, now), **self._fields(), centre=CENTRE, awaits=awaits
        )

    def ready(self, now: datetime = NOON) -> signups.Ready:
        return self._wishes(signups.Ready, now)

    def changed(self, now: datetime = NOON) -> signups.Changed:
        return self._wishes(signups.Changed, now)

    def _wishes(self, kind: type[W], now: datetime) -> W:
        return kind(
            **stamp(kind, self.id, now),
            **self._fields(),
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

    def withdrawn(self, now: datetime = NOON, *, reason: Literal["left", "no_answer"] = "left") -> signups.Withdrawn:
        return signups.Withdrawn(**stamp(signups.Withdrawn, self.id, now), **self._fields(), reason=reason)

    def left_late(self, *, confirmed: bool = True, now: datetime = NOON) -> signups.Withdrawn:
        """The event as intake writes it, for a sign-up of which notify may know nothing any more."""
        about = {"centre": CENTRE, "confirmed": confirmed}
        return self.withdrawn(now).model_copy(update=about)

    def paused(self, now: datetime = NOON) -> signups.Paused:
        return self._bare(signups.Paused, now)

    def resumed(self, now: datetime = NOON) -> signups.Resumed:
        return signups.Resumed(**stamp(signups.Resumed, uuid4(), now), **self._fields())

    def renewal_asked(self, now: datetime = NOON) -> signups.RenewalAsked:
        return signups.RenewalAsked(
            **stamp(signups.RenewalAsked, uuid4(), now), **self._fields(), deadline=now + timedelta(days=30)
        )

    def renewed(self, now: datetime = NOON) -> signups.Renewed:
        return self._bare(signups.Renewed, now)

    def texts_asked(self, *texts: signups.TextKind, now: datetime = NOON) -> signups.TextsAsked:
        return signups.TextsAsked(**stamp(signups.TextsAsked, uuid4(), now), **self._fields(), texts=texts)

    def texts_accepted(self, now: datetime = NOON) -> signups.TextsAccepted:
        return self._bare(signups.TextsAccepted, now)

    def _bare(self, kind: type[B], now: datetime) -> B:
        fields = self._fields()
        return kind(
            **stamp(kind, uuid4(), now),
            signup_id=fields["signup_id"],
            person_id=fields["person_id"],
            version=fields["version"],
        )

    def talk_booked(
        self,
        talk_id: UUID,
        starts_at: datetime,
        *,
        sequence: int = 0,
        way: talks.TalkWay = "phone",
        now: datetime = NOON,
    ) -> talks.TalkBooked:
        return talks.TalkBooked(
            **stamp(talks.TalkBooked, uuid4(), now),
            **self._fields(),
            talk_id=talk_id,
            centre=CENTRE,
            sequence=sequence,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=30),
            way=way,
        )

    def talk_cancelled(
        self, talk_id: UUID, reason: TalkReason, *, sequence: int = 1, by_mail: bool = True, now: datetime = NOON
    ) -> talks.TalkCancelled:
        return talks.TalkCancelled(
            **stamp(talks.TalkCancelled, uuid4(), now),
            **self._of_talk(talk_id),
            sequence=sequence,
            reason=reason,
            by_mail=by_mail,
        )

    def talk_offered(
        self, talk_id: UUID, number: int = 1, *, by_mail: bool = True, now: datetime = NOON
    ) -> talks.TalkOffered:
        return talks.TalkOffered(
            **stamp(talks.TalkOffered, uuid4(), now),
            **self._fields(),
            talk_id=talk_id,
            centre=CENTRE,
            number=number,
            by_mail=by_mail,
        )

    def talk_held(self, talk_id: UUID, outcome: talks.TalkOutcome, *, now: datetime = NOON) -> talks.TalkHeld:
        return talks.TalkHeld(**stamp(talks.TalkHeld, uuid4(), now), **self._of_talk(talk_id), outcome=outcome)

    def _of_talk(self, talk_id: UUID) -> TalkFields:
        fields = self._fields()
        return {
            "signup_id": fields["signup_id"],
            "person_id": fields["person_id"],
            "version": fields["version"],
            "talk_id": talk_id,
        }

    def contact_changed(
        self, now: datetime = NOON, *, language: MailLanguage = "nb", by_mail: bool = True
    ) -> people.ContactChanged:
        return people.ContactChanged(
            **stamp(people.ContactChanged, uuid4(), now), person_id=self.id, by_mail=by_mail, language=language
        )

    def page_link_asked(self, now: datetime = NOON, *, link_id: UUID | None = None) -> people.PageLinkAsked:
        return people.PageLinkAsked(
            **stamp(people.PageLinkAsked, uuid4(), now),
            person_id=self.id,
            link_id=link_id or uuid4(),
            expires_at=now + timedelta(minutes=10),
            language=self.language,
        )

    def erased(self, now: datetime = NOON, *, asked: bool = False) -> people.Erased:
        return people.Erased(
            **stamp(people.Erased, self.id, now),
            person_id=self.id,
            signup_ids=(self.signup_id,),
            wants_receipt=asked,
        )


class Group:
    """One group, its members' seats, and the version of its newest event."""

    def __init__(self, members: Iterable[Person]) -> None:
        self.id, self.meeting_id = uuid4(), uuid4()
        self.members: list[Person] = []
        self.seats: dict[UUID, groups.Seat] = {}
        self.version = 0
        for person in members:
            self.add_member(person)

    def add_member(self, person: Person) -> None:
        self.members.append(person)
        self.seats[person.id] = groups.Seat(
            seat_id=uuid4(), signup_id=person.signup_id, person_id=person.id, language=person.language
        )

    def _seats(self, members: tuple[Person, ...]) -> tuple[groups.Seat, ...]:
        return tuple(self.seats[person.id] for person in members or self.members)

    def _fields(self) -> GroupFields:
        self.version += 1
        return {"group_id": self.id, "version": self.version, "centre": CENTRE, "area": AREA}

    def offered(self, person: Person, now: datetime = NOON, **changes: object) -> groups.SeatOffered:
        return groups.SeatOffered(
            **stamp(groups.SeatOffered, self.id, now),
            **self._fields(),
            seat=self.seats[person.id],
            slot="tue-evening",
            spoken_language="nb",
            size=len(self.members),
            deadline=now + timedelta(hours=72),
        ).model_copy(update=changes)

    def taken(self, person: Person, now: datetime = NOON) -> groups.SeatTaken:
        return groups.SeatTaken(**stamp(groups.SeatTaken, self.id, now), **self._fields(), seat=self.seats[person.id])

    def comes(self, person: Person, starts_at: datetime = STARTS_AT, now: datetime = NOON) -> groups.ComingConfirmed:
        return groups.ComingConfirmed(
            **stamp(groups.ComingConfirmed, self.id, now),
            **self._fields(),
            seat=self.seats[person.id],
            meeting_id=self.meeting_id,
            starts_at=starts_at,
        )

    def released(
        self,
        person: Person,
        reason: groups.ReleaseReason,
        now: datetime = NOON,
        *,
        replaced_by: UUID | None = None,
    ) -> groups.SeatReleased:
        return groups.SeatReleased(
            **stamp(groups.SeatReleased, self.id, now),
            **self._fields(),
            seat=self.seats[person.id],
            reason=reason,
            waits=reason != "withdrawn",
            replaced_by=replaced_by,
        )

    def called(
        self,
        *members: Person,
        meeting_id: UUID | None = None,
        sequence: int = 0,
        starts_at: datetime = STARTS_AT,
        place: str = "Biblioteket, rom 2",
        address_known: bool = True,
        now: datetime = NOON,
        coming_question: groups.ComingQuestion = "off",
    ) -> groups.MeetingCalled:
        return groups.MeetingCalled(
            **stamp(groups.MeetingCalled, self.id, now),
            **self._fields(),
            meeting_id=meeting_id or self.meeting_id,
            sequence=sequence,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=2),
            place_text=place,
            address_known=address_known,
            coming_question=coming_question,
            seats=self._seats(members),
        )

    def postponed(
        self, *members: Person, sequence: int = 1, starts_at: datetime = STARTS_AT, now: datetime = NOON
    ) -> groups.MeetingPostponed:
        return groups.MeetingPostponed(
            **stamp(groups.MeetingPostponed, uuid4(), now),
            **self._fields(),
            meeting_id=self.meeting_id,
            sequence=sequence,
            starts_at=starts_at,
            seats=self._seats(members),
        )

    def reported(self, *, held: bool, now: datetime = NOON) -> groups.MeetingReported:
        return groups.MeetingReported(
            **stamp(groups.MeetingReported, uuid4(), now),
            **self._fields(),
            meeting_id=self.meeting_id,
            held=held,
            starts_at=STARTS_AT,
        )

    def revoked(self, *members: Person, now: datetime = NOON) -> groups.StartRevoked:
        return groups.StartRevoked(
            **stamp(groups.StartRevoked, uuid4(), now), **self._fields(), seats=self._seats(members)
        )

    def offers_paused(self, person: Person, now: datetime = NOON) -> groups.OffersPaused:
        return groups.OffersPaused(
            **stamp(groups.OffersPaused, uuid4(), now), **self._fields(), seat=self.seats[person.id]
        )

    def cancelled(
        self, *members: Person, reason: groups.CancelReason = "too_few", now: datetime = NOON
    ) -> groups.Cancelled:
        return groups.Cancelled(
            **stamp(groups.Cancelled, self.id, now), **self._fields(), reason=reason, seats=self._seats(members)
        )

    def started(self, *members: Person, now: datetime = NOON) -> groups.Started:
        seats = self._seats(members)
        return groups.Started(
            **stamp(groups.Started, self.id, now),
            **self._fields(),
            size=len(seats),
            policy_version="2026-11-1",
            started_at=now,
            seats=seats,
        )
