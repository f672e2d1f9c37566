"""The inbox: ids of the events that a consumer has handled, so that a second delivery changes nothing."""

from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, MetaData, String, Table, Uuid, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.events.base import HANDLED_EVENT_KEPT
from shared.kit.failpoints import disabled_for_test


class Inbox:
    """The inbox table on a service's own MetaData."""

    def __init__(self, metadata: MetaData) -> None:
        self.table = Table(
            "inbox",
            metadata,
            Column("consumer", String(63), primary_key=True),
            Column("event_id", Uuid, primary_key=True),
            Column("seen_at", DateTime(timezone=True), nullable=False, server_default=func.now(), index=True),
        )
        # An array, so that the statement is the same for any number of events.
        events = func.unnest(bindparam("event_ids", type_=ARRAY(Uuid)))
        self._add = (
            insert(self.table)
            .from_select(["consumer", "event_id"], select(bindparam("consumer", type_=String), events))
            .on_conflict_do_nothing()
            .returning(self.table.c.event_id)
        )

    async def first_time(self, session: AsyncSession, consumer: str, event_id: UUID) -> bool:
        """Add an event in this transaction; return True if the consumer has not handled it before."""
        return event_id in await self.first_times(session, consumer, [event_id])

    async def first_times(self, session: AsyncSession, consumer: str, event_ids: Collection[UUID]) -> set[UUID]:
        """Add events in this transaction; return the ids that the consumer has not handled before."""
        if disabled_for_test("no-inbox"):
            return set(event_ids)
        # Sorted, or two transactions with the same events could wait for each other.
        parameters = {"consumer": consumer, "event_ids": sorted(set(event_ids))}
        return set(await session.scalars(self._add, parameters))

    async def handled(self, session: AsyncSession, consumer: str, event_ids: Collection[UUID]) -> set[UUID]:
        """Return those of the events that the consumer has handled."""
        columns = self.table.c
        query = select(columns.event_id).where(columns.consumer == consumer, columns.event_id.in_(list(event_ids)))
        return set(await session.scalars(query))

    async def size(self, session: AsyncSession) -> tuple[int, float]:
        """Return the number of events, and the age of the oldest in seconds."""
        age = func.coalesce(func.extract("epoch", func.now() - func.min(self.table.c.seen_at)), 0)
        count, seconds = (await session.execute(select(func.count(), age).select_from(self.table))).one()
        return int(count), float(seconds)

    async def delete_old(self, session: AsyncSession) -> None:
        """Delete events that no stream can deliver again."""
        await session.execute(delete(self.table).where(self.table.c.seen_at < datetime.now(UTC) - HANDLED_EVENT_KEPT))
