"""The life of a started group, and the votes of its members."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from grouping.domain.life.model import LifeState
from grouping.store.tables import Base
from shared.kit.database.columns import JSON, MOMENT, empty_list, one_of

_UUIDS: Final[Any] = sa.ARRAY(sa.Uuid)
_DAYS: Final[Any] = sa.ARRAY(sa.Date)


class Life(Base, table=True):
    """
    The life of a started group; see :class:`grouping.domain.life.model.GroupLife`, whose fields the columns are.

    Attributes:
        rhythm: The fields of :class:`grouping.domain.life.model.Rhythm`.
        return_hash: SHA-256 of the secret in the group's return link; None before the handover, and once it has ended.
        next_at: When the job looks at it again; None once it is over and forgotten.
    """

    __tablename__ = "group_lives"
    __table_args__ = (
        sa.CheckConstraint(one_of("state", LifeState), name="group_lives_state"),
        sa.CheckConstraint(
            "state not in ('independent', 'expired') or handed_over_at is not null", name="group_lives_handed_over"
        ),
        sa.CheckConstraint("state not in ('dissolved', 'expired') or ended_at is not null", name="group_lives_ended"),
        sa.Index("group_lives_due", "next_at"),
    )

    group_id: UUID = Field(primary_key=True, foreign_key="groups.id", ondelete="CASCADE")
    state: str
    size: int
    rhythm: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    rhythm_version: int = 0
    skipped_days: list[date] = Field(
        default_factory=empty_list, sa_type=_DAYS, sa_column_kwargs={"server_default": "{}"}
    )
    kept_days: list[date] = Field(default_factory=empty_list, sa_type=_DAYS, sa_column_kwargs={"server_default": "{}"})
    pledge_on: date | None = None
    handover_asked_at: datetime | None = Field(default=None, sa_type=MOMENT)
    handover_yes: list[UUID] = Field(
        default_factory=empty_list, sa_type=_UUIDS, sa_column_kwargs={"server_default": "{}"}
    )
    more_meetings: int = 0
    more_reason: str | None = None
    handed_over_at: datetime | None = Field(default=None, sa_type=MOMENT)
    handed_over_by: str | None = None
    return_hash: bytes | None = Field(default=None, unique=True)
    solo_meetings: int = 0
    solo_since: datetime | None = Field(default=None, sa_type=MOMENT)
    paused_until: date | None = None
    followed_up: bool = False
    visits: int = 0
    visit_id: UUID | None = None
    visit_kind: str | None = None
    visit_state: str | None = None
    visit_at: datetime | None = Field(default=None, sa_type=MOMENT)
    visit_meeting_id: UUID | None = None
    admission_until: datetime | None = Field(default=None, sa_type=MOMENT)
    rest_size: int | None = None
    opted_in: list[UUID] = Field(default_factory=empty_list, sa_type=_UUIDS, sa_column_kwargs={"server_default": "{}"})
    left_out: list[UUID] = Field(default_factory=empty_list, sa_type=_UUIDS, sa_column_kwargs={"server_default": "{}"})
    dissolve_yes: list[UUID] = Field(
        default_factory=empty_list, sa_type=_UUIDS, sa_column_kwargs={"server_default": "{}"}
    )
    alive_at: datetime | None = Field(default=None, sa_type=MOMENT)
    alive_asked_at: datetime | None = Field(default=None, sa_type=MOMENT)
    next_vote_at: datetime | None = Field(default=None, sa_type=MOMENT)
    ended_at: datetime | None = Field(default=None, sa_type=MOMENT)
    ended_by: str | None = None
    forget_at: datetime | None = Field(default=None, sa_type=MOMENT)
    forgotten: bool = False
    next_at: datetime | None = Field(default=None, sa_type=MOMENT)


class Vote(Base, table=True):
    """
    An open vote of a group; see :mod:`grouping.domain.votes`. It is deleted with its seals at the deadline.

    Attributes:
        key_number: The version of the key that seals it.
    """

    __tablename__ = "votes"
    __table_args__ = (sa.CheckConstraint(one_of("subject", ("conflict_visit", "admission")), name="votes_subject"),)

    id: UUID = Field(primary_key=True)
    group_id: UUID = Field(foreign_key="groups.id", ondelete="CASCADE", unique=True)
    subject: str
    deadline: datetime = Field(sa_type=MOMENT)
    ballots: list[UUID] = Field(sa_type=_UUIDS)
    key_number: int = Field(default=0, sa_column_kwargs={"server_default": sa.text("0")})


class VoteTurnout(Base, table=True):
    """The used ballots of a vote, sealed; apart from the answers."""

    __tablename__ = "vote_turnouts"

    vote_id: UUID = Field(primary_key=True, foreign_key="votes.id", ondelete="CASCADE")
    nonce: bytes
    sealed: bytes


class VoteBox(Base, table=True):
    """The answers of a vote, added up and sealed; apart from the turnout."""

    __tablename__ = "vote_boxes"

    vote_id: UUID = Field(primary_key=True, foreign_key="votes.id", ondelete="CASCADE")
    sealed: bytes
