"""
The outbox: events as rows, in the transaction of their effect; the relay sends them.

A sent event is kept for :data:`shared.events.base.SENT_EVENT_KEPT`, from which a stream can be filled again. A person
who is erased is taken out of it as soon as it is sent.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Select,
    SmallInteger,
    String,
    Table,
    Uuid,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.events import Event, Stream
from shared.events.base import SENT_EVENT_KEPT, TRANSIENT_EVENT_KEPT
from shared.events.registry import TRANSIENT
from shared.kit.messaging.named_people import people_in, without
from shared.kit.tracing import traceparent

CHANNEL: Final = "outbox"
"""The channel of the notification that wakes the relay."""

FORGOTTEN: Final = b""
"""The payload of a sent event that was about somebody who is erased."""

FORGOTTEN_AT_ONCE: Final = 500

_NOTIFY = select(func.pg_notify(CHANNEL, ""))


class Outbox:
    """
    The outbox table on a service's own MetaData.

    The column ``person_ids`` has the people whom the payload names; ``copy`` counts how often it was sent once more;
    ``traceparent`` is the step of a trace that the event follows from, while there are traces.
    """

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
            Column("person_ids", ARRAY(Uuid), nullable=False, server_default="{}"),
            Column("copy", SmallInteger, nullable=False, server_default="0"),
            Column("traceparent", String(55)),
        )
        Index("outbox_people", self.table.c.person_ids, postgresql_using="gin")
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
        await session.execute(self._add, [_row(event) for event in events])
        await session.execute(_NOTIFY)

    async def holds(self, session: AsyncSession, event_id: UUID) -> bool:
        """Return True if an event is stored already, or was sent within :data:`SENT_EVENT_KEPT`."""
        query = select(self.table.c.id).where(self.table.c.event_id == event_id)
        return await session.scalar(query) is not None

    async def resend(self, session: AsyncSession, event_id: UUID) -> bool:
        """Have the relay send an event once more; return False if it is not kept, or was about somebody erased."""
        columns = self.table.c
        again = (
            update(self.table)
            .where(columns.event_id == event_id, columns.payload != FORGOTTEN)
            .values(sent_at=None, copy=columns.copy + 1)
        )
        done = (await session.execute(again.returning(columns.id))).first() is not None
        await session.execute(_NOTIFY)
        return done

    async def replay(self, session: AsyncSession, *, streams: Collection[Stream], since: datetime | None = None) -> int:
        """
        Have the relay send again what it sent to some streams; return the number of events.

        Not what is older than :data:`SENT_EVENT_KEPT`, which an inbox may no longer know, nor what was about somebody
        who is erased, nor what the next of its kind has replaced.

        Args:
            session: The transaction.
            streams: The streams.
            since: The oldest event; without it all that are kept.
        """
        columns = self.table.c
        oldest = datetime.now(UTC) - SENT_EVENT_KEPT
        again = (
            update(self.table)
            .where(
                columns.stream.in_([stream.value for stream in streams]),
                columns.subject.not_in(TRANSIENT),
                columns.sent_at.is_not(None),
                columns.parked_at.is_(None),
                columns.payload != FORGOTTEN,
                columns.created_at >= max(since or oldest, oldest),
            )
            .values(sent_at=None, copy=columns.copy + 1)
        )
        count = len((await session.execute(again.returning(columns.id))).all())
        await session.execute(_NOTIFY)
        return count

    async def payload_of(self, session: AsyncSession, event_id: UUID) -> bytes | None:
        """Return the content of an event; None if it is not kept, or was about somebody erased."""
        query = select(self.table.c.payload).where(self.table.c.event_id == event_id)
        return await session.scalar(query) or None

    async def forget(self, session: AsyncSession, erased_ids: Select[Any]) -> int:
        """
        Take erased people out of the events that were sent; return the number of changed rows.

        Nothing is left of an event about one of them. An event that waits for the relay is left as it is until then.
        """
        columns = self.table.c
        query = (
            select(columns.id, columns.payload, columns.person_ids)
            .where(
                columns.person_ids.op("&&")(func.array(erased_ids.scalar_subquery())),
                columns.sent_at.is_not(None) | columns.parked_at.is_not(None),
            )
            .order_by(columns.id)
            .limit(FORGOTTEN_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        rows = (await session.execute(query)).all()
        named = {id_ for row in rows for id_ in row.person_ids}
        is_named = erased_ids.selected_columns[0].in_(named)
        erased: set[UUID] = set(await session.scalars(erased_ids.where(is_named))) if named else set()
        for row in rows:
            left = without(row.payload, erased) if row.payload else FORGOTTEN
            values = {"payload": left, "person_ids": people_in(left)}
            await session.execute(update(self.table).where(columns.id == row.id).values(values))
        return len(rows)

    async def unsent(self, session: AsyncSession) -> tuple[int, float]:
        """Return the number of events that wait for the relay, and the age of the oldest in seconds."""
        waiting = (self.table.c.sent_at.is_(None)) & (self.table.c.parked_at.is_(None))
        age = func.coalesce(func.extract("epoch", func.now() - func.min(self.table.c.created_at)), 0)
        count, seconds = (await session.execute(select(func.count(), age).where(waiting))).one()
        return int(count), float(seconds)

    async def delete_old(self, session: AsyncSession) -> None:
        """Delete events that were sent so long ago that the stream has dropped them too; a replay does not count."""
        columns, now = self.table.c, datetime.now(UTC)
        oldest = now - SENT_EVENT_KEPT
        replayed = columns.sent_at.is_not(None) & (columns.copy > 0) & (columns.created_at < oldest)
        replaced = columns.subject.in_(TRANSIENT) & (columns.sent_at < now - TRANSIENT_EVENT_KEPT)
        await session.execute(delete(self.table).where((columns.sent_at < oldest) | replayed | replaced))


def _row(event: Event) -> dict[str, object]:
    payload = event.model_dump_json().encode()
    return {
        "event_id": event.event_id,
        "stream": event.stream.value,
        "subject": event.subject,
        "payload": payload,
        "person_ids": [] if event.names_the_erased else people_in(payload),
        "traceparent": traceparent(event.correlation_id),
    }
