"""
The tables of notify: facts by ids, and the audit log; mails are in :mod:`notify.store.mail_tables`.

They hold no name, address or number of a person.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field

from notify.domain import facts
from notify.domain.announcements import Announcement
from notify.store.audit_actions import ACTIONS
from shared.events.broker_access import published_by
from shared.kit.audit import AuditLog
from shared.kit.database.columns import MOMENT, TEXTS, empty_dict, empty_list
from shared.kit.database.rows import Row
from shared.kit.messaging.dead_letters import DeadLetters
from shared.kit.messaging.inbox import Inbox
from shared.kit.messaging.journal import Journal
from shared.kit.messaging.known_streams import KnownStreams
from shared.kit.messaging.outbox import Outbox
from shared.kit.tasks import TaskBook
from shared.kit.version_book import VersionBook
from shared.reference.policy import Policy

UUIDS = ARRAY(sa.Uuid())


class Base(Row, registry=registry()):
    """Base class with notify's own MetaData."""


outbox = Outbox(Base.metadata)
inbox = Inbox(Base.metadata)
dead_letters = DeadLetters(Base.metadata, inbox)
known_streams = KnownStreams(Base.metadata, published_by("notify"))
journal = Journal(Base.metadata)

task_book = TaskBook(Base.metadata, "notify", outbox)
"""The open tasks of staff about notify's own things."""
policy_book = VersionBook(Base.metadata, "centre_policies")
"""The newest policy of each centre, from intake's events."""

audit_log = AuditLog(Base.metadata, ACTIONS)


class Signup(Base, table=True):
    """
    A sign-up. Each fact, once true, stays true in any order of events, or has the version of its event.

    Attributes:
        version: Version of the event that ``language`` is from; the highest wins.
        language_at: When that event happened; a later change of contact wins over it.
        centre: None until an event that names it has come.
        confirmed: True once the address is confirmed.
        known_at: Newest time at which the person did something about this sign-up.
        by_mail: False if it came without an e-mail address; a later change of contact wins over it.
        area, kommune: Where the person waits; None until they are on the waiting list.
        wishes_version: Version of the event that these are from; the highest wins.
    """

    __tablename__ = "signups"

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(index=True)
    language: str
    version: int
    centre: str | None = None
    confirmation_id: UUID | None = None
    expires_at: datetime | None = Field(default=None, sa_type=MOMENT)
    awaits: list[str] = Field(default_factory=empty_list, sa_type=TEXTS, sa_column_kwargs={"server_default": "{}"})
    confirmed: bool = False
    ready: bool = False
    withdrawn: bool = False
    withdrawn_at: datetime | None = Field(default=None, sa_type=MOMENT)
    withdrawn_reason: str | None = None
    language_at: datetime | None = Field(default=None, sa_type=MOMENT)
    known_at: datetime | None = Field(default=None, sa_type=MOMENT)
    pause_version: int | None = None
    paused: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    renewal_version: int | None = None
    renewal_deadline: datetime | None = Field(default=None, sa_type=MOMENT)
    renewed_version: int | None = None
    renewed_at: datetime | None = Field(default=None, sa_type=MOMENT)
    offers_paused_seat: UUID | None = None
    offers_paused_at: datetime | None = Field(default=None, sa_type=MOMENT)
    sign_of_life_id: UUID | None = None
    texts_version: int | None = None
    texts_asked: list[str] = Field(default_factory=empty_list, sa_type=TEXTS, sa_column_kwargs={"server_default": "{}"})
    by_mail: bool | None = None
    area: str | None = Field(default=None, max_length=63)
    kommune: str | None = Field(default=None, max_length=4)
    wishes_version: int | None = None

    @property
    def facts(self) -> facts.Signup:
        """The sign-up as the rules see it."""
        return facts.Signup(
            id=self.id,
            person_id=self.person_id,
            language=self.language,
            centre=self.centre,
            confirmation_id=self.confirmation_id,
            expires_at=self.expires_at,
            awaits=tuple(self.awaits),
            ready=self.ready,
            withdrawn=self.withdrawn,
            confirmed=self.confirmed,
            withdrawn_reason=self.withdrawn_reason,
            pause_version=self.pause_version,
            paused=self.paused,
            renewal_version=self.renewal_version,
            renewal_deadline=self.renewal_deadline,
            renewed_version=self.renewed_version,
            renewed_at=self.renewed_at,
            offers_paused_seat=self.offers_paused_seat,
            offers_paused_at=self.offers_paused_at,
            sign_of_life_id=self.sign_of_life_id,
            texts_version=self.texts_version,
            texts_asked=tuple(self.texts_asked),
        )


class ContactChange(Base, table=True):
    """
    The newest change of a person's name, address, number or language, without any of them but the language.

    Attributes:
        by_mail: Whether they have an e-mail address since then; None in rows from before there was this column.
    """

    __tablename__ = "contact_changes"

    person_id: UUID = Field(primary_key=True)
    changed_at: datetime = Field(sa_type=MOMENT)
    language: str
    by_mail: bool | None = None


class PageLink(Base, table=True):
    """A person's request for the link to their own page."""

    __tablename__ = "page_links"

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(index=True)
    language: str
    centre: str | None = None
    expires_at: datetime = Field(sa_type=MOMENT)

    @property
    def facts(self) -> facts.PageLink:
        """The request as the rules see it."""
        return facts.PageLink(self.id, self.person_id, self.language, self.centre, self.expires_at)


class Group(Base, table=True):
    """
    A group.

    Attributes:
        closed_at: Set while it has started or is cancelled.
        closed_by: ``started`` or ``cancelled``; None in rows from before there was this column.
        closed_version: Version of the newest event that closed or opened it.
        ended_at: Set when it is dissolved, or no longer counts as active.
        forgotten_at: Set when grouping no longer knows its members, except those of ``kept_seats``.
        forgotten_version: Version of the event that ``kept_seats`` is from.
        policy, starters: The policy that the started group keeps, and the number of its igangsettere; None before the
            start, and for groups that started before notify was told.
    """

    __tablename__ = "groups"

    id: UUID = Field(primary_key=True)
    centre: str
    area: str
    closed_at: datetime | None = Field(default=None, sa_type=MOMENT)
    closed_by: str | None = None
    closed_version: int | None = None
    cancel_reason: str | None = None
    ended_at: datetime | None = Field(default=None, sa_type=MOMENT)
    forgotten_at: datetime | None = Field(default=None, sa_type=MOMENT)
    forgotten_version: int | None = None
    kept_seats: list[UUID] = Field(default_factory=empty_list, sa_type=UUIDS, sa_column_kwargs={"server_default": "{}"})
    policy: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    starters: int | None = None

    @property
    def has_started(self) -> bool:
        """True if the group is closed because its start meeting has been held."""
        return self.closed_at is not None and self.closed_by != "cancelled"

    @property
    def facts(self) -> facts.Group:
        """The group as the rules see it."""
        return facts.Group(
            self.id,
            self.centre,
            closed=self.closed_at is not None,
            cancel_reason=self.cancel_reason,
            started=self.has_started,
            reopened_version=self.closed_version if self.closed_at is None else None,
            ended=self.ended_at is not None,
            forgotten=self.forgotten_at is not None,
            kept_seats=frozenset(self.kept_seats),
            policy=_readable(self.policy),
            starters=self.starters,
        )


def _readable(policy: Mapping[str, Any] | None) -> Policy | None:
    """Return a policy; None for one that this release cannot read, as during an upgrade."""
    try:
        return None if policy is None else Policy.from_data(policy)
    except ValueError:
        return None


class Seat(Base, table=True):
    """
    One person's seat in one group.

    Attributes:
        offer_version: Version of the event that the offer is from; the highest wins.
        coming_version: Version of the event that ``comes_to`` is from; the highest wins.
        released: Reason of the release; of several releases the one with the lowest ``released_version`` counts.
    """

    __tablename__ = "seats"

    id: UUID = Field(primary_key=True)
    group_id: UUID = Field(foreign_key="groups.id", ondelete="CASCADE", index=True)
    signup_id: UUID = Field(index=True)
    person_id: UUID = Field(index=True)
    language: str
    offered: bool = False
    taken: bool = False
    taken_at: datetime | None = Field(default=None, sa_type=MOMENT)
    comes_to: datetime | None = Field(default=None, sa_type=MOMENT)
    coming_version: int | None = None
    slot: str | None = None
    spoken_language: str | None = None
    size: int | None = None
    deadline: datetime | None = Field(default=None, sa_type=MOMENT)
    offer_version: int | None = None
    taken_count: int | None = None
    place_text: str | None = None
    starts_at: datetime | None = Field(default=None, sa_type=MOMENT)
    earliest_at: datetime | None = Field(default=None, sa_type=MOMENT)
    instead_of: UUID | None = None
    released: str | None = None
    released_version: int | None = None
    replaced_by: UUID | None = None

    def facts(self, first_called: Mapping[UUID, int]) -> facts.Seat:
        """Return the seat as the rules see it, with the first plan of each meeting that named it."""
        return facts.Seat(
            id=self.id,
            group_id=self.group_id,
            signup_id=self.signup_id,
            person_id=self.person_id,
            language=self.language,
            offered=self.offered,
            taken=self.taken,
            taken_at=self.taken_at,
            comes_to=self.comes_to,
            slot=self.slot,
            spoken_language=self.spoken_language,
            size=self.size,
            deadline=self.deadline,
            taken_count=self.taken_count,
            place_text=self.place_text,
            starts_at=self.starts_at,
            earliest_at=self.earliest_at,
            instead_of=self.instead_of,
            released=self.released,
            replaced_by=self.replaced_by,
            first_called=first_called,
        )


class Meeting(Base, table=True):
    """
    The newest plan of one of a group's meetings.

    Attributes:
        version: Version of the event that the plan is from; 0 until one has come.
        first_addressed: Lowest SEQUENCE of a plan with an address.
        reported_version: Version of the newest report on how it went.
        planned_sequence, planned_at: The first plan that has come, by SEQUENCE, and its time.
        cancelled_sequence: SEQUENCE with which it was cancelled, the highest of several.
        called_sequence, called_at: The highest SEQUENCE that has come, and the hour in which it was first published.
    """

    __tablename__ = "meetings"

    id: UUID = Field(primary_key=True)
    group_id: UUID = Field(foreign_key="groups.id", ondelete="CASCADE", index=True)
    version: int
    sequence: int
    starts_at: datetime = Field(sa_type=MOMENT)
    ends_at: datetime = Field(sa_type=MOMENT)
    place_text: str
    kind: str = Field(default="start", sa_column_kwargs={"server_default": "start"})
    address_known: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})
    first_addressed: int | None = None
    postponed: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    reported_version: int | None = None
    planned_sequence: int | None = None
    planned_at: datetime | None = Field(default=None, sa_type=MOMENT)
    cancelled_sequence: int | None = None
    called_sequence: int | None = None
    called_at: datetime | None = Field(default=None, sa_type=MOMENT)
    coming_question: str = Field(default="off", sa_column_kwargs={"server_default": "off"})
    self_start: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})

    @property
    def facts(self) -> facts.Meeting:
        """The meeting as the rules see it."""
        return facts.Meeting(
            id=self.id,
            sequence=self.sequence,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            place_text=self.place_text,
            address_known=self.address_known,
            first_addressed=self.first_addressed,
            postponed=self.postponed,
            reported=(self.reported_version or 0) > self.version,
            kind=self.kind,
            known=self.version > 0,
            planned_at=self.planned_at,
            cancelled_sequence=self.cancelled_sequence,
            called_at=self.called_at,
            coming_question=self.coming_question,
            self_start=self.self_start,
        )


class MeetingSeat(Base, table=True):
    """A seat that was called to a meeting; ``first_called`` is the first version of the plan that named it."""

    __tablename__ = "meeting_seats"

    meeting_id: UUID = Field(primary_key=True, foreign_key="meetings.id", ondelete="CASCADE")
    seat_id: UUID = Field(primary_key=True, foreign_key="seats.id", ondelete="CASCADE", index=True)
    first_called: int


class AnnouncementRow(Base, table=True):
    """One thing that members of a started group are told; ``details`` are fields of its event, by ids only."""

    __tablename__ = "announcements"

    id: UUID = Field(primary_key=True)
    group_id: UUID = Field(foreign_key="groups.id", ondelete="CASCADE", index=True)
    kind: str
    version: int
    at: datetime = Field(sa_type=MOMENT)
    subject_id: UUID | None = None
    meeting_id: UUID | None = None
    deadline: datetime | None = Field(default=None, sa_type=MOMENT)
    details: dict[str, object] = Field(default_factory=empty_dict, sa_type=JSONB)

    @property
    def facts(self) -> Announcement:
        """The announcement as the rules see it."""
        return Announcement(
            id=self.id,
            kind=self.kind,
            version=self.version,
            at=self.at,
            subject_id=self.subject_id,
            meeting_id=self.meeting_id,
            deadline=self.deadline,
            details=self.details,
        )


class AnnouncementSeat(Base, table=True):
    """A seat whose person is told an announcement."""

    __tablename__ = "announcement_seats"

    announcement_id: UUID = Field(primary_key=True, foreign_key="announcements.id", ondelete="CASCADE")
    seat_id: UUID = Field(primary_key=True, foreign_key="seats.id", ondelete="CASCADE", index=True)


class ErasedPerson(Base, table=True):
    """A person who was erased; events about them that come later are ignored."""

    __tablename__ = "forgotten"

    person_id: UUID = Field(primary_key=True)
    at: datetime = Field(sa_type=MOMENT)


class Bounces(Base, table=True):
    """
    Refusals of a person's address, and a complaint of theirs, because of which the centre calls instead.

    Attributes:
        hard: Number of permanent refusals; counts from the second on.
        last_at: When the last one was recorded, or the complaint.
        complained: True if the person has marked a mail as unwanted.
    """

    __tablename__ = "bounces"

    person_id: UUID = Field(primary_key=True)
    hard: int = 0
    last_at: datetime = Field(sa_type=MOMENT)
    complained: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
