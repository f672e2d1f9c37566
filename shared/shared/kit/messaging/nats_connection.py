"""The connection to the broker for everything but consuming: publishing, health."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import ConsumerInfo
from nats.js.errors import NotFoundError

from shared.kit.logging import get_logger
from shared.kit.messaging.identities import Identity
from shared.kit.tls import REFUSALS, refusal
from shared.kit.tracing import HEADER

CLOSE_SECONDS: Final = 1
SERVER: Final = "NATS"
PUBLISH_TIMEOUT_SECONDS: Final = 5
RECONNECT_SECONDS: Final = 1
ATTEMPT_SECONDS: Final = 5
"""For the first connection: after a failed TLS handshake nats-py waits for ever, before it has connected once."""
CANCEL_AGAIN_SECONDS: Final = 0.5

log = get_logger(__name__)


class NatsConnection:
    """
    A connection that reconnects for ever.

    Args:
        servers: One broker or several, separated by commas.
        identity: Who connects.
    """

    def __init__(self, servers: str, identity: Identity) -> None:
        self._servers = servers.split(",")
        self._identity = identity
        self._client: Client | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def connected(self) -> bool:
        """True while the broker is reachable."""
        return self._client is not None and self._client.is_connected

    @property
    def connected_times(self) -> int:
        """How often it has connected; another broker, or one that was started again, may know other things."""
        return 0 if self._client is None else 1 + int(self._client.stats["reconnects"])

    @property
    def client(self) -> Client:
        """The client; raises ConnectionError before the first connection."""
        if self._client is None:
            raise ConnectionError("no broker yet")
        return self._client

    @property
    def js(self) -> JetStreamContext:
        """The JetStream context; raises ConnectionError before the first connection."""
        return self.client.jetstream(timeout=PUBLISH_TIMEOUT_SECONDS)

    async def start(self) -> None:
        """Connect; waits for the broker as long as necessary. Several callers wait for one connection."""
        if self._connecting is None:
            self._connecting = asyncio.create_task(self._connect())
        await asyncio.shield(self._connecting)

    async def starts_within(self, seconds: float) -> bool:
        """Connect; return False if the broker is away for so long, and go on trying."""
        if self._connecting is None:
            self._connecting = asyncio.create_task(self._connect())
        done, _ = await asyncio.wait({self._connecting}, timeout=seconds)
        return bool(done) and self.connected

    async def _connect(self) -> None:
        await connect_for_ever(self._connect_once)

    async def _connect_once(self) -> None:
        client = Client()
        try:
            await client.connect(
                self._servers,
                name=self._identity.name,
                **self._identity.client_options(),
                **connect_options(self._identity.name, self._on_closed),
            )
        except asyncio.CancelledError:
            await close(client)
            raise
        self._client = client

    async def stop(self) -> None:
        """Close the connection."""
        self._stopping = True
        if self._connecting is not None:
            while not self._connecting.done():  # nats-py may swallow a cancellation (asyncio.wait_for)
                self._connecting.cancel()
                await asyncio.wait({self._connecting}, timeout=CANCEL_AGAIN_SECONDS)
        if self._client is not None:
            await self._client.close()

    async def _on_closed(self) -> None:
        if not self._stopping:
            end_process("broker_connection_closed")

    async def publish(
        self, stream: str, subject: str, payload: bytes, message_id: str, traceparent: str | None = None
    ) -> None:
        """Store an event in its stream; the broker drops a second one with the same id."""
        headers = {"Nats-Msg-Id": message_id} | ({HEADER: traceparent} if traceparent else {})
        await self.js.publish(subject, payload, stream=stream, headers=headers, timeout=PUBLISH_TIMEOUT_SECONDS)

    async def consumer(self, stream: str, durable: str) -> ConsumerInfo | None:
        """Return the broker's state of a consumer, None if it does not exist."""
        try:
            info: ConsumerInfo = await self.js.consumer_info(stream, durable)
        except NotFoundError:
            return None
        return info

    async def filled(self, stream: str) -> float:
        """Return how full a stream is, from 0 to 1 of its bytes."""
        info = await self.js.stream_info(stream)
        most = info.config.max_bytes or 0
        return info.state.bytes / most if most > 0 else 0.0


async def close(client: Client) -> None:
    """Close a client whose first attempt failed or was given up, which leaves its socket open."""
    with suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_SECONDS):  # nats-py waits for ever after a failed TLS handshake
            await client.close()


async def connect_for_ever(attempt: Callable[[], Awaitable[object]]) -> None:
    """Attempt a first connection until it succeeds, each time for :data:`ATTEMPT_SECONDS`."""
    while True:
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS):
                await attempt()
        except TimeoutError:
            continue
        return


def connect_options(service: str, on_closed: Callable[[], Awaitable[None]]) -> dict[str, Any]:
    """
    Return the options of every connection of a service: it reconnects for ever.

    A connection that closes ends the process, and so does a broker that knows no such identity or denies a subject: to
    the caller a denial looks like a timeout, and a subscription that was denied receives nothing.
    """
    return {
        "max_reconnect_attempts": -1,
        "reconnect_time_wait": RECONNECT_SECONDS,
        "error_cb": _error_callback(service),
        "closed_cb": on_closed,
    }


def _error_callback(service: str) -> Callable[[Exception], Awaitable[None]]:
    async def on_error(error: Exception) -> None:
        if sentence := refusal(SERVER, error):
            REFUSALS.report(sentence)  # no reason to end: forms work without the broker, and it may be mended
        said, setting = str(error).lower(), f"{service}_NATS_SEED".upper()
        if "permissions violation" in said:
            end_process(
                "broker_permission_denied", f"{service}: the broker denies a subject; is {setting} of another service?"
            )
        if "authorization violation" in said:
            end_process(
                "broker_identity_refused",
                f"{service}: the broker does not know {setting}; make keys and restart the broker",
            )

    return on_error


def end_process(reason: str, sentence: str = "") -> None:
    """Crash on purpose: a service that silently receives nothing is worse than one that is restarted."""
    log.critical(reason)
    if sentence:
        print(sentence, file=sys.stderr, flush=True)  # noqa: T201 - the last words, for people
    os._exit(70)
