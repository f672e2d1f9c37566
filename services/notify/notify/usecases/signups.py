"""Store the facts in intake's events about sign-ups, and plan the mails."""

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import delivery
from notify.domain.kontaktmoter.invitations import Via
from notify.mails.registry import MailRegistry
from notify.store import Signup, mails, people, projections
from notify.usecases import kontaktmote_replies, mail_tasks
from notify.usecases.mail_plan import sync_signup_mails
from shared.events import signups
from shared.events.base import SignupEvent
from shared.kit.messaging.causes import Cause

DEFAULT_LANGUAGE: Final = "nb"
"""Language until an event that states one has come."""


async def on_received(
    session: AsyncSession, registry: MailRegistry, event: signups.Received, *, now: datetime, cause: Cause
) -> None:
    """Plan the mail that asks for confirmation of the address; without an address it becomes a call task."""
    signup = await load_signup(session, event, event.language)
    if signup is None:
        return
    signup.centre = event.centre
    signup.confirmation_id = event.confirmation_id
    signup.expires_at = event.expires_at
    signup.by_mail = event.by_mail
    await sync_signup_mails(session, registry, signup, now=now, cause=cause)


async def on_confirmed(
    session: AsyncSession, registry: MailRegistry, event: signups.Confirmed, *, now: datetime, cause: Cause
) -> None:
    """Store that the address is confirmed, and plan the mail about steps that remain."""
    signup = await load_signup(session, event, event.language)
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
    signup = await load_signup(session, event, event.language)
    if signup is None:
        return
    signup.centre = event.centre
    signup.confirmed = True
    signup.ready = True
    _store_place(signup, event)
    await sync_signup_mails(session, registry, signup, now=now, cause=cause)


async def on_changed(
    session: AsyncSession, registry: MailRegistry, event: signups.Changed, *, now: datetime, cause: Cause
) -> None:
    """Store the centre and the language of later mails."""
    signup = await load_signup(session, event, event.language)
    if signup is not None:
        signup.centre = event.centre
        signup.confirmed = True  # wishes can only be changed on the waiting list
        _store_place(signup, event)
        await sync_signup_mails(session, registry, signup, now=now, cause=cause)


def _store_place(signup: Signup, event: signups.Wishes) -> None:
    """Store where the person waits, unless a newer event has said so."""
    if event.version > (signup.wishes_version or 0):
        signup.wishes_version, signup.area, signup.kommune = event.version, event.area, event.kommune


async def on_withdrawn(
    session: AsyncSession, registry: MailRegistry, event: signups.Withdrawn, *, now: datetime, cause: Cause
) -> None:
    """Cancel all open mails of the sign-up, and plan the mail about the withdrawal."""
    signup = await load_signup(session, event, event.language)
    if signup is None:
        return
    # A member's sign-up is forgotten two weeks after the start; whoever leaves later still gets a goodbye.
    signup.centre = signup.centre or event.centre
    signup.confirmed = signup.confirmed or event.confirmed
    signup.withdrawn = True
    signup.withdrawn_reason = "replaced" if event.replaced else event.reason
    signup.withdrawn_at = signup.withdrawn_at or now
    await session.flush()
    await sync_signup_mails(session, registry, signup, now=now, cause=cause)
    open_mails = await mails.open_about_seats(session, signup.id)
    for mail in open_mails:
        mail.apply(delivery.cancel(mail.delivery, "withdrawn"), now)
    await mail_tasks.sync(session, registry, open_mails, now=now, cause=cause)
    if not event.replaced:
        await kontaktmote_replies.withdraw_of_recipient(
            session, registry, event.person_id, Via.SIGNUP, with_places=True, now=now, cause=cause
        )


async def on_paused(
    session: AsyncSession, registry: MailRegistry, event: signups.Paused, *, now: datetime, cause: Cause
) -> None:
    """Store the pause, during which no other mail is sent than receipts, and plan its receipt."""
    await _store_pause(session, registry, event, None, paused=True, now=now, cause=cause)
    signup = await projections.signup(session, event.signup_id)
    if signup is not None and signup.paused:  # not so if the pause has ended before this event came
        await kontaktmote_replies.withdraw_of_recipient(
            session, registry, event.person_id, Via.SIGNUP, with_places=False, now=now, cause=cause
        )


async def on_resumed(
    session: AsyncSession, registry: MailRegistry, event: signups.Resumed, *, now: datetime, cause: Cause
) -> None:
    """Store the end of a pause."""
    await _store_pause(session, registry, event, event.language, paused=False, now=now, cause=cause)


async def _store_pause(
    session: AsyncSession,
    registry: MailRegistry,
    event: signups.Paused | signups.Resumed,
    language: str | None,
    *,
    paused: bool,
    now: datetime,
    cause: Cause,
) -> None:
    signup = await load_signup(session, event, language)
    if signup is None:
        return
    if event.version > (signup.pause_version or 0):
        signup.pause_version, signup.paused = event.version, paused
    await sync_signup_mails(session, registry, signup, now=now, cause=cause)


async def on_renewal_asked(
    session: AsyncSession, registry: MailRegistry, event: signups.RenewalAsked, *, now: datetime, cause: Cause
) -> None:
    """Plan the mail that asks whether the person still wants a group."""
    signup = await load_signup(session, event, event.language, by_person=False)
    if signup is None:
        return
    if event.version > (signup.renewal_version or 0):
        signup.renewal_version, signup.renewal_deadline = event.version, event.deadline
    await sync_signup_mails(session, registry, signup, now=now, cause=cause)


async def on_renewed(
    session: AsyncSession, registry: MailRegistry, event: signups.Renewed, *, now: datetime, cause: Cause
) -> None:
    """Store that the person still wants a group, and cancel the mails that ask."""
    signup = await load_signup(session, event, None)
    if signup is None:
        return
    if event.version > (signup.renewed_version or 0):
        signup.renewed_version, signup.renewed_at = event.version, event.occurred_at
    await sync_signup_mails(session, registry, signup, now=now, cause=cause)


async def on_texts_asked(
    session: AsyncSession, registry: MailRegistry, event: signups.TextsAsked, *, now: datetime, cause: Cause
) -> None:
    """Plan the mail that asks about changed texts."""
    signup = await load_signup(session, event, event.language, by_person=False)
    if signup is None:
        return
    if event.version > (signup.texts_version or 0):
        signup.texts_version, signup.texts_asked = event.version, list(event.texts)
    await sync_signup_mails(session, registry, signup, now=now, cause=cause)


async def on_texts_accepted(
    session: AsyncSession, registry: MailRegistry, event: signups.TextsAccepted, *, now: datetime, cause: Cause
) -> None:
    """Store that the person has agreed to the texts as they are now, and cancel the mail that asks."""
    signup = await load_signup(session, event, None)
    if signup is None:
        return
    if event.version > (signup.texts_version or 0):
        signup.texts_version, signup.texts_asked = event.version, []
        signup.sign_of_life_id = None  # the month of waiting without a message begins again with the answer
    await sync_signup_mails(session, registry, signup, now=now, cause=cause)


async def load_signup(
    session: AsyncSession, event: SignupEvent, language: str | None, *, by_person: bool = True
) -> Signup | None:
    """
    Lock the person and return the sign-up with the newest language; None if the person is erased.

    ``language`` is the event's, if it has one; ``by_person`` says that the person did what the event tells of.
    """
    await projections.lock(session, person_ids=[event.person_id])
    if await projections.erased(session, [event.person_id]):
        return None
    signup = await projections.signup(session, event.signup_id)
    if signup is None:
        signup = Signup(id=event.signup_id, person_id=event.person_id, language=language or DEFAULT_LANGUAGE, version=0)
        session.add(signup)
    if language is not None and event.version > signup.version:
        signup.version, signup.language, signup.language_at = event.version, language, event.occurred_at
        signup.person_id = event.person_id  # confirmed as somebody who is known already
    change = await people.contact_change(session, event.person_id)
    if change is not None and (signup.language_at is None or signup.language_at < change.changed_at):
        signup.language = change.language
    if by_person:
        signup.known_at = max(signup.known_at or event.occurred_at, event.occurred_at)
    return signup
