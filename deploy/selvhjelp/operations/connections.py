"""Connections for commands, which report a missing server instead of waiting for it."""

import asyncio
from typing import Final

from nats.aio.client import Client
from nats.errors import Error as NatsError
from sqlalchemy.engine import URL

from selvhjelp.console import CommandError
from shared.kit.messaging.identities import Identity
from shared.kit.messaging.nats_connection import SERVER, close
from shared.kit.tls import NotBelievedError, refusal

CONNECT_SECONDS: Final = 3


def hosts_of(url: URL) -> list[str]:
    """Return the hosts of a PostgreSQL address, which has several where there is a standby."""
    several = url.query.get("host", "")
    return [url.host] if url.host else [host for host in str(several).split(",") if host]


async def connect_once(url: str, identity: Identity) -> Client:
    """
    Connect in one attempt; the connection does not reconnect by itself.

    Args:
        url: The address of one broker, or of several separated by commas.
        identity: Who connects.

    Raises:
        CommandError: The broker does not know the identity.
        NotBelievedError: The broker does not prove that it is ours.
        nats.errors.Error, OSError, TimeoutError: No broker answers, or it refuses.
    """

    async def ignore_error(_: Exception) -> None:
        return

    client = Client()
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await client.connect(
                url.split(","),
                name=identity.name,
                **identity.client_options(),
                allow_reconnect=False,
                max_reconnect_attempts=0,  # the client's default is 60 attempts before it raises
                connect_timeout=CONNECT_SECONDS,
                error_cb=ignore_error,
            )
    except BaseException as error:
        await close(client)
        if sentence := refusal(SERVER, error):
            raise NotBelievedError(sentence) from error
        if isinstance(error, NatsError) and "authorization violation" in str(error).lower():
            setting = f"{identity.name}_NATS_SEED".upper()
            raise CommandError(f"the broker does not know {setting}; make keys and restart the broker") from None
        if isinstance(error, ValueError):  # the first line of another kind of server
            raise ConnectionError("what answers is no NATS server") from error
        raise
    return client
