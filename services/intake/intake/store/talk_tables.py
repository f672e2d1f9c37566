"""Tables of the forsamtale: the times that centres open, and the talk of each sign-up."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from intake.domain.talks import TalkOutcome
from intake.store.tables import Base
from shared.kit.database.columns import MOMENT, one_of


class TalkTime(Base, table=True):
    """
    A time that a centre has opened for a talk; it is booked while a :class:`Talk` has it.

    Attributes:
        way: ``phone`` or ``office``.
        held_by: Whom the person will talk with, as the centre writes it; empty if it does not say.
        closed_at: When the centre closed it.
    """

    __tablename__ = "talk_times"
    __table_args__ = (
        sa.CheckConstraint("way in ('phone', 'office')", name="talk_times_way"),
        sa.CheckConstraint("ends_at > starts_at", name="talk_times_in_order"),
        sa.Index("talk_times_of_centre", "centre", "starts_at"),
        sa.Index("talk_times_ended", "ends_at"),
    )

    time_id: UUID = Field(primary_key=True)
    centre: str = Field(max_length=63)
    starts_at: datetime = Field(sa_type=MOMENT)
    ends_at: datetime = Field(sa_type=MOMENT)
    way: str = Field(max_length=8)
    held_by: str = Field(max_length=60)
    opened_at: datetime = Field(sa_type=MOMENT)
    closed_at: datetime | None = Field(default=None, sa_type=MOMENT)


class Talk(Base, table=True):
    """
    The talk of one sign-up, as :class:`intake.domain.talks.Talk` explains.

    No word of what was said is kept, only the outcome. Two people never have the same time: ``time_id`` is unique.
    """

    __tablename__ = "talks"
    __table_args__ = (
        sa.UniqueConstraint("time_id", name="talks_one_for_each_time"),
        sa.CheckConstraint(f"outcome is null or {one_of('outcome', TalkOutcome)}", name="talks_outcome"),
        sa.CheckConstraint("time_id is not null or not past", name="talks_past_time"),
        sa.CheckConstraint("num_nonnulls(time_id, call_from, outcome) <= 1", name="talks_one_stage"),
        sa.CheckConstraint("unanswered >= 0", name="talks_unanswered"),
        sa.Index("talks_offered", "offered_until", postgresql_where=sa.text("offered_until is not null")),
    )

    signup_id: UUID = Field(primary_key=True, foreign_key="signups.signup_id", ondelete="CASCADE")
    talk_id: UUID | None = None
    sequence: int = 0
    time_id: UUID | None = Field(default=None, foreign_key="talk_times.time_id")
    past: bool = False
    call_from: datetime | None = Field(default=None, sa_type=MOMENT)
    unanswered: int = Field(default=0, sa_type=sa.SmallInteger)
    offered_until: datetime | None = Field(default=None, sa_type=MOMENT)
    outcome: str | None = Field(default=None, max_length=16)
    outcome_at: datetime | None = Field(default=None, sa_type=MOMENT)
