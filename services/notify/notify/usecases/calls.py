"""Call tasks: open, replace and close them, and record the calls of staff."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import delivery
from notify.domain.calls import CALLS_AT_MOST, Outcome
from notify.domain.delivery import Delivery, Status
from notify.mails.registry import MailRegistry
from notify.store import Mail, audit_log, calls, contents, mails, projections
from notify.store.life_contents import told_up_to
from notify.usecases import mail_tasks
from shared.errors import DomainError, NotFoundError
from shared.kit.audit import Actor
from shared.kit.messaging.causes import Cause


async def open_call(session: AsyncSession, registry: MailRegistry, mail: Mail, *, now: datetime) -> None:
    """
    Open the task of a mail that has just become a call; it replaces open calls about the same matter.

    The caller holds the lock of the person. The calls to a person about one group, or about one sign-up, are one
    conversation, and the newest call states the facts as they are now.
    """
    await session.flush()
    rows = await mails.calls_of_person(session, mail.person_id)
    for other in rows:
        if other.id != mail.id and _conversation(other) == _conversation(mail):
            other.apply(delivery.cancel(other.delivery, "replaced"), now)
    await mail_tasks.sync(
        session, registry, {row.id: row for row in (*rows, mail)}.values(), now=now, cause=Cause.fresh()
    )


def _conversation(mail: Mail) -> tuple[UUID | None, ...]:
    """Return what a call is about; the questions to an igangsetter are about one group each."""
    about_account = mail.signup_id is None and mail.group_id is None
    return (mail.cause_id,) if about_account else (mail.signup_id, mail.group_id)


async def close_moot(
    session: AsyncSession, registry: MailRegistry, person_ids: Iterable[UUID], *, now: datetime, cause: Cause
) -> None:
    """Close the calls of these people that need not be made any more; the caller holds the locks of the people."""
    await session.flush()
    for person_id in sorted(set(person_ids)):
        rows = await mails.calls_of_person(session, person_id)
        for mail in rows:
            spec = registry.get(mail.kind)
            mail_facts = await contents.facts_of(session, registry, mail)
            if spec is None or spec.call is None or not spec.call.wanted(mail_facts):
                mail.apply(delivery.cancel(mail.delivery, "no_call_needed"), now)
            elif reason := spec.drop_reason(mail_facts, now):
                mail.apply(delivery.cancel(mail.delivery, reason), now)
        await mail_tasks.sync(session, registry, rows, now=now, cause=cause)


async def due(session: AsyncSession) -> list[UUID]:
    """Return the mails whose call or task may have become moot as time passed."""
    open_calls = {mail_id for mail_id, _ in await mails.open_calls(session)}
    return sorted(open_calls | set(await mail_tasks.mails_with_task(session)))


async def refresh(session: AsyncSession, registry: MailRegistry, mail_id: UUID, *, now: datetime) -> None:
    """Close a call, or the task about a mail, that has become moot."""
    cause = Cause.fresh()
    unlocked = await mails.get(session, mail_id)
    if unlocked is None:
        await mail_tasks.close(session, mail_id, now=now, cause=cause)
        return
    await projections.lock(session, person_ids=[unlocked.person_id])
    await close_moot(session, registry, [unlocked.person_id], now=now, cause=cause)
    mail = await mails.get(session, mail_id, lock=True)
    if mail is not None:
        await mail_tasks.sync(session, registry, [mail], now=now, cause=Cause.fresh())


async def record_no_answer(
    session: AsyncSession, registry: MailRegistry, mail_id: UUID, *, next_at: datetime, actor: Actor
) -> None:
    """
    Record an unanswered call; it counts for every open call to the person, since all are one conversation.

    After :data:`CALLS_AT_MOST` unanswered calls a task is closed as not reached.

    Args:
        session: The caller's transaction.
        registry: The mails.
        mail_id: The task that the page showed.
        next_at: Time of the next call.
        actor: The member of staff who called.

    Raises:
        NotFoundError: ``unknown_mail``.
        DomainError: ``nothing_to_call_about``, or ``next_call_too_late`` if it is after the deadline of the task.
    """
    mail = await _lock(session, mail_id)
    if mail.status != Status.CALL.value:
        raise DomainError("nothing_to_call_about", mail_id=mail_id)
    rows = [row for row in await mails.calls_of_person(session, mail.person_id) if row.centre == mail.centre]
    attempts = await calls.of_mails(session, [row.id for row in rows])
    for row in rows:
        unanswered = sum(attempt.outcome == Outcome.NO_ANSWER for attempt in attempts[row.id]) + 1
        is_last = unanswered >= CALLS_AT_MOST
        deadline = await _deadline(session, registry, row)
        if row.id == mail_id and not is_last and deadline is not None and next_at >= deadline:
            raise DomainError("next_call_too_late", mail_id=mail_id)
        row_next_at = None if is_last else next_at
        await calls.add(session, row.id, Outcome.NO_ANSWER, actor.username, actor.now, row_next_at)
        if is_last:
            _apply(row, delivery.not_reached(row.delivery), actor.now)
        await _record(session, actor, "call.no_answer", row)
    await mail_tasks.sync(session, registry, rows, now=actor.now, cause=actor.cause)


async def record_told(session: AsyncSession, registry: MailRegistry, mail_id: UUID, *, actor: Actor) -> None:
    """
    Record that the person was told on the phone.

    Raises:
        NotFoundError: ``unknown_mail``.
        DomainError: ``nothing_to_call_about``.
    """
    mail = await _lock(session, mail_id)
    called = delivery.called(mail.delivery)
    if called is None:
        raise DomainError("nothing_to_call_about", mail_id=mail_id)
    spec = registry.get(mail.kind)
    if spec is not None and spec.about_meeting:
        mail_facts = await contents.facts_of(session, registry, mail)
        mail.told_sequence = mail_facts.meeting.sequence if mail_facts.meeting else None
        mail.told_starts_at = mail_facts.meeting.starts_at if mail_facts.meeting else None
    if spec is not None and spec.topic is not None:
        mail.told_version = told_up_to(spec, (await contents.facts_of(session, registry, mail)).life)
    _apply(mail, called, actor.now)
    await calls.add(session, mail.id, Outcome.TOLD, actor.username, actor.now)
    await _record(session, actor, "call.told", mail)
    await mail_tasks.sync(session, registry, [mail], now=actor.now, cause=actor.cause)


async def note_not_reached(session: AsyncSession, registry: MailRegistry, mail_id: UUID, *, actor: Actor) -> None:
    """
    Record that a member of staff knows that the person was not reached, and close the task about it.

    Raises:
        NotFoundError: ``unknown_mail``.
        DomainError: ``nothing_to_call_about``.
    """
    mail = await _lock(session, mail_id)
    if mail.status != Status.NOT_REACHED.value:
        raise DomainError("nothing_to_call_about", mail_id=mail_id)
    await calls.add(session, mail.id, Outcome.NOTED, actor.username, actor.now)
    await _record(session, actor, "call.noted", mail)
    await mail_tasks.sync(session, registry, [mail], now=actor.now, cause=actor.cause)


async def _lock(session: AsyncSession, mail_id: UUID) -> Mail:
    """Lock the person and then the mail, in the order that all use cases follow."""
    unlocked = await mails.get(session, mail_id)
    if unlocked is not None:
        await projections.lock(session, person_ids=[unlocked.person_id])
    mail = await mails.get(session, mail_id, lock=True)
    if mail is None:
        raise NotFoundError("unknown_mail", mail_id=mail_id)
    return mail


async def _deadline(session: AsyncSession, registry: MailRegistry, mail: Mail) -> datetime | None:
    spec = registry.get(mail.kind)
    if spec is None or spec.call is None:
        return None
    return spec.call.deadline(await contents.facts_of(session, registry, mail))


def _apply(mail: Mail, state: Delivery | None, now: datetime) -> None:
    if state is not None:
        mail.apply(state, now)


async def _record(session: AsyncSession, actor: Actor, action: str, mail: Mail) -> None:
    await audit_log.record(session, actor, action, "mail", mail.id, scope=mail.centre)
