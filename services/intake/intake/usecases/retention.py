"""Deletion of data at the end of its retention, which ``shared.reference.retention`` derives from the policies."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.form import SignupForm
from intake.domain.signups import SignupState
from intake.store import Signup, audit_log, contact_readings, security_events, signups, submissions
from intake.store.signups import Cutoffs
from intake.usecases import signup_tasks
from intake.usecases.erase import erase_person
from intake.usecases.locks import lock_row
from intake.vault.vault import Vault
from shared.errors import DomainError
from shared.kit.messaging.causes import Cause
from shared.reference.centres import Centres
from shared.reference.retention import Data, cutoffs, kept_for


async def due_signups(session: AsyncSession, centres: Centres, *, now: datetime) -> list[UUID]:
    """Return sign-ups whose retention has ended: unconfirmed, withdrawn, or of forgotten members."""
    return [
        *await signups.ids_expired(session, now),
        *await signups.ids_withdrawn(session, _cutoffs(centres, Data.WITHDRAWN_SIGNUP, now)),
        *await signups.ids_of_forgotten(session, _cutoffs(centres, Data.FORGOTTEN_MEMBER, now)),
        *await signups.ids_of_members(session, _cutoffs(centres, Data.MEMBERSHIP_WITHOUT_LIFE, now)),
    ]


async def delete_replaced_form(
    session: AsyncSession, vault: Vault, replaced_key: str, form: SignupForm, *, now: datetime, cause: Cause
) -> None:
    """
    Delete an unconfirmed form that its sender has corrected and sent again; nobody is asked about it any more.

    Args:
        session: The caller's transaction.
        vault: The person keys.
        replaced_key: The idempotency key with which it was sent.
        form: The form that takes its place; nothing is deleted if both are the same.
        now: The time of the deletion.
        cause: The cause of the events.
    """
    form_index = await submissions.form_with_key(session, vault.index("key", replaced_key))
    if form_index is None or form_index == vault.index("form", form.model_dump_json()):
        return
    await submissions.delete_form(session, form_index)
    signup_id = await signups.id_of_form(session, form_index)
    row = await lock_row(session, signup_id) if signup_id else None
    if row is not None and row.state == SignupState.RECEIVED:
        await signup_tasks.close(session, row.signup_id, now=now, cause=cause)
        await erase_person(session, vault, row.person_id, now=now, cause=cause)


async def delete_signup(
    session: AsyncSession, vault: Vault, centres: Centres, signup_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """
    Delete a sign-up whose retention has ended, and erase its person unless another sign-up remains.

    Raises:
        DomainError: ``signup_going_on`` if its retention has not ended.
    """
    row = await lock_row(session, signup_id)
    if row is None:
        return
    if not _retention_ended(row, centres, now):
        raise DomainError("signup_going_on", signup_id=signup_id)
    await signups.delete(session, signup_id)
    await signup_tasks.close(session, signup_id, now=now, cause=cause)
    session.expunge(row)
    if not await signups.of_person(session, row.person_id):
        await erase_person(session, vault, row.person_id, now=now, cause=cause, deleted_signup_ids=(signup_id,))


async def clear_group_links(session: AsyncSession, centres: Centres, now: datetime) -> None:
    """Delete the link between people and a group that started, or offered a seat, long ago."""
    await signups.clear_group_links(session, _cutoffs(centres, Data.GROUP_LINKS, now))


async def delete_contact_readings(session: AsyncSession, _centres: Centres, now: datetime) -> None:
    """Delete old contact readings; they belong to no centre."""
    await contact_readings.delete_until(session, now - kept_for(Data.CONTACT_READING))


async def delete_audit_log(session: AsyncSession, _centres: Centres, now: datetime) -> None:
    """Delete old entries of the audit log."""
    await audit_log.delete_before(session, now - kept_for(Data.AUDIT_ENTRY))


async def delete_security_events(session: AsyncSession, _centres: Centres, now: datetime) -> None:
    """Delete old security events."""
    await security_events.delete_before(session, now - kept_for(Data.SECURITY_EVENT))


async def delete_idempotency_keys(session: AsyncSession, _centres: Centres, now: datetime) -> None:
    """Delete idempotency keys that no form is sent with again."""
    await submissions.delete_keys(session, now - kept_for(Data.IDEMPOTENCY_KEY))


def _retention_ended(row: Signup, centres: Centres, now: datetime) -> bool:
    centre = centres.get(row.centre)
    policy = centre.policy if centre else None
    if row.expires_at is not None and row.expires_at <= now:
        return True
    if row.withdrawn_at is not None and row.withdrawn_at <= now - kept_for(Data.WITHDRAWN_SIGNUP, policy):
        return True
    if row.forgotten_at is not None:
        return row.forgotten_at <= now - kept_for(Data.FORGOTTEN_MEMBER, policy)
    in_no_life = row.state == SignupState.MEMBER and row.seat_id is None
    return (
        in_no_life
        and row.placed_at is not None
        and row.placed_at <= now - kept_for(Data.MEMBERSHIP_WITHOUT_LIFE, policy)
    )


def _cutoffs(centres: Centres, data: Data, now: datetime) -> Cutoffs:
    return Cutoffs(cutoffs(centres, data, now), now - kept_for(data))
