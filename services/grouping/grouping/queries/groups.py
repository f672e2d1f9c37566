"""Pages of groups for staff."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.groups import FORMING, GroupState, SeatState
from grouping.queries.igangsettere import GroupStarters, group_starters
from grouping.queries.rooms import GroupRoom, group_room, place_name
from grouping.store import Group, Meeting, Seat, views
from grouping.usecases.context import GroupingContext
from shared.kit.audit import AuditEntry
from shared.reference.centres import Area, Centre, Policy

GroupStatus = Literal["drafted", "proposed", "postponed", "confirmed", "started", "cancelled"]
SeatStatus = Literal["unpublished", "offered", "accepted", "assigned"]


def status_of(group: Group, start_meeting: Meeting | None) -> GroupStatus:
    """Return the state of a group for display; "postponed" is a confirmed group that needs a new time."""
    state: dict[str, GroupStatus] = {
        GroupState.DRAFTED: "drafted",
        GroupState.PROPOSED: "proposed",
        GroupState.CONFIRMED: "postponed" if start_meeting and start_meeting.is_postponed else "confirmed",
        GroupState.STARTED: "started",
        GroupState.CANCELLED: "cancelled",
    }
    return state[group.state]


@dataclass(frozen=True)
class GroupRef:
    """The ids of a group, its area and its centre; none of them ever changes."""

    id: UUID
    area_id: str
    centre_id: str

    @property
    def path(self) -> str:
        """The address of the group's page."""
        return f"/stab/grupper/{self.id}"


async def group_ref(session: AsyncSession, group_id: UUID) -> GroupRef | None:
    """Read the ids of a group; None if it does not exist."""
    group = await store.groups.get(session, group_id)
    return GroupRef(group.id, group.area, group.centre) if group is not None else None


async def group_ref_of_seat(session: AsyncSession, seat_id: UUID) -> GroupRef | None:
    """Read the ids of the group that a seat is in; None if the seat does not exist."""
    seat = await store.seats.get(session, seat_id)
    return await group_ref(session, seat.group_id) if seat is not None else None


@dataclass(frozen=True)
class GroupRow:
    """
    One group in the list.

    Attributes:
        taken: Number of taken seats; after the start the number of people who began.
        deadline: The first deadline of an unanswered offer.
    """

    group: Group
    start_meeting: Meeting | None
    area: Area
    taken: int
    deadline: datetime | None
    status: GroupStatus


async def group_rows(
    session: AsyncSession, context: GroupingContext, centres: frozenset[str], states: tuple[GroupState, ...]
) -> tuple[GroupRow, ...]:
    """Read the groups of some centres, newest first."""
    return tuple(
        GroupRow(
            group,
            meeting,
            context.area(group.area)[1],
            taken if group.size is None else group.size,
            deadline,
            status_of(group, meeting),
        )
        for group, meeting, taken, deadline in await views.groups_of(session, centres, states)
    )


@dataclass(frozen=True)
class SeatRow:
    """
    One seat on a group's page.

    Attributes:
        status: The state of a live seat, or the reason for its release.
        has_page: True if the person has a page among the area's people.
    """

    seat: Seat
    status: str
    has_page: bool


@dataclass(frozen=True)
class GroupView:
    """One group for its coordinator."""

    group: Group
    start_meeting: Meeting | None
    centre: Centre
    area: Area
    seats: tuple[SeatRow, ...]
    audit_entries: tuple[AuditEntry, ...]
    place_name: str
    room: GroupRoom
    starters: GroupStarters
    status: GroupStatus

    @property
    def people(self) -> int:
        """Number of live seats; after the start the number of people who began."""
        return self.group.live if self.group.size is None else self.group.size

    @property
    def is_draft(self) -> bool:
        """True while no member has been offered a seat."""
        return self.status == "drafted"

    @property
    def can_set_meeting(self) -> bool:
        """True if staff can choose time and place of the start meeting."""
        return self.status in {"confirmed", "postponed"}

    @property
    def can_postpone(self) -> bool:
        """True if staff can mark the start meeting as not held."""
        return self.status == "confirmed"

    @property
    def can_cancel(self) -> bool:
        """True if staff can cancel the group."""
        return self.status in {"proposed", "confirmed", "postponed"}


async def group_view(
    session: AsyncSession, context: GroupingContext, group_id: UUID, now: datetime
) -> GroupView | None:
    """Read one group; None if it does not exist."""
    rows = await store.groups.with_start_meetings(session, [group_id])
    if not rows:
        return None
    group, start_meeting = rows[0]
    centre, area = context.area(group.area)
    seats = (await store.seats.of_groups(session, [group_id]))[group_id]
    required = Policy.model_validate(group.policy).starters_min
    return GroupView(
        group=group,
        start_meeting=start_meeting,
        centre=centre,
        area=area,
        seats=tuple(_seat_row(seat, group) for seat in sorted(seats, key=_released)),
        audit_entries=tuple(await store.audit.entries_of_group(session, group_id, group.area)),
        place_name=await place_name(session, area, group.place),
        room=await group_room(session, group),
        starters=await group_starters(session, centre, area, group, required, now),
        status=status_of(group, start_meeting),
    )


def _released(seat: Seat) -> bool:
    return seat.state == SeatState.RELEASED


def _seat_row(seat: Seat, group: Group) -> SeatRow:
    return SeatRow(seat, _seat_status(seat), not _released(seat) and group.state in FORMING)


def _seat_status(seat: Seat) -> str:
    if seat.state == SeatState.RELEASED:
        return seat.reason or ""
    live: SeatStatus
    if seat.state == SeatState.OFFERED:
        live = "offered" if seat.deadline else "unpublished"
    else:
        live = "accepted" if seat.deadline else "assigned"
    return live
