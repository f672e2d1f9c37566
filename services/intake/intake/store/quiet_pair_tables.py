"""Tables of whom people must not meet, which nobody reads but the program (decision 54)."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from intake.store.tables import Base
from shared.kit.database.columns import MOMENT


class QuietName(Base, table=True):
    """
    An address or a number that a person has given; emptied when it ends, or when its owner is erased.

    Attributes:
        bucket: Two bytes of a keyed hash of a kind of its own, so that it equals no column of the owner.
        sealed: The address or number under the key of the person who gave it, all of one length.
        compared_at: When it was last compared with everybody; None if it is to be compared now.
        ends_at: When its pairs end, long after it was taken back.
    """

    __tablename__ = "quiet_names"
    __table_args__ = (sa.CheckConstraint("(bucket is null) = (sealed is null)", name="quiet_names_whole"),)

    name_id: UUID = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="people.person_id", ondelete="CASCADE", index=True)
    bucket: int | None = Field(default=None, index=True)
    sealed: bytes | None = None
    compared_at: datetime | None = Field(default=None, sa_type=MOMENT)
    ends_at: datetime | None = Field(default=None, sa_type=MOMENT)


class QuietPair(Base, table=True):
    """
    A name, and a confirmed person whom it fits.

    Attributes:
        pair_id: The pair in events; random, so that it tells no time.
        other_id: The person; without a foreign key, so that nothing waits for their row.
        is_told: True once the pair was published.
    """

    __tablename__ = "quiet_pairs"
    __table_args__ = (
        sa.UniqueConstraint("name_id", "other_id", name="quiet_pairs_once"),
        sa.Index("quiet_pairs_untold", "name_id", postgresql_where=sa.text("not is_told")),
    )

    pair_id: UUID = Field(primary_key=True)
    name_id: UUID = Field(foreign_key="quiet_names.name_id", ondelete="CASCADE")
    other_id: UUID = Field(index=True)
    is_told: bool = Field(default=False, sa_column_kwargs={"server_default": sa.text("false")})
