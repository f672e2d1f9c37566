"""Acts of staff on one mail; each writes one row of the audit log in its transaction."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import delivery
from notify.mails.registry import MailRegistry
from notify.store import Mail, audit_log, mails, projections
from notify.usecases import mail_tasks
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
    Cancel an open mail.

    Raises:
        NotFoundError: ``unknown_mail``.
        DomainError: ``mail_not_open``: it has left, or is being sent.
    """
    mail = await _load(session, mail_id)
    if mail.next_at is None:
        raise DomainError("mail_not_open", mail_id=mail_id)
    mail.apply(delivery.cancel(mail.delivery, "by_staff"), actor.now)
    await _record(session, actor, "mail.cancelled", mail)


async def retry(session: AsyncSession, registry: MailRegistry, mail_id: UUID, *, actor: Actor) -> None:
    """
    Queue a stuck mail once more; a refused address counts as corrected.

    Raises:
        NotFoundError: ``unknown_mail``.
        DomainError: ``mail_not_stuck``.
    """
    mail = await _load(session, mail_id)
    queued = delivery.retry_by_hand(mail.delivery, actor.now)
    if queued is None:
        raise DomainError("mail_not_stuck", mail_id=mail_id)
    await projections.clear_bounces(session, mail.person_id)
    mail.apply(queued, actor.now)
    await _record(session, actor, "mail.retried", mail)
    await mail_tasks.sync(session, registry, [mail], now=actor.now, cause=actor.cause)
    await mails.wake(session)


async def set_aside(session: AsyncSession, registry: MailRegistry, mail_id: UUID, *, actor: Actor) -> None:
    """
    Leave a stuck mail as it is, and close the task about it.

    Raises:
        NotFoundError: ``unknown_mail``.
        DomainError: ``mail_not_stuck``.
    """
    mail = await _load(session, mail_id)
    aside = delivery.set_aside(mail.delivery)
    if aside is None:
        raise DomainError("mail_not_stuck", mail_id=mail_id)
    mail.apply(aside, actor.now)
    await _record(session, actor, "mail.set_aside", mail)
    await mail_tasks.sync(session, registry, [mail], now=actor.now, cause=actor.cause)


async def _load(session: AsyncSession, mail_id: UUID) -> Mail:
    mail = await mails.get(session, mail_id, lock=True)
    if mail is None:
        raise NotFoundError("unknown_mail", mail_id=mail_id)
    return mail


async def _record(session: AsyncSession, actor: Actor, action: str, mail: Mail) -> None:
    await audit_log.record(session, actor, action, "mail", mail.id, scope=mail.centre)
