"""The number of mails in each minute, for mail servers that take only so many in an hour."""

from datetime import datetime

from sqlmodel import Field

from notify.store.tables import Base
from shared.kit.database.columns import MOMENT


class SentMinute(Base, table=True):
    """The mails that all mailers have sent, or are about to send, in one minute."""

    __tablename__ = "sent_minutes"

    minute: datetime = Field(primary_key=True, sa_type=MOMENT)
    count: int
