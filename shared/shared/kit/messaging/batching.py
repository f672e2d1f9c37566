"""Events that arrive together share a transaction; an event that fails alone spoils nothing for the others."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextvars import Context
from typing import Final

from shared.events import Event
from shared.kit.correlation import correlated
from shared.kit.logging import get_logger
from shared.kit.messaging.retry import is_infrastructure, time_limit

HANDLER_TIMEOUT_SECONDS: Final = 10
"""For one event, for one batch, and for all events of a failed batch one by one."""

log = get_logger(__name__)
_Queued = tuple[Event, "asyncio.Future[None]"]


class BatchQueue:
    """
    A queue of events that are handled in batches, one batch at a time.

    Args:
        name: The consumer's, for the log.
        max_size: The most events in one batch.
        handle_batch: Handles several events in one transaction.
        handle_one: Handles one event in a transaction of its own.
    """

    def __init__(
        self,
        name: str,
        max_size: int,
        handle_batch: Callable[[Sequence[Event]], Awaitable[None]],
        handle_one: Callable[[Event], Awaitable[None]],
    ) -> None:
        self._name = name
        self._max_size = max_size
        self._handle_batch = handle_batch
        self._handle_one = handle_one
        self._queue: list[_Queued] = []
        self._drain_task: asyncio.Task[None] | None = None

    async def enqueue(self, event: Event) -> None:
        """
        Add an event and wait until it is handled.

        Raises the error of its handler. Ends cancelled, and so unacknowledged, if the task of the batches is cancelled.
        """
        handled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append((event, handled))
        if self._drain_task is None or self._drain_task.done():
            # It begins at the next turn of the loop, when all messages of one fetch are in the queue.
            self._drain_task = asyncio.create_task(self._drain(), context=Context())  # no event's own log fields
        await handled

    async def _drain(self) -> None:
        """Handle batches until the queue is empty, in their own task, so that no timeout cancels other events."""
        while self._queue:
            batch, self._queue = self._queue[: self._max_size], self._queue[self._max_size :]
            try:
                await self._handle(batch)
            except Exception as error:  # noqa: BLE001 - it is raised where the events are awaited
                _resolve(batch, error)
            except asyncio.CancelledError:
                for _, handled in (*batch, *self._queue):
                    handled.cancel()
                self._queue.clear()
                raise
            else:
                _resolve(batch, None)

    async def _handle(self, batch: Sequence[_Queued]) -> None:
        with correlated(*(event.correlation_id for event, _ in batch)):
            await self._handle_together(batch)

    async def _handle_together(self, batch: Sequence[_Queued]) -> None:
        try:
            async with time_limit(HANDLER_TIMEOUT_SECONDS):
                await self._handle_batch([event for event, _ in batch])
        except Exception as error:
            if len(batch) == 1 or is_infrastructure(error):
                raise
            log.warning("batch_failed", exc_info=error, consumer=self._name, count=len(batch))
            await self._handle_each(batch)

    async def _handle_each(self, batch: Sequence[_Queued]) -> None:
        """Handle events one by one; those whose turn has not come within the time are delivered again."""
        async with asyncio.timeout(HANDLER_TIMEOUT_SECONDS):
            for queued in batch:
                await self._handle_alone(queued)

    async def _handle_alone(self, queued: _Queued) -> None:
        """Handle one event, in half of the time, so that a slow one does not use up that of all."""
        try:
            async with time_limit(HANDLER_TIMEOUT_SECONDS / 2):
                await self._handle_one(queued[0])
        except Exception as error:  # noqa: BLE001 - it is raised where the event is awaited
            _resolve([queued], error)
        else:
            _resolve([queued], None)


def _resolve(batch: Iterable[_Queued], error: Exception | None) -> None:
    """End the waiting of those that still wait: handled, or failed with this error."""
    for _, handled in batch:
        if not handled.done():
            if error is None:
                handled.set_result(None)
            else:
                handled.set_exception(error)
