"""
What a publisher remembers of its streams, so that an empty or new one is noticed and filled again from the outbox.

PostgreSQL is the record: a broker that lost its disk, or was set back to an older copy of it, gets every event once
more that the outbox keeps. Readers know by their inbox what they have handled. What must reach further back than the
outbox, as the policies of centres, is published anew from the tables (decision 44).
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from types import MappingProxyType
from typing import Final

from nats.errors import Error as NatsError
from nats.js.api import StreamInfo
from nats.js.errors import NotFoundError
from sqlalchemy import BigInteger, Column, DateTime, MetaData, String, Table, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.events import Stream
from shared.kit.database.engine import Database
from shared.kit.logging import get_logger
from shared.kit.messaging.nats_connection import NatsConnection
from shared.kit.messaging.outbox import Outbox

CHECK_STREAMS_SECONDS: Final = 15.0

Rebuild = Callable[[AsyncSession], Awaitable[int]]
"""Publishes the state of a stream anew from the tables; returns the number of events."""

log = get_logger(__name__)


class KnownStreams:
    """
    The streams that a service publishes to, as it last saw them, on its own MetaData.

    Args:
        metadata: The service's.
        streams: The streams.
    """

    def __init__(self, metadata: MetaData, streams: Collection[Stream]) -> None:
        self.streams = tuple(streams)
        self._stored: dict[tuple[Database, Stream], dict[str, str | int]] = {}
        self._unread = 0
        self.table = Table(
            "known_streams",
            metadata,
            Column("stream", String(32), primary_key=True),
            Column("identity", String(64), nullable=False),
            Column("last_sequence", BigInteger, nullable=False),
            Column("checked_at", DateTime(timezone=True), nullable=False),
        )

    def unread(self) -> int:
        """Return how often a stream could not be looked at."""
        return self._unread

    async def refill(
        self,
        database: Database,
        outbox: Outbox,
        connection: NatsConnection,
        rebuild: Mapping[Stream, Rebuild] = MappingProxyType({}),
    ) -> int:
        """
        Look at each stream, and send again what a new one or an older copy has lost; return the number of events.

        A stream that is not there, or a broker that is away, is left to the next run.
        """
        sent = 0
        for stream in self.streams:
            try:
                info = await connection.js.stream_info(stream.value)
            except NotFoundError:
                self._unread += 1
                continue
            except (NatsError, OSError, TimeoutError) as error:
                log.warning("streams_not_checked", exc_info=error, stream=stream.value)
                self._unread += 1
                return sent
            seen = _seen(info)
            if seen == self._stored.get((database, stream)):
                continue
            async with database.transaction() as session:
                as_known = await self._is_as_known(session, stream, seen)
                events = 0 if as_known else await outbox.replay(session, streams=[stream])
                if not as_known and stream in rebuild:
                    events += await rebuild[stream](session)
            self._stored[database, stream] = seen
            if not as_known:
                log.warning("stream_refilled", stream=stream.value, count=events)
                sent += events
        return sent

    async def _is_as_known(self, session: AsyncSession, stream: Stream, seen: Mapping[str, str | int]) -> bool:
        """Store how the stream is now; return True if it is the one of the last look, and has lost nothing."""
        columns = self.table.c
        # Locked, so that of several copies of the service one fills the stream.
        query = select(columns.identity, columns.last_sequence).where(columns.stream == stream.value).with_for_update()
        before = (await session.execute(query)).one_or_none()
        if before is None:
            row = insert(self.table).values(stream=stream.value, **seen, checked_at=func.now())
            added = await session.execute(row.on_conflict_do_nothing().returning(columns.stream))
            # A database that has never looked belongs to a new installation, or comes from the version before.
            return added.first() is None or bool(seen["last_sequence"])
        if dict(before._mapping) != seen:  # noqa: SLF001 - how a row becomes a dict
            changed = update(self.table).where(columns.stream == stream.value)
            await session.execute(changed.values(**seen, checked_at=func.now()))
        return bool(before.identity == seen["identity"] and before.last_sequence <= seen["last_sequence"])


def _seen(info: StreamInfo) -> dict[str, str | int]:
    """Return what tells a stream from another one, or from an older copy of itself."""
    return {
        "identity": info.created.isoformat() if info.created else "",
        "last_sequence": info.state.last_seq,
    }
