"""Settings of intake."""

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import SettingsConfigDict

from intake.domain.identity import IdentityRules, parse_access
from intake.usecases.identity_provider import is_safe
from intake.vault.kek import Kek
from shared.kit.assertions import AssertionSigner, AssertionVerifier
from shared.kit.setting_values import DatabaseUrl, Origins, RingText, SigningKey
from shared.kit.settings import ServiceSettings
from shared.reference.limits import DRAFTS, MAILS_IN_AN_HOUR, SIGNUPS, UNPROVEN_MAILS

_CLAIM: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.:/-]*")


def _kek(value: SecretStr) -> SecretStr:
    try:
        Kek.parse(value.get_secret_value())
    except ValueError as error:
        raise PydanticCustomError("key_encryption_key", f"cannot be used: {error}") from None
    return value


def _issuer(value: str) -> str:
    parts = urlsplit(value)
    if value and (not is_safe(value) or parts.query or parts.fragment):
        raise PydanticCustomError("oidc_issuer", "must be like https://login.example.org, as the provider has it")
    return value


def _claim(value: str) -> str:
    if not _CLAIM.fullmatch(value):
        raise PydanticCustomError("claim", "must be the name of a claim, as preferred_username")
    return value


def _access(value: str) -> str:
    try:
        parse_access(value)
    except ValueError:
        raise PydanticCustomError(
            "oidc_access", "must be like group=koordinator+admin@link-bergen; other=leser@*, with a role of staff"
        ) from None
    return value


def _day(value: object) -> object:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise PydanticCustomError("day", "must be a day, as 2026-12-01") from None


class Settings(ServiceSettings):
    """
    Read from ``INTAKE_…``, secrets also from files named by ``INTAKE_…_FILE``.

    Attributes:
        centres_file: The installation's own centres and policies, instead of the presets.
        intake_key: Signs the forms of this service, receipts and return tickets; nobody else has it.
        intake_notify_key: Signs links and forms of intake that notify makes too.
        keys_database_url: The key database, with a role of its own.
        key_encryption_key: 32 bytes in base64 that wrap the person keys; ``new:…,old:…`` while one replaces another.
        staff_signing_key: Signs who is signed in, a private Ed25519 key in PEM; its public key is in ``staff_keys``.
        blind_index_key: The key of the blind indexes; all are computed anew when another takes its place.
        cors_origins: Origins of pages that may post sign-ups from a browser, separated by commas.
        signups_per_address: Maximum sign-ups of one network (a /24 or /56) in ten minutes; 0 for any number. Requests
            from this machine are not counted.
        drafts_per_address: The same for unfinished forms, of which a person may begin several.
        confirmations_per_hour: Maximum mails of all in an hour that ask for a confirmation; 0 for any number. Those
            above it are sent later.
        unproven_mails_per_hour: The same for forms without proof of work, and through the API without a key.
        second_factor_from: The day from which everybody on the staff needs a second factor to sign in, as 2026-12-01;
            without it only those who have set one up are asked.
        oidc_issuer: The identity provider with which staff sign in; empty for none. It must be as the provider's own
            discovery document has it.
        oidc_client_id, oidc_client_secret: Who we are there.
        oidc_name: What the button calls it; by default its host.
        oidc_username_claim: The claim that names the account at the first sign-in; ``email`` only if it is verified.
        oidc_second_factor: Values of ``amr`` or ``acr`` that stand for a second factor, with commas between; without
            them our own second factor is asked for.
        oidc_access_claim, oidc_access: The claim with groups, and what each opens, as
            ``group=koordinator+admin@link-bergen; other=leser@*``; then accounts are made and changed by them.
        local_passwords: False if nobody signs in with a password that this system keeps.
    """

    model_config = SettingsConfigDict(env_prefix="INTAKE_")

    centres_file: Path | None = None
    intake_key: RingText
    intake_notify_key: RingText
    keys_database_url: DatabaseUrl
    key_encryption_key: Annotated[SecretStr, AfterValidator(_kek)]
    staff_signing_key: SigningKey
    blind_index_key: RingText
    cors_origins: Origins = ""
    signups_per_address: int = Field(default=SIGNUPS.figure, ge=0)
    drafts_per_address: int = Field(default=DRAFTS.figure, ge=0)
    confirmations_per_hour: int = Field(default=MAILS_IN_AN_HOUR.figure, ge=0)
    unproven_mails_per_hour: int = Field(default=UNPROVEN_MAILS.figure, ge=0)
    second_factor_from: Annotated[date | None, BeforeValidator(_day)] = None
    oidc_issuer: Annotated[str, AfterValidator(_issuer)] = ""
    oidc_client_id: str = Field(default="", validate_default=True)
    oidc_client_secret: SecretStr | None = Field(default=None, validate_default=True)
    oidc_name: str = Field(default="", max_length=60)
    oidc_username_claim: Annotated[str, AfterValidator(_claim)] = "preferred_username"
    oidc_second_factor: str = ""
    oidc_access_claim: Annotated[str, AfterValidator(_claim)] = "groups"
    oidc_access: Annotated[str, AfterValidator(_access)] = ""
    local_passwords: bool = Field(default=True, validate_default=True)

    @field_validator("oidc_client_id", "oidc_client_secret")
    @classmethod
    def _require_client(cls, value: object, info: ValidationInfo) -> object:
        """Refuse a provider that does not know us."""
        if info.data.get("oidc_issuer") and not value:
            raise PydanticCustomError("oidc_client", "is needed with INTAKE_OIDC_ISSUER; the provider gives it")
        return value

    @field_validator("oidc_client_id", "oidc_client_secret", "oidc_name", "oidc_second_factor", "oidc_access")
    @classmethod
    def _require_issuer(cls, value: object, info: ValidationInfo) -> object:
        """Refuse what is said about a provider that is not named."""
        if value and not info.data.get("oidc_issuer"):
            raise PydanticCustomError("oidc_issuer_missing", "is of use only with INTAKE_OIDC_ISSUER")
        return value

    @field_validator("local_passwords")
    @classmethod
    def _require_a_way_in(cls, value: bool, info: ValidationInfo) -> bool:
        """Refuse an installation in which nobody can sign in."""
        if not value and not info.data.get("oidc_issuer"):
            raise PydanticCustomError("no_way_in", "can be false only with INTAKE_OIDC_ISSUER: nobody could sign in")
        return value

    @property
    def identity_rules(self) -> IdentityRules:
        """How the claims of the provider are read."""
        means = frozenset(self.oidc_second_factor.replace(",", " ").split())
        return IdentityRules(self.oidc_username_claim, means, self.oidc_access_claim, parse_access(self.oidc_access))

    @field_validator("staff_signing_key")
    @classmethod
    def _require_own_public_key(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        """Refuse a key whose assertions no service would believe."""
        keys = info.data.get("staff_keys")
        if keys is not None and not AssertionVerifier(keys, "intake").verifies(AssertionSigner(value)):
            raise PydanticCustomError("signing_key", "must have its public key in INTAKE_STAFF_KEYS")
        return value

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins in ``cors_origins``."""
        return tuple(self.cors_origins.split(",")) if self.cors_origins else ()
