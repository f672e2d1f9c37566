"""
One group with its seats: each method applies a rule of the domain, writes the rows, and publishes the change.

The rules are in :mod:`grouping.domain.groups`. Every change of a group goes through here, so that rows and events
agree.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from grouping import store
from grouping.domain import groups, meetings
from grouping.domain.groups import GroupState, SeatState
from grouping.domain.matching.cells import Cell
from grouping.domain.matching.model import Assignment
from grouping.domain.meetings import MeetingKind, MeetingState
from grouping.domain.signups import SignupStatus
from grouping.store import Group, Meeting, Seat
from grouping.usecases.group_events import GroupEvents
from grouping.usecases.pending_changes import PendingChanges
from shared.events import groups as event_types
from shared.kit.ids import derived_id
from shared.reference.centres import Centre, Policy
from shared.reference.slots import first_meeting
from shared.timezone import OSLO_TZ

CancelReason = event_types.CancelReason | Literal["undone"]
"""A reason that is published, or ``undone`` for a draft that staff took back before anything was published."""


class GroupAggregate:
    """
    One group in one unit of work.

    Attributes:
        changes: The pending changes of the use case.
        row: The row of the group.
        seats: The rows of its seats, released ones too.
        meeting_row: The row of its start meeting; None before it is called.
        group: The same state as domain objects; every change is made here first and then written to the rows.
        events: Publishes the events of the group.
        address: The address of its room; None if it has no room.
        policy: The centre's policy when the group was proposed.
        new_offers: Seats of this use case that are not published yet.
        has_newcomers: True if a seat was taken since the start meeting was last called.
    """

    def __init__(
        self, changes: PendingChanges, row: Group, seats: list[Seat], meeting_row: Meeting | None, address: str | None
    ) -> None:
        self.changes = changes
        self.row = row
        self.seats = seats
        self.events = GroupEvents(changes, row)
        self.meeting_row = meeting_row
        self.group = _group_of(row, seats, meeting_row)
        self.address = address
        self.policy = Policy.model_validate(row.policy)
        self.new_offers: list[Seat] = []
        self.has_newcomers = False

    @property
    def cell(self) -> Cell:
        """Place, time, language and wishes of the group."""
        return Cell(self.row.place, self.row.slot, self.row.spoken_language, self.row.wishes)

    @property
    def is_draft(self) -> bool:
        """True while nothing about the group is published."""
        return self.group.state is GroupState.DRAFTED

    def offer_seat(self, assignment: Assignment) -> Seat:
        """
        Offer a seat; where the centre asks for no answer it is taken at once.

        Raises:
            DomainError: See :func:`grouping.domain.groups.offer`.
        """
        signup_id = assignment.waiting.signup_id
        seat = Seat(
            id=derived_id(self.row.id, "seat", signup_id, self.changes.cause.id),
            group_id=self.row.id,
            signup_id=signup_id,
            person_id=assignment.waiting.person_id,
            language=assignment.waiting.language,
            state=SeatState.OFFERED.value,
            offered_at=self.changes.now,
            distance_km=assignment.reason.distance_km,
            waited_days=assignment.reason.waited_days,
        )
        self.group = groups.offer(self.group, groups.Seat(seat.id, seat.person_id, SeatState.OFFERED), self.changes.now)
        self.changes.session.add(seat)
        self.seats.append(seat)
        if not self.is_draft:
            self._activate_offer(seat)
        return seat

    def _activate_offer(self, seat: Seat) -> None:
        """Start the deadline of an offer, or take the seat where the centre asks for no answer."""
        if self.policy.seat_confirmation:
            deadline = self.changes.now + timedelta(hours=self.policy.seat_deadline_hours)
            self._write(groups.set_deadline(self.group, seat.id, deadline))
            self.changes.statuses[seat.signup_id] = SignupStatus.OFFERED
        else:
            self._write(groups.take(self.group, seat.id, self.changes.now))
            self.changes.statuses[seat.signup_id] = SignupStatus.SEATED
        self.new_offers.append(seat)

    def relocate(self, cell: Cell) -> None:
        """Move a draft to another cell that all its members fit."""
        self.row.place, self.row.slot, self.row.spoken_language = cell.place, cell.slot, cell.language
        self.row.wishes = cell.wishes

    def limit_capacity(self, max_people: int) -> None:
        """Lower the capacity to that of the room."""
        self.row.capacity = min(self.row.capacity, max_people)
        self.group = replace(self.group, capacity=self.row.capacity)

    def publish(self) -> None:
        """
        Publish a draft: its seats are offered from now on.

        Raises:
            DomainError: ``told_already``.
        """
        self._write(groups.publish(self.group))
        for seat in self._seats_in(SeatState.OFFERED):
            self._activate_offer(seat)
        self.publish_new_offers()

    def publish_new_offers(self) -> None:
        """Publish ``Proposed`` if the group is new, then one event per new seat, each with the current group size."""
        size = len(self.group.live)
        if self.new_offers and self.row.version == 0:
            self.events.proposed(size)
        for seat in self.new_offers:
            if seat.state == SeatState.TAKEN:
                self._publish_taken(seat)
            else:
                self.events.seat_offered(seat, size)
        self.new_offers.clear()

    def take_seat(self, seat_id: UUID) -> None:
        """
        Accept an offer; accepting twice publishes once.

        Raises:
            DomainError: See :func:`grouping.domain.groups.take`.
        """
        for seat in self._write(groups.take(self.group, seat_id, self.changes.now)):
            self.changes.statuses[seat.signup_id] = SignupStatus.SEATED
            self._publish_taken(seat)

    def _publish_taken(self, seat: Seat) -> None:
        self.events.seat_taken(seat)
        self.has_newcomers = True

    async def release_seat(self, seat_id: UUID, reason: groups.ReleaseReason) -> bool:
        """
        Release a seat and return True if it was live. Its person waits again, unless withdrawn or erased.

        Nothing is published about a seat in a draft, or in a started group, where no seat becomes free.

        Raises:
            DomainError: See :func:`grouping.domain.groups.release`.
        """
        released = self._write(groups.release(self.group, seat_id, reason))
        if self.is_draft:
            return bool(released)
        for seat in released:
            waits = reason not in {"withdrawn", "erased"}
            if waits:
                self.changes.statuses[seat.signup_id] = SignupStatus.WAITING
            if reason in {"declined", "lapsed"}:
                await store.signups.decline_cell(self.changes.session, seat.signup_id, self.cell)
            if self.group.state is not GroupState.STARTED:
                self.events.seat_released(seat, reason, waits=waits)
        return bool(released)

    def confirm_if_enough(self, centre: Centre) -> None:
        """Confirm a proposal and call its start meeting when enough seats are taken."""
        if not groups.has_enough(self.group):
            return
        starts_at = first_meeting(self.row.slot, self.changes.now, self.policy.start_notice_days)
        meeting = meetings.Meeting(
            id=derived_id(self.row.id, "meeting"),
            kind=MeetingKind.START,
            starts_at=starts_at,
            ends_at=self._end_of(starts_at),
            place_text=self.address or centre.place_text(self.row.place, "nb"),
        )
        after = groups.confirm(self.group, meeting)
        self._write(after)
        self.events.confirmed(len(after.taken))
        self.call_meeting()

    def call_meeting_for_newcomers(self) -> None:
        """Call the start meeting again if seats were taken since the last call; not while it is postponed."""
        meeting = self.group.start_meeting
        if self.has_newcomers and self.group.state is GroupState.CONFIRMED and meeting and meeting.is_scheduled:
            self.call_meeting()
        self.has_newcomers = False

    def move_meeting(self, starts_at: datetime, place_text: str) -> None:
        """
        Set another time or place for the start meeting; nothing is published if both stay as they are.

        Raises:
            DomainError: See :func:`grouping.domain.groups.move_meeting`.
        """
        after = groups.move_meeting(self.group, starts_at, self._end_of(starts_at), place_text, self.changes.now)
        if after is not self.group:
            self._write(after)
            self.call_meeting()

    def extend(self) -> None:
        """
        Put the start meeting off so that others can join.

        Raises:
            DomainError: See :func:`grouping.domain.groups.extend`.
        """
        begins = self._start_meeting.starts_at.astimezone(OSLO_TZ)
        starts_at = (begins + timedelta(days=self.policy.extension_days)).astimezone(UTC)
        self._write(groups.extend(self.group, starts_at, self._end_of(starts_at)))
        self.call_meeting()

    def postpone_meeting(self) -> None:
        """
        Postpone the start meeting; staff set a new time later.

        Raises:
            DomainError: See :func:`grouping.domain.groups.postpone`.
        """
        self._write(groups.postpone(self.group))

    def call_meeting(self) -> None:
        """Publish time and place of the start meeting to all members."""
        self.events.meeting_called(self._start_meeting, self._seats_in(SeatState.TAKEN))
        self.has_newcomers = False

    async def start(self) -> None:
        """
        Start the group: open offers lapse, the others become members.

        Raises:
            DomainError: See :func:`grouping.domain.groups.start`.
        """
        groups.must_be_ready_to_start(self.group, self.changes.now)
        for seat in self._seats_in(SeatState.OFFERED):
            await self.release_seat(seat.id, "lapsed")
        self._write(groups.start(self.group, self.changes.now))
        self.row.started_at = self.changes.now
        members = self._seats_in(SeatState.TAKEN)
        self.row.size = len(members)
        self.changes.statuses |= dict.fromkeys((seat.signup_id for seat in members), SignupStatus.MEMBER)
        self.events.started(self._start_meeting, members)

    def cancel(self, reason: CancelReason) -> None:
        """
        Cancel the group; its people wait again with their place in the queue. Cancelling twice publishes once.

        Raises:
            DomainError: ``group_closed``.
        """
        was_draft = self.is_draft
        live = [*self._seats_in(SeatState.TAKEN), *self._seats_in(SeatState.OFFERED)]
        after = groups.cancel(self.group)
        if after is self.group:
            return
        self._write(after)
        self.row.ended_at = self.changes.now
        self.row.cancel_reason = reason
        if was_draft or reason == "undone":  # no seat was ever offered
            return
        self.changes.statuses |= dict.fromkeys((seat.signup_id for seat in live), SignupStatus.WAITING)
        self.events.cancelled(reason, live)

    @property
    def _start_meeting(self) -> meetings.Meeting:
        assert self.group.start_meeting is not None
        return self.group.start_meeting

    def _end_of(self, starts_at: datetime) -> datetime:
        return starts_at + timedelta(minutes=self.policy.meeting_minutes)

    def _seats_in(self, state: SeatState) -> list[Seat]:
        return [seat for seat in self.seats if seat.state == state]

    def _write(self, after: groups.Group) -> list[Seat]:
        """Write a changed group to its rows; return the seats whose state changed."""
        self.group = after
        self.row.state = after.state.value
        self.row.extended = after.extended
        if after.start_meeting is not None:
            self._write_meeting(after.start_meeting)
        changed = []
        for row, seat in zip(self.seats, after.seats, strict=True):
            row.deadline = seat.deadline
            if row.state != seat.state:
                row.state, row.reason, row.decided_at = seat.state.value, seat.reason, self.changes.now
                changed.append(row)
        return changed

    def _write_meeting(self, meeting: meetings.Meeting) -> None:
        row = self.meeting_row
        if row is None:
            row = self.meeting_row = Meeting(
                id=meeting.id,
                group_id=self.row.id,
                kind=meeting.kind.value,
                starts_at=meeting.starts_at,
                ends_at=meeting.ends_at,
                place_text=meeting.place_text,
                state=meeting.state.value,
            )
            self.changes.session.add(row)
        row.starts_at, row.ends_at, row.place_text = meeting.starts_at, meeting.ends_at, meeting.place_text
        row.state, row.sequence = meeting.state.value, meeting.sequence


def _group_of(row: Group, seats: list[Seat], meeting_row: Meeting | None) -> groups.Group:
    return groups.Group(
        id=row.id,
        state=GroupState(row.state),
        size_min=row.size_min,
        capacity=row.capacity,
        seats=tuple(
            groups.Seat(seat.id, seat.person_id, SeatState(seat.state), seat.deadline, seat.reason) for seat in seats
        ),
        start_meeting=None if meeting_row is None else _meeting_of(meeting_row),
        extended=row.extended,
    )


def _meeting_of(row: Meeting) -> meetings.Meeting:
    return meetings.Meeting(
        id=row.id,
        kind=MeetingKind(row.kind),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        place_text=row.place_text,
        state=MeetingState(row.state),
        sequence=row.sequence,
    )
