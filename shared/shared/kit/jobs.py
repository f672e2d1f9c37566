"""Periodic jobs: find the rows that are due and handle each, again and again."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

from shared.kit.correlation import correlated
from shared.kit.ids import new_id
from shared.kit.logging import get_logger
from shared.kit.metrics import JOB_DURATION, JOB_ITEMS, JOB_LAST_SUCCESS, JOB_RUNS

MIN_PAUSE_SECONDS: Final = 0.2
QUIET_SECONDS: Final = 60.0
"""Longest pause of a job without an occasion."""

log = get_logger(__name__)
T = TypeVar("T")


@dataclass(frozen=True)
class PeriodicJob:
    """
    A job that runs for as long as the service lives.

    Attributes:
        name: For the log and the metrics.
        every_seconds: Pause between two runs, in the system's time; a fast clock makes it shorter.
        run: Handles everything that is due; a run too many, or two at once, must be harmless.
        occasion: Counts what can make something due. While it stays the same, the job runs once a minute only; that is
            for what another process or a command has done. Without it, the job always runs.
    """

    name: str
    every_seconds: float
    run: Callable[[], Awaitable[None]]
    occasion: Callable[[], object] | None = None

    async def forever(self, speed: float = 1.0) -> None:
        """Run until cancelled; a failure is counted and logged, and the next run comes as usual."""
        pause_seconds = max(MIN_PAUSE_SECONDS, self.every_seconds / speed)
        seen: object = None
        ran_at = float("-inf")
        while True:
            count = self.occasion() if self.occasion is not None else None
            if count is None or count != seen or time.monotonic() - ran_at >= QUIET_SECONDS:
                ran_at = time.monotonic()
                with correlated(new_id()):
                    seen = count if await self._run_once() else None
            await asyncio.sleep(pause_seconds)

    async def _run_once(self) -> bool:
        """Run; return True unless it failed."""
        began_at = time.monotonic()
        try:
            await self.run()
        except Exception as error:
            JOB_RUNS.labels(self.name, "failed").inc()
            log.warning("job_failed", job=self.name, exc_info=error)
            succeeded = False
        else:
            succeeded = True
            JOB_RUNS.labels(self.name, "done").inc()
            JOB_LAST_SUCCESS.labels(self.name).set_to_current_time()
        JOB_DURATION.labels(self.name).observe(time.monotonic() - began_at)
        return succeeded


async def for_each(
    job: str, items: Iterable[T], work: Callable[[T], Awaitable[object]], *, label: Callable[[T], object] = str
) -> int:
    """
    Handle items one after the other; the failure of one is counted and logged, and the others are handled all the same.

    Args:
        job: The job's name, for the log and the metrics.
        items: What is due.
        work: Handles one item, in a transaction of its own.
        label: What the log calls an item: an opaque id or code, never a name or an address.

    Returns:
        The number of items that failed.
    """
    failures = 0
    for item in items:
        try:
            await work(item)
        except Exception as error:
            failures += 1
            JOB_ITEMS.labels(job, "failed").inc()
            log.warning("job_item_failed", job=job, item=label(item), exc_info=error)
        else:
            JOB_ITEMS.labels(job, "done").inc()
    return failures
