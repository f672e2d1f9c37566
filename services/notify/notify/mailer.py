"""
The loop that sends due mails.

A mail is stored as ``sending`` before the socket opens, and its outcome afterwards. Each mailer has an advisory lock as
long as it lives, so that other mailers find the mails that a dead mailer left as ``sending``.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from uuid import UUID

from notify.contacts import MOST_AT_ONCE, ContactsAwayError
from notify.context import NotifyContext
from notify.domain.delivery import Accepted, Outcome, SmtpRejected, Unreachable
from notify.domain.planning import message_id
from notify.domain.throttling import UNREACHABLE_TO_TELL, CircuitBreaker, TokenBucket
from notify.mime import build_message
from notify.smtp import SmtpConnection
from notify.store.mails import CHANNEL, WORKER_LOCKS
from notify.usecases import mail_server, sending
from notify.usecases.sending import Claimed
from shared.events.contacts import Contact
from shared.kit.addresses import to_ascii
from shared.kit.database.pg_listen import Listener, listen_forever
from shared.kit.failpoints import failpoint
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause

POLL_SECONDS: Final = 1.0
RECOVER_SECONDS: Final = 10.0
CONTACTS_AWAY_SECONDS: Final = 1.0
FINISH_SECONDS: Final = 8.0

log = get_logger(__name__)
T = TypeVar("T")


@dataclass(frozen=True)
class MailerSettings:
    """
    Identity and rate of a mailer.

    Attributes:
        mail_from: Address of the sender.
        mail_domain: Domain of Message-IDs.
        per_minute: Most mails in a minute; 0 means unlimited.
    """

    mail_from: str
    mail_domain: str
    per_minute: int = 0


class Mailer:
    """
    Sends mails, one after the other, over one connection.

    Args:
        context: Database, contacts and rendering.
        connection: To the mail server; closed when the mailer ends.
        settings: Identity and rate.
    """

    def __init__(self, context: NotifyContext, connection: SmtpConnection, settings: MailerSettings) -> None:
        self._context = context
        self._connection = connection
        self._settings = settings
        self._breaker = CircuitBreaker()
        self._bucket = TokenBucket.full(settings.per_minute, time.monotonic())
        self._worker = 0
        self._unrecorded: list[tuple[UUID, Outcome, int]] = []
        self._reported: str | None = "nothing"

    async def run(self) -> None:
        """Send due mails until cancelled; failures of the database, intake and the mail server only pause it."""
        try:
            dsn = self._context.database.dsn
            await listen_forever(dsn, CHANNEL, self._serve, interrupted="mailer_interrupted")
        finally:
            with suppress(asyncio.CancelledError):
                await self._connection.close()

    async def _serve(self, listener: Listener) -> None:
        self._worker = secrets.randbelow(2**31 - 1) + 1
        await listener.connection.execute("SELECT pg_advisory_lock($1, $2)", WORKER_LOCKS, self._worker)
        await self._record_outcomes()
        recovered_at = float("-inf")
        while listener.connected:
            listener.clear()
            if time.monotonic() - recovered_at > RECOVER_SECONDS:
                await self._recover()
                recovered_at = time.monotonic()
            pause_seconds = await self._send_due(lambda: listener.connected)
            if pause_seconds is None:
                await listener.wait(POLL_SECONDS)
            elif pause_seconds:
                await asyncio.sleep(pause_seconds)

    async def _recover(self) -> None:
        context = self._context
        async with context.database.transaction() as session:
            count = await sending.recover(session, context.registry, now=context.clock.now())
        if count:
            log.warning("mails_left_by_a_dead_mailer", count=count)

    async def _send_due(self, has_lock: Callable[[], bool]) -> float | None:
        """Send the mails that are due now; return the pause in seconds, or None if none was due."""
        context = self._context
        async with context.database.transaction() as session:
            due = await sending.due(session, context.registry, now=context.clock.now(), limit=MOST_AT_ONCE)
        if not due:
            return None
        try:
            contacts = await context.contacts.resolve({person_id for _, person_id in due})
        except ContactsAwayError:
            return CONTACTS_AWAY_SECONDS
        for mail_id, person_id in due:
            if not has_lock():
                break
            if wait_seconds := self._bucket.consume(time.monotonic()):
                await asyncio.sleep(wait_seconds)
            outcome = await _shielded(self._send(mail_id, contacts.get(person_id)))
            if pause_seconds := self._pause_after(outcome):
                return pause_seconds
        return 0.0

    def _pause_after(self, outcome: Outcome | None) -> float:
        """Return the pause after an attempt in seconds; None as outcome means that there was no attempt."""
        if outcome is None:
            return 0.0
        if isinstance(outcome, Accepted):
            self._breaker.record_success()
            return 0.0
        pause_seconds = self._breaker.record_failure(reached=not isinstance(outcome, Unreachable))
        if pause_seconds:
            log.error("mailer_pauses", attempts=self._breaker.failures, retry_in_seconds=pause_seconds)
        return pause_seconds

    async def _send(self, mail_id: UUID, contact: Contact | None) -> Outcome | None:
        """Claim a mail, send it and record the outcome; return None if nothing was sent."""
        context = self._context
        async with context.database.transaction() as session:
            claimed = await sending.claim(
                session,
                context.registry,
                mail_id,
                contact,
                worker=self._worker,
                centres=context.directory.current(),
                now=context.clock.now(),
            )
        if claimed is None or contact is None or contact.email is None:
            return None
        failpoint("mailer.after_claim")
        try:
            recipient = to_ascii(contact.email, smtputf8=True)
            message = self._message(claimed, recipient)
        except Exception:
            log.exception("mail_not_made", mail_id=mail_id, kind=claimed.content.kind)
            async with context.database.transaction() as session:
                await sending.give_up(
                    session, context.registry, mail_id, "not_made", worker=self._worker, now=context.clock.now()
                )
            return None
        failpoint("mailer.before_send")
        outcome = await self._connection.send(self._settings.mail_from, recipient, message)
        failpoint("mailer.after_send")
        self._unrecorded.append((mail_id, outcome, self._worker))
        await self._record_outcomes()
        failpoint("mailer.after_record")
        return outcome

    async def _record_outcomes(self) -> None:
        """Record all outcomes; while the database is away they stay in memory, so that no mail is sent twice."""
        context = self._context
        while self._unrecorded:
            mail_id, outcome, worker = self._unrecorded[0]
            async with context.database.transaction() as session:
                await sending.record_outcome(
                    session, context.registry, mail_id, outcome, worker=worker, now=context.clock.now()
                )
            self._unrecorded.pop(0)
            await self._report_server(outcome)

    async def _report_server(self, outcome: Outcome) -> None:
        """Tell staff once what keeps mails from leaving, and once that the server accepts mails again."""
        match outcome:
            case Accepted():
                reason = None
            case SmtpRejected(code=int(code)) if outcome.of_sender:
                reason = str(code)
            case Unreachable(code=int(code)) if code >= 500:
                reason = str(code)
            case Unreachable() if self._breaker.unreachable + 1 >= UNREACHABLE_TO_TELL:
                reason = "unreachable"
            case _:
                return
        if reason == self._reported:
            return
        async with self._context.database.transaction() as session:
            await mail_server.report(session, reason, now=self._context.clock.now(), cause=Cause.fresh())
        self._reported = reason

    def _message(self, claimed: Claimed, recipient: str) -> bytes:
        content = claimed.content
        return build_message(
            self._context.renderer.render(content),
            sender=self._settings.mail_from,
            recipient=recipient,
            reply_to=content.centre.email,
            language=content.language,
            message_id=message_id(claimed.mail_id, self._settings.mail_domain),
            now=self._context.clock.now(),
        )


async def _shielded(work: Coroutine[Any, Any, T]) -> T:
    """Await work, if cancelled for :data:`FINISH_SECONDS` more: a mail that is cut off has an unknown outcome."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=FINISH_SECONDS)
        task.cancel()
        raise
