"""
Claim due mails, begin their attempts, and record the outcomes.

A claimed mail belongs to one mailer. From the commit in which its attempt begins, it counts as possibly sent.
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import delivery, planning, throttling
from notify.domain.content import MailContent
from notify.domain.delivery import COMPLAINED, Delivery, Status
from notify.domain.hours import is_night, not_at_night
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import MailSpec
from notify.mails.registry import MailRegistry
from notify.store import Mail, attempts, contents, facts_ahead, mails, projections
from notify.store.life_contents import told_up_to
from notify.usecases import calls
from notify.usecases.contradictions import state_if_contradicting
from notify.usecases.outcomes import fail_unmade, forget_members
from shared.events.contacts import Contact
from shared.kit.logging import get_logger
from shared.reference.centres import Centres

WAIT_FOR_CENTRE: Final = timedelta(minutes=1)

log = get_logger(__name__)


@dataclass(frozen=True)
class Claimed:
    """
    A mail that one mailer has claimed, and its content.

    Attributes:
        due_at: The time at which it was due.
        is_reminder: True if it is never sent again after an unknown outcome.
        begun: True if its attempt began with the claim.
    """

    mail_id: UUID
    content: MailContent
    due_at: datetime
    is_reminder: bool
    begun: bool = False


@dataclass(frozen=True)
class _Recipient:
    """
    The person of a mail.

    Attributes:
        contact: None if intake knows no such person any more.
        call_reason: Why the centre must call; None if there is a working address.
        sent: Mails that have left for the person within a day.
    """

    contact: Contact | None
    call_reason: str | None
    sent: int


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
    Claim one mail and begin its attempt: once this transaction has committed, the mail counts as possibly sent.

    ``contact`` is the recipient, None if intake knows no such person any more; ``worker`` is the mailer that sends.

    Returns:
        None if the mail is not to be sent now: another mailer has it, it is dropped or postponed, or the centre calls
        instead.
    """
    call_reason = await _call_reason(session, contact)
    if contact is not None and (call_reason or await mails.is_one_of(session, mail_id, registry.by_phone)):
        await projections.lock(session, person_ids=[contact.person_id])
    mail = await attempts.claim(session, mail_id, now)
    if mail is None:
        return None
    sent = await attempts.left_since(session, [mail.person_id], now - throttling.DAY)
    about = _Recipient(contact, call_reason, sent.get(mail.person_id, 0))
    claimed = await _claim(session, registry, mail, about, worker, centres, now)
    if claimed is None:
        await forget_members(session, mail, now)
        return None
    mail.sending_since = now
    return replace(claimed, begun=True)


async def claim_many(
    session: AsyncSession,
    registry: MailRegistry,
    contacts: Mapping[UUID, Contact],
    *,
    worker: int,
    centres: Centres,
    now: datetime,
) -> tuple[list[Claimed], list[UUID]]:
    """
    Claim mails to different people, without beginning their attempts.

    ``contacts`` are the recipients by mail. A mail that nobody is to get now is dropped or postponed.

    Returns:
        The claimed mails, oldest first; and the mails to :func:`claim` one by one: a call may take their place, or
        they are the last ones to a group that is to be forgotten.
    """
    reasons = await _call_reasons(session, contacts)
    rows = await attempts.claim_free(session, contacts.keys(), now)
    sent = await attempts.left_since(session, {mail.person_id for mail in rows}, now - throttling.DAY)
    await facts_ahead.read(session, rows)
    claimed, alone = [], []
    for mail in rows:
        spec, group = registry.get(mail.kind), None
        if mail.group_id is not None:
            group = await projections.group(session, mail.group_id)
        is_forgotten = group is not None and group.forgotten_at is not None
        if reasons[mail.id] is not None or spec is None or spec.by_phone or is_forgotten:
            alone.append(mail.id)
            continue
        about = _Recipient(contacts[mail.id], None, sent.get(mail.person_id, 0))
        found = await _claim(session, registry, mail, about, worker, centres, now)
        claimed += [found] if found else []
        await asyncio.sleep(0)  # the server may have answered for another mail
    return claimed, alone


async def _claim(
    session: AsyncSession,
    registry: MailRegistry,
    mail: Mail,
    recipient: _Recipient,
    worker: int,
    centres: Centres,
    now: datetime,
) -> Claimed | None:
    """Claim a locked mail; return None if it is dropped, postponed or told on the phone."""
    spec = registry.get(mail.kind)
    if spec is None:
        log.error("mail_of_unknown_kind", mail_id=mail.id, kind=mail.kind)
        await fail_unmade(session, registry, mail, now)
        return None
    mail_facts = await contents.facts_of(session, registry, mail)
    contact = recipient.contact
    new_state = await _state_if_not_sent(session, registry, mail, spec, mail_facts, recipient, now)
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
        return None
    due_at = mail.next_at or now
    mail.centre = content.centre.id
    _store_told_plan(mail, spec, mail_facts)
    mail.calendar_sequence = _calendar_sequence(spec, content)
    mail.apply(delivery.begin_attempt(mail.delivery, now), now, worker)
    return Claimed(mail.id, content, due_at, spec.is_reminder)


async def begin(session: AsyncSession, mail_ids: Collection[UUID], *, worker: int, now: datetime) -> set[UUID]:
    """
    Begin the attempts of claimed mails: once this transaction has committed, they count as possibly sent.

    Returns:
        The mails to send. The others were cancelled or deleted meanwhile, or are being changed right now.
    """
    return await attempts.begin(session, mail_ids, worker, now)


async def give_up(session: AsyncSession, registry: MailRegistry, mail_id: UUID, *, now: datetime) -> None:
    """Fail a due mail that cannot be claimed, so that it does not keep the others waiting; staff have to look at it."""
    mail = await attempts.claim(session, mail_id, now)
    if mail is not None:
        await fail_unmade(session, registry, mail, now)


async def put_back(session: AsyncSession, mail_id: UUID, due_at: datetime, *, worker: int, now: datetime) -> None:
    """Put a claimed mail that did not reach the server back in its place in the queue."""
    mail = await attempts.sent_by(session, mail_id, worker)
    if mail is not None:
        mail.apply(delivery.put_back(mail.delivery, due_at), now)


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
    if mail_facts.invited is not None:
        mail.told_sequence = mail_facts.invited.meeting.sequence
    mail.told_version = told_up_to(spec, mail_facts.life)


async def _call_reason(session: AsyncSession, contact: Contact | None) -> str | None:
    """Return why the centre must call a person instead of sending a mail; None if there is a working address."""
    return None if contact is None else (await _call_reasons(session, {contact.person_id: contact}))[contact.person_id]


async def _call_reasons(session: AsyncSession, contacts: Mapping[UUID, Contact]) -> dict[UUID, str | None]:
    """Return for each contact, by the key it is given with, why the centre must call."""
    people = {contact.person_id for contact in contacts.values()}
    known = await projections.against_addresses(session, people)

    def reason(contact: Contact) -> str | None:
        if contact.email is None:
            return "no_email"
        against = known.get(contact.person_id, projections.AgainstAddress())
        if against.refusals >= delivery.HARD_BOUNCES_TO_SUPPRESS:
            return "address_refused"
        return COMPLAINED if against.complained else None

    return {key: reason(contact) for key, contact in contacts.items()}


async def _state_if_not_sent(
    session: AsyncSession,
    registry: MailRegistry,
    mail: Mail,
    spec: MailSpec,
    mail_facts: MailFacts,
    recipient: _Recipient,
    now: datetime,
) -> Delivery | None:
    """Return the new state of a due mail that is not sent now; None if it is sent."""
    contact, call_reason = recipient.contact, recipient.call_reason
    if call_reason == COMPLAINED and _is_needed_by_mail(spec, mail_facts, contact):
        call_reason = None
    reason = "person_gone" if contact is None else planning.reason_to_drop(spec, mail.cause_id, mail_facts, now)
    if reason or mail.delivery.held:
        return delivery.cancel(mail.delivery, reason or "held_too_long")
    if call_reason is not None and (spec.call is None or not spec.call.wanted(mail_facts)):
        return delivery.cancel(mail.delivery, "no_call_needed")
    if state := await state_if_contradicting(session, registry, mail, spec, mail_facts, now):
        return state
    if spec.by_phone or call_reason is not None:
        return _state_of_call(mail, spec, contact, call_reason)
    until = _waits_until(mail, spec, mail_facts, recipient.sent, now)
    return delivery.postpone(mail.delivery, until) if until else None


def _is_needed_by_mail(spec: MailSpec, mail_facts: MailFacts, contact: Contact | None) -> bool:
    """Return True for a mail that its recipient asked for, or that says what cannot be told them on the phone."""
    has_news = spec.call is not None and spec.call.wanted(mail_facts)
    return spec.on_request or (has_news and contact is not None and not contact.has_mobile)


def _waits_until(mail: Mail, spec: MailSpec, mail_facts: MailFacts, sent: int, now: datetime) -> datetime | None:
    """Return when a mail may be sent that waits for the morning, or for a mailbox that has got enough; None for now."""
    if (spec.is_reminder or spec.by_day) and is_night(now):
        morning, meeting = not_at_night(now), mail_facts.meeting
        if spec.is_reminder or meeting is None or morning < meeting.starts_at:
            return morning
    may_wait = spec.by_day and mail_facts.meeting is None
    until = throttling.budget_waits_until(sent, now, may_wait=may_wait)
    if until is not None:
        log.warning("mailbox_budget_spent", mail_id=mail.id, kind=mail.kind, count=sent)
    return until


def _state_of_call(mail: Mail, spec: MailSpec, contact: Contact | None, call_reason: str | None) -> Delivery:
    """Return the state of a mail that staff tell on the phone."""
    if not spec.by_phone:
        return delivery.to_call(mail.delivery, call_reason or "")
    # Without a working address, the question that was not answered is a call already.
    can_call = call_reason is None and contact is not None and contact.has_mobile
    return delivery.to_call(mail.delivery, "not_answered") if can_call else delivery.cancel(mail.delivery, "no_number")
