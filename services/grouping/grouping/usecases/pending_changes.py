"""The pending changes of one use case, shared by its unit of work and the groups that it has loaded."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain.signups import SignupStatus
from shared.events import Event
from shared.kit.messaging.causes import Cause


@dataclass(frozen=True, slots=True)
class LostSeat:
    """
    A seat in a group that this use case has cancelled, until the person is offered another or the use case ends.

    Attributes:
        replace: Publishes that the seat is replaced by another, instead of the cancellation.
    """

    seat_id: UUID
    replace: Callable[[UUID], None]


class PendingChanges:
    """
    The session, the moment and the cause of one transaction, and the changes that are not written yet.

    Attributes:
        cause: The cause of the events that are recorded now; see :meth:`caused_by`.
        events: Recorded events in their order; they are put into the outbox together at the end.
        statuses: New statuses of sign-ups that are not in the database yet.
        lost_seats: By person: a seat that was lost because its group was cancelled, and not replaced yet.
        resting: Sign-ups to keep out of matching for a while; not in the database yet.
    """

    def __init__(self, session: AsyncSession, now: datetime, cause: Cause) -> None:
        self.session = session
        self.now = now
        self.cause = cause
        self.events: list[Event] = []
        self.statuses: dict[UUID, SignupStatus] = {}
        self.lost_seats: dict[UUID, LostSeat] = {}
        self.resting: list[UUID] = []

    @contextmanager
    def caused_by(self, cause: Cause) -> Iterator[None]:
        """Give the events of this block another cause, such as one arrival among many."""
        outer_cause, self.cause = self.cause, cause
        try:
            yield
        finally:
            self.cause = outer_cause
