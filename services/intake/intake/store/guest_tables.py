"""The table of people who have signed up for a meeting that is open to all, beside those in ``store.tables``."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from intake.store.tables import Base
from shared.kit.database.columns import MOMENT


class GuestRequest(Base, table=True):
    """
    A form of somebody who wants to come, until the worker has decided about it; written the same for everybody.

    Attributes:
        proven: True if the browser has computed for it.
        postponed: True if the mail waits for the budget of the mailbox or of all.
    """

    __tablename__ = "guest_requests"

    person_id: UUID = Field(primary_key=True, foreign_key="people.person_id", ondelete="CASCADE")
    kontaktmote_id: UUID
    asked_at: datetime = Field(sa_type=MOMENT, index=True)
    proven: bool
    postponed: bool = False


class MeetingGuest(Base, table=True):
    """
    A guest of one meeting. The address is that of a person of its own, who is nobody else in the system.

    Attributes:
        mailbox_index: The blind index of the mailbox, which is asked once for each meeting.
        asked_at: Time of the form, or of the last no.
        coming: True once the guest has said yes by the link of the mail.
    """

    __tablename__ = "meeting_guests"
    __table_args__ = (sa.UniqueConstraint("kontaktmote_id", "mailbox_index", name="meeting_guests_once"),)

    person_id: UUID = Field(primary_key=True, foreign_key="people.person_id", ondelete="CASCADE")
    kontaktmote_id: UUID
    mailbox_index: bytes = Field(index=True)
    asked_at: datetime = Field(sa_type=MOMENT)
    coming: bool = False
