"""The worker that decides about submissions, guests of meetings and requests for own pages, once they are stored."""

import asyncio
import time
from typing import Final

from intake.store.submissions import CHANNEL
from intake.usecases import meeting_guests, own_pages, submissions
from intake.usecases.mail_budget import DEFAULT_CAPS, MailCaps
from intake.vault.vault import Vault
from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.database.pg_listen import Listener, listen_forever, retry_pause_seconds
from shared.kit.failpoints import failpoint
from shared.kit.logging import get_logger
from shared.kit.messaging.retry import is_infrastructure
from shared.reference.centres import CentreDirectory

POLL_SECONDS: Final = 30.0
"""A notification wakes the worker for each form; this is for one that was lost."""

GATHER_SECONDS: Final = 0.02
"""Pause after a batch that was not full: a lone form is decided about at once, under load many share a batch."""

REST: Final = 16
"""Pause after a batch while forms come, in times of how long it took: storing them goes before deciding."""

LONGEST_REST_SECONDS: Final = 1.0

log = get_logger(__name__)


class SubmissionWorker:
    """
    Decides about submissions, oldest first; any number of processes can run one.

    Args:
        database: The service's database.
        vault: The person keys.
        directory: The centres of this installation.
        clock: The time in the system.
        caps: Confirmation mails of the whole system in an hour.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        directory: CentreDirectory,
        clock: Clock,
        caps: MailCaps = DEFAULT_CAPS,
    ) -> None:
        self._database = database
        self._vault = vault
        self._directory = directory
        self._clock = clock
        self._caps = caps

    async def run(self) -> None:
        """Decide until cancelled, through every failure."""
        await listen_forever(self._database.connect, CHANNEL, self._serve, interrupted="submissions_interrupted")

    async def decide_all(self) -> None:
        """Decide about everything that is stored now."""
        while await self._decide_batch():
            pass

    async def _serve(self, listener: Listener) -> None:
        failures = 0
        while listener.connected:
            listener.clear()
            began_at = time.monotonic()
            try:
                decided = await self._decide_batch()
                failures = 0
            except Exception as error:
                if is_infrastructure(error):
                    raise
                pause_seconds = retry_pause_seconds(failures)
                failures += 1
                log.exception("submissions_failed", retry_in_seconds=pause_seconds)
                await asyncio.sleep(pause_seconds)
                continue
            if decided == 0:
                await listener.wait(POLL_SECONDS)
            else:
                await asyncio.sleep(rest_seconds(decided, time.monotonic() - began_at, busy=listener.woken))

    async def _decide_batch(self) -> int:
        async with self._database.transaction() as session:
            asked = await own_pages.decide_batch(session, now=self._clock.now())
            asked += await meeting_guests.decide_batch(session, self._vault, self._caps, now=self._clock.now())
        async with self._database.transaction() as session:
            decided = await submissions.decide_batch(
                session, self._vault, self._directory.current(), self._caps, now=self._clock.now()
            )
            if decided:
                failpoint("submissions.before_commit")
        if decided:
            failpoint("submissions.after_commit")
        return decided + asked


def rest_seconds(decided: int, took_seconds: float, *, busy: bool) -> float:
    """
    Return the pause after a batch.

    Args:
        decided: The submissions of the batch.
        took_seconds: How long it took.
        busy: Whether forms came meanwhile. The rest of a backlog is decided about without a pause.
    """
    rest = min(REST * took_seconds, LONGEST_REST_SECONDS) if busy else 0.0
    return rest if decided >= submissions.BATCH else max(rest, GATHER_SECONDS)
