"""Events of intake about a person's forsamtale, the talk with the centre before a group: ids and times, no words."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.events.base import Identifier, MailLanguage, SignupEvent

TalkWay = Literal["phone", "office"]
"""Whether the centre phones the person, or the person comes to the office."""

TalkOutcome = Literal["clear", "not_now", "referred"]
"""All that is kept of a talk: ready for a group, not now, or referred to something else."""


class TalkEvent(SignupEvent):
    """
    Something that happened to the talk of one sign-up.

    Attributes:
        talk_id: The same from an offer, or a booking, until the talk is held, missed or cancelled.
    """

    talk_id: UUID


class TalkBooked(TalkEvent):
    """
    The person has a time for the talk, or another one than before.

    Attributes:
        sequence: Grows with each change of the talk's plan (RFC 5545 SEQUENCE), from 0.
    """

    subject: ClassVar[str] = "signups.talk_booked.v1"

    centre: Identifier
    language: MailLanguage
    sequence: Annotated[int, Field(ge=0)]
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    way: TalkWay


class TalkCancelled(TalkEvent):
    """
    The talk is not held at the time that was booked, which is free again unless the centre has closed it.

    Attributes:
        sequence: Higher than that of the booking.
        reason: ``given_up`` by the person, ``closed`` by the centre, or because the sign-up is ``paused`` or ``over``.
        by_mail: False if the person has no e-mail address; the centre then calls about it.
    """

    subject: ClassVar[str] = "signups.talk_cancelled.v1"

    sequence: Annotated[int, Field(ge=1)]
    reason: Literal["given_up", "closed", "paused", "over"]
    by_mail: bool


class TalkOffered(TalkEvent):
    """
    New times are offered, since the person was not reached or has not answered the last offer.

    Attributes:
        number: 1 for the first of these offers.
        by_mail: False if the person has no e-mail address; the centre then calls again instead.
    """

    subject: ClassVar[str] = "signups.talk_offered.v1"

    centre: Identifier
    language: MailLanguage
    number: Annotated[int, Field(ge=1)]
    by_mail: bool


class TalkHeld(TalkEvent):
    """The talk has been held; nothing but its outcome is kept."""

    subject: ClassVar[str] = "signups.talk_held.v1"

    outcome: TalkOutcome
