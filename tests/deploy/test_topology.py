"""Only `selvhjelp migrate` changes streams and consumers; what keeps them beside another version changes none."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

import pytest
from nats.aio.client import Client
from nats.js.api import ConsumerConfig, StreamConfig

from devtools.testing.identities import connect, identity
from selvhjelp.operations import streams
from shared.events import STREAMS, Stream
from shared.events.broker_access import OPERATOR
from shared.kit.messaging import topology

IDENTITY = identity(OPERATOR)
OF_ANOTHER_VERSION: list[dict[str, Any]] = [
    {"max_bytes": topology.MAX_BYTES // 2},
    {"max_age": 3600.0},
    {"max_msg_size": 32 * 1024},
    {"duplicate_window": 120.0},
    {"allow_direct": True},
    {"subjects": ["signups.>", "more.>"]},
]


@pytest.fixture
async def broker(nats_url: str) -> AsyncIterator[Client]:
    await streams.provide(nats_url, IDENTITY)
    client = await connect(nats_url)
    yield client
    await client.close()


async def _kept(nats_url: str) -> None:
    """Let what keeps the streams do its work twice."""
    for _ in range(2):
        worked = asyncio.Event()
        keeper = asyncio.create_task(streams.keep(nats_url, IDENTITY, say=lambda _line: None, provided=worked.set))
        await worked.wait()
        keeper.cancel()


@pytest.mark.parametrize("change", OF_ANOTHER_VERSION, ids=lambda change: next(iter(change)))
async def test_keeping_streams_leaves_settings_of_another_version(
    broker: Client, nats_url: str, change: dict[str, Any]
) -> None:
    newer = StreamConfig(**{**asdict(topology.stream_config(Stream.SIGNUPS)), **change})
    await broker.jetstream().update_stream(newer)
    before = (await broker.jetstream().stream_info("SIGNUPS")).config
    await _kept(nats_url)
    assert (await broker.jetstream().stream_info("SIGNUPS")).config == before
    assert {name: getattr(before, name) for name in change} == change
    await streams.provide(nats_url, IDENTITY)  # as `migrate` of this version does
    assert (await broker.jetstream().stream_info("SIGNUPS")).config != before


async def test_keeping_streams_leaves_consumers_of_another_version(broker: Client, nats_url: str) -> None:
    own = topology.consumer_config("grouping-signups", Stream.SIGNUPS)
    newer = ConsumerConfig(**{**asdict(own), "max_ack_pending": 1000, "ack_wait": 90.0})
    await broker.jetstream().add_consumer("SIGNUPS", newer)
    await _kept(nats_url)
    config = (await broker.jetstream().consumer_info("SIGNUPS", "grouping-signups")).config
    assert (config.max_ack_pending, config.ack_wait) == (1000, 90.0)


async def test_keeping_streams_makes_what_was_lost(broker: Client, nats_url: str) -> None:
    js = broker.jetstream()
    await js.delete_stream("SIGNUPS")
    await js.delete_consumer("GROUPS", "intake-groups")
    await js.delete_stream("JOURNAL")
    await _kept(nats_url)
    assert {info.config.name for info in await js.streams_info()} >= {stream.value for stream in STREAMS} | {"JOURNAL"}
    for durable, stream in topology.DURABLES.items():
        assert (await js.consumer_info(stream.value, durable)).config.max_ack_pending == topology.MAX_ACK_PENDING
