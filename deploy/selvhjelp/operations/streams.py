"""Streams and consumers at the broker: made by the operator's identity, since no service may."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from selvhjelp.console import CommandError
from selvhjelp.installation import Installation
from selvhjelp.operations.connections import connect_once
from shared.kit.messaging import topology
from shared.kit.messaging.identities import Identity

KEEP_SECONDS: Final = 15


async def provide_streams(installation: Installation) -> None:
    """
    Create missing streams and consumers, update those that differ; harmless when run again.

    Raises:
        CommandError: The broker does not know the operator.
        nats.errors.Error, OSError, TimeoutError: The broker does not answer, or refuses.
    """
    await provide(installation.nats_url, installation.operator, installation.nats_replicas)


async def provide(url: str, operator: Identity, replicas: int = 1) -> None:
    """Create and update the streams and consumers of the broker at an address, as :func:`provide_streams`."""
    await _at(url, operator, lambda js: topology.ensure(js, replicas))


async def restore(url: str, operator: Identity, replicas: int = 1) -> None:
    """Create what the broker at an address has lost, and change nothing that is there."""
    await _at(url, operator, lambda js: topology.restore(js, replicas))


async def _at(url: str, operator: Identity, work: Callable[[JetStreamContext], Awaitable[None]]) -> None:
    client = await connect_once(url, operator)
    try:
        await work(client.jetstream())
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

    It changes none that is there, since it may be of another version than the last migration.

    Args:
        url: The address of the broker.
        operator: The identity that may make them.
        replicas: Copies of each stream.
        say: Called with one line when the broker fails, and when it answers again.
        provided: Called after each time that it worked.
    """
    failing = False
    while True:
        try:
            await restore(url, operator, replicas)
        except (CommandError, NatsError, OSError, TimeoutError) as error:
            if not failing:
                say(f"streams are not kept: {error if isinstance(error, CommandError) else type(error).__name__}")
            failing = True
        else:
            if failing:
                say("streams are kept again")
            failing = False
            provided()
        await asyncio.sleep(KEEP_SECONDS)
