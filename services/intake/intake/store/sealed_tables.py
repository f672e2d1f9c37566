"""Tables of the sealed addresses of groups on their own, beside those in ``store.tables``."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from intake.store.tables import Base
from shared.kit.database.columns import MOMENT


class AddressToSeal(Base, table=True):
    """
    A member of a forgotten group whose address the job seals within seconds; then the row is gone.

    Sealing needs the database of the keys as well, so that it cannot be part of the transaction that forgets.
    """

    __tablename__ = "addresses_to_seal"

    person_id: UUID = Field(primary_key=True, foreign_key="people.person_id", ondelete="CASCADE")
    group_id: UUID = Field(primary_key=True)
    centre: str = Field(max_length=63)


class SealedAddress(Base, table=True):
    """
    One address of a group on its own, sealed under the key of the group; it belongs to no person any more.

    Attributes:
        address_id: Random, so that it says nothing about the order.
        tag: A MAC of group and mailbox, with which whoever knows the address can have it deleted.
        sealed: Address and language, all of one length.
    """

    __tablename__ = "sealed_addresses"
    __table_args__ = (sa.UniqueConstraint("group_id", "tag", name="sealed_addresses_once"),)

    address_id: UUID = Field(primary_key=True)
    group_id: UUID
    centre: str = Field(max_length=63)
    tag: bytes
    sealed: bytes


class AnnouncedMeeting(Base, table=True):
    """
    A meeting that a centre has announced, as notify's newest event states it.

    Attributes:
        starts_at: None if the event was handled by the version before.
        open_to_all: True while anybody can sign up for it.
    """

    __tablename__ = "announced_meetings"

    kontaktmote_id: UUID = Field(primary_key=True)
    version: int
    centre: str = Field(max_length=63)
    ends_at: datetime = Field(sa_type=MOMENT, index=True)
    starts_at: datetime | None = Field(default=None, sa_type=MOMENT)
    open_to_all: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
