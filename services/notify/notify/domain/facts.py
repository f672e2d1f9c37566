"""
The facts from which mails are planned, by ids only.

No fact is ever taken back: a withdrawn sign-up stays withdrawn, a released seat stays released, the highest version of
a meeting's plan wins. Events may therefore come twice and in any order; the same mails are planned in the end.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Signup:
    """
    One sign-up.

    Attributes:
        confirmation_id: The question that confirms the address; it can be answered until ``expires_at``.
        awaits: Steps that remain before the waiting list.
        ready: True if the person is on the waiting list.
        confirmed: True if the address is known to be the person's own.
    """

    id: UUID
    person_id: UUID
    language: str
    centre: str | None = None
    confirmation_id: UUID | None = None
    expires_at: datetime | None = None
    awaits: tuple[str, ...] = ()
    ready: bool = False
    withdrawn: bool = False
    confirmed: bool = False


@dataclass(frozen=True)
class Group:
    """
    One group.

    Attributes:
        closed: True if it has started or is cancelled; no mail about its start is planned any more.
    """

    id: UUID
    centre: str
    closed: bool = False


@dataclass(frozen=True)
class Seat:
    """
    One person's seat in one group.

    Attributes:
        offered: True if the person was asked for an answer; under some policies a seat is given without asking.
        taken: True if the person has accepted the seat.
        deadline: End of the offer.
        released: Reason of the release, or None while the seat is kept.
        first_called: First version of each meeting's plan (SEQUENCE) that named this seat, by meeting.
    """

    id: UUID
    group_id: UUID
    signup_id: UUID
    person_id: UUID
    language: str
    offered: bool = False
    taken: bool = False
    slot: str | None = None
    spoken_language: str | None = None
    size: int | None = None
    deadline: datetime | None = None
    released: str | None = None
    first_called: Mapping[UUID, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Meeting:
    """The newest plan of one meeting; ``sequence`` is its version (RFC 5545 SEQUENCE)."""

    id: UUID
    sequence: int
    starts_at: datetime
    ends_at: datetime
    place_text: str


@dataclass(frozen=True)
class MailFacts:
    """
    The facts about one mail at the moment of sending, which may differ from those it was planned from.

    Attributes:
        told_sequence: Latest version of the meeting's plan that was mailed to this person; None if none was.
        told_of_group: True if a mail about this group has reached, or may have reached, this person.
    """

    signup: Signup | None = None
    seat: Seat | None = None
    meeting: Meeting | None = None
    told_sequence: int | None = None
    told_of_group: bool = False
