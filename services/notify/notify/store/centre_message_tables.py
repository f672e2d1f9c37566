"""The messages that centres write themselves; their recipients are the mails, by opaque ids."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from notify.domain.centre_messages import Audience, CentreMessage, State, Words
from notify.store.tables import Base
from shared.kit.database.columns import MOMENT, TEXTS, empty_dict, empty_list, one_of


class CentreMessageRow(Base, table=True):
    """
    One message; see :class:`notify.domain.centre_messages.CentreMessage`.

    Attributes:
        group_id, part: The group, or the part of an area, that it is for.
        areas: Every id that stands for the area of the part.
        kommuner: The kommuner whose people belong to the part; empty if all people of the area do.
        texts: Subject and body by language.
        recipients: Number of people to whom it was sent, also after their mails are deleted.
    """

    __tablename__ = "centre_messages"
    __table_args__ = (
        sa.CheckConstraint(one_of("state", State), name="centre_messages_state"),
        sa.CheckConstraint(one_of("audience", Audience), name="centre_messages_audience"),
        sa.CheckConstraint("(state = 'draft') = (sent_at is null)", name="centre_messages_sent"),
        sa.Index("centre_messages_of_centre", "centre", "created_at"),
    )

    id: UUID = Field(primary_key=True)
    centre: str = Field(max_length=63)
    audience: str
    group_id: UUID | None = None
    part: str | None = None
    areas: list[str] = Field(default_factory=empty_list, sa_type=TEXTS)
    kommuner: list[str] = Field(default_factory=empty_list, sa_type=TEXTS)
    texts: dict[str, dict[str, str]] = Field(default_factory=empty_dict, sa_type=JSONB)
    state: str = State.DRAFT.value
    revision: int = 1
    created_at: datetime = Field(sa_type=MOMENT)
    sent_at: datetime | None = Field(default=None, sa_type=MOMENT)
    leaves_at: datetime | None = Field(default=None, sa_type=MOMENT)
    recipients: int = 0

    @property
    def facts(self) -> CentreMessage:
        """The message as the rules see it."""
        return CentreMessage(
            id=self.id,
            centre=self.centre,
            audience=Audience(self.audience),
            texts={language: Words(**words) for language, words in self.texts.items()},
            state=State(self.state),
            revision=self.revision,
            leaves_at=self.leaves_at,
        )
