"""Igangsettere: the register, their groups and accounts, and the questions to them; by labels and opaque ids only."""

from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from grouping.domain.starters import QuestionState
from grouping.store.tables import Base
from shared.kit.database.columns import MOMENT, TEXTS, one_of

MOST_LABEL: Final = 40


class Igangsetter(Base, table=True):
    """
    A volunteer who starts groups for a centre.

    Attributes:
        label: The centre's name for them: initials or a nickname, never a full name.
        place: Their approximate home, as :mod:`shared.reference.places` labels it.
        latitude, longitude: Of that place, degrees, WGS 84, two decimals.
        reach_km: The longest distance to a group, as the crow flies.
        groups_at_once: Maximum number of groups at one time, enforced by a trigger.
        active: False while they take no new groups.
    """

    __tablename__ = "igangsettere"
    __table_args__ = (
        sa.CheckConstraint(f"char_length(label) between 1 and {MOST_LABEL}", name="igangsettere_label"),
        sa.CheckConstraint("reach_km >= 1 and groups_at_once >= 1", name="igangsettere_numbers"),
        sa.CheckConstraint("cardinality(slots) > 0 and cardinality(languages) > 0", name="igangsettere_can_something"),
    )

    id: UUID = Field(primary_key=True)
    centre: str = Field(index=True)
    label: str
    place: str
    latitude: float
    longitude: float
    reach_km: int
    slots: list[str] = Field(sa_type=TEXTS)
    languages: list[str] = Field(sa_type=TEXTS)
    groups_at_once: int
    active: bool = Field(default=True, sa_column_kwargs={"server_default": sa.text("true")})
    created_at: datetime = Field(sa_type=MOMENT)


class GroupStarter(Base, table=True):
    """
    The assignment of an igangsetter to a group; deleted with either.

    Attributes:
        since: When the igangsetter was assigned.
        weeks: Weeks from the start meeting in which the igangsetter is busy with the group, by its policy.
    """

    __tablename__ = "group_starters"

    group_id: UUID = Field(primary_key=True, foreign_key="groups.id", ondelete="CASCADE")
    igangsetter_id: UUID = Field(primary_key=True, foreign_key="igangsettere.id", ondelete="CASCADE", index=True)
    since: datetime = Field(sa_type=MOMENT)
    weeks: int


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
