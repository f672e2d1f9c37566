"""Store the facts in intake's events about sign-ups, and plan the mails."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import delivery
from notify.domain.kontaktmoter.invitations import Via
from notify.mails.registry import MailRegistry
from notify.store import ContactChange, Signup, facts_ahead, mails, people, projections
from notify.usecases import kontaktmote_replies, mail_tasks
from notify.usecases.mail_plan import sync_mails_of_signups, sync_signup_mails
from shared.events import signups
from shared.events.base import SignupEvent
from shared.events.talks import TalkEvent
from shared.kit.messaging.causes import Cause

DEFAULT_LANGUAGE: Final = "nb"
"""Language until an event that states one has come."""

FACTS: Final = (
    signups.Received,
    signups.Confirmed,
    signups.Ready,
    signups.Changed,
    signups.Resumed,
    signups.RenewalAsked,
    signups.Renewed,
    signups.TextsAsked,
    signups.TextsAccepted,
)
"""Events that only state a fact about one sign-up."""

_BY_SYSTEM: Final = (signups.RenewalAsked, signups.TextsAsked, TalkEvent)
"""Events that tell of no act of the person."""


async def on_facts(
    session: AsyncSession, registry: MailRegistry, events: Sequence[SignupEvent], *, now: datetime
) -> None:
    """Store the facts of :data:`FACTS` in one transaction, with the same result as one by one, and plan the mails."""
    await projections.lock(session, person_ids=[event.person_id for event in events])
    for run in _runs(events):
        stored = []
        for event, signup in zip(run, await _load(session, run), strict=True):
            if signup is not None:
                _store(signup, event)
                stored.append((signup, Cause.of(event)))
        await sync_mails_of_signups(session, registry, stored, now=now)


def _runs(events: Sequence[SignupEvent]) -> Iterator[list[SignupEvent]]:
    """Split events, in their order, into runs that name no person and no sign-up twice."""
    run: list[SignupEvent] = []
    named: set[UUID] = set()
    for event in events:
        if named & {event.person_id, event.signup_id}:
            yield run
            run, named = [], set()
        run.append(event)
        named |= {event.person_id, event.signup_id}
    if run:
        yield run


def _store(signup: Signup, event: SignupEvent) -> None:
    match event:
        case signups.Received():
            signup.centre = event.centre
            signup.confirmation_id = event.confirmation_id
            signup.expires_at = event.expires_at
            signup.by_mail = event.by_mail
        case signups.Confirmed():
            signup.centre = event.centre
            signup.confirmed = True
            signup.awaits = list(event.awaits)
        case signups.Ready() | signups.Changed():  # wishes can only be changed on the waiting list
            signup.centre = event.centre
            signup.confirmed = True
            signup.ready = signup.ready or isinstance(event, signups.Ready)
            if event.version > (signup.wishes_version or 0):
                signup.wishes_version, signup.area, signup.kommune = event.version, event.area, event.kommune
        case signups.Paused() | signups.Resumed():
            if event.version > (signup.pause_version or 0):
                signup.pause_version, signup.paused = event.version, isinstance(event, signups.Paused)
        case _:
            _store_answer(signup, event)


def _store_answer(signup: Signup, event: SignupEvent) -> None:
    """Store a question to a waiting person, or the answer."""
    match event:
        case signups.RenewalAsked() if event.version > (signup.renewal_version or 0):
            signup.renewal_version, signup.renewal_deadline = event.version, event.deadline
        case signups.Renewed() if event.version > (signup.renewed_version or 0):
            signup.renewed_version, signup.renewed_at = event.version, event.occurred_at
        case signups.TextsAsked() if event.version > (signup.texts_version or 0):
            signup.texts_version, signup.texts_asked = event.version, list(event.texts)
        case signups.TextsAccepted() if event.version > (signup.texts_version or 0):
            signup.texts_version, signup.texts_asked = event.version, []
            signup.sign_of_life_id = None  # the month of waiting without a message begins again with the answer


async def on_withdrawn(
    session: AsyncSession, registry: MailRegistry, event: signups.Withdrawn, *, now: datetime, cause: Cause
) -> None:
    """Cancel all open mails of the sign-up, and plan the mail about the withdrawal."""
    signup = await load_signup(session, event)
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
    await on_facts(session, registry, [event], now=now)
    signup = await projections.signup(session, event.signup_id)
    if signup is not None and signup.paused:  # not so if the pause has ended before this event came
        await kontaktmote_replies.withdraw_of_recipient(
            session, registry, event.person_id, Via.SIGNUP, with_places=False, now=now, cause=cause
        )


async def load_signup(session: AsyncSession, event: SignupEvent) -> Signup | None:
    """Lock the person and return the sign-up with the newest language; None if the person is erased."""
    await projections.lock(session, person_ids=[event.person_id])
    (signup,) = await _load(session, [event])
    return signup


async def _load(session: AsyncSession, events: Sequence[SignupEvent]) -> list[Signup | None]:
    """Return the sign-up of each event, with the newest language; None if the locked person is erased."""
    person_ids = [event.person_id for event in events]
    erased = await projections.erased(session, person_ids)
    known = await facts_ahead.signups(session, [event.signup_id for event in events])
    changes = await people.contact_changes(session, person_ids)
    rows: list[Signup | None] = []
    for event in events:
        row = None
        if event.person_id not in erased:
            row = known[event.signup_id] or _new(session, event)
            _learn(row, event, changes.get(event.person_id))
        rows.append(row)
    return rows


def _new(session: AsyncSession, event: SignupEvent) -> Signup:
    signup = Signup(
        id=event.signup_id, person_id=event.person_id, language=_language(event) or DEFAULT_LANGUAGE, version=0
    )
    session.add(signup)
    return signup


def _learn(signup: Signup, event: SignupEvent, change: ContactChange | None) -> None:
    """Store what every event tells: the language, and that the person has done something."""
    language = _language(event)
    if language is not None and event.version > signup.version:
        signup.version, signup.language, signup.language_at = event.version, language, event.occurred_at
        signup.person_id = event.person_id  # confirmed as somebody who is known already
    if change is not None and (signup.language_at is None or signup.language_at < change.changed_at):
        signup.language = change.language
    if not isinstance(event, _BY_SYSTEM):
        signup.known_at = max(signup.known_at or event.occurred_at, event.occurred_at)


def _language(event: SignupEvent) -> str | None:
    return getattr(event, "language", None)
