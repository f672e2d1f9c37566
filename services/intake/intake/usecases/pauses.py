"""A pause without an end date: no offers, no mails, the place in the queue kept, and consent asked on return."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.signups import ACTIVE
from intake.store import Consent, Signup, outbox
from intake.usecases import signup_events, signup_tasks, talk_frees
from intake.usecases.locks import lock_if_known, lock_row
from intake.usecases.signup_audit import record_signup
from shared.errors import DomainError
from shared.kit.audit import Actor
from shared.kit.ids import new_id
from shared.kit.messaging.causes import Cause
from shared.reference.centres import Centres


@dataclass(frozen=True, slots=True)
class NewConsent:
    """
    A consent that a person gives on return.

    Attributes:
        text_version: The version of the text that was shown or read aloud.
        language: The language of that text.
        how: ``web`` or ``oral``.
        recorded_by: For an oral consent, the username of the member of staff.
    """

    text_version: str
    language: str
    how: Literal["web", "oral"] = "web"
    recorded_by: str | None = None


async def pause(session: AsyncSession, signup_id: UUID, *, now: datetime, cause: Cause) -> bool:
    """Pause a sign-up that waits or has a seat; return False if it is over or paused already."""
    return await _pause(session, signup_id, now, cause) is not None


async def pause_by_staff(session: AsyncSession, signup_id: UUID, *, actor: Actor) -> None:
    """Pause a sign-up as a member of staff, and record the act. Idempotent."""
    row = await _pause(session, signup_id, actor.now, actor.cause)
    if row is not None:
        await record_signup(session, actor, "signup.paused", row)


async def resume(
    session: AsyncSession, centres: Centres, signup_id: UUID, consent: NewConsent, *, now: datetime, cause: Cause
) -> bool:
    """
    End a pause with a new consent; return False if there is none to end.

    Raises:
        DomainError: ``consent_outdated`` unless the consent is to the centre's current text.
    """
    return await _resume(session, centres, signup_id, consent, now, cause) is not None


async def resume_by_staff(
    session: AsyncSession, centres: Centres, signup_id: UUID, consent: NewConsent, *, actor: Actor
) -> None:
    """
    End a pause as a member of staff who heard the consent, and record the act. Idempotent.

    Raises:
        DomainError: ``consent_outdated`` unless the consent is to the centre's current text.
    """
    row = await _resume(session, centres, signup_id, consent, actor.now, actor.cause)
    if row is not None:
        await record_signup(session, actor, "signup.resumed", row)


async def end_pause(session: AsyncSession, row: Signup, *, now: datetime, cause: Cause) -> None:
    """End the pause of a locked sign-up, if it has one, and publish it; the consent is stored by the caller."""
    if row.paused_at is not None:
        row.paused_at, row.renewed_at = None, now
        await talk_frees.reopen(session, row, now=now)
        await outbox.add(session, signup_events.resumed(cause, row, now))


def consent_row(row: Signup, given: NewConsent, text_version: str, now: datetime) -> Consent:
    """Return the row of a consent that a person who waits has given to a text."""
    return Consent(
        consent_id=new_id(),
        person_id=row.person_id,
        centre=row.centre,
        text_version=text_version,
        language=given.language,
        given_at=now,
        how=given.how,
        recorded_by=given.recorded_by,
    )


async def _pause(session: AsyncSession, signup_id: UUID, now: datetime, cause: Cause) -> Signup | None:
    row = await lock_row(session, signup_id)
    if row is None or row.state not in ACTIVE or row.paused_at is not None:
        return None
    await talk_frees.free(session, row, "paused", now=now, cause=cause)
    row.paused_at, row.renewal_deadline = now, None
    await signup_tasks.close(session, signup_id, now=now, cause=cause)
    await outbox.add(session, signup_events.paused(cause, row, now))
    return row


async def _resume(
    session: AsyncSession, centres: Centres, signup_id: UUID, consent: NewConsent, now: datetime, cause: Cause
) -> Signup | None:
    locked = await lock_if_known(session, signup_id)
    if locked is None:
        return None
    person, row = locked
    if row.state not in ACTIVE or row.paused_at is None:
        return None
    centre = centres.get(row.centre)
    if centre is None or consent.text_version != centre.policy.consent_version:
        raise DomainError("consent_outdated", signup_id=signup_id)
    session.add(consent_row(row, consent, consent.text_version, now))
    await end_pause(session, row, now=now, cause=cause)
    await signup_tasks.sync(session, centres, person, signup_id, now=now, cause=cause)
    return row
