"""A fetch waits long for an event, ends once one has come, and is asked anew where the broker has forgotten it."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, StreamConfig

from devtools.local.nats import Nats
from devtools.testing import servers
from devtools.testing.identities import EVERYTHING, identity
from shared.kit.messaging import fetches
from shared.kit.messaging.fetches import Fetcher

LONG_SECONDS = 600.0


def nothing(_fetcher: str) -> None:
    return


@pytest.fixture(scope="module")
def broker() -> Iterable[Nats]:
    server = servers.new_nats()
    yield server
    servers.discard(server)


@pytest.fixture(autouse=True)
def _long_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fetch that waited for the end of its request would outlast its test."""
    monkeypatch.setattr(fetches, "REQUEST_SECONDS", LONG_SECONDS)


class Stream:
    """A stream with one consumer, and a fetcher for it."""

    def __init__(self, client: Client, name: str) -> None:
        self.client = client
        self.js: JetStreamContext = client.jetstream()
        self.name = name
        self.fetcher: Fetcher

    async def publish(self, *numbers: int) -> None:
        for number in numbers:
            await self.js.publish(f"{self.name}.a", str(number).encode())

    async def add_consumer(self, **options: Any) -> None:
        await self.js.add_consumer(self.name, ConsumerConfig(durable_name="c", **options))

    async def another_fetcher(self) -> Fetcher:
        return await Fetcher.open(self.client, "c/0", self.name, "c", nothing)

    async def waiting(self, count: int = 1) -> None:
        """Wait until so many requests wait at the broker."""
        while (await self.js.consumer_info(self.name, "c")).num_waiting != count:
            await asyncio.sleep(0)

    async def fetch(self, batch: int, fetcher: Fetcher | None = None) -> list[int]:
        """Fetch until something comes, and acknowledge it."""
        messages: list[Msg] = []
        while not messages:
            messages = await (fetcher or self.fetcher).fetch(batch)
        for message in messages:
            await message.ack_sync()
        return [int(message.data) for message in messages]


@asynccontextmanager
async def stream(server: Nats, **options: Any) -> AsyncIterator[Stream]:
    client = Client()

    async def reconnected() -> None:
        made.fetcher.ask_again()

    await client.connect(
        server.url, reconnected_cb=reconnected, reconnect_time_wait=1, max_reconnect_attempts=-1,
        **identity(EVERYTHING).client_options(),
    )  # fmt: skip
    made = Stream(client, f"S{client.new_inbox().rpartition('.')[2]}")
    try:
        async with asyncio.timeout(60):
            await made.js.add_stream(StreamConfig(name=made.name, subjects=[f"{made.name}.>"]))
            await made.add_consumer(**options)
            made.fetcher = await made.another_fetcher()
            yield made
            await made.fetcher.unsubscribe()
            await made.js.delete_stream(made.name)
    finally:
        await client.close()


@pytest.mark.parametrize("batch", [1, 2, 64])
async def test_fetch_ends_with_the_first_that_comes(broker: Nats, batch: int) -> None:
    async with stream(broker) as made:
        waiting = asyncio.create_task(made.fetch(batch))
        await made.waiting()
        await made.publish(7)
        assert await waiting == [7]


@pytest.mark.parametrize(("batch", "there"), [(1, 3), (2, 2), (3, 2), (64, 5), (64, 64), (64, 100)])
async def test_fetch_returns_together_what_is_there(broker: Nats, batch: int, there: int) -> None:
    async with stream(broker) as made:
        await made.publish(*range(there))
        seen: list[list[int]] = []
        while sum(map(len, seen)) < there:
            seen.append(await made.fetch(batch))
        assert [number for numbers in seen for number in numbers] == list(range(there))
        assert len(seen) == -(-there // batch)


async def test_fetch_of_more_than_may_be_under_way_ends(broker: Nats) -> None:
    """The broker gives no more before the first are acknowledged, and does not say so."""
    async with stream(broker, max_ack_pending=2) as made:
        await made.publish(*range(5))
        seen: list[int] = []
        while len(seen) < 5:
            seen += await made.fetch(64)
        assert seen == list(range(5))


async def test_two_fetchers_of_a_consumer_share_its_messages(broker: Nats) -> None:
    async with stream(broker) as made:
        other = await made.another_fetcher()
        waiting = [asyncio.create_task(made.fetch(2, fetcher)) for fetcher in (made.fetcher, other)]
        await made.waiting(2)
        await made.publish(0, 1, 2, 3)
        seen = [number for numbers in await asyncio.gather(*waiting) for number in numbers]
        while len(seen) < 4:
            seen += await made.fetch(2)
        assert sorted(seen) == [0, 1, 2, 3]
        await other.unsubscribe()


@pytest.mark.parametrize("batch", [1, 2, 64])
async def test_fetch_of_a_broker_that_started_again_goes_on(batch: int) -> None:
    """The broker has forgotten the request; nothing else would wake the fetch."""
    server = servers.new_nats(sync="always")
    try:
        async with stream(server) as made:
            waiting = asyncio.create_task(made.fetch(batch))
            await made.waiting()
            await asyncio.to_thread(server.restart)
            while not made.client.is_connected:
                await asyncio.sleep(0.01)
            await made.publish(7)
            assert await waiting == [7]
    finally:
        servers.discard(server)


@pytest.mark.parametrize("before", [True, False], ids=["while it waits", "before it asks"])
async def test_fetch_of_a_deleted_consumer_goes_on_with_a_new_one(
    broker: Nats, before: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetches, "REFUSED_SECONDS", 0.01)
    async with stream(broker) as made:
        if before:
            waiting = asyncio.create_task(made.fetch(2))
            await made.waiting()
            await made.js.delete_consumer(made.name, "c")
        else:
            await made.js.delete_consumer(made.name, "c")
            waiting = asyncio.create_task(made.fetch(2))
        await made.publish(7)
        await made.add_consumer()
        assert await waiting == [7]


class Broker:
    """Stands in for a connection; a test says what the broker answers to the requests."""

    def __init__(self) -> None:
        self.is_connected = True
        self.asked: asyncio.Queue[tuple[dict[str, Any], str]] = asyncio.Queue()
        self.receive: Any = None

    def new_inbox(self) -> str:
        return "_INBOX.x"

    async def subscribe(self, _subject: str, cb: Any) -> None:
        self.receive = cb

    async def publish(self, _subject: str, payload: bytes, reply: str) -> None:
        self.asked.put_nowait((json.loads(payload), reply))

    async def say(self, subject: str, status: str = "", data: bytes = b"") -> None:
        headers = {"Status": status} if status else None
        await self.receive(Msg(_client=None, subject=subject, data=data, headers=headers))  # type: ignore[arg-type]


async def fetcher_of(broker: Broker, signs: list[str] | None = None) -> Fetcher:
    noted = nothing if signs is None else signs.append
    return await Fetcher.open(broker, "c/0", "S", "c", noted)  # type: ignore[arg-type]


async def test_fetch_without_a_sign_of_the_broker_asks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetches, "SILENCE_SECONDS", 0.01)
    broker = Broker()
    fetcher = await fetcher_of(broker)
    assert await fetcher.fetch(2) == []
    waiting = asyncio.create_task(fetcher.fetch(2))
    (_, first), (_, second) = await broker.asked.get(), await broker.asked.get()
    assert first != second
    await broker.say("s.a", data=b"7")
    assert [message.data for message in await waiting] == [b"7"]


async def test_fetch_with_heartbeats_goes_on_and_gives_signs_of_life() -> None:
    broker, signs = Broker(), list[str]()
    fetcher = await fetcher_of(broker, signs)
    waiting = asyncio.create_task(fetcher.fetch(2))
    request, reply = await broker.asked.get()
    assert 2 * request["idle_heartbeat"] <= request["expires"]
    for _ in range(5):
        before = len(signs)
        await broker.say(reply, "100")
        while len(signs) == before:
            await asyncio.sleep(0)
    assert not waiting.done()
    await broker.say(reply, "408")
    assert await waiting == []
    assert broker.asked.empty()


@pytest.mark.parametrize("status", ["404", "408", "409", "503"])
async def test_fetch_word_about_an_earlier_request_does_not_end_it(status: str) -> None:
    broker = Broker()
    fetcher = await fetcher_of(broker)
    waiting = asyncio.create_task(fetcher.fetch(2))
    _, first = await broker.asked.get()
    fetcher.ask_again()
    assert await waiting == []
    waiting = asyncio.create_task(fetcher.fetch(2))
    _, second = await broker.asked.get()
    await broker.say(first, status)
    await broker.say("s.a", data=b"7")
    await broker.say(second, "408")
    assert [message.data for message in await waiting] == [b"7"]


@pytest.mark.parametrize("status", ["400", "409", "503"])
async def test_fetch_that_is_refused_pauses(status: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a pause the process would ask as often as it can."""
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    broker = Broker()
    fetcher = await fetcher_of(broker)
    monkeypatch.setattr(asyncio, "sleep", pause)
    waiting = asyncio.create_task(fetcher.fetch(2))
    _, reply = await broker.asked.get()
    await broker.say(reply, status)
    assert await waiting == []
    assert pauses == [fetches.REFUSED_SECONDS]


async def test_fetch_without_a_connection_asks_nothing() -> None:
    broker = Broker()
    broker.is_connected = False
    fetcher = await fetcher_of(broker)
    waiting = asyncio.create_task(fetcher.fetch(2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not waiting.done()
    broker.is_connected = True
    fetcher.ask_again()
    assert await waiting == []
    assert broker.asked.empty()
