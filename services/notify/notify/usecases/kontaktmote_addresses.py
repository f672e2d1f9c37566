"""
Sealed addresses of groups: their opaque ids are asked for once intake knows the meeting, and mails are planned by them.

The addresses themselves are asked for again when each mail leaves (:mod:`notify.recipients`), and stored nowhere.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain.kontaktmoter.meetings import State
from notify.mails.registry import MailRegistry
from notify.store import kontaktmoter
from notify.usecases.mail_plan import sync_invitation_mails
from shared.events.contacts import GroupAddress
from shared.kit.ids import new_id
from shared.kit.messaging.causes import Cause

ASKED_FOR: Final = timedelta(hours=24)
"""How long a group without any address is asked for: intake may hear of the meeting, or seal, a little later."""


async def to_open(session: AsyncSession, now: datetime) -> dict[UUID, list[UUID]]:
    """Return the meetings that are not over, each with the groups whose address ids are not known yet."""
    groups: dict[UUID, list[UUID]] = {}
    for kontaktmote_id, group_id in await kontaktmoter.to_open(session, now):
        groups.setdefault(kontaktmote_id, []).append(group_id)
    return groups


async def invite(
    session: AsyncSession,
    registry: MailRegistry,
    kontaktmote_id: UUID,
    asked: Collection[UUID],
    addresses: Sequence[GroupAddress],
    *,
    now: datetime,
    cause: Cause,
) -> None:
    """Invite the sealed addresses of the groups that were asked for; who refuses invitations is left out."""
    row = await kontaktmoter.get(session, kontaktmote_id, lock=True)
    if row is None or row.state not in (State.ANNOUNCED, State.CANCELLED):
        return
    closed = {group.group_id: group for group in await kontaktmoter.sealed(session, kontaktmote_id) if not group.opened}
    rows = await kontaktmoter.invitations(session, kontaktmote_id)
    known = {one.recipient_id for one in rows}
    refusing = await kontaktmoter.refusing(session, row.centre, [address.address_id for address in addresses])
    added = []
    for address in addresses:
        group = closed.get(address.group_id)
        if group is None or address.address_id in known:
            continue
        group.opened = True
        if address.address_id in refusing:
            continue
        added.append(kontaktmoter.invitation_of(row, address, new_id(), group.told_sequence))
    if row.announced_at is not None and now > row.announced_at + ASKED_FOR:
        for group_id in set(asked) & closed.keys():
            closed[group_id].opened = True
    session.add_all(added)
    row.invited += sum(not one.told_before for one in added)
    await session.flush()
    await sync_invitation_mails(session, registry, row, added, now=now, cause=cause)
