"""One try to reach the broker, for commands that would rather say so than wait."""

import asyncio
from typing import Final

import nats
from nats.aio.client import Client

CONNECT_SECONDS: Final = 3


async def connect_once(url: str, name: str) -> Client:
    """
    A connection that does not come back by itself.

    Args:
        url: One broker or several, separated by commas.
        name: Shown at the broker.

    Raises:
        nats.errors.Error, OSError, TimeoutError: Nobody answers, or they refuse.
    """

    async def quiet(_: Exception) -> None:
        return

    async with asyncio.timeout(CONNECT_SECONDS):
        return await nats.connect(
            url.split(","),
            name=name,
            allow_reconnect=False,
            max_reconnect_attempts=0,  # the client's own default tries sixty times before it says anything
            connect_timeout=CONNECT_SECONDS,
            error_cb=quiet,
        )
