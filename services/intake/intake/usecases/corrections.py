"""Corrections of a person's wishes, name, number, language and address, by the person or by staff."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.form import FieldError, FormInvalid, SignupForm, canonical_of_normalized
from intake.domain.signups import ACTIVE, IN_MATCHING, SignupState
from intake.store import Confirmation, Person, Signup, audit_log, confirmations, outbox, people, signups, submissions
from intake.usecases import signup_events
from intake.usecases.binding import retire
from intake.usecases.locations import Location
from intake.usecases.locks import lock_if_known, lock_person
from intake.usecases.mail_budget import take_one
from intake.usecases.quiet_pairs import compare, publish_wishes
from intake.usecases.signup_rows import contact_indexes, form_wishes
from intake.vault.person_key import PersonKey
from intake.vault.vault import Vault
from shared.errors import DomainError, NotFoundError
from shared.events.people import ContactChanged
from shared.events.signups import Changed
from shared.kit.audit import Actor
from shared.kit.ids import new_id
from shared.kit.messaging.causes import Cause
from shared.reference.policy import Policy
from shared.reference.retention import Data, kept_for

NEW_ADDRESSES_MAX: Final = 3
"""New addresses of one person that wait for an answer: nobody can have us write to strangers in numbers."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """
    The changes that a correction made.

    Attributes:
        fields: Names of the changed fields, never their values.
        address_asked: True if a mail asks whether the new address is the person's own.
    """

    fields: tuple[str, ...]
    address_asked: bool = False


async def correct_wishes(
    session: AsyncSession, signup_id: UUID, form: SignupForm, location: Location, *, now: datetime, cause: Cause
) -> Corrected:
    """
    Replace the wishes of a sign-up and its language, and keep the place in the queue.

    Raises:
        FormInvalid: The place belongs to another centre.
        DomainError: ``signup_not_waiting``.
        NotFoundError: ``unknown_signup``.
    """
    _, row = await _lock(session, signup_id)
    fields = _replace_wishes(row, form, location, now)
    await _publish_wishes(session, row, fields, now, cause)
    return Corrected(fields)


async def correct(
    session: AsyncSession,
    vault: Vault,
    signup_id: UUID,
    form: SignupForm,
    location: Location,
    *,
    trusted: bool = False,
    now: datetime,
    cause: Cause,
) -> Corrected:
    """
    Replace the wishes of a sign-up, and the person's name, number, language and address.

    A new address is asked by a mail to it, and counts once it is confirmed; a ``trusted`` one counts at once too.

    Raises:
        FormInvalid: The place belongs to another centre, or too many new addresses wait for an answer.
        DomainError: ``signup_not_waiting``.
        NotFoundError: ``unknown_signup``.
        PersonKeyMissing: The person is being erased.
    """
    person, row = await _lock(session, signup_id)
    key = await vault.key(person.person_id)
    fields = _replace_wishes(row, form, location, now)
    contact = _replace_contact(person, key, vault, form)
    old_email = key.open("people", "email", person.email_sealed)
    new_address = form.email if not _same_address(old_email, form.email) else None
    if form.email is None and old_email is not None:
        _write_address(person, key, vault, None)
        contact.append("email")
    elif new_address is not None:
        asked = await people.address_questions(session, person.person_id)
        if not trusted and len(asked) >= NEW_ADDRESSES_MAX:
            raise FormInvalid((FieldError("email", "asked_often"),))
        if trusted:
            _write_address(person, key, vault, new_address)
        contact.append("email")
        await _ask_address(session, vault, person, row, form, location.centre.policy, now, cause)
    if contact and (contact != ["email"] or trusted or new_address is None):
        await _publish_contact(session, vault, person, now, cause)
    await _publish_wishes(session, row, fields, now, cause)  # last: who is kept apart depends on the contact
    return Corrected((*fields, *contact), address_asked=new_address is not None)


async def correct_by_staff(
    session: AsyncSession, vault: Vault, signup_id: UUID, form: SignupForm, location: Location, *, actor: Actor
) -> Corrected:
    """
    Correct as a member of staff with the person on the phone, and record the act with the names of the fields.

    Raises:
        FormInvalid, DomainError, NotFoundError, PersonKeyMissing: As :func:`correct`.
    """
    corrected = await correct(session, vault, signup_id, form, location, trusted=True, now=actor.now, cause=actor.cause)
    if corrected.fields:
        row = await session.get_one(Signup, signup_id)
        details = {"signup_id": str(signup_id), "fields": " ".join(corrected.fields)}
        await audit_log.record(
            session, actor, "person.corrected", "person", row.person_id, scope=row.centre, details=details
        )
    return corrected


async def confirm_address(
    session: AsyncSession, vault: Vault, asked: Person, row: Signup, *, now: datetime, cause: Cause
) -> None:
    """
    Give a person the new address that they have confirmed, and delete the row that asked for it.

    Raises:
        NotFoundError: ``unknown_person``: the person was erased meanwhile.
    """
    owner_id = asked.replaces_id
    person = await lock_person(session, owner_id) if owner_id else None
    keys = await vault.keys([asked.person_id, *([owner_id] if owner_id else [])])
    if person is None or len(keys) < 2:
        raise NotFoundError("unknown_person", person_id=owner_id)
    email = keys[asked.person_id].open("people", "email", asked.email_sealed)
    _write_address(person, keys[person.person_id], vault, email)
    kept = (await signups.of_person(session, person.person_id))[-1]
    await session.flush()
    await confirmations.move(session, row.signup_id, person.person_id, to_signup=kept.signup_id)
    await retire(session, asked, now=now, cause=cause)
    await _publish_contact(session, vault, person, now, cause)


def _replace_wishes(row: Signup, form: SignupForm, location: Location, now: datetime) -> tuple[str, ...]:
    if location.centre.id != row.centre:
        raise FormInvalid((FieldError("place", "moved_centre"),))
    new = form_wishes(form, location) | {"language": form.language}
    changed = tuple(name for name, value in new.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, new[name])
    row.renewed_at, row.renewal_deadline = now, None
    return changed


async def _publish_wishes(
    session: AsyncSession, row: Signup, fields: tuple[str, ...], now: datetime, cause: Cause
) -> None:
    if fields and row.state in IN_MATCHING:
        await publish_wishes(session, Changed, cause, row, now)


def _replace_contact(person: Person, key: PersonKey, vault: Vault, form: SignupForm) -> list[str]:
    changed = []
    if key.open("people", "first_name", person.first_name_sealed) != form.first_name:
        person.first_name_sealed = key.seal("people", "first_name", form.first_name) or b""
        changed.append("first_name")
    if key.open("people", "mobile", person.mobile_sealed) != form.mobile:
        person.mobile_sealed = key.seal("people", "mobile", form.mobile)
        person.mobile_bucket = vault.bucket(form.mobile) if form.mobile else None
        changed.append("mobile")
    if person.language != form.language:
        person.language = form.language
        changed.append("mail_language")
    return changed


def _same_address(old: str | None, new: str | None) -> bool:
    if old is None or new is None:
        return old is new
    return canonical_of_normalized(old) == canonical_of_normalized(new)


def _write_address(person: Person, key: PersonKey, vault: Vault, email: str | None) -> None:
    person.email_sealed = key.seal("people", "email", email)
    indexes = contact_indexes(vault, email, None)
    person.address_index, person.mailbox_index = indexes["address_index"], indexes["mailbox_index"]


async def _publish_contact(session: AsyncSession, vault: Vault, person: Person, now: datetime, cause: Cause) -> None:
    await compare(session, vault, person)
    by_mail = person.email_sealed is not None
    for row in await signups.of_person(session, person.person_id):
        row.by_mail = by_mail
    event = ContactChanged(
        **cause.stamp(ContactChanged, person.person_id, now),
        person_id=person.person_id,
        by_mail=by_mail,
        language=person.language,
    )
    await outbox.add(session, event)


async def _ask_address(
    session: AsyncSession,
    vault: Vault,
    person: Person,
    row: Signup,
    form: SignupForm,
    policy: Policy,
    now: datetime,
    cause: Cause,
) -> None:
    """
    Ask by a mail to the new address whether it is the person's own.

    The question has a person of its own, as a submission has, so that the mail goes to the new address and nowhere
    else until it is confirmed.
    """
    await submissions.lock(session)
    key = await vault.new_key()
    indexes = contact_indexes(vault, form.email, None)
    mailbox = indexes["mailbox_index"]
    assert mailbox is not None
    in_budget = await take_one(session, vault, mailbox, now=now)
    asked: dict[str, Any] = {
        **indexes,
        "person_id": key.person_id,
        "replaces_id": person.person_id,
        "email_sealed": key.seal("people", "email", form.email),
        "first_name_sealed": key.seal("people", "first_name", form.first_name),
        "mobile_sealed": None,
        "language": form.language,
        "created_at": now,
    }
    signup: dict[str, Any] = {
        **signups.wishes_of(row),
        "signup_id": new_id(),
        "person_id": key.person_id,
        "state": SignupState.RECEIVED,
        "version": 1,
        "by_mail": True,
        "signed_up_at": now,
        "expires_at": now + kept_for(Data.UNCONFIRMED_SIGNUP, policy),
    }
    confirmation: dict[str, Any] = {
        "confirmation_id": new_id(),
        "signup_id": signup["signup_id"],
        "person_id": key.person_id,
        "asked_at": now if in_budget else None,
        "expires_at": signup["expires_at"],
    }
    await session.flush()
    for table, values in ((Person, asked), (Signup, signup), (Confirmation, confirmation)):
        await session.execute(sa.insert(table), [values])
    if confirmation["asked_at"] is not None:
        event = signup_events.received(cause, signup, confirmation["confirmation_id"], now)
        await outbox.add(session, event)


async def _lock(session: AsyncSession, signup_id: UUID) -> tuple[Person, Signup]:
    locked = await lock_if_known(session, signup_id)
    if locked is None:
        raise NotFoundError("unknown_signup", signup_id=signup_id)
    if locked[1].state not in ACTIVE:
        raise DomainError("signup_not_waiting", signup_id=signup_id)
    return locked
