"""Sends due short messages, one at a time; of several processes one does, the others find the lock taken."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from notify.contacts import ContactsAwayError
from notify.context import NotifyContext
from notify.domain.delivery import OutcomeUnknown, SmtpRejected, Unreachable
from notify.domain.throttling import CircuitBreaker
from notify.sms_gateway import SmsGateway
from notify.store import locks
from notify.store import sms as sms_rows
from notify.usecases import sms

EVERY_SECONDS: Final = 15.0
AT_ONCE: Final = 100
"""Messages in one run."""


class SmsSender:
    """
    Sends messages through a gateway.

    Args:
        context: The database, the mails, and the door to intake.
        gateway: Where messages leave; the policy of a centre says whether it sends any.
    """

    def __init__(self, context: NotifyContext, gateway: SmsGateway) -> None:
        self._context, self._gateway = context, gateway
        self._breaker = CircuitBreaker()
        self._paused_until: datetime | None = None

    async def run(self) -> None:
        """Queue what is missing and send what is due."""
        context, now = self._context, self._context.clock.now()
        if self._paused_until is not None and now < self._paused_until:
            return
        async with locks.alone(context.database, "sms_sender") as is_alone:
            if is_alone:
                await self._run(now)

    async def _run(self, now: datetime) -> None:
        context = self._context
        centres = [centre.id for centre in context.directory.current().all if centre.policy.short_messages]
        async with context.database.transaction() as session:
            await sms.recover(session, context.registry, now=now)
            await sms.queue_missing(session, context.registry, centres, now=now)
        async with context.database.transaction() as session:
            due = await sms_rows.due(session, now, AT_ONCE)
        for mail_id in due:
            pause_seconds = await self._send(mail_id)
            if pause_seconds:
                self._paused_until = context.clock.now() + timedelta(seconds=pause_seconds)
                return

    async def _send(self, mail_id: UUID) -> float:
        """Send one message, and return the pause after it in seconds."""
        context = self._context
        async with context.database.transaction() as session:
            begun = await sms.begin(
                session, context.registry, mail_id, context.directory.current(), now=context.clock.now()
            )
        if begun is None:
            return 0.0
        text = context.renderer.sms(begun.content)
        try:
            number = await context.contacts.number(begun.person_id)
        except ContactsAwayError:
            async with context.database.transaction() as session:
                await sms.put_back(session, mail_id, now=context.clock.now())
            return self._breaker.record_failure(reached=False)
        if number is None or text is None:
            async with context.database.transaction() as session:
                await sms.drop(session, mail_id, "no_number" if text else "too_long", now=context.clock.now())
            return 0.0
        answer = await self._gateway.send(number, text, str(mail_id))
        async with context.database.transaction() as session:
            await sms.record(
                session,
                context.registry,
                mail_id,
                answer.outcome,
                gateway_id=answer.gateway_id,
                now=context.clock.now(),
            )
        if isinstance(answer.outcome, Unreachable):
            return self._breaker.record_failure(reached=False)
        if isinstance(answer.outcome, OutcomeUnknown) or (
            isinstance(answer.outcome, SmtpRejected) and not answer.outcome.of_mailbox
        ):
            return self._breaker.record_failure(reached=True)
        self._breaker.record_success()
        return 0.0
