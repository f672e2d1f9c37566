"""
Streams forget what all their readers have acknowledged; the outboxes keep it for longer, without the erased people.

A deletion of one message overwrites its bytes on the broker's disk at once. A purge leaves them in the file of its
block until the block is empty, so it is for long queues only. A purge never reaches the newest message of a stream: one
that empties the stream can take along a message that arrives at the same moment (nats-server #8400).
"""

from collections.abc import Collection, Mapping
from typing import Final

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import APIError

from shared.events import Stream
from shared.events.base import JOURNAL
from shared.kit.failpoints import disabled_for_test
from shared.kit.logging import get_logger
from shared.kit.messaging.nats_connection import NatsConnection

FORGET_HANDLED_SECONDS: Final = 10.0
DELETED_SINGLY: Final = 200
"""Messages of one stream that one run deletes one by one."""

log = get_logger(__name__)


async def forget_handled(
    js: JetStreamContext, stream: Stream, readers: Collection[str], up_to: int | None = None
) -> int:
    """
    Delete the messages of a stream that every reader has acknowledged; return their number.

    Nothing is deleted while one of the readers has no consumer at the broker: it has read nothing.

    Args:
        js: The broker.
        stream: The stream.
        readers: The consumers that must have acknowledged them.
        up_to: The number of the last message that may be deleted.
    """
    handled = await handled_up_to(js, stream, readers)
    handled = handled if up_to is None else min(handled, up_to)
    state = (await js.stream_info(stream.value)).state
    handled = min(handled, state.last_seq)
    if not state.messages or handled < state.first_seq:
        return 0
    first = max(state.first_seq, handled - DELETED_SINGLY + 1)
    if first > state.first_seq:
        await js.purge_stream(stream.value, seq=first)
    for sequence in range(first, handled + 1):
        try:
            await js.delete_msg(stream.value, sequence)
        except APIError:  # deleted by another copy
            continue
    return handled - state.first_seq + 1


async def handled_up_to(js: JetStreamContext, stream: Stream, readers: Collection[str]) -> int:
    """Return the number of the last message up to which every reader has acknowledged all; 0 if one is missing."""
    consumers = {consumer.name: consumer for consumer in await js.consumers_info(stream.value)}
    if not consumers or not set(readers) <= consumers.keys():
        return 0
    return min(consumer.ack_floor.stream_seq if consumer.ack_floor else 0 for consumer in consumers.values())


async def is_journal_copied(js: JetStreamContext) -> bool:
    """Return True if the broker copies erasures to the journal, and has copied all that it knows of."""
    sources = (await js.stream_info(JOURNAL)).sources or []
    return bool(sources) and all(
        not source.lag and source.active is not None and source.active >= 0 for source in sources
    )


class HandledEvents:
    """
    Forgets in all streams, some seconds after everybody has handled an event.

    A run deletes what was handled at the run before, so that the broker has had time to copy an erasure to the journal.

    Args:
        connection: The broker.
        readers: The consumers of each stream.
    """

    def __init__(self, connection: NatsConnection, readers: Mapping[Stream, Collection[str]]) -> None:
        self._connection = connection
        self._readers = readers
        self._handled_before: dict[Stream, int] = {}
        self._unfinished = 0

    def unfinished(self) -> int:
        """Return how many runs have left something in a stream."""
        return self._unfinished

    async def forget(self) -> None:
        """Forget once; while the broker is away, it is left to the next run."""
        left = False
        if disabled_for_test("forget-handled"):
            return
        for stream, durables in self._readers.items():
            try:
                js = self._connection.js
                if not (await js.stream_info(stream.value)).state.messages:
                    continue
                left = True
                handled = await handled_up_to(js, stream, durables)
                before = self._handled_before.get(stream, 0)
                if before and (stream is not Stream.PEOPLE or await is_journal_copied(js)):
                    await forget_handled(js, stream, durables, min(handled, before))
                self._handled_before[stream] = handled
            except (NatsError, OSError, TimeoutError) as error:
                log.warning("handled_events_kept", exc_info=error, stream=stream.value)
                left = True
                break
        self._unfinished += left
