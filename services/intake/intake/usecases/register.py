"""Registration of a sign-up: on the web, through a centre's own form, or by staff on the phone."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.form import FormInvalid, SignupForm, canonical_of_normalized
from intake.domain.requirements import Requirements, requirement_errors
from intake.domain.signups import MAIL_WINDOW, MAILS_PER_WINDOW
from intake.store import Confirmation, Signup, audit_log, confirmations, outbox, people, registration, signups
from intake.usecases import signup_events
from intake.usecases.confirm import confirm_by_phone
from intake.usecases.locations import Location
from intake.usecases.signup_rows import Source, new_consent, person_values, signup_values
from intake.vault.person_key import PersonKeyMissing
from intake.vault.vault import Transaction, Vault
from shared.errors import DomainError
from shared.kit.audit import Actor
from shared.kit.failpoints import failpoint
from shared.kit.ids import new_id
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause
from shared.reference.centres import Centres
from shared.reference.languages import LANGUAGES

T = TypeVar("T")

ATTEMPTS: Final = 3

_SPOKEN: Final = frozenset((*LANGUAGES, "nn", "no"))

log = get_logger(__name__)


class ChangedMeanwhile(Exception):  # noqa: N818 - no error: the same form succeeds in a new transaction
    """The person was erased between two statements of the registration; a retry succeeds."""


class KeyUsedBefore(DomainError):  # noqa: N818 - named by the condition
    """The idempotency key was used with another form."""


async def register_with_retry(
    transaction: Transaction,
    vault: Vault,
    form: SignupForm,
    location: Location,
    source: Source,
    *,
    now: datetime,
    idempotency_key: str | None = None,
) -> UUID | None:
    """
    Register a form in a transaction of its own, and retry if the person is erased meanwhile.

    Returns:
        The sign-up; None if the idempotency key was used before.

    Raises:
        FormInvalid: The form does not meet the centre's requirements.
        KeyUsedBefore: The idempotency key was used with another form.
        ChangedMeanwhile: Every attempt failed.
    """

    async def attempt(session: AsyncSession) -> UUID | None:
        return await register(
            session, vault, form, location, source, now=now, cause=Cause.fresh(), idempotency_key=idempotency_key
        )

    signup_id = await _retry(transaction, attempt)
    if signup_id is not None:
        log.info("signup_received", signup_id=signup_id, centre=location.centre.id)
    return signup_id


async def register_by_phone(
    transaction: Transaction, vault: Vault, centres: Centres, form: SignupForm, location: Location, *, actor: Actor
) -> UUID:
    """
    Register and confirm a form that a member of staff filled in on the phone, and record both acts.

    Returns:
        The person.

    Raises:
        FormInvalid: The form does not meet the centre's requirements.
        ChangedMeanwhile: The person was erased meanwhile, in every attempt.
    """
    source = Source("oral", actor.username)

    async def attempt(session: AsyncSession) -> Signup:
        signup_id = await register(session, vault, form, location, source, now=actor.now, cause=actor.cause)
        row = await session.get_one(Signup, signup_id)
        details = {"signup_id": str(row.signup_id)}
        await audit_log.record(
            session, actor, "signup.registered", "person", row.person_id, scope=row.centre, details=details
        )
        await confirm_by_phone(session, centres, row.signup_id, actor=actor)
        return row

    row = await _retry(transaction, attempt)
    log.info("signup_received", signup_id=row.signup_id, centre=location.centre.id)
    return row.person_id


async def _retry(transaction: Transaction, attempt: Callable[[AsyncSession], Awaitable[T]]) -> T:
    for number in range(1, ATTEMPTS + 1):
        try:
            async with transaction() as session:
                result = await attempt(session)
                failpoint("web.before_commit")
        except ChangedMeanwhile:
            if number == ATTEMPTS:
                raise
        else:
            failpoint("web.after_commit")
            return result
    raise ChangedMeanwhile


async def register(
    session: AsyncSession,
    vault: Vault,
    form: SignupForm,
    location: Location,
    source: Source,
    *,
    now: datetime,
    cause: Cause,
    idempotency_key: str | None = None,
) -> UUID | None:
    """
    Register a form. The caller must answer the same for known and unknown addresses.

    A form that is identical to an unconfirmed one gives the same sign-up. A known address gets a new confirmation mail
    for a sign-up with the new wishes; beyond the limit of mails the newest unconfirmed sign-up gets the new wishes.

    Returns:
        The sign-up; None if the idempotency key was used before.

    Raises:
        FormInvalid: The form does not meet the centre's requirements.
        KeyUsedBefore: The idempotency key was used with another form.
        ChangedMeanwhile: The person was erased just now; retry in a new transaction.
    """
    _check(form, location, source)
    form_index = vault.index("form", form.model_dump_json())
    if idempotency_key is not None:
        same_form = await registration.store_key(session, vault.index("key", idempotency_key), form_index, now)
        if same_form is False:
            raise KeyUsedBefore("idempotency_key_used")
        if same_form:
            return None
    email_index = vault.index("email", canonical_of_normalized(form.email)) if form.email else None
    key = await vault.new_key()
    row = signup_values(form, location, key.person_id, form_index, now)
    confirmation_id = new_id()
    event = signup_events.received(cause, row, confirmation_id, now, by_mail=source.staff is None)
    values = row | person_values(form, source, key)
    values |= {"email_index": email_index, "confirmation_id": confirmation_id, "now": now}
    person_inserted, signup_inserted = await registration.insert_new(session, values, event)
    if signup_inserted:
        return event.signup_id
    if person_inserted:
        await people.delete(session, key.person_id)
    vault.return_unused(key)
    return await _register_again(session, vault, form, location, source, form_index, email_index, now, cause)


def _check(form: SignupForm, location: Location, source: Source) -> None:
    requirements = Requirements.of(location.centre.policy)
    errors = requirement_errors(form, requirements, _SPOKEN, oral=source.how == "oral")
    if errors:
        raise FormInvalid(errors)


async def _register_again(
    session: AsyncSession,
    vault: Vault,
    form: SignupForm,
    location: Location,
    source: Source,
    form_index: bytes,
    email_index: bytes | None,
    now: datetime,
    cause: Cause,
) -> UUID:
    """Register a form whose address, or which itself, is stored already."""
    person = await people.lock_by_email(session, email_index) if email_index else None
    same_form_id = await signups.id_of_form(session, form_index)
    if same_form_id is not None:
        return same_form_id
    if person is None:
        raise ChangedMeanwhile
    try:
        key = await vault.key(person.person_id)
    except PersonKeyMissing as error:
        raise ChangedMeanwhile from error
    row = Signup(
        **signup_values(form, location, person.person_id, form_index, now),
        first_name_sealed=key.seal("people", "first_name", form.first_name),
        mobile_sealed=key.seal("people", "mobile", form.mobile),
    )
    session.add(new_consent(form, location, source, person.person_id, now))
    mails = await confirmations.count_mails_since(session, person.person_id, now - MAIL_WINDOW)
    unconfirmed = await signups.lock_newest_unconfirmed(session, person.person_id)
    if mails >= MAILS_PER_WINDOW and unconfirmed is not None:
        signups.copy_wishes(row, unconfirmed)
        unconfirmed.form_index = form_index
        unconfirmed.first_name_sealed, unconfirmed.mobile_sealed = row.first_name_sealed, row.mobile_sealed
        unconfirmed.read_at = row.read_at
        return unconfirmed.signup_id
    return await _add_with_confirmation(session, row, source, now, cause, may_mail=mails < MAILS_PER_WINDOW)


async def _add_with_confirmation(
    session: AsyncSession, row: Signup, source: Source, now: datetime, cause: Cause, *, may_mail: bool
) -> UUID:
    """Add a sign-up and its confirmation; publish ``Received`` unless the mail is postponed."""
    confirmation = Confirmation(
        confirmation_id=new_id(),
        signup_id=row.signup_id,
        person_id=row.person_id,
        asked_at=now if may_mail else None,
        expires_at=row.expires_at or now,
    )
    session.add(row)
    await session.flush()
    session.add(confirmation)
    if may_mail:
        event = signup_events.received(
            cause, dict(row), confirmation.confirmation_id, now, by_mail=source.staff is None
        )
        await outbox.add(session, event)
    return row.signup_id
