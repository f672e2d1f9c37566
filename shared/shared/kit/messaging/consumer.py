"""
What arrives from a stream: parse, open the transaction, check the inbox, call one handler, commit, acknowledge.

One durable pull consumer for each stream that a service listens to. The acknowledgement follows the commit, so a
process that dies in between gets the message again and the inbox says that it is done.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final, TypeVar
from uuid import UUID

from faststream.middlewares import AckPolicy
from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub
from nats.errors import Error as NatsError
from sqlalchemy.ext.asyncio import AsyncSession

from shared.events import Event, Stream, event_class
from shared.kit.database.engine import Database
from shared.kit.failpoints import failpoint
from shared.kit.logging import get_logger
from shared.kit.messaging.dead_letters import DeadLetters
from shared.kit.messaging.inbox import Inbox
from shared.kit.messaging.retry import DeadLetter, Retry, Unreadable, decide, is_infrastructure, reason_of

HANDLER_TIMEOUT_SECONDS: Final = 10
ACK_WAIT_SECONDS: Final = 30
FETCH_TIMEOUT_SECONDS: Final = 1.0

log = get_logger(__name__)
E = TypeVar("E", bound=Event)
Handler = Callable[[AsyncSession, Any], Awaitable[None]]
ManyHandler = Callable[[AsyncSession, Sequence[Any]], Awaitable[None]]
_Waiting = tuple[Event, "asyncio.Future[None]"]


class Consumer:
    """
    A durable consumer of one stream.

    Args:
        durable: Its name at the broker, ``<service>-<stream>``.
        stream: What it listens to.
        at_once: How many messages it handles at the same time; handlers never rely on order.
    """

    def __init__(self, durable: str, stream: Stream, *, at_once: int = 1) -> None:
        self.durable = durable
        self.stream = stream
        self.at_once = at_once
        self.handlers: dict[type[Event], Handler] = {}
        self._together: dict[type[Event], ManyHandler] = {}
        self._queue: list[_Waiting] = []
        self._work: asyncio.Task[None] | None = None

    def together(self, *kinds: type[E]) -> Callable[[ManyHandler], ManyHandler]:
        """
        Register what handles several events of these kinds in one transaction, beside the handler of each.

        Those that wait while a transaction runs share the next one, at most ``at_once``. Where it fails, each is
        handled by itself, so that one bad event spoils nothing for the others; where the database is away or busy, all
        come again.
        """

        def register(handler: ManyHandler) -> ManyHandler:
            self._together |= dict.fromkeys(kinds, handler)
            return handler

        return register

    def on(
        self, *kinds: type[E]
    ) -> Callable[[Callable[[AsyncSession, E], Awaitable[None]]], Callable[[AsyncSession, E], Awaitable[None]]]:
        """Register the handler of some kinds of event."""

        def register(handler: Callable[[AsyncSession, E], Awaitable[None]]) -> Any:
            for kind in kinds:
                self.handlers[kind] = handler
            return handler

        return register

    def read(self, subject: str, payload: bytes) -> Event:
        """
        The event that these bytes are.

        Raises:
            Unreadable: No event travels under this subject, or the bytes are no JSON.
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

    async def take(self, session: AsyncSession, inbox: Inbox, event: Event) -> None:
        """Handle an event in this transaction, unless it was handled before or nobody here wants it."""
        handler = self.handlers.get(type(event))
        if handler is None or not await inbox.first_time(session, self.durable, event.event_id):
            return
        await handler(session, event)

    async def take_many(self, session: AsyncSession, inbox: Inbox, events: Sequence[Event]) -> None:
        """Handle events that may be handled together in this transaction, but for those that were handled before."""
        new = await inbox.first_times(session, self.durable, [event.event_id for event in events])
        by_handler: dict[ManyHandler, dict[UUID, Event]] = {}
        for event in events:
            if event.event_id in new:
                by_handler.setdefault(self._together[type(event)], {})[event.event_id] = event
        for handler, found in by_handler.items():
            await handler(session, tuple(found.values()))

    def attach(self, broker: NatsBroker, database: Database, inbox: Inbox, dead_letters: DeadLetters) -> None:
        """Subscribe with FastStream; the stream and the durable are made by :mod:`shared.kit.messaging.topology`."""

        # Any, not FastStream's annotation, which looks the message up in a thread.
        async def receive(message: Any) -> None:
            await self._receive(message, database, inbox, dead_letters)

        # What is handled together is fetched by two, so that one fetches while the other's are written down.
        for _ in range(2 if self._together else 1):
            broker.subscriber(
                self.stream.subjects,
                stream=JStream(self.stream.value, declare=False),
                durable=self.durable,
                pull_sub=PullSub(batch_size=self.at_once, timeout=FETCH_TIMEOUT_SECONDS),
                ack_policy=AckPolicy.MANUAL,
                decoder=_as_it_is,
                title=self.durable,
            )(receive)

    async def _receive(self, message: NatsMessage, database: Database, inbox: Inbox, dead_letters: DeadLetters) -> None:
        raw = message.raw_message
        try:
            event = self.read(raw.subject, raw.data)
            if type(event) in self._together:
                await self._in_company(event, database, inbox)
            else:
                async with asyncio.timeout(HANDLER_TIMEOUT_SECONDS):
                    await self._alone(event, database, inbox)
        except Exception as error:  # noqa: BLE001 - the verdict tells the kinds apart
            await self._after_failure(message, error, database, dead_letters)
            return
        failpoint("consumer.after_commit")
        await _settle(message)
        failpoint("consumer.after_ack")

    async def _alone(self, event: Event, database: Database, inbox: Inbox) -> None:
        async with database.transaction() as session:
            await self.take(session, inbox, event)
            failpoint("consumer.before_commit")

    async def _in_company(self, event: Event, database: Database, inbox: Inbox) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append((event, done))
        if self._work is None or self._work.done():
            # It begins at the next turn of the loop, when all that was fetched together is in the queue.
            self._work = asyncio.create_task(self._work_off(database, inbox))
        await done

    async def _work_off(self, database: Database, inbox: Inbox) -> None:
        while self._queue:
            taken, self._queue = self._queue[: self.at_once], self._queue[self.at_once :]
            try:
                await self._take_all(taken, database, inbox)
            except Exception as error:  # noqa: BLE001 - it is raised where the events are awaited
                _answer(taken, error)
            except asyncio.CancelledError:
                for _, done in (*taken, *self._queue):
                    done.cancel()
                self._queue.clear()
                raise
            else:
                _answer(taken, None)

    async def _take_all(self, taken: Sequence[_Waiting], database: Database, inbox: Inbox) -> None:
        try:
            async with asyncio.timeout(HANDLER_TIMEOUT_SECONDS), database.transaction() as session:
                await self.take_many(session, inbox, [event for event, _ in taken])
                failpoint("consumer.before_commit")
        except Exception as error:
            if len(taken) == 1 or is_infrastructure(error):
                raise
            log.warning("batch_failed", exc_info=error, consumer=self.durable, count=len(taken))
            async with asyncio.timeout(HANDLER_TIMEOUT_SECONDS):
                for one in taken:
                    await self._one_of_many(one, database, inbox)

    async def _one_of_many(self, one: _Waiting, database: Database, inbox: Inbox) -> None:
        try:
            await self._alone(one[0], database, inbox)
        except Exception as error:  # noqa: BLE001 - it is raised where the event is awaited
            _answer([one], error)
        else:
            _answer([one], None)

    async def _after_failure(
        self, message: NatsMessage, error: Exception, database: Database, dead_letters: DeadLetters
    ) -> None:
        raw = message.raw_message
        attempt = raw.metadata.num_delivered
        decision = decide(error, attempt)
        fields = {"consumer": self.durable, "subject": raw.subject, "attempt": attempt}
        if isinstance(decision, DeadLetter):
            try:
                async with asyncio.timeout(HANDLER_TIMEOUT_SECONDS), database.transaction() as session:
                    await dead_letters.bury(
                        session,
                        consumer=self.durable,
                        stream=self.stream.value,
                        stream_sequence=raw.metadata.sequence.stream,
                        subject=raw.subject,
                        payload=raw.data,
                        reason=decision.reason,
                        attempts=attempt,
                    )
            except Exception as burial:
                log.warning("dead_letter_not_kept", exc_info=burial, **fields)
                decision = Retry(ACK_WAIT_SECONDS)
            else:
                failpoint("dead_letter.after_commit")
                log.error("dead_letter", exc_info=error, reason=_without_values(error), **fields)
                await _settle(message)
                return
        log.warning("message_failed", exc_info=error, retry_in_seconds=round(decision.delay_seconds, 1), **fields)
        try:
            await message.nack(delay=decision.delay_seconds)
        except (NatsError, OSError) as lost:
            log.warning("nak_lost", exc_info=lost, **fields)


def _answer(waiting: Iterable[_Waiting], error: Exception | None) -> None:
    """Tell those who still wait how it went."""
    for _, done in waiting:
        if not done.done():
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)


async def _settle(message: NatsMessage) -> None:
    """Acknowledge and wait until the broker has it; where that fails the inbox makes the next delivery harmless."""
    try:
        await message.ack_sync()
    except (NatsError, OSError, TimeoutError) as lost:
        log.warning("ack_lost", exc_info=lost)


async def _as_it_is(message: NatsMessage) -> NatsMessage:
    """Leave the bytes alone: what FastStream cannot decode would never reach our dead letters."""
    return message


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _without_values(error: BaseException) -> str:
    return reason_of(error).split(" ", maxsplit=1)[0]
