"""Igangsettere with an account in intake, and what they are asked; by opaque ids only."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from grouping.domain.starters import QuestionState
from grouping.store.tables import Base
from shared.kit.database.columns import MOMENT, one_of


class IgangsetterAccount(Base, table=True):
    """
    The account of an igangsetter, as intake's newest event states it.

    Attributes:
        igangsetter_id: The same as in the register, where they may not be yet.
        version: The version of that event.
        active: False while they cannot be asked, nor sign in.
        by_mail: Whether they have an e-mail address; without one the centre calls.
    """

    __tablename__ = "igangsetter_accounts"

    igangsetter_id: UUID = Field(primary_key=True)
    centre: str
    version: int
    active: bool
    by_mail: bool
    language: str


class StarterQuestion(Base, table=True):
    """
    The question to an igangsetter whether they start a group; see :class:`grouping.domain.starters.Question`.

    While it is open or accepted, ``group_starters`` has the igangsetter too, so that nobody is asked, or has said yes,
    for more groups than they can have.

    Attributes:
        starts_at: The start meeting that they are asked about.
        answered_at: When it was answered, or stopped being a question.
    """

    __tablename__ = "starter_questions"
    __table_args__ = (
        sa.CheckConstraint(one_of("state", QuestionState), name="starter_questions_state"),
        sa.CheckConstraint("(state = 'open') = (answered_at is null)", name="starter_questions_answered"),
        sa.Index(
            "starter_questions_one_live",
            "group_id",
            "igangsetter_id",
            unique=True,
            postgresql_where=sa.text("state in ('open', 'accepted')"),
        ),
        sa.Index("starter_questions_due", "deadline", postgresql_where=sa.text("state = 'open'")),
    )

    id: UUID = Field(primary_key=True)
    group_id: UUID = Field(foreign_key="groups.id", ondelete="CASCADE", index=True)
    igangsetter_id: UUID = Field(foreign_key="igangsettere.id", ondelete="CASCADE", index=True)
    state: str
    asked_at: datetime = Field(sa_type=MOMENT)
    deadline: datetime = Field(sa_type=MOMENT)
    starts_at: datetime = Field(sa_type=MOMENT)
    answered_at: datetime | None = Field(default=None, sa_type=MOMENT)
