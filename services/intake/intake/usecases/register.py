"""
Registration of a sign-up: on the web, through a centre's own form, or by staff on the phone.

A form is stored as a submission by one statement, the same for everybody. ``usecases.submissions`` decides about it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from intake.domain.form import FormInvalid, SignupForm
from intake.domain.requirements import Requirements, requirement_errors
from intake.store import Signup, submissions
from intake.usecases.confirm import confirm_by_phone
from intake.usecases.locations import Location
from intake.usecases.signup_audit import record_signup
from intake.usecases.signup_rows import Source, submission_values
from intake.usecases.submissions import open_oral
from intake.vault.group_keys import Transaction
from intake.vault.person_key import PersonKey
from intake.vault.vault import Vault
from shared.errors import DomainError
from shared.kit.audit import Actor
from shared.kit.database.engine import Database
from shared.kit.failpoints import failpoint
from shared.kit.logging import get_logger
from shared.reference.centres import Centres
from shared.reference.languages import LANGUAGES

_SPOKEN: Final = frozenset((*LANGUAGES, "nn", "no"))

log = get_logger(__name__)


class KeyUsedBefore(DomainError):  # noqa: N818 - named by the condition
    """The idempotency key was used with another form."""


async def register(
    database: Database,
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

    Nothing is logged here, so that this takes as little time as it can: the worker does.

    Returns:
        The submission; None if the idempotency key was used before with the same form.

    Raises:
        FormInvalid: The form does not meet the centre's requirements.
        KeyUsedBefore: The idempotency key was used with another form.
    """
    prepared = await _prepare(vault, form, location, source, now=now, idempotency_key=idempotency_key)
    failpoint("web.before_commit")
    stored = await submissions.insert_alone(database, prepared.values, prepared.key_index)
    failpoint("web.after_commit")
    if stored:
        return prepared.submission_id
    vault.return_unused(prepared.key)
    assert prepared.key_index is not None, "nothing but a used key keeps a form from being stored"
    async with database.transaction() as session:
        stored_form = await submissions.form_of_key(session, prepared.key_index)
    if stored_form != prepared.values["form_index"]:
        raise KeyUsedBefore("idempotency_key_used")
    return None


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
        prepared = await _prepare(vault, form, location, Source("oral", actor.username), now=actor.now)
        await submissions.insert(session, prepared.values, prepared.key_index)
        signup_id, asked = await open_oral(session, vault, centres, prepared.submission_id, actor=actor)
        row = await session.get_one(Signup, signup_id)
        await record_signup(session, actor, "signup.registered", row)
        if not asked:
            await confirm_by_phone(session, vault, centres, row.signup_id, recorded=True, actor=actor)
        failpoint("web.before_commit")
    failpoint("web.after_commit")
    log.info("signup_received", signup_id=row.signup_id, centre=location.centre.id)
    return row.person_id


@dataclass(frozen=True, slots=True)
class _Prepared:
    """
    The columns of a submission, stored with the same statement for known and unknown addresses.

    Attributes:
        values: The columns of the submission.
        key: The key under which they are sealed.
        key_index: The blind index of the idempotency key, None without one.
    """

    values: dict[str, Any]
    key: PersonKey
    key_index: bytes | None

    @property
    def submission_id(self) -> UUID:
        submission_id: UUID = self.values["submission_id"]
        return submission_id


async def _prepare(
    vault: Vault,
    form: SignupForm,
    location: Location,
    source: Source,
    *,
    now: datetime,
    idempotency_key: str | None = None,
) -> _Prepared:
    _check(form, location, source)
    form_index = vault.index("form", form.model_dump_json())
    key_index = vault.index("key", idempotency_key) if idempotency_key is not None else None
    key = await vault.new_key()
    return _Prepared(submission_values(form, location, source, vault, key, form_index, now), key, key_index)


def _check(form: SignupForm, location: Location, source: Source) -> None:
    requirements = Requirements.of(location.centre)
    errors = requirement_errors(form, requirements, _SPOKEN, oral=source.how == "oral")
    if errors:
        raise FormInvalid(errors)
