"""Tables of the mailed links to people's own pages, and of the sessions that they open."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from intake.store.tables import Base
from shared.kit.database.columns import MOMENT


class PageRequest(Base, table=True):
    """
    A request for a link by mail, until the worker has decided about it.

    Attributes:
        to_account: True if it is to sign in to an account, False if it is to open a person's own page.
    """

    __tablename__ = "page_requests"

    request_id: UUID = Field(primary_key=True)
    address_index: bytes
    language: str = Field(max_length=2)
    asked_at: datetime = Field(sa_type=MOMENT, index=True)
    to_account: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})


class PageLink(Base, table=True):
    """A link to a person's own page; it works once, until ``expires_at``."""

    __tablename__ = "page_links"

    link_id: UUID = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="people.person_id", ondelete="CASCADE", index=True)
    asked_at: datetime = Field(sa_type=MOMENT)
    expires_at: datetime = Field(sa_type=MOMENT)
    used_at: datetime | None = Field(default=None, sa_type=MOMENT)


class PageSession(Base, table=True):
    """
    An open session of a person's own page.

    Attributes:
        token_hash: SHA-256 of the cookie value.
        expires_at: Real time, even in a rehearsal whose clock runs faster.
    """

    __tablename__ = "page_sessions"

    token_hash: bytes = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="people.person_id", ondelete="CASCADE", index=True)
    expires_at: datetime = Field(sa_type=MOMENT)
