"""Forgetting somebody: the key first, for then it is done whatever happens next."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.store import outbox, people
from intake.vault import Vault
from shared.events.people import Erased
from shared.kit.messaging.causes import Cause


async def erase_person(
    session: AsyncSession,
    vault: Vault,
    person_id: UUID,
    *,
    now: datetime,
    cause: Cause,
    signup_ids: tuple[UUID, ...] = (),
) -> bool:
    """
    Forgets somebody. May be repeated.

    The key is destroyed at once, in its own database and transaction. Should the rest fail, what is left is unreadable,
    and :func:`unfinished` finds it.

    Args:
        session: The caller's transaction.
        vault: Where the key is.
        person_id: Who.
        now: When.
        cause: What brought it about.
        signup_ids: Sign-ups of theirs that are gone already, for the event.

    Returns:
        Whether there was somebody to forget.
    """
    rows = await people.signups_of(session, person_id)
    await vault.destroy(person_id, now)
    await people.write_journal(session, person_id, now)
    if not await people.delete_person(session, person_id):
        return False
    for row in rows:
        session.expunge(row)
    gone = (*signup_ids, *(row.signup_id for row in rows))
    await outbox.add(session, cause.event(Erased, person_id, now, person_id=person_id, signup_ids=gone))
    return True


async def unfinished(session: AsyncSession, vault: Vault) -> list[UUID]:
    """
    People whom a journal names and who are still here: an erasure was interrupted, or an old backup was restored.

    Each database has the journal, so that either can be restored alone.
    """
    journal = await vault.journal() | await people.journal(session)
    return sorted(await people.existing(session, journal)) if journal else []


async def unused_keys(session: AsyncSession, candidates: list[UUID]) -> list[UUID]:
    """Those of the keys that belong to nobody: they were made ahead and never used."""
    known = await people.existing(session, candidates)
    return [person_id for person_id in candidates if person_id not in known]
