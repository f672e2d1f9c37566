"""Tables of the users who work at a centre, of their sessions and of their second factors."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from intake.domain.sign_in import Proof, Stage
from intake.store.tables import Base
from shared.kit.database.columns import MOMENT, TEXTS, one_of
from shared.kit.ids import new_id


class StaffUser(Base, table=True):
    """
    A user who works at a centre.

    Attributes:
        user_id: For addresses and the audit log, which hold no name.
        password_hash: argon2id.
        centres: Ids of the user's centres.
        all_centres: True for a user of every centre, also of those to come.
        disabled_at: When access was revoked.
        one_time_until: Until when a password made by somebody else works; None for one of the user's own.
    """

    __tablename__ = "staff_users"

    username: str = Field(primary_key=True, max_length=63)
    user_id: UUID = Field(
        default_factory=new_id, unique=True, sa_column_kwargs={"server_default": sa.text("gen_random_uuid()")}
    )
    password_hash: str = Field(max_length=200)
    roles: list[str] = Field(sa_type=TEXTS)
    centres: list[str] = Field(sa_type=TEXTS)
    all_centres: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    created_at: datetime = Field(sa_type=MOMENT)
    disabled_at: datetime | None = Field(default=None, sa_type=MOMENT)
    one_time_until: datetime | None = Field(default=None, sa_type=MOMENT)


class StaffSession(Base, table=True):
    """
    An open session; deleting the row ends it at once.

    Attributes:
        token_hash: SHA-256 of the cookie value.
        opened_at, seen_at: Real time, even in a rehearsal whose clock runs faster.
        stage: How far the sign-in has come.
        proof: How the user was proven last, and ``proven_at`` when.
        by_provider: True if an identity provider proved the user when it began.
        challenge: Random bytes that the next passkey of this session must sign; used once.
    """

    __tablename__ = "staff_sessions"
    __table_args__ = (
        sa.CheckConstraint(one_of("stage", Stage), name="staff_sessions_stage"),
        sa.CheckConstraint(one_of("proof", Proof), name="staff_sessions_proof"),
    )

    session_id: UUID = Field(primary_key=True)
    token_hash: bytes = Field(unique=True)
    username: str = Field(foreign_key="staff_users.username", ondelete="CASCADE", index=True)
    opened_at: datetime = Field(sa_type=MOMENT)
    seen_at: datetime = Field(sa_type=MOMENT)
    stage: str = Field(default=Stage.OPEN, max_length=16, sa_column_kwargs={"server_default": "open"})
    proof: str = Field(default=Proof.PASSWORD, max_length=16, sa_column_kwargs={"server_default": "password"})
    proven_at: datetime = Field(sa_type=MOMENT, sa_column_kwargs={"server_default": sa.text("now()")})
    by_provider: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    challenge: bytes = Field(default=b"", sa_column_kwargs={"server_default": sa.text("''::bytea")})


class StaffPasskey(Base, table=True):
    """
    A passkey of a user (WebAuthn).

    Attributes:
        name: What the user calls it.
        public_key: COSE.
        sign_count: Of the last use; a smaller one that comes later is of a copy.
    """

    __tablename__ = "staff_passkeys"

    factor_id: UUID = Field(primary_key=True)
    username: str = Field(foreign_key="staff_users.username", ondelete="CASCADE", index=True, max_length=63)
    name: str = Field(max_length=60)
    credential_id: bytes = Field(unique=True)
    public_key: bytes
    sign_count: int = Field(sa_type=sa.BigInteger)
    added_at: datetime = Field(sa_type=MOMENT)
    used_at: datetime | None = Field(default=None, sa_type=MOMENT)


class StaffTotp(Base, table=True):
    """
    The secret that a user's app makes codes of (TOTP, RFC 6238).

    Attributes:
        sealed, kek_id: The secret, encrypted by the key-encryption key of this id.
        last_step: The step of time of the last code that was taken; none up to it is taken again.
    """

    __tablename__ = "staff_totps"

    factor_id: UUID = Field(primary_key=True)
    username: str = Field(foreign_key="staff_users.username", ondelete="CASCADE", index=True, max_length=63)
    name: str = Field(max_length=60)
    sealed: bytes
    kek_id: str = Field(max_length=63)
    last_step: int = Field(sa_type=sa.BigInteger)
    added_at: datetime = Field(sa_type=MOMENT)
    used_at: datetime | None = Field(default=None, sa_type=MOMENT)


class RecoveryCode(Base, table=True):
    """
    A code that stands in once for a lost second factor.

    Attributes:
        code_hash: SHA-256; a code has 120 random bits.
    """

    __tablename__ = "staff_recovery_codes"

    code_hash: bytes = Field(primary_key=True)
    username: str = Field(foreign_key="staff_users.username", ondelete="CASCADE", index=True, max_length=63)


class StaffIdentity(Base, table=True):
    """
    The bond of an account to a person at an identity provider.

    Attributes:
        issuer, subject: Who it is there; never used for somebody else.
    """

    __tablename__ = "staff_identities"
    __table_args__ = (sa.UniqueConstraint("issuer", "username", name="staff_identities_one_of_account"),)

    issuer: str = Field(primary_key=True, max_length=500)
    subject: str = Field(primary_key=True, max_length=255)
    username: str = Field(foreign_key="staff_users.username", ondelete="CASCADE", index=True, max_length=63)
    bound_at: datetime = Field(sa_type=MOMENT)


class UsedSignIn(Base, table=True):
    """An attempt to sign in with a provider that has succeeded, by a hash, until it expires: it works once."""

    __tablename__ = "used_sign_ins"

    attempt_hash: bytes = Field(primary_key=True)
    expires_at: datetime = Field(sa_type=MOMENT, index=True)


class SignInFailures(Base, table=True):
    """
    Wrong attempts in a row, for a name or for a browser.

    Attributes:
        key: A keyed hash; names that nobody has are counted as well.
        rests_until: No attempt is checked before.
    """

    __tablename__ = "sign_in_failures"

    key: bytes = Field(primary_key=True)
    failures: int
    failed_at: datetime = Field(sa_type=MOMENT, index=True)
    rests_until: datetime = Field(sa_type=MOMENT)


class KnownBrowser(Base, table=True):
    """
    A browser in which a user has signed in; attempts of others on the name do not hold it up.

    Attributes:
        token_hash: SHA-256 of the cookie value.
    """

    __tablename__ = "known_browsers"

    token_hash: bytes = Field(primary_key=True)
    username: str = Field(foreign_key="staff_users.username", ondelete="CASCADE", index=True, max_length=63)
    seen_at: datetime = Field(sa_type=MOMENT, index=True)
