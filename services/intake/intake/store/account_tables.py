"""Accounts of people who help a centre, with their consents, links and sessions."""

from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from intake.store.tables import Base
from shared.kit.database.columns import MOMENT, TEXTS

LANGUAGES: Final = ("nb", "nn", "en")


class Account(Base, table=True):
    """
    The account of a helper of one centre, under an opaque id with a key of its own as of a person.

    Who helps two centres has two accounts: each centre answers for its own, and erases its own.

    Attributes:
        account_id: Also the id in grouping's register of igangsettere.
        roles: Of :class:`~shared.reference.roles.Role`.
        version: The version of the newest event of this account; 0 until there was one.
        address_index: The blind index of the address; None without an address.
        invitation_id: The question in the mail; answered once ``confirmed_at`` is set.
        expires_at: When an invitation without an answer is deleted; None once it is answered.
        confirmed_at: When they agreed to help; the address is known to be theirs from then on.
        deactivated_at: Since when they cannot be asked nor sign in.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        sa.CheckConstraint("language in ('nb', 'nn', 'en')", name="accounts_language"),
        sa.CheckConstraint("cardinality(roles) > 0", name="accounts_roles"),
        sa.CheckConstraint("(confirmed_at is null) = (expires_at is not null)", name="accounts_expire_unanswered"),
        sa.CheckConstraint("(email_sealed is null) = (address_index is null)", name="accounts_address"),
        sa.CheckConstraint("email_sealed is not null or mobile_sealed is not null", name="accounts_reachable"),
        sa.UniqueConstraint("centre", "address_index", name="accounts_one_per_address"),
    )

    account_id: UUID = Field(primary_key=True)
    centre: str = Field(max_length=63)
    roles: list[str] = Field(sa_type=TEXTS)
    version: int = 0
    name_sealed: bytes
    email_sealed: bytes | None = None
    mobile_sealed: bytes | None = None
    address_index: bytes | None = Field(default=None, index=True)
    language: str = Field(max_length=2)
    invitation_id: UUID = Field(unique=True)
    invited_at: datetime = Field(sa_type=MOMENT)
    expires_at: datetime | None = Field(default=None, sa_type=MOMENT, index=True)
    confirmed_at: datetime | None = Field(default=None, sa_type=MOMENT)
    deactivated_at: datetime | None = Field(default=None, sa_type=MOMENT)

    @property
    def active(self) -> bool:
        """True if they have agreed and can be asked."""
        return self.confirmed_at is not None and self.deactivated_at is None


class AccountConsent(Base, table=True):
    """
    A consent of somebody who helps: to which text, when and how.

    Attributes:
        how: ``web`` by themselves, or ``oral`` to a member of staff on the phone.
        recorded_by: That member's username.
    """

    __tablename__ = "account_consents"
    __table_args__ = (
        sa.CheckConstraint("how in ('web', 'oral')", name="account_consents_how"),
        sa.CheckConstraint("(how = 'oral') = (recorded_by is not null)", name="account_consents_heard_by"),
    )

    consent_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="accounts.account_id", ondelete="CASCADE", index=True)
    text_version: str = Field(max_length=64)
    language: str = Field(max_length=2)
    given_at: datetime = Field(sa_type=MOMENT)
    how: str = Field(max_length=8)
    recorded_by: str | None = Field(default=None, max_length=63)


class AccountLink(Base, table=True):
    """A link that signs in; it works once, until ``expires_at``."""

    __tablename__ = "account_links"

    link_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="accounts.account_id", ondelete="CASCADE", index=True)
    asked_at: datetime = Field(sa_type=MOMENT)
    expires_at: datetime = Field(sa_type=MOMENT)
    used_at: datetime | None = Field(default=None, sa_type=MOMENT)


class AccountSession(Base, table=True):
    """
    An open session; deleting the row ends it at once.

    Attributes:
        token_hash: SHA-256 of the cookie value.
        expires_at: Real time, even in a rehearsal whose clock runs faster.
    """

    __tablename__ = "account_sessions"

    session_id: UUID = Field(primary_key=True)
    token_hash: bytes = Field(unique=True)
    account_id: UUID = Field(foreign_key="accounts.account_id", ondelete="CASCADE", index=True)
    expires_at: datetime = Field(sa_type=MOMENT)
