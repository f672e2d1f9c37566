"""Events of grouping about groups and seats."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from shared.events.base import GroupEvent, Identifier, MailLanguage, Slot, SpokenLanguage

ReleaseReason = Literal["declined", "lapsed", "withdrawn", "erased", "cancelled", "changed", "moved"]
"""Why a person no longer has a seat: they declined, did not answer in time, left, were erased, the group could not
start, their wishes changed so that the group no longer suits, or a coordinator moved them back to the list."""

CancelReason = Literal["too_few", "by_centre"]

ComingQuestion = Literal["off", "asked", "asked_then_called"]
"""Whether members are asked before the start meeting if they still come; see the policy's ``coming_question``."""

MeetingKind = Literal["start", "weekly", "return_visit", "visit", "conflict_visit"]


class Seat(BaseModel):
    """One person's seat in one group, by ids only."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    seat_id: UUID
    signup_id: UUID
    person_id: UUID
    language: MailLanguage


class Proposed(GroupEvent):
    """
    These people could meet; seats are being offered.

    Attributes:
        place: The id of the meeting place within the area.
        spoken_language: What the group will talk in.
        size: How many seats are offered so far.
        policy_version: The version of the centre's policy that this group keeps all its life.
    """

    subject: ClassVar[str] = "groups.proposed.v1"

    place: Identifier
    slot: Slot
    spoken_language: SpokenLanguage
    size: Annotated[int, Field(ge=1, le=50)]
    policy_version: str


class SeatOffered(GroupEvent):
    """
    A seat is offered to a person.

    Attributes:
        deadline: When the offer lapses unless they have answered.
        size: How many have been offered or have taken a seat so far, this one included; a number only.
        taken: How many have said yes so far; None in events from before this field existed, as for all below.
        place: The id of the meeting place or room.
        place_text: The place as members read it, if it is known.
        starts_at, ends_at: The start meeting as it is now, if it has been called.
        earliest_at: The first moment at which the start meeting can be, if it has not been called.
        instead_of: The seat that this person had said yes to, in a group that did not fill: this offer asks whether
            another place or time also suits, and stands for a cancellation and an offer in one.
    """

    subject: ClassVar[str] = "groups.seat_offered.v1"

    seat: Seat
    slot: Slot
    spoken_language: SpokenLanguage
    size: Annotated[int, Field(ge=1, le=50)]
    deadline: AwareDatetime
    taken: Annotated[int, Field(ge=0, le=50)] | None = None
    place: Identifier | None = None
    place_text: str | None = None
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    earliest_at: AwareDatetime | None = None
    instead_of: UUID | None = None


class SeatTaken(GroupEvent):
    """A person accepted their seat, or has it without an answer if the policy asks for none."""

    subject: ClassVar[str] = "groups.seat_taken.v1"

    seat: Seat


class SeatReleased(GroupEvent):
    """
    A seat is free again.

    Attributes:
        waits: Whether the person is back on the waiting list, with the place in the queue that they had.
        replaced_by: The seat that is offered instead in the same transaction; its mail tells of both.
    """

    subject: ClassVar[str] = "groups.seat_released.v1"

    seat: Seat
    reason: ReleaseReason
    waits: bool
    replaced_by: UUID | None = None


class Confirmed(GroupEvent):
    """Enough people have said yes; the start meeting is being called."""

    subject: ClassVar[str] = "groups.confirmed.v1"

    size: Annotated[int, Field(ge=1, le=50)]


class MeetingCalled(GroupEvent):
    """
    A meeting has a time and a place; published again when either changes, or a person joins.

    Attributes:
        meeting_id: The same for the life of the meeting; the calendar's UID is made of it.
        sequence: Grows by one when time or place changes (RFC 5545 SEQUENCE); zero the first time.
        place_text: Where, as the centre wrote it; never the address of a participant.
        seats: All who have said yes.
        kind: The purpose of the meeting.
        address_known: False while ``place_text`` is only a part of town and the centre still looks for a room.
        coming_question: By the policy that the group keeps; always ``off`` for other meetings than the start meeting.
        self_start: True if no igangsetter comes to the start meeting, so that members get the sheet that helps them.
    """

    subject: ClassVar[str] = "groups.meeting_called.v1"

    meeting_id: UUID
    sequence: Annotated[int, Field(ge=0)]
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    place_text: str
    seats: tuple[Seat, ...]
    kind: MeetingKind = "start"
    address_known: bool = True
    coming_question: ComingQuestion = "off"
    self_start: bool = False


class ComingConfirmed(GroupEvent):
    """
    A member has said that they still come to the start meeting; it holds for that time only.

    Attributes:
        starts_at: The start of the meeting that they come to.
    """

    subject: ClassVar[str] = "groups.coming_confirmed.v1"

    seat: Seat
    meeting_id: UUID
    starts_at: AwareDatetime


class MeetingPostponed(GroupEvent):
    """
    The meeting is not held at its time, and no new time is set yet; ``MeetingCalled`` tells of the new one.

    Attributes:
        sequence: Grows by one (RFC 5545 SEQUENCE).
        starts_at: The time at which the meeting is not held.
        seats: The members.
    """

    subject: ClassVar[str] = "groups.meeting_postponed.v1"

    meeting_id: UUID
    sequence: Annotated[int, Field(ge=0)]
    starts_at: AwareDatetime
    seats: tuple[Seat, ...]


class MeetingReported(GroupEvent):
    """
    Staff have said whether the meeting was held; the newest version counts.

    Attributes:
        held: False if it was not held.
        starts_at: The time at which it was held, or should have been.
        attendance: How many came, if it was counted; a number only.
    """

    subject: ClassVar[str] = "groups.meeting_reported.v1"

    meeting_id: UUID
    held: bool
    starts_at: AwareDatetime
    attendance: Annotated[int, Field(ge=0, le=50)] | None = None


class StartRevoked(GroupEvent):
    """
    The start meeting was assumed to be held and was not: the group is confirmed again and open, as before its start.

    Attributes:
        seats: Its members, each with the seat they had.
    """

    subject: ClassVar[str] = "groups.start_revoked.v1"

    seats: tuple[Seat, ...]


class OffersPaused(GroupEvent):
    """
    A person has left two offers unanswered and gets no more until they say that they still want a group.

    Attributes:
        seat: The seat whose offer lapsed last.
    """

    subject: ClassVar[str] = "groups.offers_paused.v1"

    seat: Seat


class Started(GroupEvent):
    """
    The start meeting has been held. From now on the group is closed.

    Attributes:
        policy: The policy that the group keeps, as the fields of :class:`shared.reference.policy.Policy`; None in
            events from before this field existed, as for ``starters``.
        starters: Number of its igangsettere.
        waited_days: Whole days from the first sign-up of each member to the start, the shortest first, so that none of
            them belongs to a seat; None in events from before this field existed.
    """

    subject: ClassVar[str] = "groups.started.v1"

    size: Annotated[int, Field(ge=1, le=50)]
    policy_version: str
    started_at: AwareDatetime
    seats: tuple[Seat, ...]
    policy: dict[str, JsonValue] | None = None
    starters: Annotated[int, Field(ge=0, le=50)] | None = None
    waited_days: Annotated[tuple[Annotated[int, Field(ge=0, le=36_500)], ...], Field(max_length=50)] | None = None


class Cancelled(GroupEvent):
    """
    The group could not start. All people with a seat are back on the list, each with the waiting time they had.

    Attributes:
        seats: Those who had a seat, or an open offer, when it was cancelled.
    """

    subject: ClassVar[str] = "groups.cancelled.v1"

    reason: CancelReason
    seats: tuple[Seat, ...]
