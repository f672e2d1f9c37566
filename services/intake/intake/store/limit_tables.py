"""Tables of what limits count. No address is in them: what is counted is known by a keyed hash of its day."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from intake.store.tables import Base
from shared.kit.database.columns import MOMENT


class LimitHit(Base, table=True):
    """
    One event that a limit counts, until the limit's window is over.

    Attributes:
        limit_name: A :class:`~shared.reference.limits.Limit`.
        key_hash: What the limit counts by, hashed under a key that is another one each day.
    """

    __tablename__ = "limit_hits"
    __table_args__ = (
        sa.Index("limit_hits_of_key", "limit_name", "key_hash", "hit_at"),
        sa.Index("limit_hits_old", "limit_name", "hit_at"),
    )

    hit_id: int | None = Field(default=None, primary_key=True, sa_type=sa.BigInteger)
    limit_name: str = Field(max_length=40)
    key_hash: bytes
    hit_at: datetime = Field(sa_type=MOMENT)


class CallerNetwork(Base, table=True):
    """
    A network from which forms came on a day; tells whether all callers look alike.

    Attributes:
        forms: How many came.
        near: True for an address that only an own network has: a proxy whose word on who calls is not believed.
    """

    __tablename__ = "caller_networks"

    day: date = Field(primary_key=True)
    key_hash: bytes = Field(primary_key=True)
    forms: int
    near: bool
