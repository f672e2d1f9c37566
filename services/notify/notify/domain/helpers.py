"""The facts of one notice to an igangsetter, by ids only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

NoticeKind = Literal["invitation", "link", "question"]
"""Asked to help a centre, asked for a link to sign in, or asked to start a group, or to come back to one."""

NoticeState = Literal["open", "accepted", "declined", "lapsed", "withdrawn"]


@dataclass(frozen=True)
class Notice:
    """
    One question to an igangsetter, or one request of theirs.

    Attributes:
        id: The question that the link of its mail answers.
        account_id: Whom it is about; contacts are asked for by this id, as by that of a person.
        expires_at: Until when it can be answered.
        state: Its newest state.
        details: Time, place and language of the group; fields of its events.
    """

    id: UUID
    account_id: UUID
    kind: NoticeKind
    language: str
    centre: str
    expires_at: datetime
    state: NoticeState = "open"
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def asks_back(self) -> bool:
        """True if they are asked to come back to a group that they once started."""
        return "visit_id" in self.details

    @property
    def starts_at(self) -> datetime | None:
        """The start meeting of the group."""
        return self._moment("starts_at")

    @property
    def ends_at(self) -> datetime | None:
        """The end of that meeting."""
        return self._moment("ends_at")

    def word(self, name: str) -> str | None:
        """Return a detail as text; None if there is none."""
        value = self.details.get(name)
        return str(value) if value is not None else None

    def _moment(self, name: str) -> datetime | None:
        text = self.word(name)
        return datetime.fromisoformat(text) if text else None
