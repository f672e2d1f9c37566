"""The content of a mail as data, and the tools with which the mail's own folder makes sentences and links of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.reference.centres import Centre


@dataclass(frozen=True)
class MailContent:
    """
    The content of one mail, looked up at the moment of sending and stored nowhere.

    Attributes:
        kind: Name of the mail's folder.
        cause_id: Id of the cause: a confirmation, a sign-up, a seat, a meeting or one version of its plan.
        stamp: Moment of rendering.
        first_name: The recipient's first name; None if it is not confirmed to be theirs.
        sequence: Version of the meeting's plan; the cancellation of a meeting has the next higher one.
        reason: Reason of a released seat, as in ``groups.seat_released``.
    """

    kind: str
    language: str
    centre: Centre
    signup_id: UUID | None
    cause_id: UUID
    stamp: datetime
    first_name: str | None = None
    expires_at: datetime | None = None
    awaits: tuple[str, ...] = ()
    seat_id: UUID | None = None
    slot: str | None = None
    area_name: str | None = None
    spoken_language: str | None = None
    size: int | None = None
    deadline: datetime | None = None
    meeting_id: UUID | None = None
    sequence: int = 0
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    place_text: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class MailTools:
    """
    Tools for the ``context`` of a mail, in the mail's language.

    Attributes:
        gettext: Translates a msgid.
        link: Returns the link with a purpose and an id, which must be there; see :mod:`shared.reference.link_purposes`.
        page: Returns the URL of a public page by its path.
    """

    gettext: Callable[[str], str]
    link: Callable[[str, UUID | None], str]
    page: Callable[[str], str]
