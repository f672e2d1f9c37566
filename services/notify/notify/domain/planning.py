"""
Which mails follow from what is known.

Facts only grow: a sign-up that is withdrawn stays so, a seat that is released stays so, the highest version of a
meeting wins. The mails are a function of the facts, so events may come twice and in any order and the same mails are
wanted in the end.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from notify.domain.hours import reminder_at
from notify.domain.kinds import Kind

TAKEN_BACK: Final = frozenset({"cancelled", "moved", "changed"})
"""Reasons why somebody lost a seat without having said no themselves: they must be told."""


@dataclass(frozen=True)
class Signup:
    """
    What is known of one sign-up, by ids only.

    Attributes:
        confirmed: The address is known to be the person's own.
    """

    id: UUID
    person_id: UUID
    language: str
    centre: str | None = None
    confirmation_id: UUID | None = None
    awaits: tuple[str, ...] = ()
    ready: bool = False
    withdrawn: bool = False
    confirmed: bool = False


@dataclass(frozen=True)
class Group:
    """
    What is known of one group.

    Attributes:
        closed: It has started, or never will: nothing more is said about its start.
    """

    id: UUID
    centre: str
    closed: bool = False


@dataclass(frozen=True)
class Seat:
    """
    What is known of one person's chair.

    Attributes:
        offered: Whether the person is asked; a seat may also be had without asking.
        released: Why it was given up, or None.
        first_called: The first version of the plan (SEQUENCE) that named this seat; None when it was never in one.
    """

    id: UUID
    group_id: UUID
    signup_id: UUID
    person_id: UUID
    language: str
    offered: bool = False
    released: str | None = None
    first_called: int | None = None


@dataclass(frozen=True)
class Meeting:
    """The newest known plan of a start meeting."""

    id: UUID
    sequence: int
    starts_at: datetime


@dataclass(frozen=True)
class Wanted:
    """
    A mail that should be sent, or have been sent.

    Attributes:
        cause_id: What it is about; one mail of each kind per cause and person.
        not_before: When it is due; None at once.
    """

    kind: Kind
    cause_id: UUID
    person_id: UUID
    language: str
    centre: str | None
    signup_id: UUID
    group_id: UUID | None = None
    seat_id: UUID | None = None
    meeting_id: UUID | None = None
    sequence: int | None = None
    not_before: datetime | None = None


def of_signup(signup: Signup) -> Iterator[Wanted]:
    """The mails that follow from a sign-up."""

    def mail(kind: Kind, cause_id: UUID) -> Wanted:
        return Wanted(kind, cause_id, signup.person_id, signup.language, signup.centre, signup.id)

    if signup.withdrawn:
        if signup.confirmed:  # a stranger whose address was typed has been promised to hear no more
            yield mail(Kind.GOODBYE, signup.id)
        return
    if signup.confirmation_id is not None:
        yield mail(Kind.ADDRESS_TO_CONFIRM, signup.confirmation_id)
    if signup.awaits:
        yield mail(Kind.TALK_TO_COME, signup.id)
    if signup.ready:
        yield mail(Kind.ON_THE_LIST, signup.id)


def of_seat(seat: Seat, group: Group, meeting: Meeting | None, *, withdrawn: bool) -> Iterator[Wanted]:
    """The mails that follow from a seat in a group; none but the goodbye once the sign-up is ``withdrawn``."""

    def mail(kind: Kind, cause_id: UUID, meeting: Meeting | None = None, not_before: datetime | None = None) -> Wanted:
        return Wanted(
            kind=kind,
            cause_id=cause_id,
            person_id=seat.person_id,
            language=seat.language,
            centre=group.centre,
            signup_id=seat.signup_id,
            group_id=seat.group_id,
            seat_id=seat.id,
            meeting_id=meeting.id if meeting else None,
            sequence=meeting.sequence if meeting else None,
            not_before=not_before,
        )

    if withdrawn:
        return
    if seat.released is not None:
        if seat.released in TAKEN_BACK:
            yield mail(Kind.START_CANCELLED, seat.id, meeting if seat.first_called is not None else None)
        return
    if group.closed:
        return
    if seat.offered:
        yield mail(Kind.SEAT_OFFERED, seat.id)
    if seat.first_called is not None and meeting is not None:
        yield mail(Kind.GROUP_CONFIRMED, meeting.id, meeting)
        if meeting.sequence > seat.first_called:
            yield mail(Kind.PLAN_CHANGED, plan_id(meeting), meeting)
        yield mail(Kind.MEETING_TOMORROW, plan_id(meeting), meeting, reminder_at(meeting.starts_at))


def plan_id(meeting: Meeting) -> UUID:
    """One version of a meeting's plan, as the cause of a mail."""
    return uuid5(meeting.id, str(meeting.sequence))


def message_id(mail_id: UUID, domain: str) -> str:
    """The Message-ID of a mail: the same in every copy (RFC 5322, 3.6.4)."""
    return f"<{uuid5(mail_id, 'message')}@{domain}>"
