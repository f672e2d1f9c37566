"""
Streams and durable consumers, created and updated here and never by FastStream or a service.

FastStream rewrites an existing stream (discard, age and size fall back to its defaults), so every
``JStream`` says ``declare=False`` and this module owns the configuration.
"""

from collections.abc import Mapping
from typing import Final

from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
    StreamSource,
)
from nats.js.errors import NotFoundError

from shared.events import STREAMS, Stream
from shared.events.base import ERASURE_KEPT, JOURNAL, STREAM_MAX_AGE
from shared.events.broker_access import BROKER_ACCESS
from shared.events.people import Erased

ACK_WAIT_SECONDS: Final = 30
MAX_BYTES: Final = 512 * 1024 * 1024
SMALL_BYTES: Final = 64 * 1024 * 1024
MAX_MESSAGE_BYTES: Final = 16 * 1024
MAX_SETTINGS_BYTES: Final = 60 * 1024
"""Of an event with all settings and texts of a tenant; the server takes no more than 64 kB."""

DUPLICATE_WINDOW_SECONDS: Final = 600
MAX_ACK_PENDING: Final = 256
"""Enough for two copies with two of the largest batches under way each; with less, each waits for the other."""

DURABLES: Final = {durable: stream for access in BROKER_ACCESS for durable, stream in access.durables.items()}
"""The durable consumers of all services, each with its stream."""


def stream_config(stream: Stream, replicas: int = 1) -> StreamConfig:
    """
    Return the configuration of a stream.

    The few events about centres are kept, so that a new reader has all. Of comparisons the oldest go when there is no
    room, since newer ones replace them.
    """
    keeps_all, keeps_newest = stream is Stream.CENTRES, stream is Stream.RECONCILIATION
    return StreamConfig(
        name=stream.value,
        subjects=[stream.subjects],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.OLD if keeps_newest else DiscardPolicy.NEW,
        max_age=0 if keeps_all else STREAM_MAX_AGE.total_seconds(),
        max_bytes=SMALL_BYTES if keeps_newest else MAX_BYTES,
        max_msg_size=MAX_SETTINGS_BYTES if keeps_all else MAX_MESSAGE_BYTES,
        duplicate_window=DUPLICATE_WINDOW_SECONDS,
        num_replicas=replicas,
        allow_direct=False,
    )


def journal_config(replicas: int = 1) -> StreamConfig:
    """Return the configuration of the journal of erasures, to which nobody publishes; see `kit.messaging.journal`."""
    return StreamConfig(
        name=JOURNAL,
        sources=[StreamSource(name=Stream.PEOPLE.value, filter_subject=Erased.subject)],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.OLD,
        max_age=ERASURE_KEPT.total_seconds(),
        max_bytes=SMALL_BYTES,
        num_replicas=replicas,
        allow_direct=True,
    )


def consumer_config(durable: str, stream: Stream) -> ConsumerConfig:
    """Return the configuration of a durable consumer; the dead letters limit deliveries, not the server."""
    return ConsumerConfig(
        durable_name=durable,
        filter_subject=stream.subjects,
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ACK_WAIT_SECONDS,
        max_deliver=-1,
        max_ack_pending=MAX_ACK_PENDING,
    )


async def ensure(js: JetStreamContext, replicas: int = 1, durables: Mapping[str, Stream] = DURABLES) -> None:
    """
    Create missing streams and consumers, update those that differ; harmless when run again.

    Only the operator's identity may do it.
    """
    for config in _stream_configs(replicas):
        try:
            await js.update_stream(config)
        except NotFoundError:
            await js.add_stream(config)
    for durable, stream in durables.items():
        await js.add_consumer(stream.value, consumer_config(durable, stream))


async def restore(js: JetStreamContext, replicas: int = 1, durables: Mapping[str, Stream] = DURABLES) -> None:
    """
    Create missing streams and consumers, and change none that is there.

    For what runs beside another version: whoever updates would undo what the migration of the newer one did.
    """
    for config in _stream_configs(replicas):
        try:
            await js.stream_info(str(config.name))
        except NotFoundError:
            await js.add_stream(config)
    for durable, stream in durables.items():
        try:
            await js.consumer_info(stream.value, durable)
        except NotFoundError:
            await js.add_consumer(stream.value, consumer_config(durable, stream))


def _stream_configs(replicas: int) -> tuple[StreamConfig, ...]:
    return *(stream_config(stream, replicas) for stream in STREAMS), journal_config(replicas)
