"""
The relay: sends the outbox to the broker.

At least once, in order, for ever: the relay never gives up, and ``Nats-Msg-Id`` lets the broker drop an event that it
has already stored. One relay sends at a time (a session's advisory lock), however many copies of the service run.
"""

import asyncio
from typing import Any, Final, Protocol

import asyncpg
from opentelemetry.trace import SpanKind

from shared.kit import tracing
from shared.kit.database.engine import Database
from shared.kit.database.pg_listen import Listener, listen_forever, retry_pause_seconds
from shared.kit.failpoints import failpoint
from shared.kit.logging import get_logger
from shared.kit.messaging.outbox import CHANNEL

WINDOW: Final = 100
"""Events in flight at the broker at one time."""

POLL_SECONDS: Final = 30.0
"""A notification wakes the relay for each event; this is for one that was lost."""

TAKE_OVER_SECONDS: Final = 1.0
"""Until another copy tries for the lock of one that has died."""

GATHER_SECONDS: Final = 0.02
"""Pause after a window that was not full: a lone event leaves at once, under load many share the next window."""

_LOCK = "SELECT pg_try_advisory_lock(hashtext('selvhjelp.outbox'))"
_UNSENT = """
    SELECT id, event_id, copy, stream, subject, payload, traceparent, created_at FROM outbox
    WHERE sent_at IS NULL AND parked_at IS NULL ORDER BY id LIMIT $1
"""
_MARK_SENT = "UPDATE outbox SET sent_at = now() WHERE id = ANY($1::bigint[])"

log = get_logger(__name__)


class Publisher(Protocol):
    """Stores an event in its stream and returns when the broker has it on disk."""

    async def publish(
        self, stream: str, subject: str, payload: bytes, message_id: str, traceparent: str | None
    ) -> None:
        """Publish; raises every error of the broker."""


class Relay:
    """
    Sends the events of the outbox, oldest first.

    Args:
        database: The service's database.
        publisher: The broker.
    """

    def __init__(self, database: Database, publisher: Publisher) -> None:
        self._database = database
        self._publisher = publisher

    async def run(self) -> None:
        """Send until cancelled, through every failure of the database and the broker."""
        await listen_forever(self._database.connect, CHANNEL, self._serve, interrupted="relay_interrupted")

    async def _serve(self, listener: Listener) -> None:
        failures = 0
        has_lock = False
        while listener.connected:
            listener.clear()
            try:
                has_lock = has_lock or await listener.connection.fetchval(_LOCK)
                sent = await self._send_window(listener.connection) if has_lock else 0
                failures = 0
            except _BrokerRefused as refusal:
                pause_seconds = retry_pause_seconds(failures)
                failures += 1
                log.warning("relay_broker_away", exc_info=refusal.__cause__, retry_in_seconds=pause_seconds)
                await asyncio.sleep(pause_seconds)
                continue
            if sent == 0:
                await listener.wait(POLL_SECONDS if has_lock else TAKE_OVER_SECONDS)
            elif sent < WINDOW:
                await asyncio.sleep(GATHER_SECONDS)

    async def _send_window(self, connection: "asyncpg.Connection[Any]") -> int:
        """Send the oldest events; return their number."""
        rows = await connection.fetch(_UNSENT, WINDOW)
        if not rows:
            return 0
        failpoint("relay.before_publish")
        results = await asyncio.gather(
            *(self._publish(row) for row in rows),
            return_exceptions=True,
        )
        failpoint("relay.after_publish")
        sent = [row["id"] for row, result in zip(rows, results, strict=True) if result is None]
        if sent:
            await connection.execute(_MARK_SENT, sent)
            failpoint("relay.after_mark")
        for result in results:
            if isinstance(result, Exception):
                raise _BrokerRefused from result
            if isinstance(result, BaseException):
                raise result
        return len(rows)

    async def _publish(self, row: "asyncpg.Record") -> None:
        """Publish one event; its step in the trace begins when the event was stored, so that it shows the wait."""
        stream, subject, parent = row["stream"], row["subject"], row["traceparent"]
        correlation_id = tracing.correlation_of(parent) if parent else None
        arguments = stream, subject, row["payload"], _message_id(row)
        if correlation_id is None:
            await self._publisher.publish(*arguments, None)
            return
        attributes = {
            "messaging.system": "nats",
            "messaging.destination.name": stream,
            "selvhjelp.event": subject,
        }
        with tracing.span(
            f"send {subject}", SpanKind.PRODUCER, correlation_id, attributes, parent=parent, since=row["created_at"]
        ) as sending:
            await self._publisher.publish(*arguments, tracing.header_of(sending) or parent)


def _message_id(row: "asyncpg.Record") -> str:
    """Return the id by which the broker drops a second copy; it has a number if the event is meant to come again."""
    return f"{row['event_id']}-{row['copy']}" if row["copy"] else str(row["event_id"])


class _BrokerRefused(Exception):  # noqa: N818 - caught in this module only
    """The broker did not store an event; the database is well."""
