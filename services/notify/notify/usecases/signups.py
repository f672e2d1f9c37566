"""Store the facts in intake's events about sign-ups and people, and plan the mails."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import delivery
from notify.mails.registry import MailRegistry
from notify.store import Signup, mails, projections
from notify.usecases.mail_plan import sync_signup_mails
from shared.events import people, signups
from shared.events.base import SignupEvent
from shared.kit.messaging.causes import Cause


async def on_received(
    session: AsyncSession, registry: MailRegistry, event: signups.Received, *, now: datetime, cause: Cause
) -> None:
    """Plan the mail that asks for confirmation of the address; without an address it becomes a call task."""
    signup = await _load(session, event, event.language)
    if signup is None:
        return
    signup.centre = event.centre
    signup.confirmation_id = event.confirmation_id
    signup.expires_at = event.expires_at
    await sync_signup_mails(session, registry, signup, now=now, cause=cause)


async def on_confirmed(
    session: AsyncSession, registry: MailRegistry, event: signups.Confirmed, *, now: datetime, cause: Cause
) -> None:
    """Store that the address is confirmed, and plan the mail about steps that remain."""
    signup = await _load(session, event, event.language)
    if signup is None:
        return
    signup.centre = event.centre
    signup.confirmed = True
    signup.awaits = list(event.awaits)
    await sync_signup_mails(session, registry, signup, now=now, cause=cause)


async def on_ready(
    session: AsyncSession, registry: MailRegistry, event: signups.Ready, *, now: datetime, cause: Cause
) -> None:
    """Store that the person is on the waiting list, and plan the mail about it, once for each sign-up."""
    signup = await _load(session, event, event.language)
    if signup is None:
        return
    signup.centre = event.centre
    signup.confirmed = True
    signup.ready = True
    await sync_signup_mails(session, registry, signup, now=now, cause=cause)


async def on_changed(
    session: AsyncSession, registry: MailRegistry, event: signups.Changed, *, now: datetime, cause: Cause
) -> None:
    """Store the centre and the language of later mails."""
    signup = await _load(session, event, event.language)
    if signup is not None:
        signup.centre = event.centre
        signup.confirmed = True  # wishes can only be changed on the waiting list
        await sync_signup_mails(session, registry, signup, now=now, cause=cause)


async def on_withdrawn(
    session: AsyncSession, registry: MailRegistry, event: signups.Withdrawn, *, now: datetime, cause: Cause
) -> None:
    """Cancel all open mails of the sign-up, and plan the mail about the withdrawal."""
    signup = await _load(session, event, event.language)
    if signup is None:
        return
    signup.withdrawn = True
    signup.withdrawn_at = signup.withdrawn_at or now
    await session.flush()
    await sync_signup_mails(session, registry, signup, now=now, cause=cause)
    for mail in await mails.open_about_seats(session, signup.id):
        mail.apply(delivery.cancel(mail.delivery, "withdrawn"), now)


async def on_erased(session: AsyncSession, event: people.Erased, *, now: datetime) -> None:
    """Delete everything about a person, and ignore late events about them."""
    await projections.lock(session, person_ids=[event.person_id])
    await projections.erase(session, event.person_id, now)


async def _load(session: AsyncSession, event: SignupEvent, language: str) -> Signup | None:
    """Lock the person and return the sign-up with the newest event's language; None if the person is erased."""
    await projections.lock(session, person_ids=[event.person_id])
    if await projections.erased(session, [event.person_id]):
        return None
    signup = await projections.signup(session, event.signup_id)
    if signup is None:
        signup = Signup(id=event.signup_id, person_id=event.person_id, language=language, version=event.version)
        session.add(signup)
    elif event.version > signup.version:
        signup.version, signup.language = event.version, language
    return signup
