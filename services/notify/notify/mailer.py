"""
The loop that sends due mails over one connection.

While the server answers for one mail, the next ones are claimed and made. The attempt of each is stored before the
socket is used, and its outcome afterwards. Each mailer has an advisory lock as long as it lives, so that other mailers
find the mails that a dead mailer has left.
"""

import asyncio
import secrets
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final
from uuid import UUID

from opentelemetry.trace import SpanKind

from notify import metrics
from notify.books import Books
from notify.contacts import ContactsAwayError
from notify.context import NotifyContext
from notify.domain.delivery import Accepted, Outcome, SmtpRejected, Unreachable
from notify.domain.throttling import (
    FEW,
    GATHER_SECONDS,
    UNREACHABLE_TO_TELL,
    BatchSize,
    CircuitBreaker,
    MinuteLimit,
    windows,
)
from notify.preparing import Batch, MailerSettings, Preparer, ReadyMail
from notify.smtp import SmtpConnection
from notify.store.attempts import WORKER_LOCKS
from notify.store.mails import CHANNEL
from notify.usecases import mail_server, outcomes
from shared.kit import tracing
from shared.kit.correlation import correlated
from shared.kit.database.pg_listen import Listener, listen_forever
from shared.kit.failpoints import failpoint
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause

POLL_SECONDS: Final = 1.0
"""While mails wait that may leave, for another mailer or for the rate."""

QUIET_SECONDS: Final = 10.0
"""
The longest rest while none may leave, for what another process has changed without a word.

A notification ends it for a new mail, and each write of this process for other changes that make one due.
"""

RECOVER_SECONDS: Final = 10.0
CONTACTS_AWAY_SECONDS: Final = 1.0
FINISH_SECONDS: Final = 8.0

log = get_logger(__name__)


@dataclass(frozen=True)
class Window:
    """
    Mails whose attempts begin in one transaction.

    Attributes:
        begun: Those to send; the others were cancelled meanwhile, or somebody is changing them.
    """

    mails: Sequence[ReadyMail] = ()
    begun: Collection[UUID] = ()


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
        self._preparer = Preparer(context, settings)
        self._books = Books(context)
        self._breaker = CircuitBreaker()
        self._minute = MinuteLimit(settings.per_minute)
        self._size = BatchSize()
        self._begun_ahead = Window()
        self._worker = 0
        self._last_batch = 0
        self._ending = False
        self._reported: str | None = "nothing"

    async def run(self) -> None:
        """Send due mails until cancelled; failures of the database, intake and the mail server only pause it."""
        try:
            connect = self._context.database.connect
            await listen_forever(connect, CHANNEL, self._serve, interrupted="mailer_interrupted")
        finally:
            with suppress(asyncio.CancelledError):
                await self._connection.close()

    async def _serve(self, listener: Listener) -> None:
        with self._context.database.watched(listener.wake):
            await self._send_batches(listener)

    async def _send_batches(self, listener: Listener) -> None:
        self._worker = secrets.randbelow(2**31 - 1) + 1
        await listener.connection.execute("SELECT pg_advisory_lock($1, $2)", WORKER_LOCKS, self._worker)
        await self._books.close()
        self._begun_ahead = Window()
        recovered_at = float("-inf")
        batch, ahead = Batch(), None
        try:
            while listener.connected:
                listener.clear()
                if time.monotonic() - recovered_at > RECOVER_SECONDS:
                    await self._recover()
                    recovered_at = time.monotonic()
                before, batch = batch, await self._next(ahead)
                ahead = None
                if not batch.mails:
                    if not batch.any_due:
                        await self._rest(listener, batch.none_before)
                    continue
                if not self._breaker.failures:
                    busy = {mail.person_id for mail in (*before.mails, *batch.mails)}
                    ahead = asyncio.create_task(self._prepare(busy))
                if pause_seconds := await self._finished(batch.mails, ahead, listener):
                    ahead = None
                    await asyncio.sleep(pause_seconds)
        finally:
            if ahead is not None:
                ahead.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await ahead

    async def _rest(self, listener: Listener, none_before: datetime | None) -> None:
        """Wait for a notification, the time of the next mail, or a write of this process."""
        clock, seconds = self._context.clock, POLL_SECONDS
        if none_before is not None:
            seconds = max(POLL_SECONDS, min((none_before - clock.now()).total_seconds() / clock.speed, QUIET_SECONDS))
        await listener.wait(seconds)

    async def _recover(self) -> None:
        context = self._context
        async with context.database.transaction() as session:
            count = await outcomes.recover(session, context.registry, now=context.clock.now())
        if count:
            log.warning("mails_left_by_a_dead_mailer", count=count)

    async def _next(self, ahead: asyncio.Task[Batch] | None) -> Batch:
        """Return the mails that were made in advance, or else make some; none, after a pause, if intake is away."""
        try:
            batch = await ahead if ahead else Batch()
            return batch if batch.mails else await self._prepare()
        except ContactsAwayError:
            await asyncio.sleep(CONTACTS_AWAY_SECONDS)
            return Batch(any_due=True)

    async def _prepare(self, busy: Collection[UUID] = ()) -> Batch:
        """Claim and make as many mails as leave soon and as the rate allows; after a failure only one, as a trial."""
        most = self._minute.take(1 if self._breaker.failures else self._size.mails, time.monotonic())
        if not most:
            return Batch()
        if 1 < self._last_batch < FEW:
            await asyncio.sleep(GATHER_SECONDS)
        batch = await self._preparer.prepare(self._worker, most, busy)
        self._last_batch = len(batch.mails)
        self._minute.give_back(most - len(batch.mails))
        return batch

    async def _abandon(self, ahead: asyncio.Task[Batch] | None) -> None:
        """Put back the mails that were made in advance."""
        if ahead is not None:
            with suppress(ContactsAwayError):
                for mail in (await ahead).mails:
                    self._books.add_unsent(mail, self._worker)

    async def _finished(
        self, mails: Sequence[ReadyMail], ahead: asyncio.Task[Batch] | None, listener: Listener
    ) -> float:
        """
        Send these mails; return the pause in seconds that the server needs.

        If cancelled, the mail under way is finished for :data:`FINISH_SECONDS`: one that is cut off has an unknown
        outcome.
        """
        task = asyncio.ensure_future(self._send(mails, ahead, listener))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            self._ending = True
            await asyncio.wait({task}, timeout=FINISH_SECONDS)
            task.cancel()
            raise

    async def _send(self, mails: Sequence[ReadyMail], ahead: asyncio.Task[Batch] | None, listener: Listener) -> float:
        """Send these mails, and with the last of them begin the first window of those ahead."""
        window, self._begun_ahead = self._begun_ahead, Window()
        left = self._divided(mails[len(window.mails) :])
        if not window.mails:
            window = await self._turn(left.pop(0))
        pause_seconds = 0.0
        while window.mails:
            is_last = not left
            following = left.pop(0) if left else self._first_of(ahead)
            turn = asyncio.ensure_future(self._turn(following if not pause_seconds else ()))
            wanted = [mail for mail in window.mails if mail.mail_id in window.begun]
            next_of = {mail.mail_id: after for mail, after in pairwise(wanted)}
            try:
                for mail in window.mails:
                    if mail.mail_id not in window.begun or pause_seconds or self._ending or not listener.connected:
                        self._books.add_unsent(mail, self._worker)
                    else:
                        self._announce(next_of.get(mail.mail_id) or _first_begun(turn))
                        pause_seconds = await self._attempt(mail)
            finally:
                next_window = await turn
            if not is_last:
                window = Window(following, next_window.begun)
            elif following and not (pause_seconds or self._ending) and listener.connected:
                self._begun_ahead = next_window
                return 0.0
            else:
                break
        await self._turn(())
        if pause_seconds or self._ending or not listener.connected:
            await self._abandon(ahead)
        await self._close_books()
        return pause_seconds

    def _divided(self, mails: Sequence[ReadyMail]) -> list[list[ReadyMail]]:
        return windows(mails, self._size.window, lambda mail: mail.is_reminder)

    def _first_of(self, ahead: asyncio.Task[Batch] | None) -> Sequence[ReadyMail]:
        """Return the first window of the mails ahead; none unless they are made."""
        if ahead is None or not ahead.done() or ahead.cancelled() or ahead.exception() is not None:
            return ()
        return next(iter(self._divided(ahead.result().mails)), ())

    async def _close_books(self) -> None:
        unsent = await self._books.close()
        self._minute.give_back(unsent)
        await self._preparer.give_back(unsent)

    async def _turn(self, following: Sequence[ReadyMail]) -> Window:
        began_at = time.monotonic()
        begun = await self._books.turn(following, self._worker)
        if following:
            self._size.record_turn(time.monotonic() - began_at)
        return Window(following, begun)

    def _announce(self, mail: ReadyMail | None) -> None:
        """Name the mail after the next one, if its attempt has begun; after a failure each is sent for itself."""
        if mail is not None and not self._breaker.failures:
            self._connection.announce(mail.sender, mail.recipient)

    async def _attempt(self, mail: ReadyMail) -> float:
        """Send one mail whose attempt has begun; return the pause in seconds that the server needs."""
        with correlated(mail.correlation_id):
            return await self._attempt_correlated(mail)

    async def _attempt_correlated(self, mail: ReadyMail) -> float:
        failpoint("mailer.before_send")
        began_at = time.monotonic()
        attributes = {"selvhjelp.mail.kind": mail.kind}
        with tracing.span("send mail", SpanKind.CLIENT, mail.correlation_id, attributes) as span:
            outcome = await self._connection.send(mail.sender, mail.recipient, mail.message)
            span.set_attribute("selvhjelp.mail.outcome", metrics.word(outcome))
        failpoint("mailer.after_send")
        self._size.record(time.monotonic() - began_at)
        if isinstance(outcome, Unreachable):
            self._books.add_unsent(mail, self._worker)
        else:
            self._books.add(mail, outcome, self._worker)
        await self._report_server(outcome)
        pause_seconds = self._pause_after(outcome)
        metrics.record(outcome, self._breaker.failures, pause_seconds)
        return pause_seconds

    def _pause_after(self, outcome: Outcome) -> float:
        if isinstance(outcome, Accepted):
            self._breaker.record_success()
            return 0.0
        pause_seconds = self._breaker.record_failure(reached=not isinstance(outcome, Unreachable))
        if pause_seconds:
            log.error("mailer_pauses", attempts=self._breaker.failures, retry_in_seconds=pause_seconds)
        return pause_seconds

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


def _first_begun(turn: asyncio.Future[Window]) -> ReadyMail | None:
    """Return the first mail whose attempt has begun with a turn; None while that is not known."""
    if not turn.done() or turn.cancelled() or turn.exception() is not None:
        return None
    window = turn.result()
    return next((mail for mail in window.mails if mail.mail_id in window.begun), None)
