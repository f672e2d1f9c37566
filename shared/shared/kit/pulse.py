"""
Signs of life of a process: the event loop turns, and every consumer goes on fetching.

A process that shows none is ended, so that the orchestrator starts a new one. A loop that stands still cannot end
itself; a timer of :mod:`faulthandler` does, which waits in a thread of its own, needs nothing of the interpreter, and
writes where every thread stood.
"""

import asyncio
import faulthandler
import time
from collections.abc import Callable
from typing import Final

from shared.kit.messaging.nats_connection import end_process
from shared.kit.metrics import LOOP_LAG

BEAT_SECONDS: Final = 5.0
LATE_SECONDS: Final = 10.0
"""After so long without a beat the process no longer says that it lives."""

FETCH_LIMIT_SECONDS: Final = 60.0
"""The broker gives a sign every fifteen seconds; after messages come at most three time limits of handlers."""

FROZEN_SECONDS: Final = 30.0
"""At most; at least two thirds of it, since the timer of the watchdog is set anew each third."""


class Pulse:
    """
    The signs of life of one service.

    Args:
        monotonic: A clock in seconds that never goes back.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._beaten_at: float | None = None
        self._fetched_at: dict[str, float] = {}

    def beat(self) -> None:
        """Note that the event loop turns."""
        self._beaten_at = self._monotonic()

    def fetched(self, fetcher: str) -> None:
        """Note that a consumer begins or ends a fetch, or that the broker says that it waits."""
        self._fetched_at[fetcher] = self._monotonic()

    def fault(self) -> str | None:
        """Return what stands still: ``loop_late`` or ``fetch_stuck``; None if nothing does."""
        now = self._monotonic()
        if self._beaten_at is not None and now - self._beaten_at > LATE_SECONDS:
            return "loop_late"
        if any(now - at > FETCH_LIMIT_SECONDS for at in self._fetched_at.values()):
            return "fetch_stuck"
        return None

    async def run(self, end: Callable[[str], object] = end_process) -> None:
        """
        Beat until cancelled, and measure how late each beat is.

        Args:
            end: Ends the process; called when a fetch is stuck.
        """
        while True:
            self.beat()
            if self.fault() == "fetch_stuck":
                end("fetch_stuck")
            before = self._monotonic()
            await asyncio.sleep(BEAT_SECONDS)
            LOOP_LAG.set(max(0.0, self._monotonic() - before - BEAT_SECONDS))


async def end_when_frozen(within_seconds: float = FROZEN_SECONDS) -> None:
    """Until cancelled: end the process if the event loop stands still for so long."""
    try:
        while True:
            faulthandler.dump_traceback_later(within_seconds, exit=True)
            await asyncio.sleep(within_seconds / 3)
    finally:
        faulthandler.cancel_dump_traceback_later()
