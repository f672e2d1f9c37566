"""
The state of a service as it can be seen now: its database, its broker, its consumers and its queues.

Database and broker are asked at the same time and for two seconds at most. What one that is away cannot tell is kept
from the last time that it answered.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Generic, TypeVar

from nats.js.api import ConsumerInfo
from sqlalchemy import text

from shared.events.broker_access import BROKER_ACCESS
from shared.kit.certificates import expiries
from shared.kit.figures import Family, Sample
from shared.kit.service import Service

CHECK_SECONDS: Final = 2
CACHE_SECONDS: Final = 1
FIGURES_SECONDS: Final = 30
OUTBOX_AGE_LIMIT_SECONDS: Final = 60

INBOX_ROWS: Final = Family("selvhjelp_inbox_rows", "Events that are known as handled")
INBOX_AGE: Final = Family("selvhjelp_inbox_oldest_seconds", "Age of the oldest of them; retention deletes it")
_ONE: Final = text("SELECT 1")

T = TypeVar("T")


class CachedAnswer(Generic[T]):
    """
    Cache an answer, for a second unless told otherwise.

    Anybody may ask for it, and each look costs a query and a question to the broker.

    Args:
        look: Returns a new answer.
        monotonic: A clock in seconds that never goes back.
        seconds: How long an answer is kept, a second unless given.
    """

    def __init__(
        self,
        look: Callable[[], Awaitable[T]],
        monotonic: Callable[[], float] = time.monotonic,
        seconds: float | None = None,
    ) -> None:
        self._seconds = seconds
        self._look = look
        self._monotonic = monotonic
        self._lock = asyncio.Lock()
        self._latest: tuple[float, T] | None = None

    async def latest(self) -> T:
        """Return the answer of the last second, or a new one."""
        async with self._lock:
            kept_seconds = CACHE_SECONDS if self._seconds is None else self._seconds
            if self._latest is None or self._monotonic() - self._latest[0] >= kept_seconds:
                self._latest = (self._monotonic(), await self._look())
            return self._latest[1]


@dataclass(frozen=True)
class Queues:
    """
    The queues in the database.

    Attributes:
        unsent, outbox_age_seconds: The events that wait for the relay, and the age of the oldest.
        dead_letters: The messages that a person must look at.
    """

    unsent: int
    outbox_age_seconds: float
    dead_letters: int


@dataclass(frozen=True)
class ConsumerState:
    """The state of a durable consumer at the broker."""

    pending: int
    unacknowledged: int
    redelivered: int

    @classmethod
    def of(cls, info: ConsumerInfo) -> "ConsumerState":
        """Return the state in an answer of the broker."""
        return cls(info.num_pending or 0, info.num_ack_pending or 0, info.num_redelivered or 0)


@dataclass(frozen=True)
class Observation:
    """
    One look at a service.

    Attributes:
        database, broker: True if it answered now.
        listening: True once the consumers are subscribed.
        errors: The class of the error of each part that did not answer.
        queues: None before the database has answered for the first time.
        samples: Figures of the service itself, half a minute old at most while the database answers.
        streams: The filled part of each stream that this service may look at, from 0 to 1.
        consumers: By durable; None for one that the broker does not have. A durable that no answer has come for yet is
            not in it.
    """

    database: bool = False
    broker: bool = False
    listening: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)
    queues: Queues | None = None
    samples: Sequence[Sample] = ()
    streams: Mapping[str, float] = field(default_factory=dict)
    consumers: Mapping[str, ConsumerState | None] = field(default_factory=dict)

    @property
    def outbox_is_late(self) -> bool:
        """True if an event has waited for the relay for longer than a minute."""
        return self.queues is not None and self.queues.outbox_age_seconds >= OUTBOX_AGE_LIMIT_SECONDS

    @property
    def missing(self) -> tuple[str, ...]:
        """The durables that the broker does not have."""
        return tuple(durable for durable, state in self.consumers.items() if state is None)

    @property
    def well(self) -> bool:
        """True if the service can do all its work."""
        parts = self.database and self.broker and self.listening
        return parts and not self.missing and not self.outbox_is_late


class Observer:
    """
    Looks at a service.

    Args:
        service: The service.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._last = Observation()
        self._look = CachedAnswer(self._observe)
        self._database = CachedAnswer(self._database_answers)
        self._figures = CachedAnswer(self._read_figures, seconds=FIGURES_SECONDS)
        self._streams = CachedAnswer(self._read_streams, seconds=FIGURES_SECONDS)

    async def latest(self) -> Observation:
        """Return a look that is a second old at most; never raises."""
        return await self._look.latest()

    async def can_answer(self) -> bool:
        """Return True if the database answers, without which no page and no form works."""
        return await self._database.latest() is None

    async def _observe(self) -> Observation:
        service = self._service
        queues, consumers, samples, streams = await asyncio.gather(
            self._within(self._read_queues()),
            self._within(self._read_consumers()),
            self._within(self._figures.latest()),
            self._within(self._streams.latest()),
        )
        parts = {"database": queues, "broker": consumers}
        self._last = replace(
            self._last,
            database=isinstance(queues, Queues),
            broker=isinstance(consumers, Mapping),
            listening=service.listening,
            errors={part: type(answer).__name__ for part, answer in parts.items() if isinstance(answer, Exception)},
            queues=queues if isinstance(queues, Queues) else self._last.queues,
            samples=self._last.samples if isinstance(samples, Exception) else samples,
            streams=self._last.streams if isinstance(streams, Exception) else streams,
            consumers=consumers if isinstance(consumers, Mapping) else self._last.consumers,
        )
        return self._last

    async def _read_queues(self) -> Queues:
        async with self._service.database.transaction() as session:
            unsent, age_seconds = await self._service.outbox.unsent(session)
            return Queues(unsent, age_seconds, await self._service.dead_letters.count(session))

    async def _read_consumers(self) -> Mapping[str, ConsumerState | None]:
        if not self._service.connection.connected:
            raise ConnectionError
        consumers = self._service.consumers
        connection = self._service.connection
        infos = await asyncio.gather(*(connection.consumer(each.stream.value, each.durable) for each in consumers))
        return {
            consumer.durable: ConsumerState.of(info) if info else None
            for consumer, info in zip(consumers, infos, strict=True)
        }

    async def _read_figures(self) -> Sequence[Sample]:
        service = self._service
        async with service.database.transaction() as session:
            inbox = await service.inbox.size(session)
            own = await service.figures(session) if service.figures else ()
        return (*expiries(service.settings), Sample(INBOX_ROWS, inbox[0]), Sample(INBOX_AGE, inbox[1]), *own)

    async def _read_streams(self) -> Mapping[str, float]:
        connection = self._service.connection
        if not connection.connected:
            raise ConnectionError
        name = self._service.name
        streams = [stream.value for access in BROKER_ACCESS if access.service == name for stream in access.forgets]
        return {stream: await connection.filled(stream) for stream in streams}

    async def _database_answers(self) -> Exception | None:
        answer = await self._within(self._ping())
        return answer if isinstance(answer, Exception) else None

    async def _ping(self) -> None:
        async with self._service.database.transaction() as session:
            await session.execute(_ONE)

    @staticmethod
    async def _within(question: Awaitable[T]) -> T | Exception:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                return await question
        except Exception as error:  # noqa: BLE001 - every error means that it does not answer
            return error
