"""
Guests of meetings that are open to all: an address for one meeting, which counts once its owner has answered a mail.

A guest is nobody else in the system: the address is not compared with those of people who have signed up for a group.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.store import AnnouncedMeeting, meeting_guests, outbox, people, sealed_addresses, submissions
from intake.store.meeting_guests import Asking
from intake.usecases.erase import erase_person
from intake.usecases.mail_budget import DEFAULT_CAPS, MailBudget, MailCaps
from intake.usecases.signup_rows import contact_indexes
from intake.vault.vault import Vault
from shared.errors import NotFoundError
from shared.events.kontaktmoter import GuestAnswered
from shared.events.people import GuestAsked
from shared.kit.messaging.causes import Cause
from shared.reference.retention import Data, kept_for

BATCH: Final = 100  # requests in one transaction

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
    proven: bool = True,
    now: datetime,
) -> None:
    """
    Store the form of a guest with a normalized address, by the same statements for everybody.

    Args:
        session: The caller's transaction.
        vault: The keys.
        kontaktmote_id: The meeting.
        email: Normalized.
        language: The language of the page.
        proven: False if a machine may have sent it; such mails have a smaller budget.
        now: The time in the system.

    Raises:
        NotFoundError: ``unknown_kontaktmote``.
    """
    await open_meeting(session, kontaktmote_id, now)
    key = await vault.new_key()
    person = {
        **contact_indexes(vault, email, None),
        "person_id": key.person_id,
        "email_sealed": key.seal(_TABLE, "email", email),
        "first_name_sealed": key.seal(_TABLE, "first_name", ""),
        "mobile_sealed": None,
        "language": language,
        "created_at": now,
    }
    request = {
        "person_id": key.person_id,
        "kontaktmote_id": kontaktmote_id,
        "asked_at": now,
        "proven": proven,
        "postponed": False,
    }
    await meeting_guests.add_request(session, person, request)


async def decide_batch(session: AsyncSession, vault: Vault, caps: MailCaps = DEFAULT_CAPS, *, now: datetime) -> int:
    """
    Have those who are new asked by mail whether they come; return the number of requests.

    A mailbox is asked once for each meeting. A mail over the budget is sent later.
    """
    batch = await meeting_guests.take_new(session, BATCH)
    if batch:
        await submissions.lock(session)  # limits hold however many processes ask
        budget = await MailBudget.load(session, vault, {asking.mailbox_index for asking in batch}, caps, now=now)
        for asking in batch:
            await _decide(session, asking, budget, now)
        await budget.write(session)
    return len(batch)


async def postponed(session: AsyncSession, vault: Vault, caps: MailCaps = DEFAULT_CAPS, *, now: datetime) -> list[UUID]:
    """Return those whose mail may be sent now, however many that may not are older."""
    waiting = await meeting_guests.postponed(session)
    budget = await MailBudget.load(session, vault, {asking.mailbox_index for asking in waiting}, caps, now=now)
    return [
        asking.request.person_id
        for asking in waiting
        if budget.take(asking.mailbox_index, proven=asking.request.proven)
    ]


async def ask_postponed(
    session: AsyncSession, vault: Vault, person_id: UUID, caps: MailCaps = DEFAULT_CAPS, *, now: datetime
) -> None:
    """Send a mail that was over the budget, if it may be sent now. Idempotent."""
    await submissions.lock(session)
    asking = await meeting_guests.take_postponed(session, person_id)
    if asking is not None:
        budget = await MailBudget.load(session, vault, {asking.mailbox_index}, caps, now=now)
        await _decide(session, asking, budget, now)
        await budget.write(session)


async def _decide(session: AsyncSession, asking: Asking, budget: MailBudget, now: datetime) -> None:
    request = asking.request
    try:
        await open_meeting(session, request.kontaktmote_id, now)
    except NotFoundError:
        is_over = True
    else:
        is_over = await meeting_guests.is_guest(session, request.kontaktmote_id, asking.mailbox_index)
    if is_over:
        await people.delete(session, request.person_id)  # with the request; a job deletes the key
        session.expunge(request)
    elif budget.take(asking.mailbox_index, proven=request.proven):
        # The id of the event derives from the person: decided about twice, after a crash, it is the same event.
        stamp = Cause.tick("guest-asked", request.person_id).stamp(GuestAsked, request.person_id, now)
        asked = {
            "person_id": request.person_id,
            "kontaktmote_id": request.kontaktmote_id,
            "language": asking.language,
        }
        await meeting_guests.add(session, asking, now)
        await outbox.add(session, GuestAsked.model_validate({**stamp, **asked}))
    else:
        request.postponed = True


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
