"""
The outbox: events are rows in the transaction of their effect, and a relay sends them.

At least once, in order, for ever: the relay never gives up, and ``Nats-Msg-Id`` lets the broker drop what it has
already stored. One relay sends at a time (a session's advisory lock), however many copies of the service run.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

import asyncpg
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
from shared.kit.database.engine import Database
from shared.kit.failpoints import failpoint
from shared.kit.logging import get_logger

KEEP_SENT: Final = timedelta(days=7)
WINDOW = 100
POLL_SECONDS = 1.0
GATHER_SECONDS = 0.02
"""Pause after a window that was not full: a lone event leaves at once, under load many share the next window."""
RETRY_SECONDS = (1, 2, 5, 10, 30)
CHANNEL = "outbox"

_LOCK = "SELECT pg_try_advisory_lock(hashtext('selvhjelp.outbox'))"
_UNSENT = """
    SELECT id, event_id, stream, subject, payload FROM outbox
    WHERE sent_at IS NULL AND parked_at IS NULL ORDER BY id LIMIT $1
"""
_MARK = "UPDATE outbox SET sent_at = now() WHERE id = ANY($1::bigint[])"

_NOTIFY = select(func.pg_notify(CHANNEL, ""))

log = get_logger(__name__)


class Publisher(Protocol):
    """Stores an event in its stream and returns when the broker has it on disk."""

    async def publish(self, stream: str, subject: str, payload: bytes, message_id: str) -> None:
        """Publish; raises whatever the broker raises."""


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
        """Write events down for the relay, in this order, and wake it when the transaction commits."""
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

    async def unsent(self, session: AsyncSession) -> tuple[int, float]:
        """How many events wait for the relay, and the age of the oldest in seconds."""
        waiting = (self.table.c.sent_at.is_(None)) & (self.table.c.parked_at.is_(None))
        age = func.coalesce(func.extract("epoch", func.now() - func.min(self.table.c.created_at)), 0)
        count, seconds = (await session.execute(select(func.count(), age).where(waiting))).one()
        return int(count), float(seconds)

    async def forget_old(self, session: AsyncSession) -> None:
        """Delete what was sent so long ago that the stream has dropped it too."""
        await session.execute(delete(self.table).where(self.table.c.sent_at < datetime.now(UTC) - KEEP_SENT))


class Relay:
    """
    Sends what the outbox holds, oldest first.

    Args:
        database: The service's database.
        publisher: Where to.
    """

    def __init__(self, database: Database, publisher: Publisher) -> None:
        self._database = database
        self._publisher = publisher

    async def run(self) -> None:
        """Send until cancelled, whatever happens to the database and the broker."""
        failures = 0
        while True:
            try:
                async with asyncio.timeout(10):
                    connection = await asyncpg.connect(self._database.dsn, timeout=5)
                try:
                    await self._serve(connection)
                finally:
                    connection.terminate()
            except Exception as error:
                pause_seconds = RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)]
                failures += 1
                log.warning("relay_interrupted", exc_info=error, retry_in_seconds=pause_seconds)
                await asyncio.sleep(pause_seconds)
            else:
                failures = 0

    async def _serve(self, connection: "asyncpg.Connection[Any]") -> None:
        woken = asyncio.Event()
        connection.add_termination_listener(lambda *_: woken.set())
        await connection.add_listener(CHANNEL, lambda *_: woken.set())
        failures = 0
        alone = False
        while not connection.is_closed():
            woken.clear()
            try:
                alone = alone or await connection.fetchval(_LOCK)
                sent = await self._send_window(connection) if alone else 0
                failures = 0
            except _BrokerRefused as refusal:
                pause_seconds = RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)]
                failures += 1
                log.warning("relay_broker_away", exc_info=refusal.__cause__, retry_in_seconds=pause_seconds)
                await asyncio.sleep(pause_seconds)
                continue
            if sent == 0:
                await _wait(woken, POLL_SECONDS)
            elif sent < WINDOW:
                await asyncio.sleep(GATHER_SECONDS)

    async def _send_window(self, connection: "asyncpg.Connection[Any]") -> int:
        """Send the oldest; how many there were."""
        rows = await connection.fetch(_UNSENT, WINDOW)
        if not rows:
            return 0
        failpoint("relay.before_publish")
        results = await asyncio.gather(
            *(
                self._publisher.publish(row["stream"], row["subject"], row["payload"], str(row["event_id"]))
                for row in rows
            ),
            return_exceptions=True,
        )
        failpoint("relay.after_publish")
        sent = [row["id"] for row, result in zip(rows, results, strict=True) if result is None]
        if sent:
            await connection.execute(_MARK, sent)
            failpoint("relay.after_mark")
        for result in results:
            if isinstance(result, Exception):
                raise _BrokerRefused from result
            if isinstance(result, BaseException):
                raise result
        return len(rows)


class _BrokerRefused(Exception):  # noqa: N818
    """The broker did not take an event; the database is well."""


async def _wait(woken: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await woken.wait()
    except TimeoutError:
        return
