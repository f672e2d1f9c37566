"""Streams forget what all their readers have acknowledged, and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig

from devtools.local.nats import Nats
from devtools.testing.identities import EVERYTHING, connect, identity
from shared.events import READERS, STREAMS, Stream
from shared.events.base import JOURNAL
from shared.events.broker_access import BROKER_ACCESS
from shared.kit.messaging import handled_events
from shared.kit.messaging.handled_events import HandledEvents, forget_handled
from shared.kit.messaging.nats_connection import NatsConnection
from shared.kit.messaging.topology import DURABLES, stream_config

READER_NAMES = ("one", "other")


@pytest.fixture
async def js(nats_url: str) -> AsyncIterator[JetStreamContext]:
    client = await connect(nats_url)
    yield client.jetstream()
    await client.close()


async def people_stream(js: JetStreamContext, *readers: str) -> None:
    for stream in (JOURNAL, "PEOPLE"):
        await js.delete_stream(stream)
    await js.add_stream(stream_config(Stream.PEOPLE))
    for reader in readers:
        await js.add_consumer("PEOPLE", ConsumerConfig(durable_name=reader, ack_policy=AckPolicy.EXPLICIT))


async def publish(js: JetStreamContext, count: int) -> list[UUID]:
    ids = [uuid4() for _ in range(count)]
    for id_ in ids:
        await js.publish("people.erased.v1", f'{{"person_id": "{id_}"}}'.encode())
    return ids


async def read(js: JetStreamContext, reader: str, count: int) -> None:
    subscription = await js.pull_subscribe_bind(reader, stream="PEOPLE")
    for message in await subscription.fetch(count):
        await message.ack_sync()


async def left(js: JetStreamContext) -> int:
    return (await js.stream_info("PEOPLE")).state.messages


def on_disk(server: Nats, ids: list[UUID]) -> list[UUID]:
    """Return the ids that are somewhere in the broker's files."""
    files = b"".join(path.read_bytes() for path in Path(server.directory).rglob("*.blk"))
    return [id_ for id_ in ids if str(id_).encode() in files]


async def test_forget_handled_leaves_what_one_reader_has_not_read(js: JetStreamContext, nats_server: Nats) -> None:
    await people_stream(js, *READER_NAMES)
    ids = await publish(js, 5)
    await read(js, "one", 5)
    assert await forget_handled(js, Stream.PEOPLE, READER_NAMES) == 0
    await read(js, "other", 3)
    assert await forget_handled(js, Stream.PEOPLE, READER_NAMES) == 3
    assert await left(js) == 2
    assert on_disk(nats_server, ids) == ids[3:], "what is deleted is overwritten at once"
    await read(js, "other", 2)
    assert await forget_handled(js, Stream.PEOPLE, READER_NAMES) == 2
    assert await forget_handled(js, Stream.PEOPLE, READER_NAMES) == 0
    assert on_disk(nats_server, ids) == []


async def test_forget_handled_waits_for_a_reader_without_consumer(js: JetStreamContext) -> None:
    await people_stream(js, "one")
    await publish(js, 2)
    await read(js, "one", 2)
    assert await forget_handled(js, Stream.PEOPLE, READER_NAMES) == 0
    assert await left(js) == 2


async def test_forget_handled_waits_for_a_reader_that_is_not_listed(js: JetStreamContext) -> None:
    await people_stream(js, *READER_NAMES)
    await publish(js, 2)
    await read(js, "one", 2)
    assert await forget_handled(js, Stream.PEOPLE, ["one"]) == 0


async def test_forget_handled_without_readers_keeps_everything(js: JetStreamContext) -> None:
    await people_stream(js)
    await publish(js, 2)
    assert await forget_handled(js, Stream.PEOPLE, []) == 0


async def test_forget_handled_purges_all_but_the_newest_of_a_long_queue(
    js: JetStreamContext, nats_server: Nats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handled_events, "DELETED_SINGLY", 3)
    await people_stream(js, *READER_NAMES)
    ids = await publish(js, 20)
    for reader in READER_NAMES:
        await read(js, reader, 20)
    assert await forget_handled(js, Stream.PEOPLE, READER_NAMES) == 20
    assert await left(js) == 0
    assert on_disk(nats_server, ids) == []


async def test_forget_handled_while_events_arrive_loses_none(js: JetStreamContext) -> None:
    await people_stream(js, "one")
    subscription = await js.pull_subscribe_bind("one", stream="PEOPLE")
    seen: list[bytes] = []

    async def forget() -> None:
        while len(seen) < 60:
            await forget_handled(js, Stream.PEOPLE, ["one"])

    async def consume() -> None:
        while len(seen) < 60:
            for message in await subscription.fetch(10):
                seen.append(message.data)
                await message.ack_sync()

    ids, _, _ = await asyncio.gather(publish(js, 60), consume(), forget())
    assert [str(id_).encode() in line for id_, line in zip(ids, seen, strict=True)] == [True] * 60


async def test_forget_handled_twice_at_once_is_harmless(js: JetStreamContext) -> None:
    await people_stream(js, "one")
    await publish(js, 30)
    await read(js, "one", 30)
    await asyncio.gather(*(forget_handled(js, Stream.PEOPLE, ["one"]) for _ in range(3)))
    assert await left(js) == 0


def test_readers_are_the_consumers_of_all_services() -> None:
    assert {stream: READERS.get(stream, frozenset()) for stream in STREAMS if stream is not Stream.CENTRES} == {
        stream: frozenset(durable for durable, of_stream in DURABLES.items() if of_stream is stream)
        for stream in STREAMS
        if stream is not Stream.CENTRES
    }
    assert Stream.CENTRES not in READERS, "it is kept for new readers"


def test_intake_sees_every_event_of_the_streams_in_which_it_forgets() -> None:
    """Its job rests while nothing passes through it."""
    (intake,) = [access for access in BROKER_ACCESS if access.service == "intake"]
    assert set(intake.forgets) <= {*intake.publishes, *intake.consumes}


async def test_handled_events_are_unfinished_while_a_stream_has_some(js: JetStreamContext, nats_url: str) -> None:
    await people_stream(js, *READER_NAMES)
    connection = NatsConnection(nats_url, identity(EVERYTHING))
    await connection.start()
    handled = HandledEvents(connection, {Stream.PEOPLE: READER_NAMES})
    await handled.forget()
    assert handled.unfinished() == 0
    await publish(js, 1)
    await handled.forget()
    assert handled.unfinished() == 1
    await connection.stop()
