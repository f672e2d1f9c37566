"""Claim due mails, and record the outcome of each attempt."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import delivery, planning
from notify.domain.content import MailContent
from notify.domain.delivery import Delivery, Outcome, SmtpRejected, Status
from notify.domain.hours import is_night, not_at_night
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import MailSpec
from notify.mails.registry import MailRegistry
from notify.store import Mail, contents, mails, projections
from notify.store.life_contents import told_up_to
from notify.usecases import calls, forgetting, mail_tasks
from notify.usecases.contradictions import state_if_contradicting
from shared.events.contacts import Contact
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause
from shared.reference.centres import Centres

WAIT_FOR_CENTRE: Final = timedelta(minutes=1)

log = get_logger(__name__)


@dataclass(frozen=True)
class Claimed:
    """A mail whose state is stored as ``sending``, and its content."""

    mail_id: UUID
    content: MailContent


async def due(session: AsyncSession, registry: MailRegistry, *, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """Return the mails that may be sent now, each with the person whose contact is needed."""
    return await mails.due(session, now, limit, registry.waits_for)


async def claim(
    session: AsyncSession,
    registry: MailRegistry,
    mail_id: UUID,
    contact: Contact | None,
    *,
    worker: int,
    centres: Centres,
    now: datetime,
) -> Claimed | None:
    """
    Claim one mail for sending: once this transaction has committed, the mail counts as possibly sent.

    ``contact`` is the recipient, None if intake knows no such person any more; ``worker`` is the mailer that sends.

    Returns:
        None if the mail is not to be sent now: another mailer has it, it is dropped or postponed, or the centre calls
        instead.
    """
    call_reason = await _call_reason(session, contact)
    if contact is not None and (call_reason or await mails.is_one_of(session, mail_id, registry.by_phone)):
        await projections.lock(session, person_ids=[contact.person_id])
    mail = await mails.claim(session, mail_id, now)
    if mail is None:
        return None
    spec = registry.get(mail.kind)
    if spec is None:
        log.error("mail_of_unknown_kind", mail_id=mail_id, kind=mail.kind)
        mail.apply(delivery.fail(mail.delivery, "not_made"), now)
        await mail_tasks.sync(session, registry, [mail], now=now, cause=Cause.fresh())
        return None
    mail_facts = await contents.facts_of(session, registry, mail)
    new_state = await _state_if_not_sent(session, registry, mail, spec, mail_facts, contact, call_reason, now)
    content = None
    if new_state is None:
        assert contact is not None
        content = await contents.content_of(session, mail, spec, mail_facts, contact, centres, now)
    if content is None:
        mail.apply(new_state or delivery.postpone(mail.delivery, now + WAIT_FOR_CENTRE), now)
        log.info("mail_not_sent", mail_id=mail.id, kind=mail.kind, status=mail.status, reason=mail.reason)
        if mail.status == Status.CALL:
            _store_told_plan(mail, spec, mail_facts)
            await calls.open_call(session, registry, mail, now=now)
        await _forget_members(session, mail, now)
        return None
    mail.centre = content.centre.id
    _store_told_plan(mail, spec, mail_facts)
    mail.calendar_sequence = _calendar_sequence(spec, content)
    mail.apply(delivery.begin_attempt(mail.delivery, now), now, worker)
    return Claimed(mail.id, content)


def _calendar_sequence(spec: MailSpec, content: MailContent) -> int | None:
    """Return the SEQUENCE with which the mail's own meeting is in its calendar file; None if it is not."""
    if spec.calendar is None or content.meeting_id is None:
        return None
    if spec.calendar_of == "meeting":
        return content.sequence
    return next((entry.sequence for entry in content.calendar if entry.meeting_id == content.meeting_id), None)


def _store_told_plan(mail: Mail, spec: MailSpec, mail_facts: MailFacts) -> None:
    """Store which version of the plan the mail, or the call in its place, tells of."""
    meeting = mail_facts.meeting
    if spec.about_meeting and meeting is not None:
        mail.told_sequence = meeting.sequence
        mail.told_starts_at = None if meeting.postponed else meeting.starts_at
    mail.told_version = told_up_to(spec, mail_facts.life)


async def _call_reason(session: AsyncSession, contact: Contact | None) -> str | None:
    """Return why the centre must call a person instead of sending a mail; None if there is a working address."""
    if contact is None:
        return None
    if contact.email is None:
        return "no_email"
    refusals = await projections.hard_bounces(session, contact.person_id)
    return "address_refused" if refusals >= delivery.HARD_BOUNCES_TO_SUPPRESS else None


async def _state_if_not_sent(
    session: AsyncSession,
    registry: MailRegistry,
    mail: Mail,
    spec: MailSpec,
    mail_facts: MailFacts,
    contact: Contact | None,
    call_reason: str | None,
    now: datetime,
) -> Delivery | None:
    """Return the new state of a due mail that is not sent now; None if it is sent."""
    if reason := "person_gone" if contact is None else _reason_to_drop(mail, spec, mail_facts, now):
        return delivery.cancel(mail.delivery, reason)
    if call_reason is not None and (spec.call is None or not spec.call.wanted(mail_facts)):
        return delivery.cancel(mail.delivery, "no_call_needed")
    if state := await state_if_contradicting(session, registry, mail, spec, mail_facts, now):
        return state
    if spec.by_phone or call_reason is not None:
        return _state_of_call(mail, spec, contact, call_reason)
    if (spec.is_reminder or spec.by_day) and is_night(now):
        morning, meeting = not_at_night(now), mail_facts.meeting
        if spec.is_reminder or meeting is None or morning < meeting.starts_at:
            return delivery.postpone(mail.delivery, morning)
    return None


def _state_of_call(mail: Mail, spec: MailSpec, contact: Contact | None, call_reason: str | None) -> Delivery:
    """Return the state of a mail that staff tell on the phone."""
    if not spec.by_phone:
        return delivery.to_call(mail.delivery, call_reason or "")
    # Without a working address, the question that was not answered is a call already.
    can_call = call_reason is None and contact is not None and contact.has_mobile
    return delivery.to_call(mail.delivery, "not_answered") if can_call else delivery.cancel(mail.delivery, "no_number")


def _reason_to_drop(mail: Mail, spec: MailSpec, mail_facts: MailFacts, now: datetime) -> str | None:
    if not planning.is_planned(spec, mail.cause_id, mail_facts):
        return "overtaken"
    if not spec.while_paused and mail_facts.signup is not None and mail_facts.signup.paused:
        return "paused"
    return spec.drop_reason(mail_facts, now)


async def record_outcome(
    session: AsyncSession, registry: MailRegistry, mail_id: UUID, outcome: Outcome, *, worker: int, now: datetime
) -> None:
    """Record the outcome of an attempt, unless the mail was deleted or recovered by another mailer meanwhile."""
    refused = isinstance(outcome, SmtpRejected) and outcome.of_mailbox
    if refused and (unlocked := await mails.get(session, mail_id)) is not None:
        await projections.lock(session, person_ids=[unlocked.person_id])
    mail = await mails.sent_by(session, mail_id, worker)
    if mail is None:
        log.warning("mail_gone_while_sent", mail_id=mail_id)
        return
    await _record(session, registry, mail, outcome, now)
    if refused and mail.status == Status.FAILED:
        await _call_if_address_is_dead(session, registry, mail, now)
    await mail_tasks.sync(session, registry, [mail], now=now, cause=Cause.fresh())
    await _forget_members(session, mail, now)


async def _forget_members(session: AsyncSession, mail: Mail, now: datetime) -> None:
    """Forget the members of a group when the last mail to them has left or is dropped."""
    if mail.group_id is not None and not mail.delivery.may_be_sent:
        await forgetting.forget_members(session, mail.group_id, now=now, cause=Cause.fresh())


async def _call_if_address_is_dead(session: AsyncSession, registry: MailRegistry, mail: Mail, now: datetime) -> None:
    """Turn the refused mail into a call if no other mail will be sent to the address: the person must still hear it."""
    spec = registry.get(mail.kind)
    refusals = await projections.hard_bounces(session, mail.person_id)
    if spec is None or spec.call is None or refusals < delivery.HARD_BOUNCES_TO_SUPPRESS:
        return
    if spec.call.wanted(await contents.facts_of(session, registry, mail)):
        mail.apply(delivery.to_call(mail.delivery, "address_refused"), now)
        await calls.open_call(session, registry, mail, now=now)


async def _record(session: AsyncSession, registry: MailRegistry, mail: Mail, outcome: Outcome, now: datetime) -> None:
    spec = registry.get(mail.kind)
    is_reminder = spec is not None and spec.is_reminder
    mail.apply(delivery.end_attempt(mail.delivery, outcome, now, is_reminder=is_reminder), now)
    if isinstance(outcome, SmtpRejected) and outcome.of_mailbox:
        mail.address_refused = True
        await projections.add_hard_bounce(session, mail.person_id, now)
    log.info(
        "mail_attempted", mail_id=mail.id, kind=mail.kind, status=mail.status, attempt=mail.attempt, reason=mail.reason
    )


async def give_up(
    session: AsyncSession, registry: MailRegistry, mail_id: UUID, reason: str, *, worker: int, now: datetime
) -> None:
    """Fail a mail that could not be rendered; staff have to look at it."""
    mail = await mails.sent_by(session, mail_id, worker)
    if mail is not None:
        mail.apply(delivery.fail(mail.delivery, reason), now)
        await mail_tasks.sync(session, registry, [mail], now=now, cause=Cause.fresh())


async def recover(session: AsyncSession, registry: MailRegistry, *, now: datetime) -> int:
    """Record an unknown outcome for each mail whose mailer died during the attempt, and return their number."""
    rows = await mails.of_dead_workers(session)
    for mail in rows:
        await _record(session, registry, mail, delivery.OutcomeUnknown(), now)
    await mail_tasks.sync(session, registry, rows, now=now, cause=Cause.fresh())
    return len(rows)
