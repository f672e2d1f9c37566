"""What notify makes of what intake tells."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import delivery
from notify.store import Signup, projections, queue
from notify.usecases.mail_plan import follow_signup
from shared.events import people, signups
from shared.events.base import SignupEvent
from shared.kit.messaging.causes import Cause


async def ask_to_confirm(session: AsyncSession, event: signups.Received, *, now: datetime, cause: Cause) -> None:
    """Somebody is to confirm their address; without one, the centre is to call them."""
    signup = await _known(session, event, event.language)
    if signup is None:
        return
    signup.centre = event.centre
    signup.confirmation_id = event.confirmation_id
    signup.expires_at = event.expires_at
    await follow_signup(session, signup, now=now, cause=cause)


async def note_confirmed(session: AsyncSession, event: signups.Confirmed, *, now: datetime, cause: Cause) -> None:
    """The address is confirmed; whoever has something left to do is told what."""
    signup = await _known(session, event, event.language)
    if signup is None:
        return
    signup.centre = event.centre
    signup.confirmed = True
    signup.awaits = list(event.awaits)
    await follow_signup(session, signup, now=now, cause=cause)


async def note_ready(session: AsyncSession, event: signups.Ready, *, now: datetime, cause: Cause) -> None:
    """Somebody waits from now on, and is told what happens next: once for each sign-up."""
    signup = await _known(session, event, event.language)
    if signup is None:
        return
    signup.centre = event.centre
    signup.confirmed = True
    signup.ready = True
    await follow_signup(session, signup, now=now, cause=cause)


async def note_changed(session: AsyncSession, event: signups.Changed, *, now: datetime, cause: Cause) -> None:
    """Somebody has new wishes; their next mails are in the language that they want now."""
    signup = await _known(session, event, event.language)
    if signup is not None:
        signup.centre = event.centre
        signup.confirmed = True  # only who waits can change
        await follow_signup(session, signup, now=now, cause=cause)


async def say_goodbye(session: AsyncSession, event: signups.Withdrawn, *, now: datetime, cause: Cause) -> None:
    """Somebody has left: nothing more goes to them than a goodbye."""
    signup = await _known(session, event, event.language)
    if signup is None:
        return
    signup.withdrawn = True
    signup.withdrawn_at = signup.withdrawn_at or now
    await session.flush()
    await follow_signup(session, signup, now=now, cause=cause)
    for mail in await queue.of_seats(session, signup.id):
        mail.now_is(delivery.cancel(mail.delivery, "withdrawn"), now)


async def forget(session: AsyncSession, event: people.Erased, *, now: datetime) -> None:
    """Somebody is erased: delete all that is known of them, and let no late event bring them back."""
    await projections.lock(session, person_ids=[event.person_id])
    await projections.forget(session, event.person_id, now)


async def _known(session: AsyncSession, event: SignupEvent, language: str) -> Signup | None:
    """The sign-up, locked and at least as new as the event; None where the person is erased."""
    await projections.lock(session, person_ids=[event.person_id])
    if await projections.forgotten(session, [event.person_id]):
        return None
    signup = await projections.signup(session, event.signup_id)
    if signup is None:
        signup = Signup(id=event.signup_id, person_id=event.person_id, language=language, version=event.version)
        session.add(signup)
    elif event.version > signup.version:
        signup.version, signup.language = event.version, language
    return signup
