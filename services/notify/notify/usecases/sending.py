"""
Claim due mails, begin their attempts, and record the outcomes.

A claimed mail belongs to one mailer. From the commit in which its attempt begins, it counts as possibly sent.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import delivery, throttling
from notify.domain.delivery import COMPLAINED
from notify.mails.registry import MailRegistry
from notify.store import Mail, attempts, facts_ahead, mails, projections
from notify.usecases import joint_mails
from notify.usecases.claims import Claimed, Recipient
from notify.usecases.outcomes import fail_unmade, forget_members
from shared.events.contacts import Contact
from shared.reference.centres import Centres

__all__ = ["Claimed", "begin", "claim", "claim_many", "due", "give_up", "put_back"]


async def due(session: AsyncSession, registry: MailRegistry, *, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """Return the mails that may be sent now, each with the person whose contact is needed."""
    return await mails.due(session, now, limit, registry.waits_for)


async def next_due_at(session: AsyncSession) -> datetime | None:
    """Return the earliest time at which a mail is to be sent; None if none waits."""
    return await mails.next_due_at(session)


async def claim(
    session: AsyncSession,
    registry: MailRegistry,
    mail_id: UUID,
    contact: Contact | None,
    *,
    worker: int,
    centres: Centres,
    now: datetime,
    joins: bool = True,
) -> Claimed | None:
    """
    Claim one mail and begin its attempt: once this transaction has committed, the mail counts as possibly sent.

    ``contact`` is the recipient, None if intake knows no such person any more; ``worker`` is the mailer that sends.
    If the mail ``joins`` others, it takes them with it.

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
    if joins and contact is not None and call_reason is None:
        companions = (await joint_mails.companions(session, registry, [mail], now))[mail.id]
    else:
        mail.joint_id, companions = None, joint_mails.ALONE
    if companions is None:
        return None
    sent = await attempts.left_since(session, [mail.person_id], now - throttling.DAY)
    about = Recipient(contact, call_reason, sent.get(mail.person_id, 0))
    claimed = await joint_mails.claim(
        session, registry, mail, companions, about, worker=worker, centres=centres, now=now
    )
    for row in (mail, *companions):
        if row.worker == worker:
            row.sending_since = now
        elif row is mail or row.joint_id is not None:
            await forget_members(session, row, now)
    return None if claimed is None else replace(claimed, begun=True)


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
    joint = await joint_mails.companions(session, registry, [row for row in rows if reasons[row.id] is None], now)
    sent = await attempts.left_since(session, {mail.person_id for mail in rows}, now - throttling.DAY)
    await facts_ahead.read(session, [*rows, *(row for others in joint.values() for row in others or ())])
    claimed, alone = [], []
    for mail in rows:
        spec, companions = registry.get(mail.kind), joint.get(mail.id, joint_mails.ALONE)
        if companions is None:
            continue
        is_forgotten = await _is_any_forgotten(session, (mail, *companions))
        if reasons[mail.id] is not None or spec is None or spec.by_phone or is_forgotten:
            alone.append(mail.id)
            continue
        about = Recipient(contacts[mail.id], None, sent.get(mail.person_id, 0))
        found = await joint_mails.claim(
            session, registry, mail, companions, about, worker=worker, centres=centres, now=now
        )
        claimed += [found] if found else []
        await asyncio.sleep(0)  # the server may have answered for another mail
    return claimed, alone


async def _is_any_forgotten(session: AsyncSession, rows: Sequence[Mail]) -> bool:
    """Return True if a mail is about a group whose members are to be forgotten."""
    for group_id in {row.group_id for row in rows if row.group_id is not None}:
        group = await projections.group(session, group_id)
        if group is not None and group.forgotten_at is not None:
            return True
    return False


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


async def put_back(session: AsyncSession, due_at: Mapping[UUID, datetime], *, worker: int, now: datetime) -> None:
    """Put claimed mails, which left as one and did not reach the server, back in their places in the queue."""
    for mail in await attempts.sent_by(session, due_at.keys(), worker):
        mail.apply(delivery.put_back(mail.delivery, due_at[mail.id]), now)


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
