"""
The life cycle of a group and of each seat in it.

A group may first be ``drafted``: nothing about it is published and it can be undone. It is ``proposed`` when seats are
offered, ``confirmed`` when enough are taken, and ``started`` when its start meeting has been held; or it is
``cancelled`` before that. A started group is closed to newcomers, but its members may always leave. If staff report
that the start meeting was not held, the group is confirmed again.

A proposal that falls below its minimum stays a proposal and looks for members until :attr:`Group.filling_until`.

Each function returns the changed group or raises :class:`shared.errors.DomainError`.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

from grouping.domain import meetings
from grouping.domain.meetings import Meeting
from shared.errors import DomainError


class GroupState(StrEnum):
    """The states of a group; the module describes them."""

    DRAFTED = "drafted"
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    STARTED = "started"
    CANCELLED = "cancelled"


class SeatState(StrEnum):
    """A seat is offered, then taken or released; a released seat stays released."""

    OFFERED = "offered"
    TAKEN = "taken"
    RELEASED = "released"


FORMING = frozenset({GroupState.DRAFTED, GroupState.PROPOSED, GroupState.CONFIRMED})
"""The states in which seats can be offered."""

LIVE = frozenset({SeatState.OFFERED, SeatState.TAKEN})
"""The states in which a seat counts against the capacity."""

OFFER_REST = timedelta(hours=1)
"""Time in which a person hears only one of: a seat is offered, the group is cancelled."""

LEAST_MEMBERS = 2
"""Members without whom no group can start, whatever staff decide."""

Lack = Literal["address", "igangsetter"]

ReleaseReason = Literal["declined", "lapsed", "withdrawn", "erased", "cancelled", "changed", "paused", "moved"]


@dataclass(frozen=True, slots=True)
class Seat:
    """
    One seat for one person.

    Attributes:
        deadline: When the offer lapses; None in a draft, and where the centre asks for no answer.
        reason: The reason of a release.
        offered_at: When it was offered.
    """

    id: UUID
    person_id: UUID
    state: SeatState
    deadline: datetime | None = None
    reason: ReleaseReason | None = None
    offered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """
    A group and its seats.

    Attributes:
        size_min: Number of members that the group needs to start, by the policy of its proposal.
        capacity: Maximum number of live seats.
        start_meeting: None before it is called.
        extended: True after :func:`grouping.domain.decisions.extend`, which is allowed once.
        filling_until: The moment until which a proposal below its minimum looks for members; never before the newest
            offer can be answered. None in a draft.
        date_kept: True if staff keep the date of a start meeting for which members are lacking.
        waits_for_members: True if staff have put the start meeting off, so that more people can join.
        start_reason: The written reason of staff for a start below the minimum; never about a person.
    """

    id: UUID
    state: GroupState
    size_min: int
    capacity: int
    seats: tuple[Seat, ...] = ()
    start_meeting: Meeting | None = None
    extended: bool = False
    filling_until: datetime | None = None
    date_kept: bool = False
    waits_for_members: bool = False
    start_reason: str | None = None

    @property
    def least(self) -> int:
        """Number of members that the group needs to start, after the decisions of staff."""
        return self.size_min if self.start_reason is None else LEAST_MEMBERS

    @property
    def live(self) -> tuple[Seat, ...]:
        """Seats that are offered or taken."""
        return tuple(seat for seat in self.seats if seat.state in LIVE)

    @property
    def taken(self) -> tuple[Seat, ...]:
        """Seats of the members."""
        return tuple(seat for seat in self.seats if seat.state is SeatState.TAKEN)

    def seat(self, seat_id: UUID) -> Seat:
        """Return one seat; KeyError if it belongs to another group."""
        return {seat.id: seat for seat in self.seats}[seat_id]

    def free_seats(self, now: datetime) -> int:
        """Return the number of seats that can be offered now: none once the start meeting has begun."""
        begun = self.start_meeting is not None and self.start_meeting.has_begun(now)
        return self.capacity - len(self.live) if self.state in FORMING and not begun else 0


def offer(group: Group, seat: Seat, now: datetime) -> Group:
    """
    Add an offered seat.

    Raises:
        DomainError: ``group_closed``, ``group_cancelled``, ``group_full`` or ``already_seated``.
    """
    must_be_forming(group)
    if any(live.person_id == seat.person_id for live in group.live):
        raise DomainError("already_seated", group_id=group.id, seat_id=seat.id)
    if group.free_seats(now) < 1:
        raise DomainError("group_full", group_id=group.id, seat_id=seat.id)
    return replace(group, seats=(*group.seats, seat))


def set_deadline(group: Group, seat_id: UUID, deadline: datetime) -> Group:
    """Set the deadline of an offer: never later than the start meeting, and a proposal looks for members as long."""
    if group.start_meeting is not None and group.start_meeting.is_scheduled:
        deadline = min(deadline, group.start_meeting.starts_at)
    if group.filling_until is not None:
        group = replace(group, filling_until=max(group.filling_until, deadline))
    return _with_seat(group, replace(group.seat(seat_id), deadline=deadline))


def take(group: Group, seat_id: UUID, now: datetime) -> Group:
    """
    Take an offered seat. Taking it twice changes nothing.

    Raises:
        DomainError: ``seat_lapsed``, ``seat_released``, ``group_closed`` or ``group_cancelled``.
    """
    seat = group.seat(seat_id)
    if seat.state is SeatState.TAKEN:
        return group
    if seat.state is SeatState.RELEASED:
        raise DomainError("seat_lapsed" if seat.reason == "lapsed" else "seat_released", seat_id=seat_id)
    must_be_forming(group)
    if seat.deadline is not None and now >= seat.deadline:
        raise DomainError("seat_lapsed", seat_id=seat_id)
    return _with_seat(group, replace(seat, state=SeatState.TAKEN))


def release(group: Group, seat_id: UUID, reason: ReleaseReason) -> Group:
    """
    Release a seat. A released seat stays as it is.

    Raises:
        DomainError: ``group_closed`` if the group has started, unless the person withdraws or is erased;
            ``group_cancelled``.
    """
    seat = group.seat(seat_id)
    if seat.state is SeatState.RELEASED:
        return group
    if not (group.state is GroupState.STARTED and reason in {"withdrawn", "erased"}):
        must_be_forming(group)
    return _with_seat(group, replace(seat, state=SeatState.RELEASED, reason=reason))


def lapsed_offers(group: Group, now: datetime) -> tuple[Seat, ...]:
    """Return the offers whose deadline has passed."""
    return tuple(
        seat
        for seat in group.seats
        if seat.state is SeatState.OFFERED and seat.deadline is not None and now >= seat.deadline
    )


def publish(group: Group, filling_until: datetime) -> Group:
    """
    Turn a draft into a proposal, whose seats are then offered.

    Raises:
        DomainError: ``told_already``.
    """
    if group.state is not GroupState.DRAFTED:
        raise DomainError("told_already", group_id=group.id)
    return replace(group, state=GroupState.PROPOSED, filling_until=filling_until)


def has_enough(group: Group) -> bool:
    """Return True if a proposal can be confirmed."""
    return group.state is GroupState.PROPOSED and len(group.taken) >= group.least


def is_below_minimum(group: Group) -> bool:
    """Return True if a draft or proposal has too few live seats."""
    unconfirmed = group.state in {GroupState.DRAFTED, GroupState.PROPOSED}
    return unconfirmed and len(group.live) < group.size_min


def must_be_given_up(group: Group, now: datetime) -> bool:
    """
    Return True if a group below its minimum has looked for members long enough.

    A draft is given up at once, since nobody has heard of it; so is a group that everybody has left.
    """
    over = group.filling_until is None or now >= group.filling_until
    return is_below_minimum(group) and (over or not group.live)


def has_fresh_offer(group: Group, now: datetime) -> bool:
    """Return True if a live seat was offered so recently that a cancellation now would contradict the offer."""
    return any(seat.offered_at is not None and now < seat.offered_at + OFFER_REST for seat in group.live)


def confirm(group: Group, start_meeting: Meeting) -> Group:
    """
    Confirm a proposal and call its start meeting.

    Raises:
        DomainError: ``too_few`` or ``not_proposed``.
    """
    if group.state is not GroupState.PROPOSED:
        raise DomainError("not_proposed", group_id=group.id)
    if len(group.taken) < group.least:
        raise DomainError("too_few", group_id=group.id)
    return replace(group, state=GroupState.CONFIRMED, start_meeting=start_meeting)


def move_meeting(group: Group, starts_at: datetime, ends_at: datetime, place_text: str, now: datetime) -> Group:
    """
    Set another time or place for the start meeting. A group whose meeting already has both is returned unchanged.

    Raises:
        DomainError: ``not_confirmed``, ``group_closed`` or ``meeting_in_the_past``.
    """
    meeting = start_meeting_ahead(group)
    moved = meetings.move(meeting, starts_at, ends_at, place_text, now)
    return group if moved is meeting else replace(group, start_meeting=moved)


def postpone(group: Group) -> Group:
    """
    Postpone the start meeting until staff set a new time. A group whose meeting is postponed is returned unchanged.

    Raises:
        DomainError: ``not_confirmed``, or ``group_closed`` if the group has started.
    """
    meeting = start_meeting_ahead(group)
    postponed = meetings.postpone(meeting)
    return group if postponed is meeting else replace(undecided(group), start_meeting=postponed)


def lacks(state: GroupState, *, address_known: bool, starters: int, starters_min: int) -> tuple[Lack, ...]:
    """
    Return what a group needs before it can meet.

    Args:
        state: The state of the group.
        address_known: True if its members can find the start meeting.
        starters: Number of its igangsettere.
        starters_min: Number that its policy asks for.
    """
    needed: list[Lack] = []
    if state is GroupState.CONFIRMED and not address_known:
        needed.append("address")
    if state in FORMING and starters < starters_min:
        needed.append("igangsetter")
    return tuple(needed)


def cancel(group: Group) -> Group:
    """
    Cancel the group and release its live seats. Cancelling twice changes nothing.

    Raises:
        DomainError: ``group_closed``.
    """
    if group.state is GroupState.CANCELLED:
        return group
    must_be_forming(group)
    seats = tuple(
        replace(seat, state=SeatState.RELEASED, reason="cancelled") if seat.state in LIVE else seat
        for seat in group.seats
    )
    meeting = group.start_meeting and meetings.cancel(group.start_meeting)
    return replace(group, state=GroupState.CANCELLED, seats=seats, start_meeting=meeting)


def mark_moved(group: Group, seat_id: UUID) -> Group:
    """Record that the person of a seat that was cancelled has been offered another one instead."""
    return _with_seat(group, replace(group.seat(seat_id), reason="moved"))


def undecided(group: Group) -> Group:
    """Return the group without decisions of staff about a start meeting that has lost its date."""
    return replace(group, date_kept=False, waits_for_members=False)


def must_be_forming(group: Group) -> None:
    """
    Check that seats can be offered.

    Raises:
        DomainError: ``group_closed`` or ``group_cancelled``.
    """
    if group.state is GroupState.STARTED:
        raise DomainError("group_closed", group_id=group.id)
    if group.state is GroupState.CANCELLED:
        raise DomainError("group_cancelled", group_id=group.id)


def start_meeting_ahead(group: Group) -> Meeting:
    """
    Return the start meeting of a confirmed group.

    Raises:
        DomainError: ``not_confirmed``, or ``group_closed`` if the group has started.
    """
    if group.state is not GroupState.CONFIRMED or group.start_meeting is None:
        raise DomainError("group_closed" if group.state is GroupState.STARTED else "not_confirmed", group_id=group.id)
    return group.start_meeting


def _with_seat(group: Group, changed: Seat) -> Group:
    return replace(group, seats=tuple(changed if seat.id == changed.id else seat for seat in group.seats))
