"""
Registration of a sign-up: on the web, through a centre's own form, or by staff on the phone.

A form is stored as a submission by one statement, the same for everybody. ``usecases.submissions`` decides about it.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.form import FormInvalid, SignupForm
from intake.domain.requirements import Requirements, requirement_errors
from intake.store import Signup, submissions
from intake.usecases.confirm import confirm_by_phone
from intake.usecases.locations import Location
from intake.usecases.signup_audit import record_signup
from intake.usecases.signup_rows import Source, submission_values
from intake.usecases.submissions import open_oral
from intake.vault.group_keys import Transaction
from intake.vault.vault import Vault
from shared.errors import DomainError
from shared.kit.audit import Actor
from shared.kit.failpoints import failpoint
from shared.kit.logging import get_logger
from shared.reference.centres import Centres
from shared.reference.languages import LANGUAGES

_SPOKEN: Final = frozenset((*LANGUAGES, "nn", "no"))

log = get_logger(__name__)


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
    Register a form in a transaction of its own.

    Returns:
        The submission; None if the idempotency key was used before.

    Raises:
        FormInvalid: The form does not meet the centre's requirements.
        KeyUsedBefore: The idempotency key was used with another form.
    """
    async with transaction() as session:
        submission_id = await register(session, vault, form, location, source, now=now, idempotency_key=idempotency_key)
        failpoint("web.before_commit")
    failpoint("web.after_commit")
    if submission_id is not None:
        log.info("signup_received", signup_id=submission_id, centre=location.centre.id)
    return submission_id


async def register_by_phone(
    transaction: Transaction, vault: Vault, centres: Centres, form: SignupForm, location: Location, *, actor: Actor
) -> UUID:
    """
    Register a form that a member of staff filled in on the phone, and record the act.

    It is confirmed at once, as a person of its own. Only an address that somebody at the centre has already is asked
    by mail instead: the owner says whether it is the same person.

    Returns:
        The person.

    Raises:
        FormInvalid: The form does not meet the centre's requirements.
    """
    async with transaction() as session:
        submission_id = await register(session, vault, form, location, Source("oral", actor.username), now=actor.now)
        signup_id, asked = await open_oral(session, vault, centres, submission_id, actor=actor)
        row = await session.get_one(Signup, signup_id)
        await record_signup(session, actor, "signup.registered", row)
        if not asked:
            await confirm_by_phone(session, vault, centres, row.signup_id, recorded=True, actor=actor)
        failpoint("web.before_commit")
    failpoint("web.after_commit")
    log.info("signup_received", signup_id=row.signup_id, centre=location.centre.id)
    return row.person_id


async def register(
    session: AsyncSession,
    vault: Vault,
    form: SignupForm,
    location: Location,
    source: Source,
    *,
    now: datetime,
    idempotency_key: str | None = None,
) -> UUID | None:
    """
    Store a form as a submission, with the same statement for known and unknown addresses.

    Returns:
        The submission; None if the idempotency key was used before with the same form.

    Raises:
        FormInvalid: The form does not meet the centre's requirements.
        KeyUsedBefore: The idempotency key was used with another form.
    """
    _check(form, location, source)
    form_index = vault.index("form", form.model_dump_json())
    key_index = vault.index("key", idempotency_key) if idempotency_key is not None else None
    key = await vault.new_key()
    values = submission_values(form, location, source, vault, key, form_index, now)
    if await submissions.insert(session, values, key_index):
        submission_id: UUID = values["submission_id"]
        return submission_id
    vault.return_unused(key)
    if key_index is not None and await submissions.form_of_key(session, key_index) != form_index:
        raise KeyUsedBefore("idempotency_key_used")
    return None


def _check(form: SignupForm, location: Location, source: Source) -> None:
    requirements = Requirements.of(location.centre)
    errors = requirement_errors(form, requirements, _SPOKEN, oral=source.how == "oral")
    if errors:
        raise FormInvalid(errors)
