"""Publish anew, from the row of a sign-up, what another service has lost (decisions 44 and 53)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.signups import SignupState
from intake.store import outbox
from intake.usecases import signup_events
from intake.usecases.locks import lock_row
from intake.usecases.quiet_pairs import publish_wishes
from shared.events.reconciliation import SeatKnown
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
    row = await lock_row(session, signup_id)
    if row is None or row.state != SignupState.READY:
        return False
    if row.paused_at is not None or row.asked_consent is not None or row.asked_information is not None:
        return False
    await publish_wishes(session, Changed, cause or Cause.fresh(), row, now)
    log.info("signup_published_again", signup_id=signup_id)
    return True


async def tell_answer(session: AsyncSession, signup_id: UUID, *, now: datetime, cause: Cause | None = None) -> bool:
    """
    Tell grouping of a seat that it still offers whether the person took it.

    Returns False if intake has heard no answer either.
    """
    row = await lock_row(session, signup_id)
    if row is None or row.state not in {SignupState.READY, SignupState.SEATED}:
        return False
    if row.group_id is None or row.group_version is None:
        return False
    taken = row.seat_id if row.state == SignupState.SEATED else None
    if row.state == SignupState.SEATED and taken is None:
        return False
    stamp = signup_events.next_stamp(cause or Cause.fresh(), SeatKnown, row, now)
    told = SeatKnown(**stamp, group_id=row.group_id, group_version=row.group_version, seat_id=taken)
    await outbox.add(session, told)
    log.info("answer_told_again", signup_id=signup_id, group_id=row.group_id)
    return True
