"""
The sealed addresses of groups on their own: sealed when grouping forgets the members, opened for kontaktmøter only.

They lie under the key of their group and belong to no person; whoever is erased has them deleted by the MAC of the
mailbox. Opening them is an act that the audit log keeps, by the group.
"""

import json
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.form import canonical_of_normalized
from intake.store import audit_log, people, sealed_addresses
from intake.vault.blind_index import BlindIndex
from intake.vault.vault import Vault
from shared.events import contacts
from shared.events.kontaktmoter import Announced, KontaktmoteCancelled, KontaktmoteChanged
from shared.kit.audit import Actor
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause
from shared.reference.centres import Centres
from shared.reference.retention import Data, kept_for

LENGTH: Final = 512
"""Bytes of what is sealed, so that no length tells of an address."""

_TABLE: Final = "sealed_addresses"

log = get_logger(__name__)


async def seal(session: AsyncSession, vault: Vault, person_id: UUID) -> None:
    """Seal the address of a person for the groups in line, if there is one and the group goes on."""
    for row in await sealed_addresses.take_in_line(session, person_id):
        person, person_key = await people.get(session, person_id), (await vault.keys([person_id])).get(person_id)
        email = person_key.open("people", "email", person.email_sealed) if person and person_key else None
        if person and email and not await sealed_addresses.has_ended(session, row.group_id):
            key = await vault.groups.ensure(row.group_id)
            text = json.dumps({"email": email, "language": person.language}).ljust(LENGTH)
            sealed = key.seal(_TABLE, "sealed", text)
            assert sealed is not None
            tag = tag_of(vault, row.group_id, email)
            await sealed_addresses.add(session, row.group_id, row.centre, tag, sealed)
        await session.delete(row)


async def open_for_meeting(
    session: AsyncSession, vault: Vault, question: contacts.Question, *, reader: str, now: datetime
) -> contacts.Answer:
    """Return the addresses of groups for a kontaktmøte that their centre has announced and that is not over."""
    assert question.kontaktmote_id is not None
    meeting = await sealed_addresses.meeting(session, question.kontaktmote_id)
    if meeting is None or meeting.ends_at <= now:
        log.warning("sealed_addresses_refused", reason="no_such_meeting", count=len(question.group_ids))
        return contacts.Answer(contacts=())
    rows = await sealed_addresses.of_groups(session, question.group_ids, meeting.centre)
    opened = await vault.groups.keys({row.group_id for row in rows})
    actor = Actor(reader, now, Cause.fresh())
    for group_id in sorted(opened):
        details = {"kontaktmote_id": str(question.kontaktmote_id)}
        await audit_log.record(
            session, actor, "group.addresses_opened", "group", group_id, scope=meeting.centre, details=details
        )
    found = []
    for row in rows:
        if key := opened.get(row.group_id):
            content = json.loads(key.open(_TABLE, "sealed", row.sealed) or "{}")
            found.append(contacts.GroupAddress(group_id=row.group_id, address_id=row.address_id, **content))
    return contacts.Answer(contacts=(), addresses=tuple(found))


async def delete_of_mailbox(session: AsyncSession, vault: Vault, email: str) -> int:
    """Delete an address from all groups, because its owner wants to be erased; return how many there were."""
    tags = [tag_of(vault, group_id, email) for group_id in await sealed_addresses.groups(session)]
    return await sealed_addresses.delete_tags(session, tags)


async def on_announced(session: AsyncSession, event: Announced | KontaktmoteChanged | KontaktmoteCancelled) -> None:
    """Store an announced meeting, or its newest time; nobody can sign up for one that is cancelled."""
    await sealed_addresses.write_meeting(
        session,
        event.kontaktmote_id,
        event.version,
        event.centre,
        event.starts_at,
        event.ends_at if not isinstance(event, KontaktmoteCancelled) else None,
        open_to_all=not isinstance(event, KontaktmoteCancelled) and event.open_to_all,
    )


async def keys_without_addresses(session: AsyncSession, vault: Vault) -> list[UUID]:
    """Return the groups with a key but nothing sealed under it: they have ended, or their last address is deleted."""
    return sorted(await vault.groups.old() - set(await sealed_addresses.groups(session)))


async def delete_old_meetings(session: AsyncSession, _centres: Centres, now: datetime) -> None:
    """Delete announced meetings that are over, once no older event about them can come."""
    await sealed_addresses.delete_meetings(session, now - kept_for(Data.GROUP_FACT))


def tag_of(vault: Vault | BlindIndex, group_id: UUID, email: str) -> bytes:
    """Return the MAC of a group and a mailbox."""
    return vault.index("sealed", f"{group_id}|{canonical_of_normalized(email)}")
