"""The newest backup, which `selvhjelp backup` notes here so that an alert can miss it."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from intake.store.tables import Base
from shared.kit.database.columns import MOMENT


class NewestBackup(Base, table=True):
    """
    The newest backup of all databases that was written to its end.

    Attributes:
        id: Always 1.
        taken_at: The moment of its copy.
    """

    __tablename__ = "newest_backup"
    __table_args__ = (sa.CheckConstraint("id = 1", name="newest_backup_is_one"),)

    id: int = Field(primary_key=True, sa_type=sa.SmallInteger, sa_column_kwargs={"autoincrement": False})
    taken_at: datetime = Field(sa_type=MOMENT)
