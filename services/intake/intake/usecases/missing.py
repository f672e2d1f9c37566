"""Publish a waiting sign-up anew, from its row, where another service has lost it (decision 44)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.signups import SignupState
from intake.store import outbox, signups
from intake.usecases import signup_events
from shared.events.signups import Changed
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause

log = get_logger(__name__)


async def publish_again(session: AsyncSession, signup_id: UUID, *, now: datetime, cause: Cause | None = None) -> bool:
    """
    Publish the wishes of a person who waits; no mail follows.

    Returns False, and leaves it to staff, if they do not wait any more, have asked for a pause or are asked about a
    changed text: that would have to be published too, and makes a mail.
    """
    row = await signups.lock(session, signup_id)
    if row is None or row.state != SignupState.READY:
        return False
    if row.paused_at is not None or row.asked_consent is not None or row.asked_information is not None:
        return False
    await outbox.add(session, signup_events.wishes(Changed, cause or Cause.fresh(), row, now))
    log.info("signup_published_again", signup_id=signup_id)
    return True
