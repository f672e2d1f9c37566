"""The table of lending deadlines."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from grouping.store.tables import Base
from shared.kit.database.columns import MOMENT

MOST_WORDS: Final = 80
MOST_WARN_DAYS: Final = 180


class LendingDeadline(Base, table=True):
    """
    A yearly deadline by which a centre must ask a lender for rooms.

    Attributes:
        lender: A kommune, a library or a house; never a person.
        what: What is asked for, such as "faste lån for høsten".
        month, day: The last day, every year; in a shorter month its last day.
        warn_days: Days before it in which it is a task.
        done_on: The deadline that staff have dealt with last.
    """

    __tablename__ = "lending_deadlines"
    __table_args__ = (
        sa.CheckConstraint(f"char_length(lender) between 1 and {MOST_WORDS}", name="lending_deadlines_lender"),
        sa.CheckConstraint(f"char_length(what) between 1 and {MOST_WORDS}", name="lending_deadlines_what"),
        sa.CheckConstraint("month between 1 and 12 and day between 1 and 31", name="lending_deadlines_date"),
        sa.CheckConstraint(f"warn_days between 1 and {MOST_WARN_DAYS}", name="lending_deadlines_warn_days"),
    )

    id: UUID = Field(primary_key=True)
    centre: str = Field(index=True)
    lender: str
    what: str
    month: int
    day: int
    warn_days: int
    done_on: date | None = None
    created_at: datetime = Field(sa_type=MOMENT)
