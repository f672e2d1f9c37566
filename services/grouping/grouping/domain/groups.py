"""
The life of a group and of each seat in it.

A group may first be ``drafted``, when nobody has heard of it and all can be undone. It is ``proposed`` when seats are
offered, then ``confirmed`` when enough have said yes, then ``started`` when its start meeting has been
held; or it is ``cancelled`` before that. A started group is closed: nobody comes in, however the attempt arrives.
Somebody may always leave. Each function returns the group as it is afterwards, or raises :class:`Refusal`.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID


class Refusal(Exception):  # noqa: N818 - a rule that says no is no failure
    """
    A rule says no, and will say no however often it is asked.

    Attributes:
        slug: A fixed word for the reason.
        ids: What it was about.
    """

    def __init__(self, slug: str, **ids: UUID) -> None:
        self.slug = slug
        self.ids = ids
        super().__init__(slug)


class GroupState(StrEnum):
    """See the module."""

    DRAFTED = "drafted"
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    STARTED = "started"
    CANCELLED = "cancelled"


class SeatState(StrEnum):
    """A seat is offered, then taken or released; what is released stays so."""

    OFFERED = "offered"
    TAKEN = "taken"
    RELEASED = "released"


FORMING = frozenset({GroupState.DRAFTED, GroupState.PROPOSED, GroupState.CONFIRMED})
"""The states in which somebody can still come in."""

LIVE = frozenset({SeatState.OFFERED, SeatState.TAKEN})
"""The states in which a seat is a chair that nobody else can have."""

SHORT_NOTICE = timedelta(days=2)
"""How long before the start meeting it is decided whether there are enough people for it."""

Reason = Literal["declined", "lapsed", "withdrawn", "erased", "cancelled", "changed", "moved"]


@dataclass(frozen=True, slots=True)
class Seat:
    """
    One chair for one person.

    Attributes:
        deadline: When the offer lapses; None where the centre asks for no answer.
        reason: Why it was released.
    """

    id: UUID
    person_id: UUID
    state: SeatState
    deadline: datetime | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """
    A group and its seats.

    Attributes:
        size_min: How few may start, by the policy it was made under.
        capacity: How many chairs it has.
        meets_at: When the start meeting begins, once it has been called.
        ends_at: When the start meeting is over.
        postponed: The centre has said that the meeting was not held, and has not set a new time yet.
        extended: Its start meeting has been put off once because too few were left.
    """

    id: UUID
    state: GroupState
    size_min: int
    capacity: int
    seats: tuple[Seat, ...] = ()
    meets_at: datetime | None = None
    ends_at: datetime | None = None
    postponed: bool = False
    extended: bool = False

    @property
    def live(self) -> tuple[Seat, ...]:
        """The seats that are offered or taken."""
        return tuple(seat for seat in self.seats if seat.state in LIVE)

    @property
    def taken(self) -> tuple[Seat, ...]:
        """The seats of those who have said yes."""
        return tuple(seat for seat in self.seats if seat.state is SeatState.TAKEN)

    def seat(self, seat_id: UUID) -> Seat:
        """The seat with this id; KeyError where it is not this group's."""
        return {seat.id: seat for seat in self.seats}[seat_id]

    def chairs(self, now: datetime) -> int:
        """How many more can be let in now; none once the start meeting has begun."""
        begun = self.meets_at is not None and now >= self.meets_at and not self.postponed
        forming = self.state in FORMING
        return self.capacity - len(self.live) if forming and not begun else 0


def offer(group: Group, seat: Seat, now: datetime) -> Group:
    """
    Give somebody a seat, offered or taken at once.

    Raises:
        Refusal: ``group_closed``, ``group_cancelled``, ``group_full`` or ``already_seated``.
    """
    _must_be_forming(group)
    if any(live.person_id == seat.person_id for live in group.live):
        raise Refusal("already_seated", group_id=group.id, seat_id=seat.id)
    if group.chairs(now) < 1:
        raise Refusal("group_full", group_id=group.id, seat_id=seat.id)
    return replace(group, seats=(*group.seats, seat))


def take(group: Group, seat_id: UUID, now: datetime) -> Group:
    """
    Somebody says yes. Saying so again changes nothing.

    Raises:
        Refusal: ``seat_lapsed`` or ``seat_released`` where there is nothing to say yes to any more,
            ``group_closed`` or ``group_cancelled``.
    """
    seat = group.seat(seat_id)
    if seat.state is SeatState.TAKEN:
        return group
    if seat.state is SeatState.RELEASED:
        raise Refusal("seat_lapsed" if seat.reason == "lapsed" else "seat_released", seat_id=seat_id)
    _must_be_forming(group)
    if seat.deadline is not None and now >= seat.deadline:
        raise Refusal("seat_lapsed", seat_id=seat_id)
    return _with(group, replace(seat, state=SeatState.TAKEN))


def release(group: Group, seat_id: UUID, reason: Reason) -> Group:
    """
    A seat becomes free. What is released already stays as it was.

    Raises:
        Refusal: ``group_closed`` where the group has started and the person is not leaving for good;
            ``group_cancelled``.
    """
    seat = group.seat(seat_id)
    if seat.state is SeatState.RELEASED:
        return group
    if not (group.state is GroupState.STARTED and reason in {"withdrawn", "erased"}):
        _must_be_forming(group)
    return _with(group, replace(seat, state=SeatState.RELEASED, reason=reason))


def lapsed(group: Group, now: datetime) -> tuple[Seat, ...]:
    """The offers whose deadline has passed without an answer."""
    return tuple(
        seat
        for seat in group.seats
        if seat.state is SeatState.OFFERED and seat.deadline is not None and now >= seat.deadline
    )


def tell(group: Group) -> Group:
    """
    Its members hear of it now; from here on nothing can be undone in silence.

    Raises:
        Refusal: ``told_already``.
    """
    if group.state is not GroupState.DRAFTED:
        raise Refusal("told_already", group_id=group.id)
    return replace(group, state=GroupState.PROPOSED)


def enough(group: Group) -> bool:
    """Whether a proposal can be confirmed now."""
    return group.state is GroupState.PROPOSED and len(group.taken) >= group.size_min


def hopeless(group: Group) -> bool:
    """Whether a proposal has fallen below the minimum; asked after everybody who could top it up has been asked."""
    unsure = group.state in {GroupState.DRAFTED, GroupState.PROPOSED}
    return unsure and len(group.live) < group.size_min


def confirm(group: Group, meets_at: datetime, ends_at: datetime) -> Group:
    """
    Enough have said yes; the start meeting is called.

    Raises:
        Refusal: ``too_few`` or ``not_proposed``.
    """
    if group.state is not GroupState.PROPOSED:
        raise Refusal("not_proposed", group_id=group.id)
    if len(group.taken) < group.size_min:
        raise Refusal("too_few", group_id=group.id)
    return replace(group, state=GroupState.CONFIRMED, meets_at=meets_at, ends_at=ends_at)


def move_meeting(group: Group, meets_at: datetime, ends_at: datetime, now: datetime) -> Group:
    """
    The centre sets another time for the start meeting.

    Raises:
        Refusal: ``not_confirmed``, or ``meeting_in_the_past``.
    """
    if group.state is not GroupState.CONFIRMED:
        raise Refusal("group_closed" if group.state is GroupState.STARTED else "not_confirmed", group_id=group.id)
    if meets_at <= now:
        raise Refusal("meeting_in_the_past", group_id=group.id)
    return replace(group, meets_at=meets_at, ends_at=ends_at, postponed=False)


def postpone(group: Group) -> Group:
    """
    The centre says that the start meeting is not held; the group waits for a new time.

    Raises:
        Refusal: ``not_confirmed``, or ``group_closed`` where it is too late to say so.
    """
    if group.state is not GroupState.CONFIRMED:
        raise Refusal("group_closed" if group.state is GroupState.STARTED else "not_confirmed", group_id=group.id)
    return replace(group, postponed=True)


def short(group: Group, now: datetime) -> bool:
    """Whether a confirmed group has too few, so close to its start meeting that those who are left must be told."""
    soon = group.meets_at is not None and now >= group.meets_at - SHORT_NOTICE
    return group.state is GroupState.CONFIRMED and soon and not group.postponed and len(group.taken) < group.size_min


def extend(group: Group, meets_at: datetime, ends_at: datetime) -> Group:
    """
    Give a group that has become too small one more chance to be filled.

    Raises:
        Refusal: ``extended_already``, or ``not_confirmed``.
    """
    if group.state is not GroupState.CONFIRMED:
        raise Refusal("not_confirmed", group_id=group.id)
    if group.extended:
        raise Refusal("extended_already", group_id=group.id)
    return replace(group, meets_at=meets_at, ends_at=ends_at, extended=True)


def met(group: Group, now: datetime) -> bool:
    """Whether the start meeting's time has passed, so that it counts as held."""
    over = group.ends_at is not None and now >= group.ends_at
    return group.state is GroupState.CONFIRMED and over and not group.postponed


def start(group: Group, now: datetime) -> Group:
    """
    The start meeting has been held. The group is closed from now on; open offers lapse.

    Raises:
        Refusal: ``not_met`` where the meeting is not over, ``too_few`` where the group cannot start.
    """
    if not met(group, now):
        raise Refusal("not_met", group_id=group.id)
    if len(group.taken) < group.size_min:
        raise Refusal("too_few", group_id=group.id)
    seats = tuple(
        replace(seat, state=SeatState.RELEASED, reason="lapsed") if seat.state is SeatState.OFFERED else seat
        for seat in group.seats
    )
    return replace(group, state=GroupState.STARTED, seats=seats)


def cancel(group: Group) -> Group:
    """
    The group does not come about; every live seat is released, and nobody loses their place in the line.

    Raises:
        Refusal: ``group_closed``; cancelling what is cancelled changes nothing.
    """
    if group.state is GroupState.CANCELLED:
        return group
    _must_be_forming(group)
    seats = tuple(
        replace(seat, state=SeatState.RELEASED, reason="cancelled") if seat.state in LIVE else seat
        for seat in group.seats
    )
    return replace(group, state=GroupState.CANCELLED, seats=seats)


def _must_be_forming(group: Group) -> None:
    if group.state is GroupState.STARTED:
        raise Refusal("group_closed", group_id=group.id)
    if group.state is GroupState.CANCELLED:
        raise Refusal("group_cancelled", group_id=group.id)


def _with(group: Group, changed: Seat) -> Group:
    return replace(group, seats=tuple(changed if seat.id == changed.id else seat for seat in group.seats))
