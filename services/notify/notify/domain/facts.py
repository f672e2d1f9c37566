"""
The facts from which mails are planned, by ids only.

No fact is ever taken back: a withdrawn sign-up stays withdrawn, a released seat stays released. Where one thing follows
another, as a pause and its end, or the versions of a meeting's plan, the highest version wins. Events may therefore
come twice and in any order; the same mails are planned in the end.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from shared.reference.policy import Policy


@dataclass(frozen=True)
class Signup:
    """
    One sign-up.

    Attributes:
        confirmation_id: The question that confirms the address; it can be answered until ``expires_at``.
        awaits: Steps that remain before the waiting list.
        ready: True if the person is on the waiting list.
        confirmed: True if the address is known to be the person's own.
        withdrawn_reason: ``left``; ``no_answer`` if the question in ``renewal`` was not answered; ``replaced`` by a
            newer sign-up of the person.
        pause_version: Version of the newest pause or end of a pause; None if there was none.
        paused: True between a pause and its end.
        renewal_version: Version of the newest question whether the person still wants a group.
        renewal_deadline: The sign-up ends then without an answer.
        renewed_version: Version of the newest answer that they do.
        renewed_at: Time of that answer.
        offers_paused_seat: The seat with which offers stopped, since the last ones were not answered.
        offers_paused_at: When they stopped.
        texts_version: Version of the newest question about changed texts, or of its answer.
        texts_asked: The texts that the person is asked about; empty once they have answered.
        sign_of_life_id: The newest month of waiting without any message; None if there was none.
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
    withdrawn_reason: str | None = None
    pause_version: int | None = None
    paused: bool = False
    renewal_version: int | None = None
    renewal_deadline: datetime | None = None
    renewed_version: int | None = None
    renewed_at: datetime | None = None
    offers_paused_seat: UUID | None = None
    offers_paused_at: datetime | None = None
    sign_of_life_id: UUID | None = None
    texts_version: int | None = None
    texts_asked: tuple[str, ...] = ()

    @property
    def waiting(self) -> bool:
        """True if the person is on the waiting list and wants to hear from the centre."""
        return self.ready and not self.withdrawn and not self.paused

    @property
    def offers_paused(self) -> bool:
        """True if offers have stopped and the person has not said since that they still want a group."""
        if self.offers_paused_at is None:
            return False
        return self.renewed_at is None or self.renewed_at < self.offers_paused_at

    @property
    def asked_to_renew(self) -> bool:
        """True if the question whether the person still wants a group is open."""
        return self.renewal_version is not None and self.renewal_version > (self.renewed_version or 0)


@dataclass(frozen=True)
class PageLink:
    """A person's request for the link to their own page."""

    id: UUID
    person_id: UUID
    language: str
    centre: str | None
    expires_at: datetime


@dataclass(frozen=True)
class Group:
    """
    One group.

    Attributes:
        closed: True if it has started or is cancelled; no mail about its start is planned any more. A start that is
            revoked opens the group again.
        cancel_reason: ``too_few`` or ``by_centre``; None unless it is cancelled.
        started: True if it is closed because its start meeting has been held.
        reopened_version: Version of the event that revoked its start; None unless it is open again.
        ended: True if it is dissolved, or no longer counts as active.
        forgotten: True if grouping no longer knows its members.
        kept_seats: Seats of the members who have asked to be kept then.
        policy: The policy that it keeps since its start, if it is known.
        starters: Number of its igangsettere at the start, if it is known.
    """

    id: UUID
    centre: str
    closed: bool = False
    cancel_reason: str | None = None
    started: bool = False
    reopened_version: int | None = None
    ended: bool = False
    forgotten: bool = False
    kept_seats: frozenset[UUID] = frozenset()
    policy: Policy | None = None
    starters: int | None = None

    def has_forgotten(self, seat_id: UUID) -> bool:
        """Return True if grouping no longer knows the person of a seat."""
        return self.forgotten and seat_id not in self.kept_seats


@dataclass(frozen=True)
class Seat:
    """
    One person's seat in one group.

    Attributes:
        offered: True if the person was asked for an answer; under some policies a seat is given without asking.
        taken: True if the person has accepted the seat.
        taken_at: When they accepted it; None if it is not known.
        comes_to: Start of the meeting to which the person has said that they still come; None if they have not.
        deadline: End of the offer.
        taken_count: Number of people who had said yes when it was offered; None if it is not known.
        place_text: Where the group meets, as known when the seat was offered.
        starts_at: The start meeting, as known when the seat was offered.
        earliest_at: Earliest time of the start meeting, if it was not called then.
        instead_of: The seat, in a group that did not fill, for which this one is offered.
        released: Reason of the release, or None while the seat is kept.
        replaced_by: The seat that is offered instead; its mail tells of both.
        first_called: First version of each meeting's plan (SEQUENCE) that named this seat, by meeting.
    """

    id: UUID
    group_id: UUID
    signup_id: UUID
    person_id: UUID
    language: str
    offered: bool = False
    taken: bool = False
    taken_at: datetime | None = None
    comes_to: datetime | None = None
    slot: str | None = None
    spoken_language: str | None = None
    size: int | None = None
    deadline: datetime | None = None
    taken_count: int | None = None
    place_text: str | None = None
    starts_at: datetime | None = None
    earliest_at: datetime | None = None
    instead_of: UUID | None = None
    released: str | None = None
    replaced_by: UUID | None = None
    first_called: Mapping[UUID, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Meeting:
    """
    The newest plan of one meeting.

    Attributes:
        sequence: Its version (RFC 5545 SEQUENCE).
        address_known: False while ``place_text`` is only a part of town.
        first_addressed: First version with an address; None if there was none.
        postponed: True if the meeting is not held at ``starts_at`` and has no new time.
        reported: True if staff have said how this plan went; there is nothing left to tell about it.
        kind: Purpose of the meeting, as in ``groups.meeting_called``.
        known: False until its plan has come.
        planned_at: The time in its first plan.
        cancelled_sequence: SEQUENCE with which it was cancelled; None if it was not.
        called_at: When this plan was first published; None if it is not known.
        coming_question: Whether the members are asked if they still come, as in ``groups.meeting_called``.
        self_start: True if no igangsetter comes, and the members have a sheet that helps them start.
    """

    id: UUID
    sequence: int
    starts_at: datetime
    ends_at: datetime
    place_text: str
    address_known: bool = True
    first_addressed: int | None = 0
    postponed: bool = False
    reported: bool = False
    kind: str = "start"
    known: bool = True
    planned_at: datetime | None = None
    cancelled_sequence: int | None = None
    called_at: datetime | None = None
    coming_question: str = "off"
    self_start: bool = False

    @property
    def cancelled(self) -> bool:
        """True if the meeting is not held, and takes no other time."""
        return self.cancelled_sequence is not None and self.cancelled_sequence >= self.sequence
