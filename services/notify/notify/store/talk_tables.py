"""The table of talks with the centre."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from notify.domain import talks
from notify.store.tables import Base
from shared.kit.database.columns import MOMENT


class Talk(Base, table=True):
    """The newest plan of one talk, its end, and the offer it began with; see :class:`notify.domain.talks.Talk`."""

    __tablename__ = "talks"

    id: UUID = Field(primary_key=True)
    signup_id: UUID = Field(foreign_key="signups.id", ondelete="CASCADE", index=True)
    person_id: UUID = Field(index=True)
    sequence: int | None = None
    starts_at: datetime | None = Field(default=None, sa_type=MOMENT)
    ends_at: datetime | None = Field(default=None, sa_type=MOMENT)
    way: str | None = None
    cancelled_sequence: int | None = None
    cancelled_reason: str | None = None
    cancelled_by_mail: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})
    offered: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    offered_by_mail: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})
    outcome: str | None = None

    @property
    def facts(self) -> talks.Talk:
        """The talk as the rules see it."""
        return talks.Talk(
            id=self.id,
            signup_id=self.signup_id,
            sequence=self.sequence,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            way=self.way,
            cancelled_sequence=self.cancelled_sequence,
            cancelled_reason=self.cancelled_reason,
            cancelled_by_mail=self.cancelled_by_mail,
            offered=self.offered,
            offered_by_mail=self.offered_by_mail,
            outcome=self.outcome,
        )
