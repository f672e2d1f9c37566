"""
Guests of meetings that are open to all: an address for one meeting, which counts once its owner has answered a mail.

A guest is nobody else in the system: the address is not compared with those of people who have signed up for a group.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.store import AnnouncedMeeting, meeting_guests, outbox, people, sealed_addresses, submissions
from intake.usecases.erase import erase_person
from intake.usecases.mail_budget import take_one
from intake.usecases.signup_rows import contact_indexes
from intake.vault.vault import Vault
from shared.errors import NotFoundError
from shared.events.kontaktmoter import GuestAnswered
from shared.events.people import GuestAsked
from shared.kit.messaging.causes import Cause
from shared.reference.retention import Data, kept_for

_TABLE: Final = "people"


async def open_meeting(session: AsyncSession, kontaktmote_id: UUID, now: datetime) -> AnnouncedMeeting:
    """
    Return a meeting for which anybody can sign up now.

    Raises:
        NotFoundError: ``unknown_kontaktmote``: there is none, it is not open to all, it has begun or is cancelled.
    """
    meeting = await sealed_addresses.meeting(session, kontaktmote_id)
    if meeting is None or not meeting.open_to_all or meeting.starts_at is None or meeting.starts_at <= now:
        raise NotFoundError("unknown_kontaktmote", kontaktmote_id=kontaktmote_id)
    return meeting


async def ask(
    session: AsyncSession,
    vault: Vault,
    kontaktmote_id: UUID,
    email: str,
    language: str,
    *,
    now: datetime,
    cause: Cause,
) -> None:
    """
    Store a guest with a normalized address, and have it asked by mail whether they come.

    A mailbox is asked once for each meeting, and a few times a day at most; nobody is told whether it was.

    Raises:
        NotFoundError: ``unknown_kontaktmote``.
    """
    await open_meeting(session, kontaktmote_id, now)
    indexes = contact_indexes(vault, email, None)
    mailbox = indexes["mailbox_index"]
    assert mailbox is not None
    await people.lock_address(session, mailbox)
    if await meeting_guests.is_guest(session, kontaktmote_id, mailbox):
        return
    await submissions.lock(session)  # limits hold however many processes ask
    if not await take_one(session, vault, mailbox, now=now):
        return
    key = await vault.new_key()
    person = {
        **indexes,
        "person_id": key.person_id,
        "email_sealed": key.seal(_TABLE, "email", email),
        "first_name_sealed": key.seal(_TABLE, "first_name", ""),
        "mobile_sealed": None,
        "language": language,
        "created_at": now,
    }
    await meeting_guests.add(session, person, kontaktmote_id, now)
    stamp = cause.stamp(GuestAsked, key.person_id, now)
    asked = {"person_id": key.person_id, "kontaktmote_id": kontaktmote_id, "language": language}
    await outbox.add(session, GuestAsked.model_validate({**stamp, **asked}))


async def on_answered(session: AsyncSession, event: GuestAnswered) -> None:
    """Store whether a guest comes; after a no the address is soon erased, like one that was never confirmed."""
    guest = await meeting_guests.lock(session, event.person_id)
    if guest is None or event.occurred_at < guest.asked_at:
        return
    guest.coming, guest.asked_at = event.coming, event.occurred_at


async def due(session: AsyncSession, now: datetime) -> list[UUID]:
    """Return the guests whose address is no longer needed."""
    return await meeting_guests.due(
        session,
        asked_until=now - kept_for(Data.UNCONFIRMED_SIGNUP),
        ended_until=now - kept_for(Data.MEETING_GUEST),
    )


async def erase(session: AsyncSession, vault: Vault, person_id: UUID, *, now: datetime) -> None:
    """Erase a guest. Idempotent."""
    await erase_person(session, vault, person_id, now=now, cause=Cause.tick("guest", person_id))
