"""The connection to the broker for what is not consuming: publishing, streams and consumers, health."""

import os
from typing import Any, Final

import nats
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import ConsumerInfo
from nats.js.errors import NotFoundError

from shared.kit.logging import get_logger

PUBLISH_TIMEOUT_SECONDS: Final = 5
RECONNECT_SECONDS: Final = 1

log = get_logger(__name__)


class NatsConnection:
    """
    One connection that never gives up.

    Args:
        servers: One broker or several, separated by commas.
        name: Shown at the broker.
    """

    def __init__(self, servers: str, name: str) -> None:
        self._servers = servers.split(",")
        self._name = name
        self._client: Client | None = None
        self._stopping = False

    @property
    def connected(self) -> bool:
        """Whether the broker is there now."""
        return self._client is not None and self._client.is_connected

    @property
    def js(self) -> JetStreamContext:
        """JetStream; raises ConnectionError before the first connection."""
        if self._client is None:
            raise ConnectionError("no broker yet")
        return self._client.jetstream(timeout=PUBLISH_TIMEOUT_SECONDS)

    async def start(self) -> None:
        """Connect, however long it takes."""
        self._client = await nats.connect(self._servers, name=self._name, **connect_options(self._on_closed))

    async def stop(self) -> None:
        """Close the connection on purpose."""
        self._stopping = True
        if self._client is not None:
            await self._client.close()

    async def _on_closed(self) -> None:
        if not self._stopping:
            end_process("broker_connection_closed")

    async def publish(self, stream: str, subject: str, payload: bytes, message_id: str) -> None:
        """Store an event in its stream; a second time under the same id is a duplicate to the broker."""
        await self.js.publish(
            subject, payload, stream=stream, headers={"Nats-Msg-Id": message_id}, timeout=PUBLISH_TIMEOUT_SECONDS
        )

    async def consumer(self, stream: str, durable: str) -> ConsumerInfo | None:
        """What the broker says of a consumer, None where it does not exist."""
        try:
            info: ConsumerInfo = await self.js.consumer_info(stream, durable)
        except NotFoundError:
            return None
        return info


def connect_options(on_closed: Any) -> dict[str, Any]:
    """How every connection is made: try for ever; a connection that closes all the same ends the process."""
    return {
        "max_reconnect_attempts": -1,
        "reconnect_time_wait": RECONNECT_SECONDS,
        "error_cb": _on_error,
        "closed_cb": on_closed,
    }


async def _on_error(error: Exception) -> None:
    if "permissions violation" in str(error).lower():
        end_process("broker_permission_denied")


def end_process(why: str) -> None:
    """Crash on purpose: a service that is silently deaf is worse than one that is started anew."""
    log.critical(why)
    os._exit(70)
