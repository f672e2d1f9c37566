"""The events of a group's life: each change of it is published as what differs between before and after."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal
from uuid import UUID

from grouping.domain.life.accompaniment import attended
from grouping.domain.life.ending import keep_alive_deadline
from grouping.domain.life.model import GroupLife, LifeState, Rhythm, Visit, VisitState
from grouping.domain.life.solo import meetings_alone
from grouping.domain.life.visits import offer_ends_at
from grouping.domain.meetings import Meeting, MeetingState
from grouping.domain.votes import Vote
from grouping.store import Group, IgangsetterAccount, Seat
from grouping.usecases.group_events import GroupEvents, seat_payload
from grouping.usecases.pending_changes import PendingChanges
from shared.events import group_life as events
from shared.events.groups import Seat as SeatPayload

CancelledFor = Literal["skipped", "rhythm_changed", "visit_cancelled", "start_revoked", "handed_over", "dissolved"]


class LifeEvents(GroupEvents):
    """
    Records the events of one life.

    Args:
        changes: The pending changes of the use case.
        row: The group, which counts the versions of all its events.
        seats: The seats that grouping knows; a deleted seat stays here until the end of the use case.
        knows_address: Returns True if a text names the exact place.
    """

    def __init__(
        self, changes: PendingChanges, row: Group, seats: list[Seat], knows_address: Callable[[str], bool]
    ) -> None:
        super().__init__(changes, row)
        self._seats = seats
        self._knows_address = knows_address
        self._starters: tuple[UUID, ...] = ()
        self._accounts: tuple[IgangsetterAccount, ...] = ()
        self._place_text: str | None = None

    def ask_first(
        self, starters: Iterable[UUID], accounts: Iterable[IgangsetterAccount], place_text: str | None
    ) -> None:
        """Set the igangsettere of the group, their open accounts and the part of town, for a request for a visit."""
        self._starters = tuple(sorted(starters))
        self._accounts = tuple(sorted(accounts, key=lambda account: account.igangsetter_id))
        self._place_text = place_text

    def add_seat(self, seat: Seat) -> None:
        """Add the seat of a new member to those that events can name."""
        self._seats.append(seat)

    def differences(
        self, before: GroupLife, after: GroupLife, *, why: CancelledFor, return_id: UUID, now: datetime
    ) -> None:
        """Publish what differs; ``why`` is the reason of cancelled meetings, ``return_id`` the secret of a handover."""
        told = after.members or before.members
        if after.rhythm is not None and after.rhythm_version != before.rhythm_version:
            self._rhythm_set(after.rhythm, told)
        if after.state is not before.state:
            why = "handed_over" if after.state is LifeState.INDEPENDENT else "dissolved"
        self._meetings(before, after, told, why)
        if after.pledge_on is not None and after.pledge_on != before.pledge_on:
            stamp = self._next_stamp(events.PledgeRecorded)
            self._record(events.PledgeRecorded(**stamp, mode=after.policy.confidentiality, on=after.pledge_on))
        if after.handover_asked_at is not None and before.handover_asked_at is None:
            self._handover_asked(after)
        if after.handed_over_by is not None and before.handed_over_by is None:
            self.handed_over(after, told, return_id)
        self._visit(before, after, told, now)
        if after.admission_until is not None and before.admission_until is None:
            self.admission_decided(told, admitted=True)
        self._signs_of_life(before, after, told)
        if after.state is LifeState.DISSOLVED and before.state is not LifeState.DISSOLVED:
            stamp = self._next_stamp(events.Dissolved)
            by: Literal["group", "centre"] = "centre" if after.ended_by == "centre" else "group"
            self._record(events.Dissolved(**stamp, by=by, seats=self._payloads(told)))

    def _rhythm_set(self, rhythm: Rhythm, told: Iterable[UUID]) -> None:
        stamp = self._next_stamp(events.RhythmSet)
        self._record(
            events.RhythmSet(
                **stamp,
                every_weeks=1 if rhythm.every_weeks == 1 else 2,
                weekday=rhythm.weekday,
                at=rhythm.at,
                minutes=rhythm.minutes,
                first_on=rhythm.first_on,
                seats=self._payloads(told),
            )
        )

    def _meetings(self, before: GroupLife, after: GroupLife, told: frozenset[UUID], why: CancelledFor) -> None:
        old = {meeting.id: meeting for meeting in before.meetings}
        seats = [seat for seat in self._seats if seat.id in told]
        for meeting in after.meetings:
            earlier = old.get(meeting.id)
            if meeting == earlier:
                continue
            if meeting.is_scheduled:
                self.meeting_called(meeting, seats, address_known=self._knows_address(meeting.place_text))
            elif meeting.state is MeetingState.CANCELLED:
                self.meeting_cancelled(meeting, told, why)
            elif meeting.state in {MeetingState.HELD, MeetingState.NOT_HELD}:
                self.meeting_reported(meeting, held=meeting.state is MeetingState.HELD)

    def meeting_cancelled(self, meeting: Meeting, told: Iterable[UUID], why: CancelledFor) -> None:
        """Publish that a meeting is not held."""
        stamp = self._next_stamp(events.MeetingCancelled)
        self._record(
            events.MeetingCancelled(
                **stamp,
                meeting_id=meeting.id,
                sequence=meeting.sequence,
                kind=meeting.kind.value,
                starts_at=meeting.starts_at,
                reason=why,
                seats=self._payloads(told),
            )
        )

    def _handover_asked(self, life: GroupLife) -> None:
        stamp = self._next_stamp(events.HandoverAsked)
        asked = life.members - life.handover_yes
        self._record(events.HandoverAsked(**stamp, meetings=attended(life), seats=self._payloads(asked)))

    def handed_over(self, life: GroupLife, told: Iterable[UUID], return_id: UUID) -> None:
        """Publish that a group is on its own, with the secret of its return link."""
        assert life.handed_over_at is not None
        assert life.handed_over_by is not None
        stamp = self._next_stamp(events.HandedOver)
        self._record(
            events.HandedOver(
                **stamp,
                by=life.handed_over_by,
                handed_over_at=life.handed_over_at,
                memory=life.policy.post_handover_memory,
                return_id=return_id,
                followed_up=life.policy.followup_after_solo is not None,
                size=life.size,
                seats=self._payloads(told),
            )
        )

    def _visit(self, before: GroupLife, after: GroupLife, told: Iterable[UUID], now: datetime) -> None:
        visit, earlier = after.visit, before.visit
        if visit is None or visit == earlier:
            return
        known = earlier is not None and earlier.id == visit.id
        seats = self._payloads(told)
        if visit.state is VisitState.OFFERED:
            stamp = self._next_stamp(events.FollowUpDue)
            meetings = meetings_alone(after, now)
            self._record(
                events.FollowUpDue(
                    **stamp, visit_id=visit.id, meetings=meetings, seats=seats, deadline=offer_ends_at(after)
                )
            )
        elif visit.state is VisitState.ASKED:
            self._visit_asked(visit)
        elif visit.state is VisitState.AGREED and not (known and earlier is not None and earlier.meeting_id):
            assert visit.meeting_id is not None
            stamp = self._next_stamp(events.VisitAgreed)
            self._record(
                events.VisitAgreed(
                    **stamp,
                    visit_id=visit.id,
                    kind=visit.kind,
                    meeting_id=visit.meeting_id,
                    starts_at=after.meeting(visit.meeting_id).starts_at,
                    seats=seats,
                )
            )
        elif visit.state in {VisitState.DECLINED_BY_GROUP, VisitState.DECLINED_BY_CENTRE, VisitState.LAPSED}:
            by: Literal["group", "centre"] = "centre" if visit.state is VisitState.DECLINED_BY_CENTRE else "group"
            stamp, lapsed = self._next_stamp(events.VisitDeclined), visit.state is VisitState.LAPSED
            self._record(
                events.VisitDeclined(**stamp, visit_id=visit.id, kind=visit.kind, by=by, unanswered=lapsed, seats=seats)
            )

    def _visit_asked(self, visit: Visit) -> None:
        stamp = self._next_stamp(events.VisitAsked)
        by_centre = visit.kind == "conflict_visit"
        starters, accounts = ((), ()) if by_centre else (self._starters, self._accounts)
        asked_first = tuple(
            events.AskedBack(igangsetter_id=account.igangsetter_id, language=account.language) for account in accounts
        )
        self._record(
            events.VisitAsked(
                **stamp,
                visit_id=visit.id,
                kind=visit.kind,
                igangsetter_ids=starters,
                asked_first=asked_first,
                slot=self._row.slot,
                spoken_language=self._row.spoken_language,
                place_text=self._place_text,
            )
        )

    def _signs_of_life(self, before: GroupLife, after: GroupLife, told: Iterable[UUID]) -> None:
        deadline = keep_alive_deadline(after)
        if deadline is not None and before.alive_asked_at is None:
            stamp = self._next_stamp(events.KeepAliveAsked)
            self._record(events.KeepAliveAsked(**stamp, deadline=deadline, seats=self._payloads(told)))
        answered = before.alive_asked_at is not None and after.alive_asked_at is None
        if answered and after.state is LifeState.INDEPENDENT:
            self._record(events.KeptAlive(**self._next_stamp(events.KeptAlive)))
        if after.state is LifeState.EXPIRED and before.state is not LifeState.EXPIRED:
            self._record(events.Expired(**self._next_stamp(events.Expired)))

    def absence_told(self, meeting: Meeting, told: Iterable[UUID]) -> None:
        """Publish to the others that one of them cannot come; the cause is that of this member and meeting."""
        stamp = self._next_stamp(events.AbsenceTold, meeting.id)
        self._record(
            events.AbsenceTold(**stamp, meeting_id=meeting.id, starts_at=meeting.starts_at, seats=self._payloads(told))
        )

    def member_left(self, seat: Seat, reason: Literal["left", "withdrawn", "erased"], size: int) -> None:
        """Publish that a member is no longer in the group."""
        stamp = self._next_stamp(events.MemberLeft)
        self._record(events.MemberLeft(**stamp, seat=seat_payload(seat), reason=reason, size=size))

    def members_forgotten(self, kept: Iterable[UUID], sealed: Iterable[UUID]) -> None:
        """Publish that grouping no longer knows the members, except these, and whose address is sealed before."""
        stamp = self._next_stamp(events.MembersForgotten)
        self._record(events.MembersForgotten(**stamp, kept=tuple(sorted(kept)), sealed=tuple(sorted(sealed))))

    def admission_decided(self, told: Iterable[UUID], *, admitted: bool) -> None:
        """Publish whether one new member may join."""
        stamp = self._next_stamp(events.AdmissionDecided)
        self._record(events.AdmissionDecided(**stamp, admitted=admitted, seats=self._payloads(told)))

    def member_admitted(self, seat: Seat, size: int, others: Iterable[UUID]) -> None:
        """Publish a new member of a started group."""
        stamp = self._next_stamp(events.MemberAdmitted)
        self._record(events.MemberAdmitted(**stamp, seat=seat_payload(seat), size=size, seats=self._payloads(others)))

    def vote_opened(self, vote: Vote, seat_of_ballot: dict[UUID, Seat]) -> None:
        """Publish a vote, with the owner of each ballot."""
        stamp = self._next_stamp(events.VoteOpened)
        ballots = tuple(
            events.Ballot(ballot_id=ballot, seat=seat_payload(seat_of_ballot[ballot])) for ballot in vote.ballots
        )
        self._record(
            events.VoteOpened(
                **stamp, vote_id=vote.id, vote_subject=vote.subject, deadline=vote.deadline, ballots=ballots
            )
        )

    def vote_closed(self, vote: Vote, told: Iterable[UUID], *, agreed: bool) -> None:
        """Publish the one bit of a vote."""
        stamp = self._next_stamp(events.VoteClosed)
        self._record(
            events.VoteClosed(
                **stamp, vote_id=vote.id, vote_subject=vote.subject, agreed=agreed, seats=self._payloads(told)
            )
        )

    def way_on_chosen(self, seat: Seat, way: events.WayOn, *, with_same_people: bool) -> None:
        """Publish what a member of a dissolved group wants now."""
        stamp = self._next_stamp(events.WayOnChosen)
        self._record(events.WayOnChosen(**stamp, seat=seat_payload(seat), way=way, with_same_people=with_same_people))

    def _payloads(self, seat_ids: Iterable[UUID]) -> tuple[SeatPayload, ...]:
        wanted = set(seat_ids)
        return tuple(seat_payload(seat) for seat in self._seats if seat.id in wanted)
