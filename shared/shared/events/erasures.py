"""What each service answers when a person has asked to be erased: how much it deleted, by ids and counts only."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.events.base import Event, Stream


class Reported(Event):
    """
    A service has deleted all it had about a person, for the person's receipt.

    Attributes:
        deleted: Number of rows by kind.
    """

    subject: ClassVar[str] = "erasures.reported.v1"
    stream: ClassVar[Stream] = Stream.ERASURES

    person_id: UUID
    service: Literal["grouping", "notify"]
    deleted: dict[str, Annotated[int, Field(ge=0)]]
