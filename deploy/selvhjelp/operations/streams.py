"""Streams and consumers at the broker: made by the operator's identity, since no service may."""

import asyncio
from collections.abc import Callable
from typing import Final

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from selvhjelp.console import CommandError
from selvhjelp.installation import Installation
from selvhjelp.operations.connections import connect_once
from shared.kit.messaging import topology
from shared.kit.messaging.identities import Identity
from shared.kit.messaging.nats_connection import close

KEEP_SECONDS: Final = 15
LOOKS_UNTIL_ALL: Final = 20


async def provide_streams(installation: Installation) -> None:
    """
    Create missing streams and consumers, update those that differ; harmless when run again.

    Raises:
        CommandError: The broker does not know the operator.
        nats.errors.Error, OSError, TimeoutError: The broker does not answer, or refuses.
    """
    await provide(installation.nats_url, installation.operator, installation.stream_replicas)


async def provide(url: str, operator: Identity, replicas: int = 1) -> None:
    """Create and update the streams and consumers of the broker at an address, as :func:`provide_streams`."""
    client = await connect_once(url, operator)
    try:
        await topology.ensure(client.jetstream(), replicas)
    finally:
        await client.close()


async def keep(
    url: str,
    operator: Identity,
    *,
    replicas: int = 1,
    say: Callable[[str], None],
    provided: Callable[[], None] = lambda: None,
) -> None:
    """
    Restore the streams again and again, so that a broker that lost its disk gets them back; never ends.

    It changes none that is there, since it may be of another version than the last migration. While the broker answers
    over the same connection and counts as many streams and consumers as before, only now and then each is looked up.

    Args:
        url: The address of the broker.
        operator: The identity that may make them.
        replicas: Copies of each stream.
        say: Called with one line when the broker fails, and when it answers again.
        provided: Called after each time that it worked.
    """
    failing = False
    kept = _Kept(url, operator, replicas)
    try:
        while True:
            try:
                await kept.restore()
            except (CommandError, NatsError, OSError, TimeoutError) as error:
                if not failing:
                    say(f"streams are not kept: {error if isinstance(error, CommandError) else type(error).__name__}")
                failing = True
                await kept.disconnect()
            else:
                if failing:
                    say("streams are kept again")
                failing = False
                provided()
            await asyncio.sleep(KEEP_SECONDS)
    finally:
        await kept.disconnect()


class _Kept:
    """The connection over which the streams are kept, and how many there were."""

    def __init__(self, url: str, operator: Identity, replicas: int) -> None:
        self._url, self._operator, self._replicas = url, operator, replicas
        self._client: Client | None = None
        self._counts: tuple[int, int] | None = None
        self._looks = 0

    async def restore(self) -> None:
        """Create what the broker has lost, if there is reason to look."""
        if self._client is None or not self._client.is_connected:
            await self.disconnect()
            self._client = await connect_once(self._url, self._operator)
        js = self._client.jetstream()
        self._looks += 1
        if self._counts is None or self._looks % LOOKS_UNTIL_ALL == 0 or await _count(js) != self._counts:
            await topology.restore(js, self._replicas)
            self._counts = await _count(js)

    async def disconnect(self) -> None:
        """Close the connection; the next one looks at everything."""
        client, self._client, self._counts = self._client, None, None
        if client is not None:
            await close(client)


async def _count(js: JetStreamContext) -> tuple[int, int]:
    """Return the number of streams and of consumers at the broker."""
    info = await js.account_info()
    return info.streams, info.consumers
