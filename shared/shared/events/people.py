"""Events of intake about people."""

from typing import ClassVar
from uuid import UUID

from shared.events.base import Event, Stream


class Erased(Event):
    """The person is erased: their key is destroyed, and every service deletes what it has under their id."""

    subject: ClassVar[str] = "people.erased.v1"
    stream: ClassVar[Stream] = Stream.PEOPLE

    person_id: UUID
    signup_ids: tuple[UUID, ...]
