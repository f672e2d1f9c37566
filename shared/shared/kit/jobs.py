"""Work that the clock brings about: rows that are due are found and dealt with, again and again."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from shared.kit.logging import get_logger

MIN_PAUSE_SECONDS: Final = 0.2

log = get_logger(__name__)


@dataclass(frozen=True)
class PeriodicJob:
    """
    A job that is run for as long as the service lives.

    Attributes:
        name: For the log.
        every_seconds: Pause between two runs, in the system's time; a fast clock makes it shorter.
        run: Finds what is due and deals with it; running it too often or twice at once is harmless.
    """

    name: str
    every_seconds: float
    run: Callable[[], Awaitable[None]]

    async def forever(self, speed: float = 1.0) -> None:
        """Run until cancelled; one failure is logged and does not end it."""
        pause_seconds = max(MIN_PAUSE_SECONDS, self.every_seconds / speed)
        while True:
            try:
                await self.run()
            except Exception as error:
                log.warning("sweep_failed", sweep=self.name, exc_info=error)
            await asyncio.sleep(pause_seconds)
