"""Messages that a centre writes itself: to a group, to everybody who waits in an area, or to its igangsettere."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from shared.errors import DomainError

UNDO_WITHIN: Final = timedelta(minutes=10)
"""How long a message waits after the press, so that it can be taken back before anybody has got it."""

MOST_IN_A_DAY: Final = 10
"""Messages of one centre within 24 hours; more would not be read, and whoever steals a password reaches no further."""

DAY: Final = timedelta(hours=24)

READ_INSTEAD: Final[Mapping[str, tuple[str, ...]]] = {
    "nb": ("nb", "nn", "en"),
    "nn": ("nn", "nb", "en"),
    "en": ("en", "nb", "nn"),
}
"""The languages in which a reader of each language gets a message, the first one that is written."""


class Audience(StrEnum):
    """Audience of a message."""

    GROUP = "group"
    AREA = "area"
    IGANGSETTERE = "igangsettere"


class State(StrEnum):
    """State of a message."""

    DRAFT = "draft"
    SENT = "sent"
    TAKEN_BACK = "taken_back"


class Unreached(StrEnum):
    """Reason for which a group gets no message."""

    WITHDRAWN = "group_on_its_own"
    """It goes on by itself: the centre has withdrawn, and does not write to it."""
    OVER = "group_is_over"


@dataclass(frozen=True)
class Words:
    """Subject and text in one language."""

    subject: str
    body: str


@dataclass(frozen=True)
class CentreMessage:
    """
    A message of a centre.

    Attributes:
        texts: By language; at least one.
        revision: Grows with each change of the draft, so that what is sent is what was previewed.
        leaves_at: The end of the time in which it can be taken back; None for a draft.
    """

    id: UUID
    centre: str
    audience: Audience
    texts: Mapping[str, Words]
    state: State = State.DRAFT
    revision: int = 1
    leaves_at: datetime | None = None

    def language_for(self, reader: str) -> str:
        """Return the language in which a reader of this language gets it."""
        return next(language for language in READ_INSTEAD[reader] if language in self.texts)

    def words_for(self, reader: str) -> Words:
        """Return subject and text for a reader of this language."""
        return self.texts[self.language_for(reader)]

    def require_draft(self) -> None:
        """Raise ``message_is_…`` unless it is a draft."""
        if self.state is not State.DRAFT:
            raise DomainError(f"message_is_{self.state.value}", message_id=self.id)

    def require_previewed(self, revision: int) -> None:
        """Raise ``message_changed_meanwhile`` if the draft is not the one that was previewed."""
        if revision != self.revision:
            raise DomainError("message_changed_meanwhile", message_id=self.id)


@dataclass(frozen=True)
class Addressed:
    """
    A recipient of a message, by ids only.

    Attributes:
        signup_id: The sign-up by which they are addressed; None for an igangsetter.
        by_mail: False for somebody without an address, as far as is known: staff call.
        refused: True if the address has refused mails, or the person has marked one as unwanted: staff call.
    """

    person_id: UUID
    language: str
    signup_id: UUID | None = None
    by_mail: bool = True
    refused: bool = False


@dataclass(frozen=True)
class Told:
    """A message with somebody to whom it was sent; ``recipient`` is None if they are not to get it any more."""

    message: CentreMessage
    recipient: Addressed | None


@dataclass(frozen=True)
class Reach:
    """
    Number of people that a message reaches now, by way.

    Attributes:
        stopped: People of the audience who get nothing because they have taken a pause.
        unplaced: People who signed up before the area was stored, and of whom it is not known whether they belong.
        instead: Number of readers by the language that they read and the one in which they get it, where these differ.
    """

    mail: int = 0
    phone: int = 0
    refused: int = 0
    stopped: int = 0
    unplaced: int = 0
    instead: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Number of recipients."""
        return self.mail + self.phone + self.refused


def reach(message: CentreMessage, recipients: Iterable[Addressed], *, stopped: int = 0, unplaced: int = 0) -> Reach:
    """Return whom a message reaches, as counts."""
    ways, instead = Counter[str](), Counter[tuple[str, str]]()
    for recipient in recipients:
        ways["refused" if recipient.refused else "mail" if recipient.by_mail else "phone"] += 1
        given = message.language_for(recipient.language)
        if given != recipient.language:
            instead[recipient.language, given] += 1
    return Reach(ways["mail"], ways["phone"], ways["refused"], stopped, unplaced, dict(instead))
