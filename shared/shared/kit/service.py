"""
A service: broker, relay, consumers, periodic jobs and health around one FastAPI app.

The broker is started in the background. Pages and forms work while it is away, since a form only writes rows; the
outbox keeps the events until then.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any, Final

from fastapi import FastAPI
from faststream.nats import NatsBroker
from nats.errors import Error as NatsError
from sqlalchemy import Select

from shared.events import Stream
from shared.events.people import Erased
from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.dead_letter_task import sync_task
from shared.kit.figures import ReadFigures
from shared.kit.jobs import PeriodicJob
from shared.kit.logging import get_logger
from shared.kit.messaging.consumer import Consumer
from shared.kit.messaging.dead_letters import DeadLetters
from shared.kit.messaging.identities import Identity
from shared.kit.messaging.inbox import Inbox
from shared.kit.messaging.journal import Journal
from shared.kit.messaging.known_streams import CHECK_STREAMS_SECONDS, KnownStreams, Rebuild
from shared.kit.messaging.nats_connection import NatsConnection, connect_for_ever, connect_options, end_process
from shared.kit.messaging.outbox import Outbox
from shared.kit.messaging.relay import Relay
from shared.kit.messaging.retry import is_infrastructure
from shared.kit.pulse import Pulse
from shared.kit.security_events import FLUSH_SECONDS, SecurityEvents, SecurityKind, SecurityRecorder
from shared.kit.settings import ServiceSettings
from shared.kit.tasks import TaskBook
from shared.kit.version_book import Follower

STOP_SECONDS: Final = 10
CANCEL_AGAIN_SECONDS: Final = 0.5
CONSUMER_WAIT_SECONDS: Final = 0.5
CONSUMER_CHECK_SECONDS: Final = 60
DELETE_OLD_SECONDS: Final = 3600
REPLAY_SECONDS: Final = 5
FORGET_ERASED_SECONDS: Final = 10
APPLY_JOURNAL_SECONDS: Final = 3600
DEAD_LETTER_TASK_SECONDS: Final = 20
REFRESH_KEYS_SECONDS: Final = 5

log = get_logger(__name__)


class Service:
    """
    The parts that all three services have in common.

    Args:
        name: ``intake``, ``grouping`` or ``notify``.
        settings: As read from the environment.
        database: The service's own database.
        clock: The time in the system.
        outbox, inbox, dead_letters: The service's own tables.
        task_book: Takes the task about dead letters; None for a service without tasks.
        security_events: The service's own table; None for a service that records none.
        consumers: Its consumers, one for each stream.
        jobs: Its periodic jobs.
        background: Further tasks that run for as long as the service does, as the mailer.
        follower: Keeps the settings of tenants in step; None for a service without them.
        erased_ids: Selects the ids of who is erased, whom the outbox forgets.
        known_streams: What the service remembers of its streams, to fill a new one again; None for a service of tests.
        rebuild: Publishes the state of a stream from the tables, for what its outbox no longer keeps.
        figures: Reads its own figures for ``/metrics``; None for a service without any.
        journal: Applies the erasures that a restored database has not seen; None for the service that publishes them.
    """

    def __init__(
        self,
        name: str,
        settings: ServiceSettings,
        database: Database,
        clock: Clock,
        *,
        outbox: Outbox,
        inbox: Inbox,
        dead_letters: DeadLetters,
        task_book: TaskBook | None = None,
        security_events: SecurityEvents | None = None,
        consumers: Sequence[Consumer] = (),
        jobs: Sequence[PeriodicJob] = (),
        background: Sequence[Callable[[], Coroutine[Any, Any, None]]] = (),
        follower: Follower | None = None,
        erased_ids: Select[Any] | None = None,
        figures: ReadFigures | None = None,
        journal: Journal | None = None,
        known_streams: KnownStreams | None = None,
        rebuild: Mapping[Stream, Rebuild] | None = None,
    ) -> None:
        self.name = name
        self.settings = settings
        self.database = database
        self.clock = clock
        self.outbox = outbox
        self.inbox = inbox
        self.dead_letters = dead_letters
        self.task_book = task_book
        self.security = SecurityRecorder(database, security_events, clock) if security_events is not None else None
        self.consumers = tuple(consumers)
        self.jobs = tuple(jobs)
        self.background = (*background, follower.run) if follower else tuple(background)
        self.follower = follower
        self.erased_ids = erased_ids
        self.figures = figures
        self.journal = journal
        self.known_streams = known_streams
        self.rebuild = rebuild or {}
        self.identity = Identity(name, settings.nats_seed, settings.nats_authority)
        self.connection = NatsConnection(settings.nats_url, self.identity)
        self.pulse = Pulse()
        self.broker = NatsBroker(
            settings.nats_url.split(","),
            name=f"{name}-consumers",
            graceful_timeout=STOP_SECONDS,
            apply_types=True,
            logger=None,
            reconnected_cb=self._on_reconnected,
            **self.identity.broker_options(),
            **connect_options(name, self._on_closed),
        )
        self.listening = False
        self._starting: asyncio.Task[None] | None = None
        self._stopping = False
        for consumer in self.consumers:
            consumer.attach(self.broker, self.identity, database, inbox, dead_letters)

    async def _on_closed(self) -> None:
        if not self._stopping:
            end_process("broker_connection_closed")

    async def _on_reconnected(self) -> None:
        for consumer in self.consumers:
            consumer.ask_again()

    @asynccontextmanager
    async def lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        """Run everything for as long as the app is served; at the end stop in order."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.database.dispose)
            stack.push_async_callback(self._flush_security_events)
            stack.push_async_callback(self._disconnect)
            if self.follower is not None:
                await self.follower.load_if_possible()
            await self._apply_journal_first()
            async with _tasks(
                [
                    self.pulse.run(),
                    self._listen(),
                    Relay(self.database, self.connection).run(),
                    *(job.forever(self.clock.speed) for job in (*self.jobs, *self._own_jobs())),
                    *(run() for run in self.background),
                ]
            ):
                log.info("service_started", service=self.name)
                yield
            log.info("service_stopping", service=self.name)

    async def _apply_journal_first(self) -> None:
        if self.journal is None:
            return
        try:
            await self.journal.apply_before_serving(self.database, self.inbox, self._people_consumer, self.connection)
        except Exception as error:
            if not is_infrastructure(error):
                raise
            log.warning("started_without_database", exc_info=error)  # no page and no mail works without it either

    async def _apply_journal(self) -> None:
        if self.journal is not None and self.listening:
            await self.journal.apply(self.database, self.inbox, self._people_consumer, self.connection)

    @property
    def _people_consumer(self) -> Consumer:
        (consumer,) = [consumer for consumer in self.consumers if Erased in consumer.handlers]
        return consumer

    def _own_jobs(self) -> tuple[PeriodicJob, ...]:
        written = self.database.written
        real = self.clock.speed  # these follow the real time, at any speed of the system's clock
        return (
            PeriodicJob("delete_replayed_letters", REPLAY_SECONDS * real, self._delete_replayed_letters, written),
            PeriodicJob("refill_streams", CHECK_STREAMS_SECONDS * real, self._refill_streams, self._broker_news),
            PeriodicJob("apply_journal", APPLY_JOURNAL_SECONDS * real, self._apply_journal),
            PeriodicJob("forget_erased", FORGET_ERASED_SECONDS * real, self._forget_erased, written),
            PeriodicJob("sync_dead_letter_task", DEAD_LETTER_TASK_SECONDS * real, self._sync_dead_letter_task, written),
            PeriodicJob("delete_old_events", DELETE_OLD_SECONDS * real, self._delete_old_events),
            PeriodicJob("flush_security_events", FLUSH_SECONDS * real, self._flush_security_events),
            PeriodicJob("refresh_keys", REFRESH_KEYS_SECONDS * real, self._refresh_keys),
        )

    async def _listen(self) -> None:
        """Connect, wait until all consumers are at the broker, subscribe; then report now and then if one is gone."""
        await self.connection.start()
        while not await self._has_consumers():  # noqa: ASYNC110 - nothing here tells when another process makes them
            await asyncio.sleep(CONSUMER_WAIT_SECONDS)
        # Never cancelled half-way: the broker's client would leave its socket open.
        self._starting = asyncio.create_task(self._start_broker())
        await asyncio.shield(self._starting)
        for consumer in self.consumers:
            await consumer.take_over_fetches(self.pulse.fetched)
        self.listening = True
        log.info("service_listening")
        try:
            await self._apply_journal()  # there may have been none when the service started
        except Exception as error:
            log.warning("journal_not_applied", exc_info=error)
        while True:
            await asyncio.sleep(CONSUMER_CHECK_SECONDS)
            await self._has_consumers()

    async def _start_broker(self) -> None:
        """Connect and subscribe; begins again where the broker goes away half-way, which keeps what is subscribed."""
        await connect_for_ever(self.broker.connect)
        while not self._stopping:
            try:
                await self.broker.start()
            except (NatsError, OSError, TimeoutError) as error:
                log.warning("broker_away_at_start", exc_info=error)
                await asyncio.sleep(CONSUMER_WAIT_SECONDS)
            else:
                return

    async def _has_consumers(self) -> bool:
        """Return True if every durable consumer is at the broker; `selvhjelp migrate` makes them, no service may."""
        missing = []
        for consumer in self.consumers:
            try:
                if await self.connection.consumer(consumer.stream.value, consumer.durable) is None:
                    missing.append(consumer.durable)
            except (NatsError, OSError, TimeoutError) as error:
                log.warning("consumer_unknown", exc_info=error, consumer=consumer.durable)
                return False
        for durable in missing:
            log.error("consumer_missing", consumer=durable, reason="run `selvhjelp migrate`")
        return not missing

    async def _disconnect(self) -> None:
        self._stopping = True
        with suppress(NatsError, OSError, TimeoutError):
            async with asyncio.timeout(STOP_SECONDS + 2):
                if self._starting is not None:
                    await self._starting
                await self.broker.stop()
        with suppress(NatsError, OSError, TimeoutError):
            async with asyncio.timeout(2):
                await self.connection.stop()

    async def _delete_replayed_letters(self) -> None:
        async with self.database.transaction() as session:
            handled = await self.dead_letters.delete_handled(session)
        for letter_id in handled:
            log.info("dead_letter_replayed", dead_letter_id=letter_id)

    async def _forget_erased(self) -> None:
        if self.erased_ids is not None:
            async with self.database.transaction() as session:
                await self.outbox.forget(session, self.erased_ids)

    async def _sync_dead_letter_task(self) -> None:
        if self.task_book is not None:
            await sync_task(self.database, self.dead_letters, self.task_book, self.name, self.clock)

    def _broker_news(self) -> object:
        return self.connection.connected_times, self.known_streams and self.known_streams.unread()

    async def _refill_streams(self) -> None:
        if self.known_streams is not None and self.connection.connected:
            await self.known_streams.refill(self.database, self.outbox, self.connection, self.rebuild)

    async def _flush_security_events(self) -> None:
        if self.security is not None:
            await self.security.flush()

    async def _refresh_keys(self) -> None:
        self.settings.refresh_keys()
        for name in self.settings.keys_taken_up():
            if self.security is not None:
                await self.security.record(SecurityKind.KEY_CHANGED, reason=name)

    async def _delete_old_events(self) -> None:
        async with self.database.transaction() as session:
            await self.inbox.delete_old(session)
            await self.outbox.delete_old(session)
            if expired := await self.dead_letters.delete_old(session):
                log.error("dead_letters_expired", count=expired)


@asynccontextmanager
async def _tasks(coroutines: Sequence[Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Run tasks beside the body and cancel them at its end; a task that ends before takes the process with it."""
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    for task in tasks:
        task.add_done_callback(_end_process_unless_cancelled)
    try:
        yield
    finally:
        running = set(tasks)
        while running:
            for task in running:
                task.cancel()
            # A cancellation may be swallowed by asyncio.wait_for, which nats-py uses (fixed in Python 3.12).
            _, running = await asyncio.wait(running, timeout=CANCEL_AGAIN_SECONDS)


def _end_process_unless_cancelled(task: "asyncio.Task[None]") -> None:
    if task.cancelled():
        return
    log.critical("background_task_ended", exc_info=task.exception())
    end_process("background_task_ended")
