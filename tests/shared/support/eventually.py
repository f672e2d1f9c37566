"""Wait for an effect of another process or task: poll the real state, and fail after a deadline."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
POLL_SECONDS = 0.02


async def eventually(ask: Callable[[], Awaitable[T]], *, within_seconds: float = 60) -> T:
    """Return the first truthy answer."""
    async with asyncio.timeout(within_seconds):
        while not (answer := await ask()):
            await asyncio.sleep(POLL_SECONDS)
    return answer
