"""Events of notify about kontaktmøter: meetings to which a centre invites groups on their own."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.events.base import Event, Identifier, Stream

Count = Annotated[int, Field(ge=0, le=100_000)]


class KontaktmoteEvent(Event):
    """
    Something that happened to one meeting, without anybody who is invited.

    Attributes:
        version: Grows by one with each event about the meeting.
    """

    stream: ClassVar[Stream] = Stream.KONTAKTMOTER

    kontaktmote_id: UUID
    version: Annotated[int, Field(ge=1)]
    centre: Identifier


class Announced(KontaktmoteEvent):
    """
    A centre has announced a meeting: until it is over, notify may ask for the sealed addresses of its groups.

    Attributes:
        open_to_all: True if anybody can sign up for it on a public page.
    """

    subject: ClassVar[str] = "kontaktmoter.announced.v1"

    starts_at: AwareDatetime
    ends_at: AwareDatetime
    open_to_all: bool = False


class KontaktmoteChanged(KontaktmoteEvent):
    """
    The plan of an announced meeting is another one.

    Attributes:
        sequence: Grows by one if time or place have changed, so that everybody invited is told (RFC 5545 SEQUENCE).
        capacity: Most people who can come; None for no limit.
        open_to_all: True if anybody can sign up for it on a public page.
    """

    subject: ClassVar[str] = "kontaktmoter.changed.v1"

    sequence: Count
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    capacity: Count | None = None
    open_to_all: bool = False


class KontaktmoteCancelled(KontaktmoteEvent):
    """The meeting is not held; everybody invited who has not said no is told."""

    subject: ClassVar[str] = "kontaktmoter.cancelled.v1"

    starts_at: AwareDatetime


class ReplyGiven(KontaktmoteEvent):
    """
    An invitation was answered, or places were given or freed. The event says neither whose nor with what answer.

    Attributes:
        group_id: The group from which an answer came, which therefore still meets; None if no group answered.
        coming: Number of places that are taken now.
        waiting: Number of people who wait for one.
    """

    subject: ClassVar[str] = "kontaktmoter.reply_given.v1"

    coming: Count
    waiting: Count
    group_id: UUID | None = None


class KontaktmoteHeld(KontaktmoteEvent):
    """
    The meeting was held.

    Attributes:
        attendance: How many came; a number only.
        starts_at: When it began; None in events from before this field existed.
    """

    subject: ClassVar[str] = "kontaktmoter.held.v1"

    attendance: Count
    starts_at: AwareDatetime | None = None


class GuestAnswered(KontaktmoteEvent):
    """
    A guest from the public page has answered by the link of their mail, which confirms the address.

    Attributes:
        person_id: Their opaque id, for this meeting only.
        coming: True if they want to come; False if their address is no longer needed.
    """

    subject: ClassVar[str] = "kontaktmoter.guest_answered.v1"

    person_id: UUID
    coming: bool
