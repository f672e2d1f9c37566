"""The table of private calendar feeds, beside those in ``store.tables``."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from notify.store.tables import Base
from shared.kit.database.columns import MOMENT


class CalendarFeed(Base, table=True):
    """
    The private calendar feed of one person or account; the row is deleted when its owner revokes it.

    Attributes:
        id: The id in its link, which says nothing about the owner.
    """

    __tablename__ = "calendar_feeds"

    id: UUID = Field(primary_key=True)
    owner_id: UUID = Field(unique=True)
    created_at: datetime = Field(sa_type=MOMENT)
