"""The events of one group, each with the next version, recorded in the pending changes."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from grouping.domain.groups import ReleaseReason
from grouping.domain.meetings import Meeting, MeetingKind
from grouping.store import Group, IgangsetterAccount, Seat, StarterQuestion
from grouping.usecases.pending_changes import PendingChanges
from shared.events import group_life as life_events
from shared.events import groups as events
from shared.events.base import GroupEvent, Stamp


class GroupStamp(Stamp):
    """The fields that every event of a group has."""

    group_id: UUID
    version: int
    centre: str
    area: str


class GroupEvents:
    """Records events of one group; ``row`` gives their common fields and counts their versions."""

    def __init__(self, changes: PendingChanges, row: Group) -> None:
        self._changes = changes
        self._row = row

    def proposed(self, size: int) -> None:
        """Publish that the group exists."""
        row = self._row
        stamp = self._next_stamp(events.Proposed)
        self._record(
            events.Proposed(
                **stamp,
                place=row.place,
                slot=row.slot,
                spoken_language=row.spoken_language,
                size=size,
                policy_version=row.policy_version,
            )
        )

    def seat_offered(
        self,
        seat: Seat,
        size: int,
        *,
        taken: int,
        place_text: str | None,
        meeting: Meeting | None,
        earliest_at: datetime | None,
    ) -> None:
        """
        Publish an offer with the current group size.

        Args:
            seat: The offered seat.
            size: Number of offered and taken seats.
            taken: Number of taken seats.
            place_text: The approximate place; only members are told the address.
            meeting: The start meeting, if it has a time.
            earliest_at: When the start meeting can be at the earliest, if it has not been called.
        """
        assert seat.deadline is not None
        stamp = self._next_stamp(events.SeatOffered)
        self._record(
            events.SeatOffered(
                **stamp,
                seat=seat_payload(seat),
                slot=self._row.slot,
                spoken_language=self._row.spoken_language,
                size=size,
                deadline=seat.deadline,
                taken=taken,
                place=self._row.place,
                place_text=place_text,
                starts_at=meeting.starts_at if meeting else None,
                ends_at=meeting.ends_at if meeting else None,
                earliest_at=earliest_at,
                instead_of=seat.instead_of,
            )
        )

    def seat_taken(self, seat: Seat) -> None:
        """Publish a new member."""
        stamp = self._next_stamp(events.SeatTaken)
        self._record(events.SeatTaken(**stamp, seat=seat_payload(seat)))

    def seat_released(self, seat: Seat, reason: ReleaseReason, *, waits: bool, replaced_by: UUID | None = None) -> None:
        """Publish a free seat; ``waits`` is True if its person keeps the place in the queue."""
        stamp = self._next_stamp(events.SeatReleased)
        told = "changed" if reason == "paused" else reason  # others hear of the pause from intake
        self._record(
            events.SeatReleased(**stamp, seat=seat_payload(seat), reason=told, waits=waits, replaced_by=replaced_by)
        )

    def offers_paused(self, seat: Seat) -> None:
        """Publish that the person of a lapsed offer gets no more offers until they ask for one."""
        stamp = self._next_stamp(events.OffersPaused)
        self._record(events.OffersPaused(**stamp, seat=seat_payload(seat)))

    def confirmed(self, size: int) -> None:
        """Publish that enough seats are taken."""
        stamp = self._next_stamp(events.Confirmed)
        self._record(events.Confirmed(**stamp, size=size))

    def coming_confirmed(self, seat: Seat, meeting: Meeting) -> None:
        """Publish that a member still comes to the start meeting."""
        stamp = self._next_stamp(events.ComingConfirmed)
        self._record(
            events.ComingConfirmed(**stamp, seat=seat_payload(seat), meeting_id=meeting.id, starts_at=meeting.starts_at)
        )

    def meeting_called(
        self,
        meeting: Meeting,
        members: Iterable[Seat],
        *,
        address_known: bool,
        coming_question: events.ComingQuestion = "off",
    ) -> None:
        """Publish time and place of a meeting to the members, and whether they are asked if they still come."""
        is_start = meeting.kind is MeetingKind.START
        stamp = self._next_stamp(events.MeetingCalled)
        self._record(
            events.MeetingCalled(
                **stamp,
                meeting_id=meeting.id,
                sequence=meeting.sequence,
                starts_at=meeting.starts_at,
                ends_at=meeting.ends_at,
                place_text=meeting.place_text,
                seats=_payloads(members),
                kind=meeting.kind.value,
                address_known=address_known,
                coming_question=coming_question,
                self_start=self._row.self_start and is_start,
            )
        )

    def meeting_postponed(self, meeting: Meeting, starts_at: datetime, members: Iterable[Seat]) -> None:
        """Publish to the members that the meeting is not held at its time."""
        stamp = self._next_stamp(events.MeetingPostponed)
        self._record(
            events.MeetingPostponed(
                **stamp,
                meeting_id=meeting.id,
                sequence=meeting.sequence,
                starts_at=starts_at,
                seats=_payloads(members),
            )
        )

    def meeting_reported(self, meeting: Meeting, *, held: bool) -> None:
        """Publish whether the meeting was held, and how many came."""
        stamp = self._next_stamp(events.MeetingReported)
        self._record(
            events.MeetingReported(
                **stamp, meeting_id=meeting.id, held=held, starts_at=meeting.starts_at, attendance=meeting.attendance
            )
        )

    def start_revoked(self, members: Iterable[Seat]) -> None:
        """Publish that the group is confirmed again, with the seats of its members."""
        stamp = self._next_stamp(events.StartRevoked)
        self._record(events.StartRevoked(**stamp, seats=_payloads(members)))

    def started(
        self, start_meeting: Meeting, members: list[Seat], starters: int, signed_up_at: Iterable[datetime]
    ) -> None:
        """
        Publish the start with its members, the policy that it keeps, and the number of its igangsettere.

        Args:
            start_meeting: The meeting at which the group has started.
            members: The seats.
            starters: Number of igangsettere.
            signed_up_at: When each member first signed up, in any order.
        """
        stamp = self._next_stamp(events.Started)
        self._record(
            events.Started(
                **stamp,
                size=len(members),
                policy_version=self._row.policy_version,
                started_at=start_meeting.starts_at,
                seats=_payloads(members),
                policy=self._row.policy,
                starters=starters,
                waited_days=sorted(max(0, (start_meeting.starts_at - moment).days) for moment in signed_up_at),
            )
        )

    def cancelled(self, reason: events.CancelReason, seats: Iterable[Seat]) -> None:
        """Publish the cancellation with the seats that were live."""
        stamp = self._next_stamp(events.Cancelled)
        self._record(events.Cancelled(**stamp, reason=reason, seats=_payloads(seats)))

    def igangsetter_asked(
        self,
        question: StarterQuestion,
        account: IgangsetterAccount,
        meeting: Meeting | None,
        *,
        place_text: str | None,
        again: bool,
    ) -> None:
        """Publish that an igangsetter is asked to start the group; ``again`` after a change of its time."""
        stamp = self._next_stamp(life_events.IgangsetterAsked)
        self._record(
            life_events.IgangsetterAsked(
                **stamp,
                igangsetter_id=question.igangsetter_id,
                deadline=question.deadline,
                starts_at=question.starts_at,
                question_id=question.id,
                language=account.language,
                ends_at=meeting.ends_at if meeting else None,
                slot=self._row.slot,
                spoken_language=self._row.spoken_language,
                place_text=place_text,
                again=again,
            )
        )

    def igangsetter_answered(
        self,
        question: StarterQuestion,
        account: IgangsetterAccount,
        meeting: Meeting | None,
        *,
        place_text: str | None,
        reason: str | None,
        had_said_yes: bool,
    ) -> None:
        """Publish that a question to an igangsetter is answered, or no longer asked."""
        stamp = self._next_stamp(life_events.IgangsetterAnswered)
        self._record(
            life_events.IgangsetterAnswered.model_validate(
                {
                    **stamp,
                    "igangsetter_id": question.igangsetter_id,
                    "question_id": question.id,
                    "answer": question.state,
                    "reason": reason,
                    "had_said_yes": had_said_yes,
                    "language": account.language,
                    "deadline": question.deadline,
                    "starts_at": question.starts_at,
                    "ends_at": meeting.ends_at if meeting else None,
                    "slot": self._row.slot,
                    "spoken_language": self._row.spoken_language,
                    "place_text": place_text,
                }
            )
        )

    def igangsetter_settled(self, igangsetter_ids: Iterable[UUID]) -> None:
        """Publish who starts the group."""
        stamp = self._next_stamp(life_events.IgangsetterSettled)
        self._record(life_events.IgangsetterSettled(**stamp, igangsetter_ids=tuple(igangsetter_ids)))

    def _next_stamp(self, kind: type[GroupEvent], key: object = None) -> GroupStamp:
        """Count one more event and return its common fields; its id follows from the cause, and the key or version."""
        row = self._row
        row.version += 1
        return GroupStamp(
            **self._changes.cause.stamp(kind, key or f"{row.id}:{row.version}", self._changes.now),
            group_id=row.id,
            version=row.version,
            centre=row.centre,
            area=row.known_area,
        )

    def _record(self, event: GroupEvent) -> None:
        self._changes.events.append(event)


def seat_payload(seat: Seat) -> events.Seat:
    """Return the seat as events carry it."""
    return events.Seat(seat_id=seat.id, signup_id=seat.signup_id, person_id=seat.person_id, language=seat.language)


def _payloads(seats: Iterable[Seat]) -> tuple[events.Seat, ...]:
    return tuple(seat_payload(seat) for seat in seats)
