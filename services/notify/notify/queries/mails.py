"""Reads for the staff pages about mails."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain.content import MailContent
from notify.domain.delivery import Status
from notify.mails.registry import MailRegistry
from notify.store import Mail, audit_log, contents, mails
from shared.events.contacts import Contact
from shared.kit.audit import AuditEntry
from shared.reference.centres import Centres


async def counts(session: AsyncSession, registry: MailRegistry, centres: Collection[str]) -> dict[Status, int]:
    """Return the number of mails of these centres in each state; see :attr:`MailRegistry.secret`."""
    return await mails.counts(session, centres=centres, secret=registry.secret)


async def newest(
    session: AsyncSession, registry: MailRegistry, statuses: Collection[Status], centres: Collection[str], limit: int
) -> Sequence[Mail]:
    """Return the newest mails of these centres in some states; see :attr:`MailRegistry.secret`."""
    return await mails.newest(session, statuses, centres=centres, secret=registry.secret, limit=limit)


async def mail_of_centres(
    session: AsyncSession, registry: MailRegistry, mail_id: UUID, centres: Collection[str]
) -> Mail | None:
    """Return one mail of these centres; None also for another centre's mail, and for one that staff must not see."""
    mail = await mails.get(session, mail_id)
    if mail is None or mail.centre not in centres:
        return None
    hidden = mail.kind in registry.secret and Status(mail.status) not in mails.NEEDS_STAFF
    return None if hidden else mail


async def history(session: AsyncSession, mail_id: UUID) -> list[AuditEntry]:
    """Return what staff did with a mail, newest first."""
    return await audit_log.entries_of(session, "mail", mail_id)


async def content(
    session: AsyncSession, registry: MailRegistry, mail: Mail, contact: Contact, centres: Centres, now: datetime
) -> MailContent | None:
    """Return what a mail would say now; None if its kind or its centre is unknown."""
    spec = registry.get(mail.kind)
    if spec is None:
        return None
    mail_facts = await contents.facts_of(session, registry, mail)
    return await contents.content_of(session, mail, spec, mail_facts, contact, centres, now)
