"""The cause of a use case; ids derived from it are the same each time the use case is run."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.events import Event
from shared.events.base import Stamp
from shared.kit.correlation import current
from shared.kit.ids import derived_id, new_id


@dataclass(frozen=True)
class Cause:
    """
    The event, request or due time that a use case answers.

    Attributes:
        id: Its own id; the ids of all events that follow are derived from it.
        correlation_id: The id of the first cause of the chain.
    """

    id: UUID
    correlation_id: UUID

    @classmethod
    def fresh(cls) -> "Cause":
        """Return a new cause, as a press of a button; what follows has the correlation id of the request or job."""
        id_ = new_id()
        return cls(id_, current() or id_)

    @classmethod
    def of(cls, event: Event) -> "Cause":
        """Return an event as a cause."""
        return cls(event.event_id, event.correlation_id)

    @classmethod
    def tick(cls, *parts: object) -> "Cause":
        """Return a due time as a cause, named by the due object; the same parts are the same cause."""
        id_ = derived_id("tick", *parts)
        return cls(id_, id_)

    def within(self, correlation_id: UUID | None) -> "Cause":
        """Return the same cause as a part of a chain that began before, if there is one."""
        return self if correlation_id is None else Cause(self.id, correlation_id)

    def stamp(self, kind: type[Event], key: object, now: datetime) -> Stamp:
        """
        Return the common fields of an event that follows: ``groups.Started(**cause.stamp(groups.Started, …), …)``.

        Args:
            kind: The class of the event.
            key: Distinguishes events of one class and one cause, as the id of the object that changed.
            now: When it happened.
        """
        return Stamp(
            event_id=derived_id(self.id, kind.subject, key), occurred_at=now, correlation_id=self.correlation_id
        )
