"""The tables of what the other services know otherwise, beside those in ``store.tables``."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from intake.store.tables import Base
from shared.kit.database.columns import MOMENT, one_of

_SERVICES = ("grouping", "notify")
KINDS = ("missing", "contradicted", "unknown")


class SignupDifference(Base, table=True):
    """
    A sign-up that another service knows otherwise, as its newest answer says; by opaque id only.

    Attributes:
        kind: As in :class:`shared.events.reconciliation.Differed`.
        status: What the service says, for a contradiction.
        first_listed_at, listed_at: The times of the first and the newest list that differed; while they are the same,
            it may still be under way between the services.
        published: How often it was published again since.
    """

    __tablename__ = "signup_differences"
    __table_args__ = (
        sa.CheckConstraint(one_of("service", _SERVICES), name="signup_differences_service"),
        sa.CheckConstraint(one_of("kind", KINDS), name="signup_differences_kind"),
    )

    service: str = Field(primary_key=True, max_length=16)
    signup_id: UUID = Field(primary_key=True)
    kind: str = Field(max_length=16)
    status: str | None = Field(default=None, max_length=16)
    first_listed_at: datetime = Field(sa_type=MOMENT)
    listed_at: datetime = Field(sa_type=MOMENT)
    published: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class SignupComparison(Base, table=True):
    """The time of the newest list that a service has answered."""

    __tablename__ = "signup_comparisons"
    __table_args__ = (sa.CheckConstraint(one_of("service", _SERVICES), name="signup_comparisons_service"),)

    service: str = Field(primary_key=True, max_length=16)
    listed_at: datetime = Field(sa_type=MOMENT)
