"""Short messages to people without an e-mail address."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from notify.domain.delivery import Delivery, Status
from notify.store.tables import Base
from shared.kit.database.columns import MOMENT, one_of


class Sms(Base, table=True):
    """
    One short message that stands beside the call about one mail, or in its place.

    It holds no number and no words: both are made at the moment of sending. It is deleted with its mail.

    Attributes:
        gateway_id: The id that the gateway gave it; None until it has it.
    """

    __tablename__ = "sms"
    __table_args__ = (
        sa.CheckConstraint(one_of("status", Status), name="sms_status"),
        sa.CheckConstraint("unknowns <= 2", name="sms_two_copies_at_most"),
        sa.Index("sms_due", "next_at", postgresql_where=sa.text("next_at is not null")),
        sa.Index("sms_of_person", "person_id", "settled_at"),
    )

    mail_id: UUID = Field(primary_key=True, foreign_key="mails.id", ondelete="CASCADE")
    person_id: UUID
    created_at: datetime = Field(sa_type=MOMENT)
    status: str
    attempt: int = 0
    unknowns: int = 0
    first_attempt_at: datetime | None = Field(default=None, sa_type=MOMENT)
    next_at: datetime | None = Field(default=None, sa_type=MOMENT)
    settled_at: datetime | None = Field(default=None, sa_type=MOMENT)
    reason: str | None = None
    gateway_id: str | None = Field(default=None, max_length=100)

    @property
    def delivery(self) -> Delivery:
        """The state, as the rules of mails see it."""
        return Delivery(
            status=Status(self.status),
            next_at=self.next_at,
            attempt=self.attempt,
            unknowns=self.unknowns,
            first_attempt_at=self.first_attempt_at,
            reason=self.reason,
        )

    def apply(self, delivery: Delivery, now: datetime) -> None:
        """Store a new state."""
        self.status = delivery.status.value
        self.next_at = delivery.next_at
        self.attempt = delivery.attempt
        self.unknowns = delivery.unknowns
        self.first_attempt_at = delivery.first_attempt_at
        self.reason = delivery.reason
        self.settled_at = None if delivery.open else now
