"""Somebody signs up: on the web, through a centre's own form, or with staff on the phone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.form import FormInvalid, SignupForm, index_form_of_tidy, shortcomings
from intake.domain.signups import CALL_WITHIN, CONFIRM_WITHIN, MAIL_WINDOW, MAILS_PER_WINDOW, State
from intake.store import Confirmation, Consent, Signup, outbox, people, signups
from intake.usecases import signup_events
from intake.usecases.locations import Location, asks_of
from intake.vault import Forgotten, PersonKey, Vault
from shared.errors import DomainError
from shared.kit.ids import new_id
from shared.kit.messaging.causes import Cause
from shared.reference.languages import LANGUAGES, canonical

KEEP_KEYS = timedelta(hours=24)
"""How long a repeated request with the same idempotency key is recognised."""


@dataclass(frozen=True, slots=True)
class Source:
    """
    How a sign-up came in.

    Attributes:
        how: Where the consent was given.
        staff: Who heard an oral consent; None for the others.
    """

    how: Literal["web", "api", "oral"]
    staff: str | None = None


class ChangedMeanwhile(Exception):  # noqa: N818 - no error: the same form succeeds the second time
    """Somebody was forgotten between two statements."""


class KeyUsedBefore(DomainError):  # noqa: N818 - what it is
    """The idempotency key came with another form the first time."""


def check(form: SignupForm, site: Location, source: Source) -> None:
    """
    Refuses what the centre cannot accept.

    Raises:
        Refused: with everything that is missing.
    """
    missing = shortcomings(form, asks_of(site.centre.policy), _SPOKEN, oral=source.how == "oral")
    if missing:
        raise FormInvalid(missing)


_SPOKEN = frozenset((*LANGUAGES, "nn", "no"))


async def register(
    session: AsyncSession,
    vault: Vault,
    form: SignupForm,
    site: Location,
    source: Source,
    *,
    now: datetime,
    cause: Cause,
    idempotency_key: str | None = None,
) -> UUID | None:
    """
    Takes in a form. Whoever asked is answered the same, whatever becomes of it here.

    The very same form while the first is unconfirmed is the same sign-up. A known address gets a new question, which
    when confirmed changes the sign-up that is there; beyond two mails a day the newest question is changed in place.

    Returns:
        The sign-up; None where the idempotency key says that it was taken in before.

    Raises:
        Refused: The form lacks something that the centre asks for.
        KeyUsedBefore: The idempotency key came with another form.
        ChangedMeanwhile: Somebody was forgotten just now; to be tried again in a new transaction.
    """
    check(form, site, source)
    form_index = vault.index("form", form.model_dump_json())
    if idempotency_key is not None:
        same = await signups.take_key(session, vault.index("key", idempotency_key), form_index, now)
        if same is False:
            raise KeyUsedBefore("idempotency_key_used")
        if same:
            return None
    email_index = vault.index("email", index_form_of_tidy(form.email)) if form.email else None
    key = await vault.new_key()
    row = _row(form, site, key.person_id, form_index, now)
    confirmation_id = new_id()
    values = row | _person(form, source, key) | {"email_index": email_index, "confirmation_id": confirmation_id}
    told = signup_events.received(cause, row, confirmation_id, now, by_mail=source.staff is None)
    new_person, new_signup = await signups.insert_new(session, values | {"now": now}, told)
    if new_signup:
        return told.signup_id
    if new_person:
        await people.delete_person(session, key.person_id)
    vault.give_back(key)
    return await _again(session, vault, form, site, source, form_index, email_index, now, cause)


async def _again(
    session: AsyncSession,
    vault: Vault,
    form: SignupForm,
    site: Location,
    source: Source,
    form_index: bytes,
    email_index: bytes | None,
    now: datetime,
    cause: Cause,
) -> UUID:
    """The form, or the address in it, is known."""
    person = await signups.person_of_address(session, email_index) if email_index else None
    same = await signups.same_form(session, form_index)
    if same is not None:
        return same
    if person is None:
        raise ChangedMeanwhile
    try:
        key = await vault.key(person.person_id)
    except Forgotten as gone:
        raise ChangedMeanwhile from gone
    row = Signup(
        **_row(form, site, person.person_id, form_index, now),
        first_name_sealed=key.seal("people", "first_name", form.first_name),
        mobile_sealed=key.seal("people", "mobile", form.mobile),
    )
    session.add(_consent(form, site, source, person.person_id, now))
    had = await signups.mails_since(session, person.person_id, now - MAIL_WINDOW)
    pending = await signups.newest_pending(session, person.person_id)
    if had >= MAILS_PER_WINDOW and pending is not None:
        signup_events.copy_wishes(row, pending)
        pending.form_index = form_index
        pending.first_name_sealed, pending.mobile_sealed = row.first_name_sealed, row.mobile_sealed
        pending.read_at = row.read_at
        return pending.signup_id
    return await _ask(session, row, source, now, cause, may_mail=had < MAILS_PER_WINDOW)


async def _ask(
    session: AsyncSession, row: Signup, source: Source, now: datetime, cause: Cause, *, may_mail: bool
) -> UUID:
    question = Confirmation(
        confirmation_id=new_id(),
        signup_id=row.signup_id,
        person_id=row.person_id,
        asked_at=now if may_mail else None,
        expires_at=row.expires_at or now,
    )
    session.add(row)
    await session.flush()
    session.add(question)
    if may_mail:
        told = signup_events.received(cause, dict(row), question.confirmation_id, now, by_mail=source.staff is None)
        await outbox.add(session, told)
    return row.signup_id


async def ask_held_back(session: AsyncSession, *, now: datetime) -> int:
    """Sends the questions that were held back because their address had had enough mails; how many."""
    questions = await signups.held_back(session, now - MAIL_WINDOW, MAILS_PER_WINDOW)
    asked = 0
    for question in questions:
        row = await people.lock_signup(session, question.signup_id)
        if row is None or row.state != State.RECEIVED or question.confirmed_at is not None:
            continue
        if await signups.mails_since(session, question.person_id, now - MAIL_WINDOW) >= MAILS_PER_WINDOW:
            continue
        question.asked_at, question.expires_at = now, now + CONFIRM_WITHIN
        row.expires_at = question.expires_at
        row.version += 1
        cause = Cause.tick("ask", question.confirmation_id)
        await outbox.add(session, signup_events.received(cause, dict(row), question.confirmation_id, now))
        await session.flush()
        asked += 1
    return asked


def _row(form: SignupForm, site: Location, person_id: UUID, form_index: bytes, now: datetime) -> dict[str, Any]:
    """A new sign-up; plain values, since most of them never become an object."""
    by_mail = form.email is not None
    return {
        "signup_id": new_id(),
        "person_id": person_id,
        "state": State.RECEIVED,
        "version": 1,
        "centre": site.centre.id,
        "area": site.area.id,
        "kommune": site.kommune,
        "latitude": site.latitude,
        "longitude": site.longitude,
        "slots": list(form.slots),
        "languages": list(dict.fromkeys(canonical(code) or code for code in form.languages)),
        "max_travel_km": form.max_travel_km,
        "wheelchair": form.wheelchair,
        "groups_also": list(form.wishes),
        "groups_only": [wish for wish, answer in form.wishes.items() if answer == "only"],
        "language": form.language,
        "by_mail": by_mail,
        "form_index": form_index,
        "signed_up_at": now,
        "expires_at": now + (CONFIRM_WITHIN if by_mail else CALL_WITHIN),
        "read_at": now if form.information_version is not None else None,
    }


def _person(form: SignupForm, source: Source, key: PersonKey) -> dict[str, Any]:
    """A new person with their consent."""
    return {
        "email_sealed": key.seal("people", "email", form.email),
        "first_name_sealed": key.seal("people", "first_name", form.first_name),
        "mobile_sealed": key.seal("people", "mobile", form.mobile),
        "consent_id": new_id(),
        "text_version": form.consent_version,
        "information_version": form.information_version,
        "how": source.how,
        "recorded_by": source.staff,
    }


def _consent(form: SignupForm, site: Location, source: Source, person_id: UUID, now: datetime) -> Consent:
    return Consent(
        consent_id=new_id(),
        person_id=person_id,
        centre=site.centre.id,
        text_version=form.consent_version,
        information_version=form.information_version,
        language=form.language,
        given_at=now,
        how=source.how,
        recorded_by=source.staff,
    )
