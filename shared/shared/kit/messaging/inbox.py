"""The inbox: what a consumer has already taken in, so that a second delivery changes nothing."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Column, DateTime, MetaData, String, Table, Uuid, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kit.failpoints import disabled_for_test

KEEP = timedelta(days=14)
"""Longer than any stream keeps an event, or a replay would count twice."""


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
        # Arrays, so that the statement is the same however many there are.
        events = func.unnest(bindparam("event_ids", type_=ARRAY(Uuid)))
        self._note = (
            insert(self.table)
            .from_select(["consumer", "event_id"], select(bindparam("consumer", type_=String), events))
            .on_conflict_do_nothing()
            .returning(self.table.c.event_id)
        )

    async def first_time(self, session: AsyncSession, consumer: str, event_id: UUID) -> bool:
        """Whether this consumer sees the event for the first time; if so it is noted in this transaction."""
        return event_id in await self.first_times(session, consumer, [event_id])

    async def first_times(self, session: AsyncSession, consumer: str, event_ids: Collection[UUID]) -> set[UUID]:
        """Those of the events that this consumer sees for the first time; they are noted in this transaction."""
        if disabled_for_test("no-inbox"):
            return set(event_ids)
        # In one order everywhere, or two transactions with the same events could wait for each other.
        wanted = {"consumer": consumer, "event_ids": sorted(set(event_ids))}
        return set(await session.scalars(self._note, wanted))

    async def forget_old(self, session: AsyncSession) -> None:
        """Delete what no stream can deliver again."""
        await session.execute(delete(self.table).where(self.table.c.seen_at < datetime.now(UTC) - KEEP))
