"""The table of what was deleted about people who asked to be erased, beside those in ``store.tables``."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from intake.store.tables import Base
from shared.kit.database.columns import JSON, MOMENT, one_of

SERVICES = ("intake", "grouping", "notify")


class ErasureReport(Base, table=True):
    """How much one service deleted about a person; for the receipt, by opaque id and counts only."""

    __tablename__ = "erasure_reports"
    __table_args__ = (sa.CheckConstraint(one_of("service", SERVICES), name="erasure_reports_service"),)

    person_id: UUID = Field(primary_key=True)
    service: str = Field(primary_key=True, max_length=16)
    deleted: dict[str, int] = Field(sa_type=JSON)
    at: datetime = Field(sa_type=MOMENT, index=True)
