"""The start meeting of one group: called, moved, postponed, reported on, and called again for those who join."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from grouping import store
from grouping.domain import coming, decisions, groups, meetings, starts
from grouping.domain.groups import GroupState, SeatState
from grouping.domain.meetings import MeetingKind
from grouping.domain.signups import SignupStatus
from grouping.store import Room
from grouping.store.meetings import is_address
from grouping.store.rooms import Booking
from grouping.usecases.group_rows import GroupRows
from shared.errors import DomainError
from shared.kit.ids import derived_id
from shared.reference.centres import Centre
from shared.reference.slots import first_meeting, postponed_by

DAYS_OF_WEEK: Final = 7


class GroupMeetings(GroupRows):
    """The start meeting of a group; see :class:`grouping.usecases.group_aggregate.GroupAggregate`."""

    def confirm_if_enough(self, centre: Centre) -> None:
        """Confirm a proposal and call its start meeting when enough seats are taken."""
        if not groups.has_enough(self.group):
            return
        starts_at = self._free_from(first_meeting(self.row.slot, self.changes.now, self.policy.start_notice_days))
        meeting = meetings.Meeting(
            id=derived_id(self.row.id, "meeting"),
            kind=MeetingKind.START,
            starts_at=starts_at,
            ends_at=self._end_of(starts_at),
            place_text=self.room.full_address if self.room else centre.place_text(self.row.place, "nb"),
        )
        after = groups.confirm(self.group, meeting)
        self._write(after)
        self.events.confirmed(len(after.taken))
        self.call_meeting()

    def call_meeting_for_newcomers(self) -> None:
        """Publish the start meeting again, as it is now, if seats were taken since the last time."""
        meeting = self.group.start_meeting
        if self.has_newcomers and self.group.state is GroupState.CONFIRMED and meeting:
            if meeting.is_scheduled:
                self.call_meeting()
            elif meeting.is_postponed:
                self._publish_postponed(meeting.starts_at)
        self.has_newcomers = False

    @property
    def is_meeting_ahead(self) -> bool:
        """True before the start meeting begins, and while it is postponed."""
        meeting = self.group.start_meeting
        return self.group.state is not GroupState.STARTED and not (meeting and meeting.has_begun(self.changes.now))

    def move_meeting(self, starts_at: datetime, place_text: str) -> None:
        """
        Set another time or place for the start meeting; nothing is published if both stay as they are.

        Raises:
            DomainError: ``room_taken`` if another group meets in the room then; see
                :func:`grouping.domain.groups.move_meeting`.
        """
        if self.room is not None and place_text == self.room.full_address and self._is_room_taken(starts_at):
            raise DomainError("room_taken", group_id=self.row.id)
        after = groups.move_meeting(self.group, starts_at, self._end_of(starts_at), place_text, self.changes.now)
        if after is not self.group:
            self._write(after)
            self.call_meeting()

    def extend(self) -> None:
        """
        Put the start meeting off so that others can join.

        Raises:
            DomainError: See :func:`grouping.domain.decisions.extend`.
        """
        starts_at = self._free_from(postponed_by(self._start_meeting.starts_at, self.policy.extension_days))
        self._write(decisions.extend(self.group, starts_at, self._end_of(starts_at)))
        self.call_meeting()

    def put_off(self, days: int) -> None:
        """
        Put the start meeting off by some days, as staff have decided.

        Raises:
            DomainError: See :func:`grouping.domain.decisions.put_off`.
        """
        starts_at = self._free_from(postponed_by(self._start_meeting.starts_at, days))
        self._write(decisions.put_off(self.group, starts_at, self._end_of(starts_at)))
        self.call_meeting()

    def move_to_room(self, room: Room, part: str | None, bookings: Sequence[Booking]) -> None:
        """
        Give the group a room, in this part of a wide area; members are told if the start meeting has a time.

        Raises:
            DomainError: ``room_taken`` if another group meets there then.
        """
        self.room, self.bookings = room, bookings
        self.row.place, self.row.part = room.id, part
        self.row.capacity = min(self.row.capacity, room.seats)
        self.group = replace(self.group, capacity=self.row.capacity)
        meeting = self.group.start_meeting
        if meeting is not None and meeting.is_scheduled:
            self.move_meeting(meeting.starts_at, room.full_address)

    def _free_from(self, starts_at: datetime) -> datetime:
        """Return the first time from ``starts_at`` on, week by week, at which no other group meets in the room."""
        while self._is_room_taken(starts_at):
            starts_at = postponed_by(starts_at, DAYS_OF_WEEK)
        return starts_at

    def _is_room_taken(self, starts_at: datetime) -> bool:
        ends_at = self._end_of(starts_at)
        return any(other.group_id != self.row.id and other.overlaps(starts_at, ends_at) for other in self.bookings)

    def postpone_meeting(self) -> None:
        """
        Postpone the start meeting; staff set a new time later.

        Raises:
            DomainError: See :func:`grouping.domain.groups.postpone`.
        """
        after = groups.postpone(self.group)
        if after is not self.group:
            self._write(after)
            self._publish_postponed(self._start_meeting.starts_at)

    async def report_not_held(self) -> None:
        """
        Postpone the start meeting because it was not held; a group that counted as started is confirmed again.

        Raises:
            DomainError: See :func:`grouping.domain.starts.report_not_held`.
        """
        was_started = self.group.state is GroupState.STARTED
        after = starts.report_not_held(self.group, self.changes.now)
        members = self._seats_in(SeatState.TAKEN)
        if was_started:
            # The trigger that keeps groups closed lets this one update through.
            await store.groups.allow_reopening(self.changes.session, allowed=True)
            self._write(after)
            self.row.started_at = self.row.size = None
            await self.changes.session.flush()
            await store.groups.allow_reopening(self.changes.session, allowed=False)
            self.changes.statuses |= dict.fromkeys((seat.signup_id for seat in members), SignupStatus.SEATED)
            self.events.start_revoked(members)
        else:
            self._write(after)
        meeting = self._start_meeting
        self.events.meeting_reported(meeting, held=False)
        self._publish_postponed(meeting.starts_at)

    def call_meeting(self) -> None:
        """Publish time and place of the start meeting to all members."""
        meeting = self._start_meeting
        members = self._seats_in(SeatState.TAKEN)
        self.events.meeting_called(
            meeting,
            members,
            address_known=self.knows_address(meeting.place_text),
            coming_question=self.policy.coming_question,
        )
        self.has_newcomers = False

    def call_meeting_again(self) -> None:
        """Publish the start meeting as it is now, if it was called: its members then know who comes to it."""
        meeting = self.group.start_meeting
        if self.group.state is GroupState.CONFIRMED and meeting is not None and meeting.is_scheduled:
            self.call_meeting()

    def confirm_coming(self, seat_id: UUID) -> bool:
        """
        Record that a member still comes to the start meeting, and return True if that is new.

        Raises:
            DomainError: See :func:`grouping.domain.coming.meeting_to_come_to`.
        """
        meeting = coming.meeting_to_come_to(self.group, seat_id, self.changes.now)
        seat = next(seat for seat in self.seats if seat.id == seat_id)
        if seat.comes_to == meeting.starts_at:
            return False
        seat.comes_to = meeting.starts_at
        self.events.coming_confirmed(seat, meeting)
        return True

    def knows_address(self, place_text: str) -> bool:
        """Return True if this text names the exact place of the group."""
        return is_address(self.centre, self.row, self.room, place_text)

    def _publish_postponed(self, starts_at: datetime) -> None:
        self.events.meeting_postponed(self._start_meeting, starts_at, self._seats_in(SeatState.TAKEN))
        self.has_newcomers = False

    @property
    def _start_meeting(self) -> meetings.Meeting:
        assert self.group.start_meeting is not None
        return self.group.start_meeting

    def _end_of(self, starts_at: datetime) -> datetime:
        return starts_at + timedelta(minutes=self.policy.meeting_minutes)
