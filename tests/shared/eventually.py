"""Waiting for what another process or task will bring about: it polls the real state and gives up loudly."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
POLL_SECONDS = 0.02


async def eventually(ask: Callable[[], Awaitable[T]], *, within_seconds: float = 15) -> T:
    """The first truthy answer."""
    async with asyncio.timeout(within_seconds):
        while not (answer := await ask()):
            await asyncio.sleep(POLL_SECONDS)
    return answer
