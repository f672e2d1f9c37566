"""
The state of a service as it can be seen now: its database, its broker, its consumers and its queues.

Database and broker are asked at the same time and for two seconds at most. What one that is away cannot tell is kept
from the last time that it answered.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Generic, TypeVar

from nats.js.api import ConsumerInfo
from sqlalchemy import text

from shared.kit.service import Service

CHECK_SECONDS: Final = 2
CACHE_SECONDS: Final = 1
OUTBOX_AGE_LIMIT_SECONDS: Final = 60

_ONE: Final = text("SELECT 1")

T = TypeVar("T")


class CachedAnswer(Generic[T]):
    """
    Cache an answer for a second: anybody may ask for it, and each look costs a query and a question to the broker.

    Args:
        look: Returns a new answer.
        monotonic: A clock in seconds that never goes back.
    """

    def __init__(self, look: Callable[[], Awaitable[T]], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._look = look
        self._monotonic = monotonic
        self._lock = asyncio.Lock()
        self._latest: tuple[float, T] | None = None

    async def latest(self) -> T:
        """Return the answer of the last second, or a new one."""
        async with self._lock:
            if self._latest is None or self._monotonic() - self._latest[0] >= CACHE_SECONDS:
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
        consumers: By durable; None for one that the broker does not have. A durable that no answer has come for yet is
            not in it.
    """

    database: bool = False
    broker: bool = False
    listening: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)
    queues: Queues | None = None
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

    async def latest(self) -> Observation:
        """Return a look that is a second old at most; never raises."""
        return await self._look.latest()

    async def can_answer(self) -> bool:
        """Return True if the database answers, without which no page and no form works."""
        return await self._database.latest() is None

    async def _observe(self) -> Observation:
        service = self._service
        queues, consumers = await asyncio.gather(
            self._within(self._read_queues()), self._within(self._read_consumers())
        )
        parts = {"database": queues, "broker": consumers}
        self._last = replace(
            self._last,
            database=isinstance(queues, Queues),
            broker=isinstance(consumers, Mapping),
            listening=service.listening,
            errors={part: type(answer).__name__ for part, answer in parts.items() if isinstance(answer, Exception)},
            queues=queues if isinstance(queues, Queues) else self._last.queues,
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
