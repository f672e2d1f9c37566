"""Questions for a confirmation that were postponed because the mailbox or the number was asked enough."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.signups import MAIL_WINDOW, MAILS_PER_WINDOW, SignupState
from intake.store import confirmations, outbox, people, signups, submissions
from intake.usecases import signup_events
from shared.kit.messaging.causes import Cause
from shared.reference.centres import Centres
from shared.reference.retention import Data, kept_for


async def postponed(session: AsyncSession, *, now: datetime) -> list[UUID]:
    """Return the postponed confirmations that may be sent now."""
    return await confirmations.ids_postponed(session, now - MAIL_WINDOW, MAILS_PER_WINDOW)


async def send_postponed(session: AsyncSession, centres: Centres, confirmation_id: UUID, *, now: datetime) -> bool:
    """Publish the ``Received`` of a postponed confirmation; return False if it is no longer due."""
    await submissions.lock(session)  # limits hold however many processes ask
    confirmation = await confirmations.get(session, confirmation_id)
    if confirmation is None or await people.lock(session, confirmation.person_id) is None:
        return False
    await session.refresh(confirmation)
    if confirmation.asked_at is not None or confirmation.confirmed_at is not None:
        return False
    row = await signups.lock(session, confirmation.signup_id)
    if row is None or row.state != SignupState.RECEIVED:
        return False
    if confirmation_id not in await postponed(session, now=now):
        return False
    centre = centres.get(row.centre)
    confirmation.asked_at = now
    confirmation.expires_at = now + kept_for(Data.UNCONFIRMED_SIGNUP, centre.policy if centre else None)
    row.expires_at = confirmation.expires_at
    row.version += 1
    cause = Cause.tick("ask", confirmation.confirmation_id)
    await outbox.add(session, signup_events.received(cause, dict(row), confirmation.confirmation_id, now))
    return True
