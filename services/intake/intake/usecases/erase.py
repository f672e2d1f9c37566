"""Erasure of a person: the key is destroyed first, so that data in backups is unreadable too; then rows are deleted."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.store import (
    accounts,
    audit_log,
    erasure_reports,
    outbox,
    people,
    quiet_pairs,
    signups,
    submissions,
    task_book,
    tasks,
)
from intake.usecases import sealed_addresses
from intake.vault.vault import Vault
from shared.events.erasures import Reported
from shared.events.people import Erased
from shared.kit.audit import Actor
from shared.kit.messaging.causes import Cause
from shared.reference.centres import Centres
from shared.reference.retention import Data, kept_for


async def erase_person(
    session: AsyncSession,
    vault: Vault,
    person_id: UUID,
    *,
    now: datetime,
    cause: Cause,
    deleted_signup_ids: tuple[UUID, ...] = (),
    wants_receipt: bool = False,
) -> bool:
    """
    Erase a person, with new addresses that wait for an answer, and publish ``Erased`` for each. Idempotent.

    Erases an account as well; the id is of one or the other.

    The key is destroyed in its own database and transaction. If the rest fails, :func:`unfinished` returns the person.
    Contact readings and the audit log stay until their own retention ends: they hold opaque ids only.

    Args:
        session: The caller's transaction.
        vault: The person keys.
        person_id: The person.
        now: The time of the erasure.
        cause: The cause of the event.
        deleted_signup_ids: Sign-ups of the person that the caller has deleted, to be named in the event too.
        wants_receipt: True if each service is to report what it deleted.

    Returns:
        True if the person had a row.
    """
    for asked_id in await people.address_questions(session, person_id):
        await erase_person(session, vault, asked_id, now=now, cause=cause)
    rows = await signups.of_person(session, person_id)
    await vault.destroy(person_id, now)
    await people.journal_erasure(session, person_id, now)
    if not (await people.delete(session, person_id) or await accounts.delete(session, person_id)):
        return False
    await quiet_pairs.forget(session, person_id)  # after the row is locked, so that no comparison adds a pair
    for row in rows:
        session.expunge(row)
    await task_book.close_of_person(session, person_id, now=now, cause=cause)
    await tasks.close_of_person(session, person_id, now)
    signup_ids = (*deleted_signup_ids, *(row.signup_id for row in rows))
    erased = Erased(
        **cause.stamp(Erased, person_id, now), person_id=person_id, signup_ids=signup_ids, wants_receipt=wants_receipt
    )
    await outbox.add(session, erased)
    return True


async def erase_on_request(
    session: AsyncSession, vault: Vault, person_id: UUID, *, now: datetime, cause: Cause
) -> dict[str, int] | None:
    """
    Erase a person who asks for it, and their address from the sealed ones of groups on their own. Idempotent.

    Return the number of rows of each kind, None if the person was erased before.

    At the end of a retention the sealed addresses stay: they were sealed to outlive the person's row.
    """
    person, key = await people.get(session, person_id), (await vault.keys([person_id])).get(person_id)
    addresses = 0
    if person is not None and key is not None and (email := key.open("people", "email", person.email_sealed)):
        addresses = await sealed_addresses.delete_of_mailbox(session, vault, email)
    counts = {
        "people": int(person is not None),
        "signups": len(await signups.of_person(session, person_id)),
        "consents": len(await people.consents_of(session, person_id)),
        "sealed_addresses": addresses,
    }
    if not await erase_person(session, vault, person_id, now=now, cause=cause, wants_receipt=True):
        return None
    await erasure_reports.add(session, person_id, "intake", counts, now)
    return counts


async def on_reported(session: AsyncSession, event: Reported, *, now: datetime) -> None:
    """Store what another service has deleted, for the receipt."""
    await erasure_reports.add(session, event.person_id, event.service, event.deleted, now)


async def delete_old_reports(session: AsyncSession, _centres: Centres, now: datetime) -> None:
    """Delete reports whose receipt is no longer to be had."""
    await erasure_reports.delete_until(session, now - kept_for(Data.ERASURE_REPORT))


async def erase_by_staff(session: AsyncSession, vault: Vault, person_id: UUID, centre: str, *, actor: Actor) -> None:
    """Erase a person as a member of a centre's staff, and record the act. Idempotent."""
    # The cause of ``jobs.finish_erasures``: if this is interrupted, the job publishes the same event.
    cause = Cause.tick("erase", person_id)
    if await erase_on_request(session, vault, person_id, now=actor.now, cause=cause) is not None:
        await audit_log.record(session, actor, "person.erased", "person", person_id, scope=centre)


async def unfinished(session: AsyncSession, vault: Vault) -> list[UUID]:
    """
    Return people who are in an erasure journal but still have a row.

    Their erasure was interrupted, or an old backup was restored. Each of the two databases has a journal, so either can
    be restored alone.
    """
    erased = await vault.journal() | await people.erased(session)
    if not erased:
        return []
    return sorted(await people.existing(session, erased) | await accounts.existing(session, erased))


async def unused_keys(session: AsyncSession, candidates: list[UUID]) -> list[UUID]:
    """Return those of the key ids that belong to no person."""
    existing = await people.existing(session, candidates) | await submissions.key_ids(session, candidates)
    existing |= await accounts.existing(session, candidates)
    return [person_id for person_id in candidates if person_id not in existing]
