"""
Tables that count what happens, for the yearly figures; they outlive every person.

Each row is written in the transaction of what it counts. Days are the first ones of quarters.
"""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from intake.store.tables import Base


class SignupCount(Base, table=True):
    """
    Number of people who confirmed that they want a group, in one quarter; a second form of theirs is not counted.

    Attributes:
        area: As the sign-up had it; an area that is renamed keeps its earlier ids.
        quarter: 1 to 4, in Norwegian time.
    """

    __tablename__ = "signup_counts"
    __table_args__ = (sa.CheckConstraint("quarter between 1 and 4", name="signup_counts_quarter"),)

    centre: str = Field(primary_key=True, max_length=63)
    area: str = Field(primary_key=True, max_length=63)
    year: int = Field(primary_key=True)
    quarter: int = Field(primary_key=True)
    count: int


class CountedGroup(Base, table=True):
    """
    In which quarter a start and a handover of a group count, by grouping's events.

    Attributes:
        version: The version of the group in the newest event about its start; 0 before the first one.
        started_on: None if it has not started, or if the start was revoked while the quarter was open.
        waited_days: How long its first members had waited, the shortest first, while the quarter is open: then they
            move to :class:`WaitCount`, and nothing tells which group they belong to.
        told_waits: Whether the start told how long they had waited.
    """

    __tablename__ = "counted_groups"

    group_id: UUID = Field(primary_key=True)
    centre: str = Field(max_length=63, index=True)
    area: str = Field(max_length=63)
    version: int
    started_on: date | None = None
    waited_days: list[int] = Field(sa_column=sa.Column(ARRAY(sa.Integer()), nullable=False, server_default="{}"))
    told_waits: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    handed_over_on: date | None = None


class WaitCount(Base, table=True):
    """Number of first members of the groups of an area and a quarter who had waited for so many days."""

    __tablename__ = "wait_counts"
    __table_args__ = (sa.CheckConstraint("quarter between 1 and 4", name="wait_counts_quarter"),)

    centre: str = Field(primary_key=True, max_length=63)
    area: str = Field(primary_key=True, max_length=63)
    year: int = Field(primary_key=True)
    quarter: int = Field(primary_key=True)
    days: int = Field(primary_key=True)
    count: int


class CountedMeeting(Base, table=True):
    """A kontaktmøte that was held, by notify's event; a corrected report counts once."""

    __tablename__ = "counted_meetings"

    kontaktmote_id: UUID = Field(primary_key=True)
    centre: str = Field(max_length=63, index=True)
    held_on: date


class WaitingCount(Base, table=True):
    """
    Number of people who waited in an area, as it was when it was last told; see :mod:`intake.domain.waiting`.

    Attributes:
        area: The part of an area that a place belongs to.
        counted_on: The Monday of the week in which it was last counted.
    """

    __tablename__ = "waiting_counts"

    area: str = Field(primary_key=True, max_length=63)
    count: int
    counted_on: date
