"""Queue, begin and record short messages to people without an e-mail address; a call stands behind each of them."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import delivery, planning
from notify.domain.calls import Question
from notify.domain.content import MailContent
from notify.domain.delivery import Outcome, SmtpRejected, Status
from notify.domain.hours import not_at_night
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import MailSpec
from notify.domain.sms import MOST_A_DAY
from notify.mails.registry import MailRegistry
from notify.store import Mail, contents, mails, people, projections, sms
from notify.store.sms import NUMBER_REFUSED
from notify.store.sms_tables import Sms
from notify.usecases import mail_tasks
from shared.events.contacts import Contact
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause
from shared.reference.centres import Centres

BEHIND_FOR: Final = timedelta(hours=12)
"""Longest time after which a mail without an address still gets its message, as after an outage."""
_DAY: Final = timedelta(hours=24)

log = get_logger(__name__)


@dataclass(frozen=True)
class BegunSms:
    """A message whose attempt has begun: it counts as possibly sent."""

    mail_id: UUID
    person_id: UUID
    content: MailContent


async def queue_missing(
    session: AsyncSession, registry: MailRegistry, centres: Collection[str], *, now: datetime
) -> int:
    """Queue a message beside each new mail without an address, for the next hour of the day; return their number."""
    kinds = [spec.kind for spec in registry if spec.sms is not None]
    state = delivery.queued(now, is_reminder=True)
    return await sms.add_missing(session, kinds, centres, state, since=now - BEHIND_FOR, now=now)


async def begin(
    session: AsyncSession, registry: MailRegistry, mail_id: UUID, centres: Centres, *, now: datetime
) -> BegunSms | None:
    """Begin the attempt of a due message; None if it is not sent, or not now."""
    row = await sms.get(session, mail_id)
    mail = await mails.get(session, mail_id)
    spec = registry.get(mail.kind) if mail is not None else None
    if row is None or mail is None or row.next_at is None or row.next_at > now:
        return None
    if (later := not_at_night(now)) > now:
        row.apply(delivery.postpone(row.delivery, later), now)
        return None
    if spec is None or spec.sms is None or mail.reason not in sms.NO_ADDRESS:
        row.apply(delivery.cancel(row.delivery, "overtaken"), now)
        return None
    mail_facts = await contents.facts_of(session, registry, mail)
    reason, content = await _reason_not_to_send(session, row, mail, spec, mail_facts, now), None
    if reason is None:
        nobody = Contact(person_id=mail.person_id, first_name=None, email=None, language="nb")
        content = await contents.content_of(session, mail, spec, mail_facts, nobody, centres, now)
    if content is not None and not content.centre.policy.short_messages:
        content, reason = None, "sms_off"
    if content is None:
        row.apply(delivery.cancel(row.delivery, reason or "not_made"), now)
        return None
    row.apply(delivery.begin_attempt(row.delivery, now), now)
    return BegunSms(mail_id, row.person_id, content)


async def _reason_not_to_send(
    session: AsyncSession, row: Sms, mail: Mail, spec: MailSpec, mail_facts: MailFacts, now: datetime
) -> str | None:
    """Return why a message has no use, or must not be sent; None if it is to be sent."""
    if reason := planning.reason_to_drop(spec, mail.cause_id, mail_facts, now):
        return reason
    refused_at = await sms.last_refusal(session, row.person_id)
    change = await people.contact_change(session, row.person_id)
    if refused_at is not None and (change is None or change.changed_at < refused_at):
        return NUMBER_REFUSED
    if await sms.left_since(session, row.person_id, now - _DAY) >= MOST_A_DAY:
        return "budget_spent"
    return None


async def record(
    session: AsyncSession,
    registry: MailRegistry,
    mail_id: UUID,
    outcome: Outcome,
    *,
    gateway_id: str | None = None,
    now: datetime,
) -> None:
    """
    Record the outcome of an attempt.

    A message that has left takes the place of the call if that would only remind; where an answer is needed, or the
    centre must know that the person has heard of a change, the call stays.
    """
    unlocked = await mails.get(session, mail_id)
    if unlocked is not None:
        await projections.lock(session, person_ids=[unlocked.person_id])
    mail = await mails.get(session, mail_id, lock=True)
    row = await sms.get(session, mail_id)
    if mail is None or row is None or row.status != Status.SENDING.value:
        return  # its person was erased meanwhile, or its sender counted as dead
    spec = registry.get(mail.kind)
    is_reminder = spec is None or spec.is_reminder
    after = delivery.end_attempt(row.delivery, outcome, now, is_reminder=is_reminder)
    if isinstance(outcome, SmtpRejected) and outcome.of_mailbox:
        after = replace(after, reason=NUMBER_REFUSED)
    row.apply(after, now)
    row.gateway_id = gateway_id
    log.info("sms_attempted", mail_id=mail_id, kind=mail.kind, status=row.status, attempt=row.attempt)
    if row.status == Status.SENT.value and mail.status == Status.CALL.value and spec is not None and _reminds(spec):
        mail.apply(replace(mail.delivery, status=Status.CALLED, reason="told_by_sms"), now)
        await mail_tasks.sync(session, registry, [mail], now=now, cause=Cause.fresh())


def _reminds(spec: MailSpec) -> bool:
    return spec.is_reminder and spec.call is not None and spec.call.question is Question.NEWS


async def put_back(session: AsyncSession, mail_id: UUID, *, now: datetime) -> None:
    """Put a message back whose number could not be asked for."""
    row = await sms.get(session, mail_id)
    if row is not None and row.status == Status.SENDING.value:
        row.apply(delivery.put_back(row.delivery, now + delivery.RESEND_AFTER), now)


async def drop(session: AsyncSession, mail_id: UUID, reason: str, *, now: datetime) -> None:
    """Cancel a message that cannot be sent, as one to a person without a number; the call stays."""
    row = await sms.get(session, mail_id)
    if row is not None and row.status == Status.SENDING.value:
        row.apply(delivery.cancel(delivery.put_back(row.delivery, now), reason), now)


async def recover(session: AsyncSession, registry: MailRegistry, *, now: datetime) -> None:
    """Record an unknown outcome for the attempts of a sender that died; the caller is the only sender."""
    begun = await sms.in_flight(session)
    await projections.lock(session, person_ids=begun.values())
    for mail_id in begun:
        await record(session, registry, mail_id, delivery.OutcomeUnknown(), now=now)
