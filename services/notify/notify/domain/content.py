"""What a mail says, as data, and the tools with which a mail's own folder turns it into sentences and links."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.reference.centres import Centre


@dataclass(frozen=True)
class MailContent:
    """
    Everything a mail says, looked up at the moment of sending and stored nowhere.

    Attributes:
        kind: Name of the mail's folder.
        cause_id: What the mail is about: a confirmation, a sign-up, a seat, a meeting or one version of its plan.
        stamp: Moment of rendering.
        first_name: The recipient's own; None if unknown, or not yet confirmed to be theirs.
        sequence: Version of the meeting's plan; a mail that takes a meeting back carries one more than was mailed.
        reason: Reason of a released seat, as in ``groups.seat_released``.
    """

    kind: str
    language: str
    centre: Centre
    signup_id: UUID
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
        link: The link of one purpose that answers the question with this id.
        page: The address of one of our public pages.
    """

    gettext: Callable[[str], str]
    link: Callable[[str, UUID], str]
    page: Callable[[str], str]
