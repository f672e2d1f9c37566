"""One group in one unit of work: its rows, and the same state as domain objects."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from grouping.domain import groups, meetings
from grouping.domain.groups import GroupState, SeatState
from grouping.domain.meetings import MeetingKind, MeetingState
from grouping.store import Group, Meeting, Room, Seat
from grouping.store.rooms import Booking
from grouping.usecases.group_events import GroupEvents
from grouping.usecases.pending_changes import PendingChanges
from shared.events.groups import CancelReason
from shared.reference.centres import Centre, Policy


class Cancellation(NamedTuple):
    """A cancellation that is not published yet, and the seats that are not replaced by others."""

    reason: CancelReason
    seats: list[Seat]


class GroupRows:
    """
    The rows of one group, written whenever its domain object changes.

    Attributes:
        changes: The pending changes of the use case.
        row: The row of the group.
        seats: The rows of its seats, released ones too.
        meeting_row: The row of its start meeting; None before it is called.
        group: The same state as domain objects; every change is made here first and then written to the rows.
        events: Publishes the events of the group.
        centre: Its centre; None if the installation has dropped it.
        room: Its room; None if it meets at one of the installation's meeting places.
        bookings: The scheduled meetings in that room, of all groups.
        policy: The centre's policy when the group was proposed.
        new_offers: Seats of this use case that are not published yet.
        has_newcomers: True if a seat was taken since the start meeting was last called.
        cancellation: The cancellation of the group in this use case, until it is published.
    """

    def __init__(
        self,
        changes: PendingChanges,
        row: Group,
        seats: list[Seat],
        meeting_row: Meeting | None,
        *,
        centre: Centre | None,
        room: Room | None,
        bookings: Sequence[Booking] = (),
    ) -> None:
        self.changes = changes
        self.row = row
        self.seats = seats
        self.events = GroupEvents(changes, row)
        self.meeting_row = meeting_row
        self.group = _group_of(row, seats, meeting_row)
        self.centre = centre
        self.room = room
        self.bookings = bookings
        self.policy = Policy.model_validate(row.policy)
        self.new_offers: list[Seat] = []
        self.has_newcomers = False
        self.cancellation: Cancellation | None = None

    @property
    def place_name(self) -> str | None:
        """The approximate place, too vague to find the meeting; None if the installation has dropped it."""
        if self.room is not None:
            return self.room.place
        places = (area.place(self.row.place) for area in self.centre.areas) if self.centre else ()
        return next((place.name for place in places if place is not None), None)

    def _seats_in(self, state: SeatState) -> list[Seat]:
        return [seat for seat in self.seats if seat.state == state]

    def _write(self, after: groups.Group) -> list[Seat]:
        """Write a changed group to its rows; return the seats whose state changed."""
        self.group = after
        self.row.state = after.state.value
        self.row.extended = after.extended
        self.row.filling_until = after.filling_until
        self.row.date_kept, self.row.waits_for_members = after.date_kept, after.waits_for_members
        self.row.start_reason = after.start_reason
        if after.start_meeting is not None:
            self._write_meeting(after.start_meeting)
        changed = []
        for row, seat in zip(self.seats, after.seats, strict=True):
            row.deadline = seat.deadline
            if row.state != seat.state:
                row.state, row.reason, row.decided_at = seat.state.value, seat.reason, self.changes.now
                if seat.state is SeatState.TAKEN:
                    row.taken_at = self.changes.now
                changed.append(row)
        return changed

    def _write_meeting(self, meeting: meetings.Meeting) -> None:
        row = self.meeting_row
        if row is None:
            row = self.meeting_row = new_meeting_row(self.row.id, meeting)
            self.changes.session.add(row)
        write_meeting(row, meeting)


def _group_of(row: Group, seats: list[Seat], meeting_row: Meeting | None) -> groups.Group:
    return groups.Group(
        id=row.id,
        state=GroupState(row.state),
        size_min=row.size_min,
        capacity=row.capacity,
        seats=tuple(
            groups.Seat(seat.id, seat.person_id, SeatState(seat.state), seat.deadline, seat.reason, seat.offered_at)
            for seat in seats
        ),
        start_meeting=None if meeting_row is None else meeting_of(meeting_row),
        extended=row.extended,
        filling_until=row.filling_until,
        date_kept=row.date_kept,
        waits_for_members=row.waits_for_members,
        start_reason=row.start_reason,
    )


def meeting_of(row: Meeting) -> meetings.Meeting:
    """Return a meeting as the domain knows it."""
    return meetings.Meeting(
        id=row.id,
        kind=MeetingKind(row.kind),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        place_text=row.place_text,
        state=MeetingState(row.state),
        sequence=row.sequence,
        attendance=row.attendance,
    )


def new_meeting_row(group_id: UUID, meeting: meetings.Meeting) -> Meeting:
    """Return a row for a meeting that has just been called."""
    return Meeting(
        id=meeting.id,
        group_id=group_id,
        kind=meeting.kind.value,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        place_text=meeting.place_text,
        state=meeting.state.value,
    )


def write_meeting(row: Meeting, meeting: meetings.Meeting) -> None:
    """Write a changed meeting to its row."""
    row.starts_at, row.ends_at, row.place_text = meeting.starts_at, meeting.ends_at, meeting.place_text
    row.state, row.sequence, row.attendance = meeting.state.value, meeting.sequence, meeting.attendance
