"""Tables of facts about groups, beside those in ``store.tables``."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from intake.store.tables import Base
from shared.kit.database.columns import MOMENT


class GroupMeeting(Base, table=True):
    """
    The start meeting of a group, as grouping's newest event states it.

    Attributes:
        version: The version of that event.
        starts_at, place_text: None while the meeting has no date.
        keep_until: When the row is deleted.
    """

    __tablename__ = "group_meetings"

    group_id: UUID = Field(primary_key=True)
    version: int
    starts_at: datetime | None = Field(default=None, sa_type=MOMENT)
    place_text: str | None = None
    keep_until: datetime = Field(sa_type=MOMENT, index=True)


class GroupPolicy(Base, table=True):
    """
    The version of the policy that a group keeps, as grouping's events state it.

    Attributes:
        centre, place, slot, policy_version: None until the event of its proposal has come.
        ended: True once the group was cancelled or dissolved; no event can change that.
        handed_over: True once its igangsetter has withdrawn; no event can change that either.
    """

    __tablename__ = "group_policies"
    __table_args__ = (sa.Index("group_policies_running", "centre", postgresql_where=sa.text("not ended")),)

    group_id: UUID = Field(primary_key=True)
    centre: str | None = Field(default=None, max_length=63)
    place: str | None = Field(default=None, max_length=63)
    slot: str | None = Field(default=None, max_length=16)
    policy_version: str | None = Field(default=None, max_length=16)
    ended: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    handed_over: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    seen_at: datetime = Field(sa_type=MOMENT)


class ForgottenGroup(Base, table=True):
    """
    A group whose members grouping has forgotten, for events about them that come later.

    Attributes:
        version: The version of the group in the event that said so.
        kept: The seats of the members who have asked to be kept.
        sealed: The seats of those whose address is sealed for the group.
    """

    __tablename__ = "forgotten_groups"

    group_id: UUID = Field(primary_key=True)
    version: int
    kept: list[UUID] = Field(sa_column=sa.Column(ARRAY(sa.Uuid()), nullable=False))
    sealed: list[UUID] = Field(sa_column=sa.Column(ARRAY(sa.Uuid()), nullable=False, server_default="{}"))
    keep_until: datetime = Field(sa_type=MOMENT, index=True)
