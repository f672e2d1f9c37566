"""Somebody leaves, and what is done once they have."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.signups import FORGET_AFTER, FORGET_GROUP_AFTER, FORGET_MEMBER_AFTER, READINGS_KEPT, State
from intake.store import Signup, outbox, people
from intake.usecases import signup_events
from intake.usecases.erase import erase_person
from intake.vault import Vault
from shared.errors import DomainError
from shared.kit.messaging.causes import Cause


async def find(session: AsyncSession, signup_id: UUID) -> Signup | None:
    """The sign-up that a link to leave is about, as long as it is remembered."""
    return await people.signup(session, signup_id)


async def withdraw(session: AsyncSession, signup_id: UUID, *, now: datetime, cause: Cause) -> bool:
    """The person no longer wants a group. Leaving twice is leaving once; whether this was the first time."""
    row = await people.lock_signup(session, signup_id)
    if row is None or row.state == State.WITHDRAWN:
        return False
    signup_events.write_life(row, signup_events.life_of(row).withdraw(), now)
    await outbox.add(session, signup_events.withdrawn(cause, row, now))
    return True


async def due_to_forget(session: AsyncSession, *, now: datetime) -> list[UUID]:
    """Sign-ups whose time is over: never confirmed, left a day ago, or in a group that now manages by itself."""
    return [
        *await people.expired(session, now),
        *await people.left_before(session, now - FORGET_AFTER),
        *await people.members_before(session, now - FORGET_MEMBER_AFTER),
    ]


async def forget_signup(session: AsyncSession, vault: Vault, signup_id: UUID, *, now: datetime, cause: Cause) -> None:
    """
    Forgets a sign-up that is over, and its person unless another sign-up of theirs is going on.

    Raises:
        DomainError: ``signup_going_on`` for one that is not over.
    """
    known = await people.signup(session, signup_id)
    if known is None or await people.lock_person(session, known.person_id) is None:
        return
    row = await people.lock_signup(session, signup_id)
    if row is None:
        return
    unconfirmed = row.expires_at is not None and row.expires_at <= now
    left = row.withdrawn_at is not None and row.withdrawn_at <= now - FORGET_AFTER
    settled = row.state == State.MEMBER and row.placed_at is not None and row.placed_at <= now - FORGET_MEMBER_AFTER
    if not (unconfirmed or left or settled):
        raise DomainError("signup_going_on", signup_id=signup_id)
    await people.delete_signup(session, signup_id)
    session.expunge(row)
    if not await people.signups_of(session, known.person_id):
        await erase_person(session, vault, known.person_id, now=now, cause=cause, signup_ids=(signup_id,))


async def forget_groups(session: AsyncSession, *, now: datetime) -> None:
    """Forgets which group people came into, or could have, when nothing more is to be heard of it."""
    await people.forget_groups(session, now - FORGET_GROUP_AFTER)


async def forget_readings(session: AsyncSession, *, now: datetime) -> None:
    """Deletes the notes of who read contact details, once they are old."""
    await people.forget_readings(session, now - READINGS_KEPT)
