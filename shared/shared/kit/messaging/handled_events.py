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
from shared.kit.failpoints import disabled_for_test
from shared.kit.logging import get_logger
from shared.kit.messaging.nats_connection import NatsConnection

FORGET_SECONDS: Final = 10.0
DELETED_SINGLY: Final = 200
"""Messages of one stream that one run deletes one by one."""

log = get_logger(__name__)


async def forget_handled(js: JetStreamContext, stream: Stream, readers: Collection[str]) -> int:
    """
    Delete the messages of a stream that every reader has acknowledged; return their number.

    Nothing is deleted while one of the readers has no consumer at the broker: it has read nothing.
    """
    consumers = {consumer.name: consumer for consumer in await js.consumers_info(stream.value)}
    if not consumers or not set(readers) <= consumers.keys():
        return 0
    handled = min(consumer.ack_floor.stream_seq if consumer.ack_floor else 0 for consumer in consumers.values())
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


async def forget_all_handled(connection: NatsConnection, readers: Mapping[Stream, Collection[str]]) -> None:
    """Do so for every stream; while the broker is away, it is left to the next run."""
    if disabled_for_test("forget-handled"):
        return
    for stream, durables in readers.items():
        try:
            await forget_handled(connection.js, stream, durables)
        except (NatsError, OSError, TimeoutError) as error:
            log.warning("handled_events_kept", exc_info=error, stream=stream.value)
            return
