"""
One group with its seats: each method applies a rule of the domain, writes the rows, and publishes the change.

The rules are in :mod:`grouping.domain.groups`. Every change of a group goes through here, so that rows and events
agree.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Literal
from uuid import UUID

from grouping import store
from grouping.domain import decisions, groups, meetings, starts
from grouping.domain.groups import GroupState, SeatState
from grouping.domain.matching.cells import Cell
from grouping.domain.matching.model import Assignment
from grouping.domain.meetings import MeetingState
from grouping.domain.signups import SignupStatus
from grouping.store import Seat
from grouping.usecases.group_meetings import GroupMeetings
from grouping.usecases.group_rows import Cancellation
from grouping.usecases.life_events import LifeEvents
from grouping.usecases.pending_changes import LostSeat
from shared.events import groups as event_types
from shared.kit.ids import derived_id
from shared.reference.slots import first_meeting
from shared.timezone import OSLO_TZ

CancelReason = event_types.CancelReason | Literal["undone"]
"""A reason that is published, or ``undone`` for a draft that staff took back before anything was published."""


class GroupAggregate(GroupMeetings):
    """One group in one unit of work: its seats and its life."""

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
        offered = groups.Seat(seat.id, seat.person_id, SeatState.OFFERED, offered_at=self.changes.now)
        self.group = groups.offer(self.group, offered, self.changes.now)
        self.changes.session.add(seat)
        self.seats.append(seat)
        lost_seat = self.changes.lost_seats.pop(seat.person_id, None)
        if lost_seat is not None:
            seat.instead_of = lost_seat.seat_id
            lost_seat.replace(seat.id)
            if self.is_draft:
                # The offer stands for the cancellation of the other group, so it cannot wait for the draft's time.
                self._write(groups.publish(self.group, self._filling_until))
                self._activate_drafted_offers()
                return seat
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

    def relocate(self, cell: Cell, part: str | None) -> None:
        """Move a draft to another cell that all its members fit, in this part of a wide area."""
        self.row.part = part
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
        self._write(groups.publish(self.group, self._filling_until))
        self._activate_drafted_offers()
        self.publish_new_offers()

    def _activate_drafted_offers(self) -> None:
        for seat in self._seats_in(SeatState.OFFERED):
            self._activate_offer(seat)

    @property
    def _filling_until(self) -> datetime:
        return self.changes.now + timedelta(days=self.policy.fill_days)

    def publish_new_offers(self) -> None:
        """Publish ``Proposed`` if the group is new, then one event per new seat, each with the current group size."""
        size = len(self.group.live)
        if self.new_offers and self.row.version == 0:
            self.events.proposed(size)
        for seat in self.new_offers:
            if seat.state == SeatState.TAKEN:
                self._publish_taken(seat)
            else:
                self._publish_offer(seat, size)
        self.new_offers.clear()

    def _publish_offer(self, seat: Seat, size: int) -> None:
        """Publish an offer with the start meeting as it is now."""
        meeting = self.group.start_meeting
        scheduled = meeting if meeting is not None and meeting.is_scheduled else None
        earliest_at = None
        if meeting is None:
            earliest_at = first_meeting(self.row.slot, self.changes.now, self.policy.start_notice_days)
        self.events.seat_offered(
            seat,
            size,
            taken=len(self.group.taken),
            place_text=self.place_name,
            meeting=scheduled,
            earliest_at=earliest_at,
        )

    async def take_seat(self, seat_id: UUID) -> None:
        """
        Accept an offer; accepting twice publishes once.

        Raises:
            DomainError: See :func:`grouping.domain.groups.take`.
        """
        for seat in self._write(groups.take(self.group, seat_id, self.changes.now)):
            self.changes.statuses[seat.signup_id] = SignupStatus.SEATED
            await store.answers.record_answer(self.changes.session, seat.signup_id)
            self._publish_taken(seat)

    async def take_back_seat(self, declined: Seat) -> Seat:
        """
        Give a person a seat again that they have declined or given up.

        Raises:
            DomainError: See :func:`grouping.domain.groups.offer`.
        """
        seat = Seat(
            id=derived_id(self.row.id, "seat", declined.signup_id, self.changes.cause.id),
            group_id=self.row.id,
            signup_id=declined.signup_id,
            person_id=declined.person_id,
            language=declined.language,
            state=SeatState.OFFERED.value,
            offered_at=self.changes.now,
            distance_km=declined.distance_km,
            waited_days=declined.waited_days,
        )
        offered = groups.Seat(seat.id, seat.person_id, SeatState.OFFERED, offered_at=self.changes.now)
        self.group = groups.offer(self.group, offered, self.changes.now)
        self.changes.session.add(seat)
        self.seats.append(seat)
        await self.take_seat(seat.id)
        return seat

    def _publish_taken(self, seat: Seat) -> None:
        self.events.seat_taken(seat)
        self.has_newcomers = True

    async def release_seat(self, seat_id: UUID, reason: groups.ReleaseReason) -> bool:
        """
        Release a seat and return True if it was live. Its person waits again, unless withdrawn or erased.

        Nothing is published about a seat in a draft. In a started group no seat becomes free: its member has left.

        Raises:
            DomainError: See :func:`grouping.domain.groups.release`.
        """
        released = self._write(groups.release(self.group, seat_id, reason))
        if self.is_draft:
            return bool(released)
        for seat in released:
            waits_again = reason not in {"withdrawn", "erased"}
            if waits_again:
                self.changes.statuses[seat.signup_id] = SignupStatus.WAITING
            if self.group.state is GroupState.STARTED:
                await self._publish_departure(seat, reason)
            else:
                self.events.seat_released(seat, reason, waits=waits_again)
            await self._remember(seat, reason)
        return bool(released)

    async def _publish_departure(self, seat: Seat, reason: groups.ReleaseReason) -> None:
        """Publish that a member of a started group has left, and let its life take the steps that follow."""
        erased = reason == "erased"
        size = await store.lives.note_departure(
            self.changes.session, self.row.id, seat.id, self.changes.now, still_counted=erased
        )
        events = LifeEvents(self.changes, self.row, self.seats, self.knows_address)
        left = len(self.group.taken) if size is None else size
        events.member_left(seat, "erased" if erased else "withdrawn", left)

    async def _remember(self, seat: Seat, reason: groups.ReleaseReason) -> None:
        """Keep what a no or a silence means for the next offers to this person."""
        session, now = self.changes.session, self.changes.now
        if reason == "declined":
            await store.answers.decline_cell(session, seat.signup_id, self.cell, now.astimezone(OSLO_TZ).date())
        elif (
            reason == "lapsed"
            and seat.deadline is not None
            and await store.answers.leave_unanswered(session, seat.signup_id, self.cell, now)
        ):
            self.events.offers_paused(seat)

    async def start(self) -> None:
        """
        Start the group: open offers lapse, the others become members.

        Raises:
            DomainError: See :func:`grouping.domain.starts.start`.
        """
        starts.must_be_ready_to_start(self.group, self.changes.now)
        await self._lapse_offers()
        await self._start(starts.start(self.group, self.changes.now))

    async def report_held(self, attendance: int | None, starts_at: datetime | None = None) -> None:
        """
        Record that the start meeting was held, by default at its time; the group starts if it has not.

        Raises:
            DomainError: See :func:`grouping.domain.starts.report_held`, :func:`grouping.domain.meetings.report_held`
                and :func:`grouping.domain.meetings.report_held_at`.
        """
        now, meeting = self.changes.now, starts.met(self.group)
        if starts_at is None:
            reported = meetings.report_held(meeting, attendance, now)
        else:
            reported = meetings.report_held_at(meeting, starts_at, self._end_of(starts_at), attendance, now)
        after = starts.report_held(self.group, reported)
        if after == self.group:
            return
        if self.group.state is GroupState.STARTED:
            self._write(after)
            if reported.starts_at != meeting.starts_at:
                self.row.started_at = reported.starts_at
        else:
            await self._lapse_offers()
            await self._start(starts.report_held(self.group, reported))
        self.events.meeting_reported(reported, held=True)

    async def _lapse_offers(self) -> None:
        for seat in self._seats_in(SeatState.OFFERED):
            await self.release_seat(seat.id, "lapsed")

    async def _start(self, after: groups.Group) -> None:
        self._write(after)
        meeting = self._start_meeting
        self.row.started_at = self.changes.now if meeting.state is MeetingState.ASSUMED_HELD else meeting.starts_at
        members = self._seats_in(SeatState.TAKEN)
        self.row.size = len(members)
        self.changes.statuses |= dict.fromkeys((seat.signup_id for seat in members), SignupStatus.MEMBER)
        starters = await store.tasks.starters_of(self.changes.session, [self.row.id])
        signed_up_at = await store.signups.signed_up_at(self.changes.session, [seat.signup_id for seat in members])
        self.events.started(meeting, members, starters.get(self.row.id, 0), signed_up_at)

    def keep_date(self) -> None:
        """
        Keep the date of a start meeting for which members are lacking.

        Raises:
            DomainError: See :func:`grouping.domain.decisions.keep_date`.
        """
        self._write(decisions.keep_date(self.group))

    def prolong(self) -> None:
        """
        Let a proposal below its minimum look for members as long again as its policy says, and at least for a day.

        Raises:
            DomainError: See :func:`grouping.domain.decisions.prolong`.
        """
        self._write(decisions.prolong(self.group, max(1, self.policy.fill_days), self.changes.now))

    def allow_small_start(self, reason: str) -> None:
        """
        Let the group start below its minimum.

        Raises:
            DomainError: See :func:`grouping.domain.decisions.allow_small_start`.
        """
        self._write(decisions.allow_small_start(self.group, reason))

    def cancel(self, reason: CancelReason) -> None:
        """
        Cancel the group; its people wait again with their place in the queue. Cancelling twice publishes once.

        The cancellation is published at the end of the use case, to those who were not offered another seat in it.

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
        self.cancellation = Cancellation(reason, live)
        for seat in live:
            self.changes.lost_seats[seat.person_id] = LostSeat(seat.id, partial(self._replace_seat, seat))
        if not self.policy.seat_confirmation:
            # Without a question there is no offer that could stand for the cancellation.
            self.changes.resting += [seat.signup_id for seat in live]

    def _replace_seat(self, seat: Seat, replaced_by: UUID) -> None:
        """Publish that the person of a seat was offered another one instead of the cancellation."""
        assert self.cancellation is not None
        self.cancellation.seats.remove(seat)
        self.group = groups.mark_moved(self.group, seat.id)
        seat.reason = "moved"
        self.events.seat_released(seat, "moved", waits=True, replaced_by=replaced_by)

    def publish_cancellation(self) -> None:
        """Publish the cancellation to those whose seat was not replaced; no seat is offered to them for a while."""
        if self.cancellation is None:
            return
        reason, seats = self.cancellation
        self.events.cancelled(reason, seats)
        self.changes.resting += [seat.signup_id for seat in seats]
        for seat in seats:
            self.changes.lost_seats.pop(seat.person_id, None)
        self.cancellation = None
