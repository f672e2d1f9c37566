"""
The fetches of a consumer: a request waits long at the broker, and a fetch ends as soon as something has come.

The fetch of nats-py asks twice for each wait, can hold an event until its end to fill the batch, and waits for its
whole time where the broker has forgotten what was asked.
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from typing import Final, Self

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import Header, StatusCode

from shared.kit.logging import get_logger

REQUEST_SECONDS: Final = 30.0
"""How long the broker keeps a request; it is also how long a process that is stopped can keep an event to itself."""

HEARTBEAT_SECONDS: Final = 15.0
SILENCE_SECONDS: Final = 20.0
"""After so long without a sign of the broker a request is taken as forgotten."""

GATHER_SECONDS: Final = 0.05
"""The longest pause between two events of one fetch, where the broker cannot give as many as were asked for."""

REFUSED_SECONDS: Final = 1.0
"""Pause after an answer such as that there is no such consumer."""

_NOTHING_CAME: Final = (StatusCode.NO_MESSAGES, StatusCode.REQUEST_TIMEOUT)

log = get_logger(__name__)


class Fetcher:
    """
    Fetches for one durable consumer; stands in for a pull subscription of nats-py.

    A request asks for what is there, or else for the first that comes. The broker ends it with a word unless it has
    given all, and says now and then that it still waits. A broker that was started again knows nothing of it; so
    :meth:`ask_again` belongs to each new connection.

    Args:
        client: The connection.
        name: Of this fetcher, for signs of life.
        durable: The consumer.
        subject: Where its messages are asked for.
        noted: Called with the name at each sign of life.
    """

    def __init__(self, client: Client, name: str, durable: str, subject: str, noted: Callable[[str], None]) -> None:
        self._client = client
        self._name = name
        self._durable = durable
        self._subject = subject
        self._noted = noted
        self._messages: deque[Msg] = deque()
        self._asked = 0
        self._missing = 0
        self._refusal: str | None = None
        self._reported: str | None = None
        self._woken = asyncio.Event()
        self._inbox = client.new_inbox()
        self._subscriptions: list[Subscription | JetStreamContext.PullSubscription] = []

    @classmethod
    async def open(
        cls,
        client: Client,
        name: str,
        stream: str,
        durable: str,
        noted: Callable[[str], None],
        replaced: JetStreamContext.PullSubscription | None = None,
    ) -> Self:
        """Subscribe to the answers of the broker; ``replaced`` is one of nats-py that ends together with this."""
        fetcher = cls(client, name, durable, f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}", noted)
        fetcher._subscriptions.append(await client.subscribe(f"{fetcher._inbox}.*", cb=fetcher._receive))
        if replaced is not None:
            fetcher._subscriptions.append(replaced)
        return fetcher

    async def fetch(self, batch: int = 1, timeout: float | None = None) -> list[Msg]:  # noqa: ASYNC109, ARG002 - as in nats-py
        """Return up to ``batch`` messages once there are any; none after a while without."""
        self._noted(self._name)
        if not self._messages:
            await self._wait(batch)
        self._noted(self._name)
        return [self._messages.popleft() for _ in range(min(batch, len(self._messages)))]

    def ask_again(self) -> None:
        """Take what was asked as forgotten; what has come is kept."""
        self._missing = 0
        self._woken.set()

    async def unsubscribe(self) -> None:
        """Take no more messages; the broker delivers again what has come and was not returned."""
        for subscription in self._subscriptions:
            await subscription.unsubscribe()

    async def _wait(self, batch: int) -> None:
        """Ask, unless an earlier request is still open, and wait until something has come or the request has ended."""
        if not self._client.is_connected:
            await self._woken_within(SILENCE_SECONDS)
            return
        if not self._missing:
            await self._ask(batch)
        while self._missing:
            if not await self._woken_within(GATHER_SECONDS if self._messages else SILENCE_SECONDS):
                if not self._messages:
                    self._missing = 0
                return
            self._noted(self._name)
        if self._refusal not in (None, self._reported):
            log.warning("fetch_refused", consumer=self._durable, reason=self._refusal)
        refusal, self._refusal = self._refusal, None
        self._reported = refusal
        if refusal is not None:
            await asyncio.sleep(REFUSED_SECONDS)

    async def _ask(self, batch: int) -> None:
        request = {
            "batch": batch,
            "expires": int(REQUEST_SECONDS * 1e9),
            "idle_heartbeat": int(HEARTBEAT_SECONDS * 1e9),
            "no_wait": True,  # with a time, it ends as soon as the broker has given what is there
        }
        self._asked += 1
        self._missing = batch
        try:
            await self._client.publish(self._subject, json.dumps(request).encode(), self._reply)
        except (NatsError, OSError) as error:
            self._missing, self._refusal = 0, type(error).__name__

    @property
    def _reply(self) -> str:
        return f"{self._inbox}.{self._asked}"

    async def _receive(self, message: Msg) -> None:
        headers = message.headers or {}
        status = headers.get(Header.STATUS)
        if not status:
            self._messages.append(message)
            self._missing = max(0, self._missing - 1)
        elif message.subject != self._reply:
            return  # about a request that was taken as forgotten
        elif status != StatusCode.CONTROL_MESSAGE:
            self._missing = 0
            if status not in _NOTHING_CAME:
                self._refusal = f"{status} {headers.get(Header.DESCRIPTION, '')}".strip()
        self._woken.set()

    async def _woken_within(self, seconds: float) -> bool:
        """Wait for a sign since the last; return False if none came within this time."""
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return False
        self._woken.clear()
        return True
