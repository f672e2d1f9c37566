"""
The tables of notify: what is known by ids, the queue of mails, and who on the staff did what.

No name, address or number is in any of them. A mail is rendered at the moment of sending.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from notify.domain.delivery import Delivery, Status
from notify.domain.kinds import Kind
from shared.kit.messaging.dead_letters import DeadLetters
from shared.kit.messaging.inbox import Inbox
from shared.kit.messaging.outbox import Outbox


class Base(SQLModel, registry=registry()):
    """Gives notify its own MetaData."""


outbox = Outbox(Base.metadata)
inbox = Inbox(Base.metadata)
dead_letters = DeadLetters(Base.metadata)

_MOMENT: Any = sa.DateTime(timezone=True)
_TEXTS: Any = ARRAY(sa.Text)


def _one_of(column: str, words: Any) -> str:
    return f"{column} in ({', '.join(repr(str(word)) for word in words)})"


class Signup(Base, table=True):
    """
    What notify has heard of a sign-up; what is true once stays true, whatever order the events come in.

    Attributes:
        centre: None until an event that names it has come.
        confirmed: The address has been confirmed, so that nobody needs to be asked again.
        version: The highest whose language is in ``language``.
    """

    __tablename__ = "signups"

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(index=True)
    language: str
    version: int
    centre: str | None = None
    confirmation_id: UUID | None = None
    expires_at: datetime | None = Field(default=None, sa_type=_MOMENT)
    awaits: list[str] = Field(default_factory=list, sa_type=_TEXTS, sa_column_kwargs={"server_default": "{}"})
    confirmed: bool = False
    ready: bool = False
    withdrawn: bool = False
    withdrawn_at: datetime | None = Field(default=None, sa_type=_MOMENT)


class Group(Base, table=True):
    """What notify has heard of a group; ``closed_at`` when it has started or never will."""

    __tablename__ = "groups"

    id: UUID = Field(primary_key=True)
    centre: str
    area: str
    closed_at: datetime | None = Field(default=None, sa_type=_MOMENT)


class Seat(Base, table=True):
    """
    One person's chair in one group.

    Attributes:
        released: Why it was given up; of two reasons the one with the lower version came first and stands.
        first_called: The lowest version of the plan (SEQUENCE) that named this seat.
    """

    __tablename__ = "seats"

    id: UUID = Field(primary_key=True)
    group_id: UUID = Field(foreign_key="groups.id", ondelete="CASCADE", index=True)
    signup_id: UUID = Field(index=True)
    person_id: UUID = Field(index=True)
    language: str
    offered: bool = False
    taken: bool = False
    slot: str | None = None
    spoken_language: str | None = None
    size: int | None = None
    deadline: datetime | None = Field(default=None, sa_type=_MOMENT)
    released: str | None = None
    released_version: int | None = None
    first_called: int | None = None


class Meeting(Base, table=True):
    """The newest known plan of a group's start meeting."""

    __tablename__ = "meetings"

    id: UUID = Field(primary_key=True)
    group_id: UUID = Field(foreign_key="groups.id", ondelete="CASCADE", unique=True)
    version: int
    sequence: int
    starts_at: datetime = Field(sa_type=_MOMENT)
    ends_at: datetime = Field(sa_type=_MOMENT)
    place_text: str


class Forgotten(Base, table=True):
    """Ids of people who were erased: whatever arrives about them later is not taken in."""

    __tablename__ = "forgotten"

    person_id: UUID = Field(primary_key=True)
    at: datetime = Field(sa_type=_MOMENT)


class Bounces(Base, table=True):
    """How often a person's address was refused for good; from the second on the centre calls instead."""

    __tablename__ = "bounces"

    person_id: UUID = Field(primary_key=True)
    hard: int
    last_at: datetime = Field(sa_type=_MOMENT)


class Mail(Base, table=True):
    """
    One mail to one person about one cause.

    Attributes:
        cause_id: What it is about: a confirmation, a sign-up, a seat, a meeting or one version of its plan.
        sequence: The version of the plan that it was queued for; None for other mails.
        told_sequence: The version of the plan that it told, set when it began to be sent.
        worker: Which mailer is sending it; that mailer holds an advisory lock for as long as it lives.
        settled_at: When it came to its end; rows are deleted some time after.
    """

    __tablename__ = "mails"
    __table_args__ = (
        sa.UniqueConstraint("kind", "cause_id", "person_id", name="mails_one_per_cause"),
        sa.CheckConstraint(_one_of("kind", Kind), name="mails_kind"),
        sa.CheckConstraint(_one_of("status", Status), name="mails_status"),
        sa.CheckConstraint("(status = 'sending') = (worker is not null)", name="mails_sending_by_somebody"),
        sa.CheckConstraint("status not in ('queued', 'retry') or next_at is not null", name="mails_waiting_are_due"),
        sa.CheckConstraint("unknowns <= 2", name="mails_two_copies_at_most"),
        sa.Index("mails_due", "next_at", "id", postgresql_where=sa.text("next_at is not null")),
        sa.Index("mails_sending", "worker", postgresql_where=sa.text("status = 'sending'")),
        sa.Index("mails_of_person_and_group", "person_id", "group_id"),
        sa.Index("mails_of_group", "group_id"),
        sa.Index("mails_of_signup", "signup_id"),
        sa.Index("mails_newest", "status", "created_at"),
    )

    id: UUID = Field(primary_key=True)
    kind: str
    cause_id: UUID
    person_id: UUID
    signup_id: UUID
    group_id: UUID | None = None
    seat_id: UUID | None = None
    meeting_id: UUID | None = None
    sequence: int | None = None
    told_sequence: int | None = None
    language: str
    centre: str | None = None
    correlation_id: UUID
    created_at: datetime = Field(sa_type=_MOMENT)
    status: str
    attempt: int = 0
    unknowns: int = 0
    first_attempt_at: datetime | None = Field(default=None, sa_type=_MOMENT)
    next_at: datetime | None = Field(default=None, sa_type=_MOMENT)
    sending_since: datetime | None = Field(default=None, sa_type=_MOMENT)
    settled_at: datetime | None = Field(default=None, sa_type=_MOMENT)
    reason: str | None = None
    unwanted: str | None = None
    worker: int | None = None

    @property
    def delivery(self) -> Delivery:
        """Its way so far, as the rules see it."""
        return Delivery(
            status=Status(self.status),
            next_at=self.next_at,
            attempt=self.attempt,
            unknowns=self.unknowns,
            first_attempt_at=self.first_attempt_at,
            reason=self.reason,
            unwanted=self.unwanted,
        )

    def now_is(self, delivery: Delivery, now: datetime, worker: int | None = None) -> None:
        """Write down what the rules decided; ``worker`` is who sends it now."""
        sending = delivery.status is Status.SENDING
        self.status = delivery.status.value
        self.next_at = delivery.next_at
        self.attempt = delivery.attempt
        self.unknowns = delivery.unknowns
        self.first_attempt_at = delivery.first_attempt_at
        self.reason = delivery.reason
        self.unwanted = delivery.unwanted
        self.worker = (worker if worker is not None else self.worker) if sending else None
        self.sending_since = (self.sending_since or now) if sending else None
        self.settled_at = None if delivery.open else now


class StaffAction(Base, table=True):
    """Who on the staff did what with which mail; kept twelve months, no participant's data in it."""

    __tablename__ = "staff_actions"

    id: UUID = Field(primary_key=True)
    at: datetime = Field(sa_type=_MOMENT, index=True)
    username: str
    action: str
    mail_id: UUID
