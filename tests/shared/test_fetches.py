"""A fetch waits long for an event, and is asked anew at once where the broker has forgotten it."""

import asyncio
from typing import Any

import pytest
from nats.aio.client import Client
from nats.errors import TimeoutError as FetchTimeout
from nats.js.api import ConsumerConfig, StreamConfig

from devtools.testing import servers
from devtools.testing.identities import EVERYTHING, identity
from shared.kit.messaging.fetches import Fetches

LONG_SECONDS = 600.0


async def forever() -> None:
    await asyncio.Event().wait()


def nothing(_fetcher: str) -> None:
    return


async def test_fetches_given_up_end_as_if_nothing_came() -> None:
    fetches = Fetches(nothing)
    tasks = [asyncio.ensure_future(fetches.watched(name, forever)()) for name in "abc"]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await fetches.give_up()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        assert isinstance(result, FetchTimeout)


async def test_fetch_cancelled_from_outside_stays_cancelled() -> None:
    fetches = Fetches(nothing)
    task = asyncio.ensure_future(fetches.watched("a", forever)())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("given_up_first", [True, False])
async def test_fetch_given_up_and_cancelled_stays_cancelled(given_up_first: bool) -> None:
    fetches = Fetches(nothing)
    task = asyncio.ensure_future(fetches.watched("a", forever)())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    if given_up_first:
        await fetches.give_up()
        task.cancel()
    else:
        task.cancel()
        await fetches.give_up()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_fetches_given_up_while_none_is_under_way_do_nothing() -> None:
    fetches = Fetches(nothing)

    async def at_once() -> int:
        return 7

    await fetches.give_up()
    assert await fetches.watched("a", at_once)() == 7


@pytest.mark.parametrize("batch", [1, 2, 64])
async def test_fetch_of_a_broker_that_started_again_goes_on(batch: int) -> None:
    """Without being given up, the fetch would wait for its whole time: the broker has forgotten it."""
    server, fetches = servers.new_nats(sync="always"), Fetches(nothing)
    client, again = Client(), asyncio.Event()

    async def reconnected() -> None:
        await fetches.give_up()
        again.set()

    try:
        await client.connect(
            server.url, reconnected_cb=reconnected, reconnect_time_wait=1, max_reconnect_attempts=-1,
            **identity(EVERYTHING).client_options(),
        )  # fmt: skip
        js = client.jetstream()
        await js.add_stream(StreamConfig(name="S", subjects=["s.>"]))
        await js.add_consumer("S", ConsumerConfig(durable_name="c"))
        subscription = await js.pull_subscribe("s.>", durable="c", stream="S")
        fetch = fetches.watched("c", subscription.fetch)

        async def next_message() -> Any:
            while True:
                try:
                    return (await fetch(batch, timeout=LONG_SECONDS))[0]
                except FetchTimeout:
                    continue

        waiting = asyncio.create_task(next_message())
        while not (await js.consumer_info("S", "c")).num_waiting:
            await asyncio.sleep(0)
        await asyncio.to_thread(server.restart)
        async with asyncio.timeout(60):
            await again.wait()
            await js.publish("s.a", b"x")
            assert (await waiting).data == b"x"
    finally:
        await client.close()
        servers.discard(server)
