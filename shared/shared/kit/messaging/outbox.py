"""The outbox: events as rows, in the transaction of their effect; the relay sends them."""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    Uuid,
    delete,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.events import Event
from shared.events.base import SENT_EVENT_KEPT

CHANNEL: Final = "outbox"
"""The channel of the notification that wakes the relay."""

_NOTIFY = select(func.pg_notify(CHANNEL, ""))


class Outbox:
    """The outbox table on a service's own MetaData."""

    def __init__(self, metadata: MetaData) -> None:
        self.table = Table(
            "outbox",
            metadata,
            Column("id", BigInteger, Identity(), primary_key=True),
            Column("event_id", Uuid, nullable=False, unique=True),
            Column("stream", String(32), nullable=False),
            Column("subject", String(128), nullable=False),
            Column("payload", LargeBinary, nullable=False),
            Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
            Column("sent_at", DateTime(timezone=True)),
            Column("parked_at", DateTime(timezone=True)),
        )
        Index(
            "outbox_unsent",
            self.table.c.id,
            postgresql_where=text("sent_at IS NULL AND parked_at IS NULL"),
        )
        self._add = insert(self.table).on_conflict_do_nothing(index_elements=["event_id"])

    async def add(self, session: AsyncSession, *events: Event) -> None:
        """Store events for the relay, in this order, and wake it when the transaction commits."""
        if not events:
            return
        rows = [
            {
                "event_id": event.event_id,
                "stream": event.stream.value,
                "subject": event.subject,
                "payload": event.model_dump_json().encode(),
            }
            for event in events
        ]
        await session.execute(self._add, rows)
        await session.execute(_NOTIFY)

    async def holds(self, session: AsyncSession, event_id: UUID) -> bool:
        """Return True if an event is stored already, or was sent within :data:`SENT_EVENT_KEPT`."""
        query = select(self.table.c.id).where(self.table.c.event_id == event_id)
        return await session.scalar(query) is not None

    async def unsent(self, session: AsyncSession) -> tuple[int, float]:
        """Return the number of events that wait for the relay, and the age of the oldest in seconds."""
        waiting = (self.table.c.sent_at.is_(None)) & (self.table.c.parked_at.is_(None))
        age = func.coalesce(func.extract("epoch", func.now() - func.min(self.table.c.created_at)), 0)
        count, seconds = (await session.execute(select(func.count(), age).where(waiting))).one()
        return int(count), float(seconds)

    async def delete_old(self, session: AsyncSession) -> None:
        """Delete events that were sent so long ago that the stream has dropped them too."""
        await session.execute(delete(self.table).where(self.table.c.sent_at < datetime.now(UTC) - SENT_EVENT_KEPT))
