"""
The queue of mails, and the calls that staff make instead.

A mail is rendered at the moment of sending; its row holds no name, address or number of a person.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from notify.domain.calls import Outcome
from notify.domain.delivery import Delivery, Status
from notify.store.tables import Base
from shared.kit.database.columns import MOMENT, one_of

MAY_HAVE_ARRIVED: Final = (Status.SENT, Status.UNKNOWN, Status.CALLED)
"""States in which a person knows, or may know, what the mail says."""


class CallAttempt(Base, table=True):
    """
    One call of staff to a person, about one mail that became a call task.

    Attributes:
        outcome: A :class:`notify.domain.calls.Outcome`; an answer is recorded by the service that owns the question.
        username: The member of staff who called.
        next_at: Time of the next call after an unanswered one.
    """

    __tablename__ = "calls"
    __table_args__ = (
        sa.CheckConstraint(one_of("outcome", Outcome), name="calls_outcome"),
        sa.Index("calls_of_mail", "mail_id", "at"),
    )

    id: UUID = Field(primary_key=True)
    mail_id: UUID = Field(foreign_key="mails.id", ondelete="CASCADE")
    outcome: str
    username: str = Field(max_length=100)
    at: datetime = Field(sa_type=MOMENT)
    next_at: datetime | None = Field(default=None, sa_type=MOMENT)


class Mail(Base, table=True):
    """
    One mail to one person about one cause.

    Attributes:
        kind: A kind of the mail registry; no CHECK, so that a new mail needs no migration.
        cause_id: Id of the cause: a confirmation, a sign-up, a seat, a meeting or one version of its plan.
        signup_id: None for a mail about the person and not about one sign-up.
        sequence: Version of the meeting's plan that the mail was queued for; None for other mails.
        told_sequence: Version of the plan that the mail states, set when its sending begins.
        told_starts_at: The meeting's time in that plan; None if the mail says that there is none.
        calendar_sequence: SEQUENCE of the calendar file with the mail.
        told_version: Newest version of the group up to which the mail tells all of its topic.
        link_id: Id in the mail's link, where the id alone is a right, as that of a group's return link or of a ballot.
            It is in no other row, and deleted as soon as the mail has left or will not be sent.
        invitation_id: The invitation to a meeting of the centre that it is about.
        joint_id: Id of the e-mail that it shares with others to the same person, from its first attempt on, so that
            each copy has the same Message-ID; None for a mail that leaves alone.
        replaces_seat_id: The lost seat that this offer also tells of, in place of a mail of its own.
        address_refused: True if the server refused the recipient's address for good.
        worker: Number of the mailer that has claimed it, and of that mailer's advisory lock.
        sending_since: Start of the attempt; None while a claimed mail waits for its turn at the server, where its
            mailer may die without a doubt about the mail.
        settled_at: Time of its final state, from which retention counts.
        held_due_at: When it was due before staff held it; None unless it is held.
    """

    __tablename__ = "mails"
    __table_args__ = (
        sa.UniqueConstraint("kind", "cause_id", "person_id", name="mails_one_per_cause"),
        sa.CheckConstraint(one_of("status", Status), name="mails_status"),
        sa.CheckConstraint("(status = 'sending') = (worker is not null)", name="mails_sending_by_somebody"),
        sa.CheckConstraint("status not in ('queued', 'retry') or next_at is not null", name="mails_waiting_are_due"),
        sa.CheckConstraint("unknowns <= 2", name="mails_two_copies_at_most"),
        sa.Index("mails_due", "next_at", "id", postgresql_where=sa.text("next_at is not null")),
        sa.Index("mails_sending", "worker", postgresql_where=sa.text("status = 'sending'")),
        sa.Index("mails_of_person_and_group", "person_id", "group_id"),
        sa.Index("mails_of_group", "group_id"),
        sa.Index("mails_of_signup", "signup_id"),
        sa.Index("mails_of_invitation", "invitation_id", postgresql_where=sa.text("invitation_id is not null")),
        sa.Index("mails_joint", "joint_id", postgresql_where=sa.text("joint_id is not null")),
        sa.Index("mails_listed", "centre", "status", "created_at", "id"),
        sa.Index("mails_held", "held_due_at", "id", postgresql_where=sa.text("held_due_at is not null")),
        sa.Index(
            "mails_settled",
            "settled_at",
            postgresql_include=["centre", "status", "kind"],
            postgresql_where=sa.text("settled_at is not null"),
        ),
    )

    id: UUID = Field(primary_key=True)
    kind: str
    cause_id: UUID
    person_id: UUID
    signup_id: UUID | None = None
    group_id: UUID | None = None
    seat_id: UUID | None = None
    meeting_id: UUID | None = None
    sequence: int | None = None
    told_sequence: int | None = None
    told_starts_at: datetime | None = Field(default=None, sa_type=MOMENT)
    calendar_sequence: int | None = None
    told_version: int | None = None
    link_id: UUID | None = None
    replaces_seat_id: UUID | None = None
    invitation_id: UUID | None = None
    joint_id: UUID | None = None
    address_refused: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    language: str
    centre: str | None = None
    correlation_id: UUID
    created_at: datetime = Field(sa_type=MOMENT)
    status: str
    attempt: int = 0
    unknowns: int = 0
    first_attempt_at: datetime | None = Field(default=None, sa_type=MOMENT)
    next_at: datetime | None = Field(default=None, sa_type=MOMENT)
    sending_since: datetime | None = Field(default=None, sa_type=MOMENT)
    settled_at: datetime | None = Field(default=None, sa_type=MOMENT)
    reason: str | None = None
    unwanted: str | None = None
    held_due_at: datetime | None = Field(default=None, sa_type=MOMENT)
    worker: int | None = None

    @property
    def delivery(self) -> Delivery:
        """The state of the mail, as the rules see it."""
        return Delivery(
            status=Status(self.status),
            next_at=self.next_at,
            attempt=self.attempt,
            unknowns=self.unknowns,
            first_attempt_at=self.first_attempt_at,
            reason=self.reason,
            unwanted=self.unwanted,
            held_due_at=self.held_due_at,
        )

    def apply(self, delivery: Delivery, now: datetime, worker: int | None = None) -> None:
        """Store a new state; ``worker`` is the mailer that begins to send it."""
        values: dict[str, object] = {
            "status": delivery.status.value,
            "next_at": delivery.next_at,
            "attempt": delivery.attempt,
            "unknowns": delivery.unknowns,
            "first_attempt_at": delivery.first_attempt_at,
            "reason": delivery.reason,
            "unwanted": delivery.unwanted,
            "held_due_at": delivery.held_due_at,
            "settled_at": None if delivery.open else now,
        }
        if delivery.status is not Status.SENDING:
            values |= {"worker": None, "sending_since": None}
        elif worker is not None:
            values["worker"] = worker
        if not delivery.may_be_sent:
            values["link_id"] = None
        for name, value in values.items():
            if getattr(self, name) != value:  # to compare costs a tenth of setting
                setattr(self, name, value)
