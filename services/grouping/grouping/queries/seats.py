"""The page of a seat for the person who was offered it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain.groups import GroupState, SeatState
from grouping.queries.rooms import place_name
from grouping.store import Group, Meeting, Seat, views
from grouping.usecases.context import GroupingContext
from shared.reference.centres import Area, Centre

SeatPage = Literal["offer", "lapsed", "taken", "called", "postponed", "started", "declined", "cancelled", "released"]

_PAGE_OF_REASON: dict[str | None, SeatPage] = {"lapsed": "lapsed", "declined": "declined", "cancelled": "cancelled"}


@dataclass(frozen=True)
class SeatView:
    """A seat as its owner sees it: no names of others, and no address before the seat is taken."""

    page: SeatPage
    seat: Seat
    group: Group
    start_meeting: Meeting | None
    centre: Centre
    area: Area
    place_name: str


async def seat_view(session: AsyncSession, context: GroupingContext, seat_id: UUID, now: datetime) -> SeatView | None:
    """Read the page of a seat; None if the seat has been deleted."""
    seat_and_group = await views.seat_and_group(session, seat_id)
    if seat_and_group is None:
        return None
    seat, group, start_meeting = seat_and_group
    centre, area = context.area(group.area)
    part = context.part(group.known_area)[1]
    name = await place_name(session, area, group.place)
    return SeatView(_page(seat, group, start_meeting, now), seat, group, start_meeting, centre, part, name)


def _page(seat: Seat, group: Group, start_meeting: Meeting | None, now: datetime) -> SeatPage:
    if seat.state == SeatState.RELEASED:
        return _PAGE_OF_REASON.get(seat.reason, "released")
    if seat.state == SeatState.OFFERED:
        return "lapsed" if seat.deadline is not None and now >= seat.deadline else "offer"
    if group.state == GroupState.CONFIRMED:
        return "postponed" if start_meeting and start_meeting.is_postponed else "called"
    return "started" if group.state == GroupState.STARTED else "taken"
