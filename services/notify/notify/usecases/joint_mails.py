"""
Claim mails to one person as one, and send them as one until they have arrived.

Those that were tried together stay together: each copy has the same Message-ID. One that is no longer wanted is left
out of the next copy; if one must wait, all of them do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import delivery
from notify.domain.delivery import Status
from notify.domain.joint_mails import WITHIN, fits
from notify.mails.registry import MailRegistry
from notify.store import Mail
from notify.store import joint_mails as store
from notify.usecases import claims
from notify.usecases.claims import Claimed, Prospect, Recipient
from shared.kit.ids import new_id
from shared.reference.centres import Centres

ALONE: Final[Sequence[Mail]] = ()
_LATEST: Final = datetime.max.replace(tzinfo=UTC)


async def companions(
    session: AsyncSession, registry: MailRegistry, rows: Sequence[Mail], now: datetime
) -> Mapping[UUID, Sequence[Mail] | None]:
    """
    Lock and return, by mail, those that may leave as one with each of these locked mails to different people.

    It is None for one that waits while somebody else changes a mail with which it was tried as one.
    """
    joint_ids = {row.joint_id for row in rows if row.joint_id is not None}
    again = await store.to_send_again(session, joint_ids) if joint_ids else {}
    new = {row.person_id for row in rows if _may_lead(row, registry)}
    waiting = await store.waiting(session, new, registry.joining, now + WITHIN) if new else {}
    found: dict[UUID, Sequence[Mail] | None] = {}
    for row in rows:
        others: Sequence[Mail] | None = ALONE
        if row.joint_id is not None:
            others = again[row.joint_id]
        elif row.person_id in new:
            others = waiting[row.person_id]
        found[row.id] = None if others is None else [other for other in others if other.id != row.id]
    return MappingProxyType(found)


def _may_lead(mail: Mail, registry: MailRegistry) -> bool:
    """Return True if other mails may leave with this one, which has not been tried yet."""
    fresh = mail.joint_id is None and mail.status == Status.QUEUED.value and mail.attempt == 0
    return fresh and mail.held_due_at is None and mail.kind in registry.joining


async def claim(
    session: AsyncSession,
    registry: MailRegistry,
    mail: Mail,
    others: Sequence[Mail],
    recipient: Recipient,
    *,
    worker: int,
    centres: Centres,
    now: datetime,
) -> Claimed | None:
    """Claim a locked mail, with those that leave as one with it; return None if nothing is sent now."""
    if mail.joint_id is not None and others:
        return await _claim_again(session, registry, (mail, *others), recipient, worker, centres, now)
    claimed = await claims.claim(session, registry, mail, recipient, worker=worker, centres=centres, now=now)
    if claimed is None:
        return None
    parts = [claimed]
    for row in others:
        prospect = await claims.look_up(session, registry, row, recipient, centres, now)
        if prospect is None or prospect.content is None or not fits(prospect.section, [part.section for part in parts]):
            continue  # it waits for its own turn, where it may be dropped
        parts.append(claims.begin_attempt(row, prospect, worker, now))
        mail.joint_id = row.joint_id = mail.joint_id or new_id()
    return _as_one(parts, mail.joint_id)


async def _claim_again(
    session: AsyncSession,
    registry: MailRegistry,
    rows: Sequence[Mail],
    recipient: Recipient,
    worker: int,
    centres: Centres,
    now: datetime,
) -> Claimed | None:
    """Claim mails that were tried as one: those that are no longer wanted are left out, and all wait if one must."""
    wanted: list[tuple[Mail, Prospect]] = []
    waits_until: list[datetime] = []
    for row in rows:
        prospect = await claims.look_up(session, registry, row, recipient, centres, now)
        if prospect is None:
            await claims.fail_unknown_kind(session, registry, row, now)
        elif prospect.state is not None and prospect.state.next_at is None:
            claims.leave_unsent(row, prospect.state, now)
        else:
            wanted.append((row, prospect))
            if prospect.state is not None and prospect.state.next_at is not None:
                waits_until.append(prospect.state.next_at)
    if waits_until:
        for row, _ in wanted:
            claims.leave_unsent(row, delivery.postpone(row.delivery, max(waits_until)), now)
        return None
    parts = [claims.begin_attempt(row, prospect, worker, now) for row, prospect in wanted]
    return _as_one(parts, rows[0].joint_id) if parts else None


def _as_one(parts: Sequence[Claimed], joint_id: UUID | None) -> Claimed:
    """Return mails that leave as one; its first section is what must be answered soonest."""
    first, *others = sorted(parts, key=_urgency)
    return replace(first, joint_id=joint_id, others=tuple(others))


def _urgency(mail: Claimed) -> tuple[datetime, datetime, UUID]:
    return mail.content.deadline or _LATEST, mail.due_at, mail.mail_id
