"""
The loop that sends what is due.

A mail is written down as ``sending`` before the socket opens, and what became of it after. A mailer holds an advisory
lock for as long as it lives, so the next one knows at once which mails a dead one left in between.
"""

import asyncio
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

import asyncpg

from notify.contacts import MOST_AT_ONCE, Contacts, ContactsAwayError
from notify.domain.addresses import deliverable
from notify.domain.delivery import Accepted, Outcome, Unreachable
from notify.domain.planning import message_id
from notify.domain.throttling import CircuitBreaker, TokenBucket
from notify.mime import message
from notify.rendering import Renderer
from notify.smtp import SmtpConnection
from notify.store.queue import CHANNEL, WORKERS
from notify.usecases import sending
from notify.usecases.sending import Claimed
from shared.events.contacts import Contact
from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.failpoints import failpoint
from shared.kit.logging import get_logger
from shared.reference.centres import Centres

POLL_SECONDS: Final = 1.0
RECOVER_SECONDS: Final = 10.0
CONTACTS_AWAY_SECONDS: Final = 1.0
RETRY_SECONDS: Final = (1, 2, 5, 10, 30)
FINISH_SECONDS: Final = 8.0

log = get_logger(__name__)


class Mailer:
    """
    Sends mails, one after the other, over one connection.

    Args:
        mail_from: The sender's address.
        mail_domain: In Message-IDs.
        per_minute: The most mails in a minute; zero for as many as the server takes.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        contacts: Contacts,
        renderer: Renderer,
        centres: Centres,
        line: SmtpConnection,
        mail_from: str,
        mail_domain: str,
        per_minute: int = 0,
    ) -> None:
        self._database = database
        self._clock = clock
        self._contacts = contacts
        self._renderer = renderer
        self._centres = centres
        self._line = line
        self._mail_from = mail_from
        self._mail_domain = mail_domain
        self._breaker = CircuitBreaker()
        self._bucket = TokenBucket(per_minute, float(per_minute), time.monotonic())
        self._worker = 0
        self._woken = asyncio.Event()
        self._to_record: list[tuple[UUID, Outcome, int]] = []

    async def run(self) -> None:
        """Send until cancelled, whatever happens to the database, intake and the mail server."""
        failures = 0
        try:
            while True:
                try:
                    async with asyncio.timeout(10):
                        connection = await asyncpg.connect(self._database.dsn, timeout=5)
                    try:
                        await self._serve(connection)
                        failures = 0
                    finally:
                        connection.terminate()
                except Exception as error:
                    pause_seconds = RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)]
                    failures += 1
                    log.warning("mailer_interrupted", exc_info=error, retry_in_seconds=pause_seconds)
                    await asyncio.sleep(pause_seconds)
        finally:
            with suppress(asyncio.CancelledError):
                await self._line.hang_up()

    async def _serve(self, connection: "asyncpg.Connection[Any]") -> None:
        self._worker = secrets.randbelow(2**31 - 1) + 1
        await connection.execute("SELECT pg_advisory_lock($1, $2)", WORKERS, self._worker)
        connection.add_termination_listener(self._wake)
        await connection.add_listener(CHANNEL, self._wake)
        await self._record()
        recovered_at = float("-inf")
        while not connection.is_closed():
            self._woken.clear()
            if time.monotonic() - recovered_at > RECOVER_SECONDS:
                await self._recover()
                recovered_at = time.monotonic()
            pause_seconds = await self._round(lambda: not connection.is_closed())
            if pause_seconds is None:
                await _wait(self._woken, POLL_SECONDS)
            elif pause_seconds:
                await asyncio.sleep(pause_seconds)

    def _wake(self, *_: object) -> None:
        self._woken.set()

    async def _recover(self) -> None:
        async with self._database.transaction() as session:
            count = await sending.recover(session, now=self._clock.now())
        if count:
            log.warning("mails_left_by_a_dead_mailer", count=count)

    async def _round(self, alive: Callable[[], bool]) -> float | None:
        """Send what is due now; how many seconds to pause, or None when there is nothing to do."""
        async with self._database.transaction() as session:
            due = await sending.due(session, now=self._clock.now(), limit=MOST_AT_ONCE)
        if not due:
            return None
        try:
            people = await self._contacts.resolve({person_id for _, person_id in due})
        except ContactsAwayError:
            return CONTACTS_AWAY_SECONDS
        for mail_id, person_id in due:
            if not alive():
                break
            if wait_seconds := self._bucket.wait_seconds(time.monotonic()):
                await asyncio.sleep(wait_seconds)
            outcome = await _finished(self._one(mail_id, people.get(person_id)))
            if pause_seconds := self._count(outcome):
                return pause_seconds
        return 0.0

    def _count(self, outcome: Outcome | None) -> float:
        """How long to pause after an attempt; nothing where there was none."""
        if outcome is None:
            return 0.0
        if isinstance(outcome, Accepted):
            self._breaker.succeeded()
            return 0.0
        pause_seconds = self._breaker.failed(reached=not isinstance(outcome, Unreachable))
        if pause_seconds:
            log.error("mailer_pauses", attempts=self._breaker.failures, retry_in_seconds=pause_seconds)
        return pause_seconds

    async def _one(self, mail_id: UUID, contact: Contact | None) -> Outcome | None:
        async with self._database.transaction() as session:
            claimed = await sending.claim(
                session, mail_id, contact, worker=self._worker, centres=self._centres, now=self._clock.now()
            )
        if claimed is None or contact is None or contact.email is None:
            return None
        failpoint("mailer.after_claim")
        try:
            recipient = deliverable(contact.email)
            raw = self._raw(claimed, recipient)
        except Exception:
            log.exception("mail_not_made", mail_id=mail_id, kind=claimed.kind.value)
            async with self._database.transaction() as session:
                await sending.give_up(session, mail_id, "not_made", worker=self._worker, now=self._clock.now())
            return None
        failpoint("mailer.before_send")
        outcome = await self._line.send(self._mail_from, recipient, raw)
        failpoint("mailer.after_send")
        self._to_record.append((mail_id, outcome, self._worker))
        await self._record()
        failpoint("mailer.after_record")
        return outcome

    async def _record(self) -> None:
        """Write down what is known; it is kept while the database is away, so that what was sent is not sent again."""
        while self._to_record:
            mail_id, outcome, worker = self._to_record[0]
            async with self._database.transaction() as session:
                await sending.record(session, mail_id, outcome, worker=worker, now=self._clock.now())
            self._to_record.pop(0)

    def _raw(self, claimed: Claimed, recipient: str) -> bytes:
        letter = claimed.letter
        return message(
            self._renderer.render(letter),
            sender=self._mail_from,
            recipient=recipient,
            reply_to=letter.centre.email,
            language=letter.language,
            message_id=message_id(claimed.mail_id, self._mail_domain),
            now=self._clock.now(),
        )


async def _finished(work: Any) -> Any:
    """Finish what has begun even when the service is told to stop, for a while: a mail half sent is an unknown one."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=FINISH_SECONDS)
        task.cancel()
        raise


async def _wait(woken: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await woken.wait()
    except TimeoutError:
        return
