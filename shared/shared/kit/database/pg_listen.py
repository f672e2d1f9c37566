"""LISTEN on a channel of PostgreSQL, with a connection that is replaced for as long as that takes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import asyncpg

from shared.kit.logging import get_logger

CONNECT_TIMEOUT_SECONDS: Final = 5
OPEN_TIMEOUT_SECONDS: Final = 10
RETRY_SECONDS: Final = (1, 2, 5, 10, 30)

Connect = Callable[..., Awaitable["asyncpg.Connection[Any]"]]

log = get_logger(__name__)


class Listener:
    """
    A connection of its own, outside the pool, that is woken by notifications on one channel.

    Attributes:
        connection: For statements, and for locks that end with the session.
    """

    def __init__(self, connection: "asyncpg.Connection[Any]") -> None:
        self.connection = connection
        self._woken = asyncio.Event()

    @property
    def connected(self) -> bool:
        """True until the connection ends."""
        return not self.connection.is_closed()

    @property
    def woken(self) -> bool:
        """True if there was a notification since the last :meth:`clear`."""
        return self._woken.is_set()

    async def listen(self, channel: str) -> None:
        """Subscribe to the channel; the end of the connection wakes the listener too."""
        self.connection.add_termination_listener(self.wake)
        await self.connection.add_listener(channel, self.wake)

    def clear(self) -> None:
        """Reset, before looking for work: a notification from now on ends the next :meth:`wait`."""
        self._woken.clear()

    async def wait(self, seconds: float) -> bool:
        """Wait for a notification since the last :meth:`clear`, or this long; return True if there was one."""
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return False
        return True

    def wake(self, *_: object) -> None:
        """End the wait, as a notification does."""
        self._woken.set()


async def listen_forever(
    connect: Connect, channel: str, serve: Callable[[Listener], Awaitable[None]], *, interrupted: str
) -> None:
    """
    Serve with a listening connection until cancelled; after a failure connect again, with growing pauses.

    Args:
        connect: Opens a connection of its own.
        channel: The channel to listen on.
        serve: Works until it fails or the connection has ended.
        interrupted: The event that the log gets for a failure.
    """
    failures = 0
    while True:
        try:
            async with asyncio.timeout(OPEN_TIMEOUT_SECONDS):
                connection = await connect(timeout=CONNECT_TIMEOUT_SECONDS)
            try:
                listener = Listener(connection)
                await listener.listen(channel)
                await serve(listener)
            finally:
                connection.terminate()
        except Exception as error:
            pause_seconds = retry_pause_seconds(failures)
            failures += 1
            log.warning(interrupted, exc_info=error, retry_in_seconds=pause_seconds)
            await asyncio.sleep(pause_seconds)
        else:
            failures = 0


def retry_pause_seconds(failures: int) -> float:
    """Return the pause after so many failures in a row."""
    return RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)]
