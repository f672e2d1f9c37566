"""
From a stream to a handler: parse, open the transaction, check the inbox, call one handler, commit, acknowledge.

One durable pull consumer for each stream that a service reads. The acknowledgement follows the commit: a process that
dies in between gets the message again, and the inbox knows that the event is handled.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Final, TypeVar
from uuid import UUID

from faststream.middlewares import AckPolicy
from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub
from nats.errors import Error as NatsError
from opentelemetry.trace import Span, SpanKind
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.contextvars import bind_contextvars

from shared.events import Event, Stream, event_class
from shared.kit import tracing
from shared.kit.correlation import correlated
from shared.kit.database.engine import Database
from shared.kit.failpoints import failpoint
from shared.kit.logging import get_logger
from shared.kit.messaging import batching
from shared.kit.messaging.batching import BatchQueue
from shared.kit.messaging.dead_letters import DeadLetters
from shared.kit.messaging.fetches import Fetcher
from shared.kit.messaging.identities import Identity
from shared.kit.messaging.inbox import Inbox
from shared.kit.messaging.retry import DeadLetter, Retry, Unreadable, decide, reason_of, time_limit
from shared.kit.messaging.topology import ACK_WAIT_SECONDS
from shared.kit.metrics import EVENT_DURATION, EVENTS, REDELIVERIES

FIRST_FETCH_SECONDS: Final = 1.0
"""The longest of nats-py's own fetch, before ours stand in for it: it can hold an event until its end."""

log = get_logger(__name__)
E = TypeVar("E", bound=Event)
Handler = Callable[[AsyncSession, Any], Awaitable[None]]
BatchHandler = Callable[[AsyncSession, Sequence[Any]], Awaitable[None]]


class Consumer:
    """
    A durable consumer of one stream.

    Args:
        durable: Its name at the broker, ``<service>-<stream>``.
        stream: The stream.
        max_in_flight: The most messages that it handles at the same time; handlers never rely on order.

    Attributes:
        received: The number of messages that came to this process.
    """

    def __init__(self, durable: str, stream: Stream, *, max_in_flight: int = 1) -> None:
        self.durable = durable
        self.stream = stream
        self.max_in_flight = max_in_flight
        self.received = 0
        self.handlers: dict[type[Event], Handler] = {}
        self._batch_handlers: dict[type[Event], BatchHandler] = {}
        self._subscribers: list[Any] = []
        self._fetchers: list[Fetcher] = []

    def on(
        self, *kinds: type[E]
    ) -> Callable[[Callable[[AsyncSession, E], Awaitable[None]]], Callable[[AsyncSession, E], Awaitable[None]]]:
        """Register the handler of some types of event."""

        def register(handler: Callable[[AsyncSession, E], Awaitable[None]]) -> Any:
            for kind in kinds:
                self.handlers[kind] = handler
            return handler

        return register

    def on_batch(self, *kinds: type[E]) -> Callable[[BatchHandler], BatchHandler]:
        """
        Register a batch handler, beside the handler of each type.

        Queued events of these types are handled in one transaction, at most ``max_in_flight``. If it fails, each falls
        back to its own handler and transaction; if the database is away or busy, all are delivered again.
        """

        def register(handler: BatchHandler) -> BatchHandler:
            self._batch_handlers |= dict.fromkeys(kinds, handler)
            return handler

        return register

    def read(self, subject: str, payload: bytes) -> Event:
        """
        Parse a message.

        Raises:
            Unreadable: The subject belongs to no event, or the bytes are no JSON.
            pydantic.ValidationError: The JSON is not that event.
        """
        kind = event_class(subject)
        if kind is None:
            raise Unreadable("unknown_event")
        try:
            json.loads(payload.decode(), parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise Unreadable("not_json") from error
        return kind.model_validate_json(payload)

    async def handle(self, session: AsyncSession, inbox: Inbox, event: Event) -> None:
        """Handle an event in this transaction, unless it was handled before or has no handler here."""
        handler = self.handlers.get(type(event))
        if handler is None or not await inbox.first_time(session, self.durable, event.event_id):
            return
        await handler(session, event)

    async def handle_batch(self, session: AsyncSession, inbox: Inbox, events: Sequence[Event]) -> None:
        """Handle a batch in this transaction, skipping events already in the inbox."""
        new_ids = await inbox.first_times(session, self.durable, [event.event_id for event in events])
        by_handler: dict[BatchHandler, dict[UUID, Event]] = {}
        for event in events:
            if event.event_id in new_ids:
                by_handler.setdefault(self._batch_handlers[type(event)], {})[event.event_id] = event
        for handler, by_id in by_handler.items():
            await handler(session, tuple(by_id.values()))

    def batch_queue(self, database: Database, inbox: Inbox) -> BatchQueue:
        """Return a queue whose events are handled by the batch handlers."""
        return BatchQueue(
            self.durable,
            self.max_in_flight,
            partial(self._commit_batch, database, inbox),
            partial(self._commit_one, database, inbox),
        )

    def attach(
        self, broker: NatsBroker, identity: Identity, database: Database, inbox: Inbox, dead_letters: DeadLetters
    ) -> None:
        """Subscribe with FastStream; `selvhjelp migrate` makes the stream and the durable."""
        queue = self.batch_queue(database, inbox)

        # Any, not FastStream's annotation, which looks the message up in a thread.
        async def receive(message: Any) -> None:
            await self._receive(message, database, inbox, dead_letters, queue)

        # Two subscribers for batches: one fetches while the other's messages are committed.
        for _ in range(2 if self._batch_handlers else 1):
            subscriber = broker.subscriber(
                self.stream.subjects,
                stream=JStream(self.stream.value, declare=False),
                durable=self.durable,
                pull_sub=PullSub(batch_size=self.max_in_flight, timeout=FIRST_FETCH_SECONDS),
                ack_policy=AckPolicy.MANUAL,
                decoder=_undecoded,
                title=self.durable,
                # Pull subscribers do not take that of the broker, and would receive nothing (measured on 0.7.8).
                inbox_prefix=f"{identity.inbox_prefix}.".encode(),
            )
            subscriber(receive)
            self._subscribers.append(subscriber)

    async def take_over_fetches(self, noted: Callable[[str], None]) -> None:
        """
        Fetch in our own way from now on; call it once the broker is started.

        Args:
            noted: Called with the name of a fetcher at each sign of life.
        """
        for number, subscriber in enumerate(self._subscribers):
            name, replaced = f"{self.durable}/{number}", subscriber.subscription
            fetcher = await Fetcher.open(subscriber.connection, name, self.stream.value, self.durable, noted, replaced)
            subscriber.subscription = fetcher
            self._fetchers.append(fetcher)

    def ask_again(self) -> None:
        """Ask the broker anew, since it may not know what was asked of the one before."""
        for fetcher in self._fetchers:
            fetcher.ask_again()

    async def _receive(
        self, message: NatsMessage, database: Database, inbox: Inbox, dead_letters: DeadLetters, queue: BatchQueue
    ) -> None:
        raw = message.raw_message
        began_at = time.monotonic()
        self.received += 1
        if raw.metadata.num_delivered > 1:
            REDELIVERIES.labels(self.durable).inc()
        try:
            event = self.read(raw.subject, raw.data)
            bind_contextvars(correlation_id=event.correlation_id)  # each message has a task and so a context of its own
            with self._traced(event, raw.headers):
                if type(event) in self._batch_handlers:
                    await queue.enqueue(event)
                else:
                    async with time_limit(batching.HANDLER_TIMEOUT_SECONDS):
                        await self._commit_one(database, inbox, event)
        except Exception as error:  # noqa: BLE001 - decide() distinguishes the kinds
            EVENT_DURATION.labels(self.durable).observe(time.monotonic() - began_at)
            await self._after_failure(message, error, database, dead_letters)
            return
        EVENT_DURATION.labels(self.durable).observe(time.monotonic() - began_at)
        EVENTS.labels(self.durable, "handled").inc()
        failpoint("consumer.after_commit")
        await _acknowledge(message)
        failpoint("consumer.after_ack")

    def _traced(self, event: Event, headers: Mapping[str, str] | None) -> AbstractContextManager[Span]:
        attributes = {
            "messaging.system": "nats",
            "messaging.destination.name": self.stream.value,
            "messaging.consumer.group.name": self.durable,
            "selvhjelp.event": event.subject,
        }
        parent = (headers or {}).get(tracing.HEADER)
        return tracing.span(
            f"process {event.subject}", SpanKind.CONSUMER, event.correlation_id, attributes, parent=parent
        )

    async def _commit_one(self, database: Database, inbox: Inbox, event: Event) -> None:
        with correlated(event.correlation_id):
            async with database.transaction() as session:
                await self.handle(session, inbox, event)
                failpoint("consumer.before_commit")

    async def _commit_batch(self, database: Database, inbox: Inbox, events: Sequence[Event]) -> None:
        async with database.transaction() as session:
            await self.handle_batch(session, inbox, events)
            failpoint("consumer.before_commit")

    async def _after_failure(
        self, message: NatsMessage, error: Exception, database: Database, dead_letters: DeadLetters
    ) -> None:
        raw = message.raw_message
        attempt = raw.metadata.num_delivered
        decision = decide(error, attempt)
        fields = {"consumer": self.durable, "subject": raw.subject, "attempt": attempt}
        if isinstance(decision, DeadLetter):
            try:
                async with asyncio.timeout(batching.HANDLER_TIMEOUT_SECONDS), database.transaction() as session:
                    await dead_letters.store(
                        session,
                        consumer=self.durable,
                        stream=self.stream.value,
                        stream_sequence=raw.metadata.sequence.stream,
                        subject=raw.subject,
                        payload=raw.data,
                        reason=decision.reason,
                        attempts=attempt,
                    )
            except Exception as failure:
                log.warning("dead_letter_not_kept", exc_info=failure, **fields)
                decision = Retry(ACK_WAIT_SECONDS)
            else:
                EVENTS.labels(self.durable, "dead_letter").inc()
                failpoint("dead_letter.after_commit")
                log.error("dead_letter", exc_info=error, reason=_without_values(error), **fields)
                await _acknowledge(message)
                return
        EVENTS.labels(self.durable, "retried").inc()
        log.warning("message_failed", exc_info=error, retry_in_seconds=round(decision.delay_seconds, 1), **fields)
        try:
            await message.nack(delay=decision.delay_seconds)
        except (NatsError, OSError) as lost:
            log.warning("nak_lost", exc_info=lost, **fields)


async def _acknowledge(message: NatsMessage) -> None:
    """Acknowledge and wait until the broker has it; if that fails, the inbox makes the next delivery harmless."""
    try:
        await message.ack_sync()
    except (NatsError, OSError, TimeoutError) as lost:
        log.warning("ack_lost", exc_info=lost)


async def _undecoded(message: NatsMessage) -> NatsMessage:
    """Leave the bytes alone: a message that FastStream cannot decode would never reach our dead letters."""
    return message


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _without_values(error: BaseException) -> str:
    return reason_of(error).split(" ", maxsplit=1)[0]
