"""What pages show: read in one go, and said as plainly as a page can print it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.groups import GroupState, SeatState
from grouping.queries.rooms import place_name
from grouping.store import Group, Seat, StaffAction, views
from grouping.usecases.context import GroupingContext
from shared.reference.centres import Area, Centre

SeatPage = Literal["offer", "lapsed", "taken", "called", "postponed", "started", "declined", "cancelled", "released"]


@dataclass(frozen=True)
class SeatView:
    """What somebody sees of their own seat: never a name, and never where before they have said yes."""

    page: SeatPage
    seat: Seat
    group: Group
    centre: Centre
    area: Area
    place_name: str


async def seat_view(session: AsyncSession, office: GroupingContext, seat_id: UUID, now: datetime) -> SeatView | None:
    """The page of a seat as it stands now, or None where there is no such seat."""
    found = await views.seat_and_group(session, seat_id)
    if found is None:
        return None
    seat, group = found
    centre, area = office.area(group.area)
    near = await place_name(session, area, group.place)
    return SeatView(_seat_page(seat, group, now), seat, group, centre, area, near)


def _seat_page(seat: Seat, group: Group, now: datetime) -> SeatPage:
    if seat.state == SeatState.RELEASED:
        told: dict[str | None, SeatPage] = {"lapsed": "lapsed", "declined": "declined", "cancelled": "cancelled"}
        return told.get(seat.reason, "released")
    if seat.state == SeatState.OFFERED:
        return "lapsed" if seat.deadline is not None and now >= seat.deadline else "offer"
    if group.state == GroupState.CONFIRMED:
        return "postponed" if group.postponed else "called"
    return "started" if group.state == GroupState.STARTED else "taken"


@dataclass(frozen=True)
class GroupLine:
    """One group in the list; ``taken`` is how many have said yes, or how many began."""

    group: Group
    area: Area
    taken: int
    deadline: datetime | None


async def group_lines(
    session: AsyncSession, office: GroupingContext, centres: frozenset[str], states: tuple[GroupState, ...]
) -> tuple[GroupLine, ...]:
    """The groups of these centres, newest first."""
    return tuple(
        GroupLine(group, office.area(group.area)[1], taken if group.size is None else group.size, deadline)
        for group, taken, deadline in await views.groups_of(session, centres, states)
    )


@dataclass(frozen=True)
class GroupView:
    """All that a coordinator needs to know of one group."""

    group: Group
    centre: Centre
    area: Area
    seats: tuple[Seat, ...]
    actions: tuple[StaffAction, ...]
    place_name: str


async def group_view(session: AsyncSession, office: GroupingContext, group_id: UUID) -> GroupView | None:
    """A group as its page shows it, or None where there is none."""
    group = await store.groups.get(session, group_id)
    if group is None:
        return None
    centre, area = office.area(group.area)
    seats = sorted(
        (await store.seats.of_groups(session, [group_id]))[group_id], key=lambda seat: seat.state == SeatState.RELEASED
    )
    actions = await views.actions_on(session, group_id)
    near = await place_name(session, area, group.place)
    return GroupView(group, centre, area, tuple(seats), tuple(actions), near)


async def totals(session: AsyncSession) -> tuple[int, dict[str, int]]:
    """How many wait, and how many groups there are in each state."""
    return await views.totals(session)
