"""
Acts of staff on one mail, and on those that leave as one with it; each is recorded in the audit log of every such mail.

A call in its place is about one mail alone.
"""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import delivery
from notify.mails.registry import MailRegistry
from notify.store import Mail, audit_log, contents, joint_mails, mails, projections
from notify.usecases import calls, mail_tasks
from shared.errors import DomainError, NotFoundError
from shared.kit.audit import Actor


async def preview(session: AsyncSession, mail_id: UUID, *, actor: Actor) -> None:
    """
    Record that a member of staff reads a mail to a person.

    Raises:
        NotFoundError: ``unknown_mail``.
    """
    await _record(session, actor, "mail.previewed", await _load(session, mail_id))


async def cancel(session: AsyncSession, mail_id: UUID, *, actor: Actor) -> None:
    """
    Cancel an open mail. One that is being sent is not sent again, nor if it has not reached the server yet.

    Raises:
        NotFoundError: ``unknown_mail``.
        DomainError: ``mail_not_open``: it has left, or will not be sent.
    """
    mail = await _load(session, mail_id)
    if not mail.delivery.open:
        raise DomainError("mail_not_open", mail_id=mail_id)
    for row in await joint_mails.together_with(session, mail):
        if row.delivery.open:
            row.apply(delivery.cancel(row.delivery, "by_staff"), actor.now)
            await _record(session, actor, "mail.cancelled", row)


async def hold(session: AsyncSession, mail_id: UUID, *, actor: Actor) -> None:
    """
    Hold a waiting mail until staff release it.

    Raises:
        NotFoundError: ``unknown_mail``.
        DomainError: ``mail_not_waiting``: it has left, is being sent, or is held already.
    """
    mail = await _load(session, mail_id)
    if delivery.hold(mail.delivery, actor.now) is None:
        raise DomainError("mail_not_waiting", mail_id=mail_id)
    for row in await joint_mails.together_with(session, mail):
        if (held := delivery.hold(row.delivery, actor.now)) is not None:
            row.apply(held, actor.now)
            await _record(session, actor, "mail.held", row)


async def release(session: AsyncSession, mail_id: UUID, *, actor: Actor) -> None:
    """
    Release a held mail; it leaves at the time at which it was due, or at once.

    Raises:
        NotFoundError: ``unknown_mail``.
        DomainError: ``mail_not_held``.
    """
    mail = await _load(session, mail_id)
    if not mail.delivery.held:
        raise DomainError("mail_not_held", mail_id=mail_id)
    for row in await joint_mails.together_with(session, mail):
        if row.delivery.held and (released := delivery.release(row.delivery)) is not None:
            row.apply(released, actor.now)
            await _record(session, actor, "mail.released", row)
    await mails.wake(session)


async def call_instead(session: AsyncSession, registry: MailRegistry, mail_id: UUID, *, actor: Actor) -> None:
    """
    Make a stuck mail a call task of the centre.

    Raises:
        NotFoundError: ``unknown_mail``.
        DomainError: ``mail_not_stuck``, or ``nothing_to_call_about``.
    """
    unlocked = await mails.get(session, mail_id)
    if unlocked is not None:
        await projections.lock(session, person_ids=[unlocked.person_id])
    mail = await _load(session, mail_id)
    called = delivery.call_instead(mail.delivery)
    if called is None:
        raise DomainError("mail_not_stuck", mail_id=mail_id)
    spec = registry.get(mail.kind)
    if spec is None or spec.call is None or not spec.call.wanted(await contents.facts_of(session, registry, mail)):
        raise DomainError("nothing_to_call_about", mail_id=mail_id)
    mail.apply(called, actor.now)
    await _record(session, actor, "mail.call_chosen", mail)
    await calls.open_call(session, registry, mail, now=actor.now)


async def retry(session: AsyncSession, registry: MailRegistry, mail_id: UUID, *, actor: Actor) -> None:
    """
    Queue a stuck mail once more; a refused address counts as corrected.

    Raises:
        NotFoundError: ``unknown_mail``.
        DomainError: ``mail_not_stuck``.
    """
    mail = await _load(session, mail_id)
    if delivery.retry_by_hand(mail.delivery, actor.now) is None:
        raise DomainError("mail_not_stuck", mail_id=mail_id)
    await projections.clear_bounces(session, mail.person_id)
    rows = await joint_mails.together_with(session, mail)
    for row in rows:
        if (queued := delivery.retry_by_hand(row.delivery, actor.now)) is not None:
            row.apply(queued, actor.now)
            await _record(session, actor, "mail.retried", row)
    await mail_tasks.sync(session, registry, rows, now=actor.now, cause=actor.cause)
    await mails.wake(session)


async def set_aside(session: AsyncSession, registry: MailRegistry, mail_id: UUID, *, actor: Actor) -> None:
    """
    Leave a stuck mail as it is, and close the task about it.

    Raises:
        NotFoundError: ``unknown_mail``.
        DomainError: ``mail_not_stuck``.
    """
    mail = await _load(session, mail_id)
    if delivery.set_aside(mail.delivery) is None:
        raise DomainError("mail_not_stuck", mail_id=mail_id)
    rows = await joint_mails.together_with(session, mail)
    for row in rows:
        if (aside := delivery.set_aside(row.delivery)) is not None:
            row.apply(aside, actor.now)
            await _record(session, actor, "mail.set_aside", row)
    await mail_tasks.sync(session, registry, rows, now=actor.now, cause=actor.cause)


async def _load(session: AsyncSession, mail_id: UUID) -> Mail:
    mail = await mails.get(session, mail_id, lock=True)
    if mail is None:
        raise NotFoundError("unknown_mail", mail_id=mail_id)
    return mail


async def _record(session: AsyncSession, actor: Actor, action: str, mail: Mail) -> None:
    await audit_log.record(session, actor, action, "mail", mail.id, scope=mail.centre)
