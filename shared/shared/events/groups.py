"""Events of grouping about groups and seats."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.events.base import GroupEvent, Identifier, MailLanguage, Slot, SpokenLanguage

ReleaseReason = Literal["declined", "lapsed", "withdrawn", "erased", "cancelled", "changed", "moved"]
"""Why a person no longer has a seat: they declined, did not answer in time, left, were erased, the group could not
start, their wishes changed so that the group no longer suits, or a coordinator moved them back to the list."""

CancelReason = Literal["too_few", "by_centre"]


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
    """

    subject: ClassVar[str] = "groups.seat_offered.v1"

    seat: Seat
    slot: Slot
    spoken_language: SpokenLanguage
    size: Annotated[int, Field(ge=1, le=50)]
    deadline: AwareDatetime


class SeatTaken(GroupEvent):
    """A person accepted their seat, or has it without an answer if the policy asks for none."""

    subject: ClassVar[str] = "groups.seat_taken.v1"

    seat: Seat


class SeatReleased(GroupEvent):
    """
    A seat is free again.

    Attributes:
        waits: Whether the person is back on the waiting list, with the place in the line that they had.
    """

    subject: ClassVar[str] = "groups.seat_released.v1"

    seat: Seat
    reason: ReleaseReason
    waits: bool


class Confirmed(GroupEvent):
    """Enough people have said yes; the start meeting is being called."""

    subject: ClassVar[str] = "groups.confirmed.v1"

    size: Annotated[int, Field(ge=1, le=50)]


class MeetingCalled(GroupEvent):
    """
    The start meeting has a time and a place; published again when either changes, or a person joins.

    Attributes:
        meeting_id: The same for the life of the meeting; the calendar's UID is made of it.
        sequence: Grows by one when time or place changes (RFC 5545 SEQUENCE); zero the first time.
        place_text: Where, as the centre wrote it; never the address of a participant.
        seats: All who have said yes.
    """

    subject: ClassVar[str] = "groups.meeting_called.v1"

    meeting_id: UUID
    sequence: Annotated[int, Field(ge=0)]
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    place_text: str
    seats: tuple[Seat, ...]


class Started(GroupEvent):
    """The start meeting has been held. From now on the group is closed."""

    subject: ClassVar[str] = "groups.started.v1"

    size: Annotated[int, Field(ge=1, le=50)]
    policy_version: str
    started_at: AwareDatetime
    seats: tuple[Seat, ...]


class Cancelled(GroupEvent):
    """
    The group could not start. All people with a seat are back on the list, each with the waiting time they had.

    Attributes:
        seats: Those who had a seat, or an open offer, when it was cancelled.
    """

    subject: ClassVar[str] = "groups.cancelled.v1"

    reason: CancelReason
    seats: tuple[Seat, ...]
