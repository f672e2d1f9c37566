"""What all events have in common."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, ClassVar, TypedDict
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints


class Stream(StrEnum):
    """
    A JetStream stream; its subjects are ``<noun>.>``.

    One service owns each stream and is the only one that publishes to it; only TASKS, ERASURES and
    RECONCILIATION have several.
    """

    SIGNUPS = "SIGNUPS"
    PEOPLE = "PEOPLE"
    GROUPS = "GROUPS"
    TASKS = "TASKS"
    CENTRES = "CENTRES"
    KONTAKTMOTER = "KONTAKTMOTER"
    ERASURES = "ERASURES"
    RECONCILIATION = "RECONCILIATION"

    @property
    def subjects(self) -> str:
        """The subject filter that the stream stores."""
        return f"{self.value.lower()}.>"


STREAM_MAX_AGE = timedelta(days=7)
"""How long the broker keeps an event; what is older can be sent again from the outboxes."""

SENT_EVENT_KEPT = STREAM_MAX_AGE
"""How long an outbox keeps an event that was sent: as long as the broker."""

TRANSIENT_EVENT_KEPT = timedelta(hours=1)
"""How long an outbox keeps an event that was sent and is soon of no use (:attr:`Event.transient`)."""

HANDLED_EVENT_KEPT = 2 * STREAM_MAX_AGE
"""How long an inbox keeps the id of a handled event: longer than any stream, or a replay would be handled twice."""

JOURNAL = "JOURNAL"
"""The stream that the broker itself copies erasures to (decision 34)."""

ERASURE_KEPT = timedelta(days=90)
"""How long the broker keeps who was erased: longer than any backup that may be restored."""

DEAD_LETTER_KEPT = HANDLED_EVENT_KEPT
"""How long a dead letter waits for staff: a later replay could be handled twice, and it may name people."""

Slot = Annotated[str, StringConstraints(pattern=r"^(mon|tue|wed|thu|fri|sat|sun)-(morning|day|evening)$")]
"""A weekday and a part of the day, in Norwegian local time."""

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
"""An ASCII name that the system gave: a centre, an area."""

MailLanguage = Annotated[str, StringConstraints(pattern=r"^(nb|nn|en)$")]
"""The language that a person reads: bokmål, nynorsk or English."""

SpokenLanguage = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
"""A language that a person can talk in, ISO 639."""


class Stamp(TypedDict):
    """The fields that every event has."""

    event_id: UUID
    occurred_at: datetime
    correlation_id: UUID


class Event(BaseModel):
    """
    Something that happened, published once, with opaque ids only.

    Attributes:
        event_id: The id under which every copy of this event is recognised (UUIDv7, or UUIDv5 of consumer and cause).
        occurred_at: When it happened, by the clock of the service that publishes it.
        correlation_id: The id of the first cause of the chain; the same in every event that follows from it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    subject: ClassVar[str]
    stream: ClassVar[Stream]
    names_the_erased: ClassVar[bool] = False
    """True for what tells that somebody is erased: it stays, although it names them."""
    transient: ClassVar[bool] = False
    """True for what the next of its kind replaces: the outbox keeps it for a short time, and never replays it."""

    event_id: UUID
    occurred_at: AwareDatetime
    correlation_id: UUID


class SignupEvent(Event):
    """
    Something that happened to one sign-up.

    Attributes:
        version: Grows by one with each event of this sign-up; a consumer keeps the highest it has seen.
    """

    stream: ClassVar[Stream] = Stream.SIGNUPS

    signup_id: UUID
    person_id: UUID
    version: Annotated[int, Field(ge=1)]


class GroupEvent(Event):
    """
    Something that happened to one group.

    Attributes:
        version: Grows by one with each event of this group.
    """

    stream: ClassVar[Stream] = Stream.GROUPS

    group_id: UUID
    version: Annotated[int, Field(ge=1)]
    centre: Identifier
    area: Identifier
