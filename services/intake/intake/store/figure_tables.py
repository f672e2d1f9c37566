"""
Tables that count what happens, for the yearly figures; nobody is in them, so that they outlive every person.

Each row is written in the transaction of what it counts.
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
    When a group started and was handed over, by grouping's events.

    Attributes:
        version: The version of the group in the newest event about its start; 0 before the first one.
        started_on: None if it has not started, or if the start was revoked.
        waited_days: How long its first members had waited, the shortest first; of none is it said whose it is.
    """

    __tablename__ = "counted_groups"

    group_id: UUID = Field(primary_key=True)
    centre: str = Field(max_length=63, index=True)
    area: str = Field(max_length=63)
    version: int
    started_on: date | None = None
    waited_days: list[int] = Field(sa_column=sa.Column(ARRAY(sa.Integer()), nullable=False, server_default="{}"))
    handed_over_on: date | None = None


class CountedMeeting(Base, table=True):
    """A kontaktmøte that was held, by notify's event; a corrected report counts once."""

    __tablename__ = "counted_meetings"

    kontaktmote_id: UUID = Field(primary_key=True)
    centre: str = Field(max_length=63, index=True)
    held_on: date
