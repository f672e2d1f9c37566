"""The table of keys for the centres' own servers."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from intake.store.tables import Base
from shared.kit.database.columns import MOMENT


class ApiKey(Base, table=True):
    """
    A key with which a centre's own server sends sign-ups.

    Attributes:
        key_hash: SHA-256 of the key, which is shown once.
    """

    __tablename__ = "api_keys"

    key_id: UUID = Field(primary_key=True)
    centre: str = Field(max_length=63)
    key_hash: bytes = Field(sa_column=sa.Column(sa.LargeBinary, unique=True, nullable=False))
    created_at: datetime = Field(sa_type=MOMENT)
    revoked_at: datetime | None = Field(default=None, sa_type=MOMENT)
