"""Guests of meetings that are open to all: their sign-up counts for nothing until they answer by the link of a mail."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain.kontaktmoter.invitations import Via
from notify.mails.registry import MailRegistry
from notify.store import InvitationRow, kontaktmoter, projections
from notify.usecases.kontaktmote_replies import is_ahead
from notify.usecases.mail_plan import sync_invitation_mails
from shared.events.people import GuestAsked
from shared.kit.ids import new_id
from shared.kit.messaging.causes import Cause


async def on_guest_asked(
    session: AsyncSession, registry: MailRegistry, event: GuestAsked, *, now: datetime, cause: Cause
) -> None:
    """Plan the mail that asks a guest whether they come; none if the meeting is off or not open to all any more."""
    await projections.lock(session, person_ids=[event.person_id])
    if await projections.erased(session, [event.person_id]):
        return
    row = await kontaktmoter.get(session, event.kontaktmote_id, lock=True)
    if row is None or not is_ahead(row, now) or not row.plan.open_to_all:
        return
    if await kontaktmoter.of_recipient(session, event.person_id):
        return
    guest = InvitationRow(
        id=new_id(),
        kontaktmote_id=row.id,
        recipient_id=event.person_id,
        via=Via.GUEST.value,
        language=event.language,
        sequence=row.sequence,
    )
    session.add(guest)
    await sync_invitation_mails(session, registry, row, [guest], now=now, cause=cause)
