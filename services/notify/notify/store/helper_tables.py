"""The notices to igangsettere, by ids only."""

from datetime import datetime
from typing import cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from notify.domain.helpers import Notice, NoticeKind, NoticeState
from notify.store.tables import Base
from shared.kit.database.columns import MOMENT, empty_dict


class HelperNotice(Base, table=True):
    """
    One question to an igangsetter, or one request of theirs; see :class:`notify.domain.helpers.Notice`.

    Attributes:
        version: The version of the group in the event that the state is from; the highest wins.
    """

    __tablename__ = "helper_notices"
    __table_args__ = (
        sa.CheckConstraint("kind in ('invitation', 'link', 'question')", name="helper_notices_kind"),
        sa.CheckConstraint(
            "state in ('open', 'accepted', 'declined', 'lapsed', 'withdrawn')", name="helper_notices_state"
        ),
    )

    id: UUID = Field(primary_key=True)
    account_id: UUID = Field(index=True)
    kind: str
    language: str
    centre: str
    expires_at: datetime = Field(sa_type=MOMENT, index=True)
    state: str = "open"
    version: int = 0
    details: dict[str, object] = Field(default_factory=empty_dict, sa_type=JSONB)

    @property
    def facts(self) -> Notice:
        """The question as the rules see it."""
        return Notice(
            id=self.id,
            account_id=self.account_id,
            kind=cast("NoticeKind", self.kind),
            language=self.language,
            centre=self.centre,
            expires_at=self.expires_at,
            state=cast("NoticeState", self.state),
            details=self.details,
        )
