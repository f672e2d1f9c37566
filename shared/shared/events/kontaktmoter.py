"""Events of notify about kontaktmøter: meetings to which a centre invites groups on their own."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.events.base import Event, Identifier, Stream


class Announced(Event):
    """
    A centre has announced a kontaktmøte: until it is over, notify may ask for the sealed addresses of its groups.

    Attributes:
        version: Grows by one with each event about the meeting.
    """

    subject: ClassVar[str] = "kontaktmoter.announced.v1"
    stream: ClassVar[Stream] = Stream.KONTAKTMOTER

    kontaktmote_id: UUID
    version: Annotated[int, Field(ge=1)]
    centre: Identifier
    starts_at: AwareDatetime
    ends_at: AwareDatetime
