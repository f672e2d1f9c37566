"""Whether a due mail is sent now and what it says, and the beginning of its attempt."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import delivery, planning, throttling
from notify.domain.content import MailContent
from notify.domain.delivery import COMPLAINED, Delivery, Status
from notify.domain.hours import is_night, not_at_night
from notify.domain.joint_mails import Section
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import MailSpec
from notify.mails.registry import MailRegistry
from notify.store import Mail, contents
from notify.store.life_contents import told_up_to
from notify.usecases import calls
from notify.usecases.contradictions import state_if_contradicting
from notify.usecases.outcomes import fail_unmade
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
        section: What it may leave with.
        joint_id: Id of the joint mail; None if it leaves alone.
        others: The other mails that leave as one with it.
    """

    mail_id: UUID
    correlation_id: UUID
    content: MailContent
    due_at: datetime
    is_reminder: bool
    section: Section
    begun: bool = False
    joint_id: UUID | None = None
    others: tuple["Claimed", ...] = ()

    @property
    def parts(self) -> tuple["Claimed", ...]:
        """All mails that leave as one, each alone."""
        return (replace(self, others=()), *self.others)


@dataclass(frozen=True)
class Recipient:
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


@dataclass(frozen=True)
class Prospect:
    """
    The content of a due mail now, or its new state.

    Attributes:
        content: None if it is not sent now.
        state: Its new state if it is not sent now.
    """

    spec: MailSpec
    facts: MailFacts
    content: MailContent | None
    state: Delivery | None = None

    @property
    def section(self) -> Section:
        """The facts that decide which mails it may leave with."""
        assert self.content is not None
        return Section(self.content.language, self.content.centre.id, self.spec.topic)


async def look_up(
    session: AsyncSession, registry: MailRegistry, mail: Mail, recipient: Recipient, centres: Centres, now: datetime
) -> Prospect | None:
    """Return whether a locked mail is sent now, and what it says; None if its kind is unknown."""
    spec = registry.get(mail.kind)
    if spec is None:
        return None
    facts = await contents.facts_of(session, registry, mail)
    if state := await _state_if_not_sent(session, registry, mail, spec, facts, recipient, now):
        return Prospect(spec, facts, None, state)
    assert recipient.contact is not None
    content = await contents.content_of(session, mail, spec, facts, recipient.contact, centres, now)
    state = delivery.postpone(mail.delivery, now + WAIT_FOR_CENTRE) if content is None else None
    return Prospect(spec, facts, content, state)


async def claim(
    session: AsyncSession,
    registry: MailRegistry,
    mail: Mail,
    recipient: Recipient,
    *,
    worker: int,
    centres: Centres,
    now: datetime,
) -> Claimed | None:
    """Claim a locked mail; return None if it is dropped, postponed or told on the phone."""
    prospect = await look_up(session, registry, mail, recipient, centres, now)
    if prospect is None:
        await fail_unknown_kind(session, registry, mail, now)
        return None
    if prospect.state is None:
        return begin_attempt(mail, prospect, worker, now)
    leave_unsent(mail, prospect.state, now)
    if mail.status == Status.CALL:
        _store_told_plan(mail, prospect.spec, prospect.facts)
        await calls.open_call(session, registry, mail, now=now)
    return None


async def fail_unknown_kind(session: AsyncSession, registry: MailRegistry, mail: Mail, now: datetime) -> None:
    """Fail a mail whose folder has been removed."""
    log.error("mail_of_unknown_kind", mail_id=mail.id, kind=mail.kind)
    await fail_unmade(session, registry, mail, now)


def leave_unsent(mail: Mail, state: Delivery, now: datetime) -> None:
    """Store that a due mail is not sent now."""
    mail.apply(state, now)
    log.info("mail_not_sent", mail_id=mail.id, kind=mail.kind, status=mail.status, reason=mail.reason)


def begin_attempt(mail: Mail, prospect: Prospect, worker: int, now: datetime) -> Claimed:
    """Give a locked mail to a mailer; one that leaves with an earlier mail need not be due yet."""
    spec, content = prospect.spec, prospect.content
    assert content is not None
    due_at = mail.next_at or now
    mail.centre = content.centre.id
    _store_told_plan(mail, spec, prospect.facts)
    mail.calendar_sequence = _calendar_sequence(spec, content)
    mail.apply(delivery.begin_attempt(delivery.postpone(mail.delivery, min(due_at, now)), now), now, worker)
    return Claimed(mail.id, mail.correlation_id, content, due_at, spec.is_reminder, prospect.section)


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


async def _state_if_not_sent(
    session: AsyncSession,
    registry: MailRegistry,
    mail: Mail,
    spec: MailSpec,
    mail_facts: MailFacts,
    recipient: Recipient,
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
