"""The page of a seat for the person who was offered it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.coming import is_asked
from grouping.domain.groups import FORMING, GroupState, SeatState
from grouping.domain.matching.cells import Cell
from grouping.queries.groups import date_of
from grouping.queries.rooms import place_name
from grouping.store import Group, Meeting, Seat, views
from grouping.store.meetings import is_address
from grouping.usecases.context import GroupingContext
from grouping.usecases.group_rows import meeting_of
from grouping.usecases.seat_returns import may_take_back
from shared.reference.areas import Area
from shared.reference.centres import Centre, Policy
from shared.reference.slots import first_meeting

SeatPage = Literal[
    "offer",
    "lapsed",
    "taken",
    "called",
    "postponed",
    "started",
    "declined",
    "given_up",
    "cancelled",
    "changed",
    "paused",
    "moved",
    "released",
]

_PAGE_OF_REASON: dict[str | None, SeatPage] = {
    "lapsed": "lapsed",
    "declined": "declined",
    "cancelled": "cancelled",
    "changed": "changed",
    "paused": "paused",
    "moved": "moved",
}


@dataclass(frozen=True)
class SeatView:
    """
    A seat as its owner sees it: no names of others, and no address before the seat is taken.

    Attributes:
        earliest_at: The first moment at which the start meeting can be; None once it has been called.
        taken: Number of members.
        address_known: True if the members can find the start meeting.
        has_begun: True once the start meeting has begun, so that the seat goes to nobody else.
        can_take_back: True if the owner can have a declined seat after all.
    """

    page: SeatPage
    seat: Seat
    group: Group
    start_meeting: Meeting | None
    centre: Centre
    area: Area
    place_name: str
    earliest_at: datetime | None
    taken: int
    address_known: bool
    has_begun: bool
    can_take_back: bool
    now: datetime

    @property
    def is_asked(self) -> bool:
        """True while the owner is asked if they still come to the start meeting, and after a yes."""
        return self.page == "called" and self.meets_at is not None and is_asked(self.policy, self.meets_at, self.now)

    @property
    def comes(self) -> bool:
        """True if the owner has said that they still come to the start meeting as it is now."""
        return self.meets_at is not None and self.seat.comes_to == self.meets_at

    @property
    def policy(self) -> Policy:
        """The policy that the group keeps."""
        return Policy.model_validate(self.group.policy)

    @property
    def meets_at(self) -> datetime | None:
        """The start meeting as it is now; None while it has no date."""
        return date_of(self.start_meeting)


async def seat_view(session: AsyncSession, context: GroupingContext, seat_id: UUID, now: datetime) -> SeatView | None:
    """Read the page of a seat; None if the seat has been deleted."""
    seat_and_group = await views.seat_and_group(session, await store.seats.current(session, seat_id))
    if seat_and_group is None:
        return None
    seat, group, meeting = seat_and_group
    centre, area = context.area(group.area)
    seats = (await store.seats.of_groups(session, [group.id]))[group.id]
    room = await store.rooms.get(session, group.place)
    has_begun = meeting is not None and meeting_of(meeting).has_begun(now)
    is_free = group.state in FORMING and group.live < group.capacity and not has_begun
    cell = Cell(group.place, group.slot, group.spoken_language, group.wishes)
    notice_days = Policy.model_validate(group.policy).start_notice_days
    return SeatView(
        page=_page(seat, group, meeting, now),
        seat=seat,
        group=group,
        start_meeting=meeting,
        centre=centre,
        area=area,
        place_name=await place_name(session, area, group.place),
        earliest_at=first_meeting(group.slot, now, notice_days) if meeting is None else None,
        taken=sum(other.state == SeatState.TAKEN for other in seats),
        address_known=meeting is not None and is_address(centre, group, room, meeting.place_text),
        has_begun=has_begun,
        can_take_back=is_free and await may_take_back(session, seat, cell, seats),
        now=now,
    )


async def current_seat_id(session: AsyncSession, seat_id: UUID) -> UUID:
    """Return the seat that a link is about now: the one that was taken back, if the linked one was given up."""
    return await store.seats.current(session, seat_id)


def _page(seat: Seat, group: Group, start_meeting: Meeting | None, now: datetime) -> SeatPage:
    if seat.state == SeatState.RELEASED:
        if seat.reason == "declined" and seat.taken_at is not None:
            return "given_up"
        return _PAGE_OF_REASON.get(seat.reason, "released")
    if seat.state == SeatState.OFFERED:
        return "lapsed" if seat.deadline is not None and now >= seat.deadline else "offer"
    if group.state == GroupState.CONFIRMED:
        return "postponed" if start_meeting and start_meeting.is_postponed else "called"
    return "started" if group.state == GroupState.STARTED else "taken"
