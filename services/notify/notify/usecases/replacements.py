"""
Tell people of a lost seat whose message never left.

The offer of another seat stands for that message: a mail about the new seat says both. If the offer lapses before its
mail has left, nobody has been told of the loss, so it is told alone.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import delivery
from notify.mails.registry import MailRegistry
from notify.store import Seat, mails, projections
from notify.usecases.contradictions import TOLD_IN_OFFER
from notify.usecases.mail_plan import sync_group_mails
from shared.kit.messaging.causes import Cause


async def tell_of_lost_seat(
    session: AsyncSession, registry: MailRegistry, seat: Seat, *, now: datetime, cause: Cause
) -> None:
    """Queue the message about the seat that a lapsed offer was to replace, unless a mail or call has told of both."""
    if seat.released != "lapsed" or await mails.told_of_seat(session, seat, registry.offering):
        return
    lost_id = seat.instead_of or await mails.replaced_seat(session, seat)
    lost = await projections.seat(session, lost_id) if lost_id is not None else None
    if lost is None:
        return
    for mail in await mails.of_seat_told_in_offer(session, lost, TOLD_IN_OFFER):
        mail.apply(delivery.queued(now, is_reminder=False), now)
        await mails.wake(session)
    group = await projections.group(session, lost.group_id)
    if lost.replaced_by == seat.id and group is not None:
        lost.released, lost.replaced_by = "cancelled", None
        await session.flush()
        await sync_group_mails(session, registry, group, "group_cancelled", now=now, cause=cause)
