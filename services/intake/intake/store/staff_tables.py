"""Tables of the users who work at a centre, and of their sessions."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from intake.store.tables import Base
from shared.kit.database.columns import MOMENT, TEXTS


class StaffUser(Base, table=True):
    """
    A user who works at a centre.

    Attributes:
        password_hash: argon2id.
        centres: Ids of the user's centres; empty for all.
        disabled_at: When access was revoked.
    """

    __tablename__ = "staff_users"

    username: str = Field(primary_key=True, max_length=63)
    password_hash: str = Field(max_length=200)
    roles: list[str] = Field(sa_type=TEXTS)
    centres: list[str] = Field(sa_type=TEXTS)
    created_at: datetime = Field(sa_type=MOMENT)
    disabled_at: datetime | None = Field(default=None, sa_type=MOMENT)


class StaffSession(Base, table=True):
    """
    An open session; deleting the row ends it at once.

    Attributes:
        token_hash: SHA-256 of the cookie value.
        opened_at, seen_at: Real time, even in a rehearsal whose clock runs faster.
    """

    __tablename__ = "staff_sessions"

    session_id: UUID = Field(primary_key=True)
    token_hash: bytes = Field(unique=True)
    username: str = Field(foreign_key="staff_users.username", ondelete="CASCADE", index=True)
    opened_at: datetime = Field(sa_type=MOMENT)
    seen_at: datetime = Field(sa_type=MOMENT)
