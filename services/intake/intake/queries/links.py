"""Data of the pages that links in mails open."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.signups import ConfirmationStatus, SignupState
from intake.store import confirmations, signups


async def confirmation_status(session: AsyncSession, confirmation_id: UUID, now: datetime) -> ConfirmationStatus:
    """Return the status of a confirmation link."""
    confirmation = await confirmations.get(session, confirmation_id)
    if confirmation is None:
        return ConfirmationStatus.GONE
    if confirmation.confirmed_at is not None:
        return ConfirmationStatus.ALREADY
    return ConfirmationStatus.OPEN if now < confirmation.expires_at else ConfirmationStatus.GONE


async def can_withdraw(session: AsyncSession, signup_id: UUID) -> bool:
    """Return True if the sign-up exists and is not withdrawn."""
    row = await signups.get(session, signup_id)
    return row is not None and row.state != SignupState.WITHDRAWN
