"""Pages of groups for staff."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain import groups, meetings
from grouping.domain.coming import is_asked
from grouping.domain.groups import FORMING, GroupState, Lack, SeatState
from grouping.domain.meetings import MeetingState
from grouping.queries.decisions import Decision, decision
from grouping.queries.filling import MemberSearch, member_search
from grouping.queries.igangsettere import GroupStarters, group_starters
from grouping.queries.rooms import GroupRoom, group_room
from grouping.queries.running_groups import RunningGroup, running_group
from grouping.store import Group, Meeting, Room, Seat, views
from grouping.store.meetings import is_address
from grouping.usecases.context import GroupingContext
from grouping.usecases.group_rows import meeting_of
from shared.kit.audit import AuditEntry
from shared.reference.areas import DIGITAL, Area
from shared.reference.centres import Centre, Policy
from shared.reference.slots import first_meeting

GroupStatus = Literal["drafted", "proposed", "postponed", "confirmed", "started", "cancelled"]
Need = Literal["members", "date", "address", "igangsetter"]
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
    """The ids of a group, its area as people know it, and its centre."""

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
    return GroupRef(group.id, group.known_area, group.centre) if group is not None else None


async def group_ref_of_seat(session: AsyncSession, seat_id: UUID) -> GroupRef | None:
    """Read the ids of the group that a seat is in; None if the seat does not exist."""
    seat = await store.seats.get(session, seat_id)
    return await group_ref(session, seat.group_id) if seat is not None else None


@dataclass(frozen=True)
class GroupRow:
    """
    One group in the list.

    Attributes:
        place_name: Its room or meeting place, as staff call it.
        taken: Number of taken seats; after the start the number of people who began.
        deadline: The first deadline of an unanswered offer.
        lacks: What it needs before it can meet.
        number: See :mod:`grouping.store.group_numbers`.
        life_state: The state of its life after the start; None before it.
    """

    group: Group
    start_meeting: Meeting | None
    area: Area
    place_name: str
    taken: int
    deadline: datetime | None
    status: GroupStatus
    lacks: tuple[Lack, ...]
    number: int
    life_state: str | None

    @property
    def named_at(self) -> datetime | None:
        """The date in the group's name."""
        return date_of(self.start_meeting)

    @property
    def is_too_small(self) -> bool:
        """True if it is confirmed and has too few members."""
        return self.status in {"confirmed", "postponed"} and self.taken < self.group.least

    @property
    def needs(self) -> tuple[Need, ...]:
        """All that staff must see to."""
        members: tuple[Need, ...] = ("members",) if self.is_too_small else ()
        date: tuple[Need, ...] = ("date",) if self.status == "postponed" else ()
        return (*members, *date, *self.lacks)


def date_of(start_meeting: Meeting | None) -> datetime | None:
    """Return the date in a group's name; None while its start meeting has none."""
    return start_meeting.starts_at if start_meeting is not None and not start_meeting.is_postponed else None


async def group_rows(
    session: AsyncSession,
    context: GroupingContext,
    centres: frozenset[str],
    states: tuple[GroupState, ...],
    *,
    over: bool | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> tuple[GroupRow, ...]:
    """Read the groups of some centres, newest first; the rest as in :func:`grouping.store.views.groups_of`."""
    facts = await views.groups_of(session, centres, states, over=over, limit=limit, offset=offset)
    rooms = await store.rooms.by_id(session, {row.group.place for row in facts})
    numbers = await store.group_numbers.numbers(session, [row.group.id for row in facts])
    return tuple(_group_row(context, row, rooms.get(row.group.place), numbers.get(row.group.id, 1)) for row in facts)


def _group_row(context: GroupingContext, facts: views.GroupFacts, room: Room | None, number: int) -> GroupRow:
    group, meeting = facts.group, facts.start_meeting
    centre, area = context.area(group.area)
    return GroupRow(
        group,
        meeting,
        context.part(group.known_area)[1],
        staff_place_name(area, group, room),
        facts.taken if group.size is None else group.size,
        facts.deadline,
        status_of(group, meeting),
        groups.lacks(
            GroupState(group.state),
            address_known=meeting is not None and is_address(centre, group, room, meeting.place_text),
            starters=facts.starters,
            starters_min=0 if group.self_start else Policy.model_validate(group.policy).starters_min,
        ),
        number,
        facts.life_state,
    )


def staff_place_name(area: Area, group: Group, room: Room | None) -> str:
    """Return the place of a group as staff call it: its room, or its meeting place."""
    if room is not None:
        return room.name
    place = area.place(group.place)
    return place.name if place is not None else area.name


@dataclass(frozen=True)
class SeatRow:
    """
    One seat on a group's page.

    Attributes:
        number: Its number on the page, since names are not known here.
        status: The state of a live seat, or the reason for its release.
        has_page: True if the person has a page among the area's people.
        comes: True or False once members are asked if they still come to the start meeting; None before.
    """

    number: int
    seat: Seat
    status: str
    has_page: bool
    comes: bool | None


def can_choose_room(group: Group) -> bool:
    """Return True before the start of a group whose policy uses the centre's rooms."""
    forming = group.state in FORMING and group.state != GroupState.DRAFTED
    return forming and Policy.model_validate(group.policy).room != "by_agreement" and group.place != DIGITAL


class GroupTask(NamedTuple):
    """
    The open task that a group's page was opened for.

    Attributes:
        key: The id of the seat that it is about, for a task about one.
    """

    id: UUID
    kind: str
    key: str


@dataclass(frozen=True)
class GroupView:
    """
    One group for its coordinator.

    Attributes:
        lacks: What it needs before it can meet.
        can_report: True if staff can report on the start meeting.
        proposed_at: A new time for a postponed start meeting; None for any other.
        decision: What staff can decide while members are lacking; None if there is nothing.
        address_known: True if the members can find the start meeting.
        search: The same for a proposal that looks for members.
        number: See :mod:`grouping.store.group_numbers`.
        task: The task that the page was opened for; None if there is none, or if it is done.
        life: Its life after the start; None before it.
    """

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
    lacks: tuple[Lack, ...]
    can_report: bool
    proposed_at: datetime | None
    decision: Decision | None
    search: MemberSearch | None
    address_known: bool
    number: int
    task: GroupTask | None
    life: RunningGroup | None

    @property
    def shows_people(self) -> bool:
        """True until the igangsetter has withdrawn; from then on nobody looks at who is in the group."""
        return self.life is None or self.life.is_accompanied

    @property
    def named_at(self) -> datetime | None:
        """The date in the group's name."""
        return date_of(self.start_meeting)

    @property
    def taken(self) -> int:
        """Number of taken seats."""
        return sum(row.seat.state == SeatState.TAKEN for row in self.seats)

    @property
    def coming(self) -> tuple[int, int] | None:
        """Number of members who have said that they still come, and of all; None while they are not asked."""
        answers = [row.comes for row in self.seats if row.comes is not None]
        return (sum(answers), len(answers)) if answers else None

    @property
    def told(self) -> int:
        """Number of people who are told when the group is cancelled."""
        return sum(row.seat.state != SeatState.RELEASED for row in self.seats)

    @property
    def is_too_small(self) -> bool:
        """True if it is confirmed and has too few members."""
        return self.status in {"confirmed", "postponed"} and self.taken < self.group.least

    @property
    def is_assumed_held(self) -> bool:
        """True if nobody has reported that the start meeting was held."""
        return self.start_meeting is not None and self.start_meeting.state == MeetingState.ASSUMED_HELD

    def number_of(self, signup_id: str) -> int | None:
        """Return the number of a sign-up's seat on the page."""
        return next((row.number for row in self.seats if str(row.seat.signup_id) == signup_id), None)

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
        """True if staff can postpone the start meeting before it begins."""
        return self.status == "confirmed" and not self.can_report

    @property
    def can_choose_room(self) -> bool:
        """True if staff can choose among the rooms of the area."""
        return can_choose_room(self.group)

    @property
    def can_cancel(self) -> bool:
        """True if staff can cancel the group."""
        return self.status in {"proposed", "confirmed", "postponed"}


async def group_view(
    session: AsyncSession, context: GroupingContext, group_id: UUID, now: datetime, task_id: UUID | None = None
) -> GroupView | None:
    """Read one group; None if it does not exist."""
    rows = await store.groups.with_start_meetings(session, [group_id])
    if not rows:
        return None
    group, start_meeting = rows[0]
    centre, area = context.area(group.area)
    seats = (await store.seats.of_groups(session, [group_id]))[group_id]
    policy = Policy.model_validate(group.policy)
    required, postponed = policy.starters_min, start_meeting is not None and start_meeting.is_postponed
    room = await group_room(session, group)
    starters = await group_starters(session, centre, area, group, required, now)
    taken = sum(seat.state == SeatState.TAKEN for seat in seats)
    starts_at = date_of(start_meeting)
    asked = starts_at is not None and group.state == GroupState.CONFIRMED and is_asked(policy, starts_at, now)
    address_known = start_meeting is not None and is_address(centre, group, room.room, start_meeting.place_text)
    return GroupView(
        group=group,
        start_meeting=start_meeting,
        centre=centre,
        area=context.part(group.known_area)[1],
        seats=tuple(
            _seat_row(number, seat, group, starts_at if asked else None)
            for number, seat in enumerate(sorted(seats, key=_released), 1)
        ),
        audit_entries=tuple(await store.audit.entries_of_group(session, group_id, context.centres.ids_of(group.area))),
        place_name=staff_place_name(area, group, room.room),
        room=room,
        starters=starters,
        status=status_of(group, start_meeting),
        lacks=groups.lacks(
            GroupState(group.state),
            address_known=address_known,
            starters=len(starters.chosen),
            starters_min=0 if group.self_start else required,
        ),
        can_report=can_report_start(group, seats, start_meeting, now),
        proposed_at=first_meeting(group.slot, now, policy.start_notice_days) if postponed else None,
        decision=await decision(session, context, area, group, start_meeting, taken, now),
        search=await member_search(session, context, group, seats, now),
        address_known=address_known,
        number=(await store.group_numbers.numbers(session, [group_id])).get(group_id, 1),
        task=await _task(session, group_id, task_id),
        life=await running_group(session, context, group, seats, len(starters.chosen), now),
    )


async def _task(session: AsyncSession, group_id: UUID, task_id: UUID | None) -> GroupTask | None:
    kind_and_key = await store.tasks.of_group(session, group_id, task_id) if task_id is not None else None
    return GroupTask(task_id, *kind_and_key) if task_id is not None and kind_and_key is not None else None


def _released(seat: Seat) -> bool:
    return seat.state == SeatState.RELEASED


def can_report_start(group: Group, seats: list[Seat], start_meeting: Meeting | None, now: datetime) -> bool:
    """Return True if the start meeting can be reported on: once it has begun, and while its members are known."""
    if start_meeting is None or group.state not in {GroupState.CONFIRMED, GroupState.STARTED} or not seats:
        return False
    return meetings.can_report(meeting_of(start_meeting), now)


def _seat_row(number: int, seat: Seat, group: Group, asked_about: datetime | None) -> SeatRow:
    """Return one row; ``asked_about`` is the start meeting to which members are asked if they come."""
    comes = seat.comes_to == asked_about if asked_about is not None and seat.state == SeatState.TAKEN else None
    return SeatRow(number, seat, _seat_status(seat), not _released(seat) and group.state in FORMING, comes)


def _seat_status(seat: Seat) -> str:
    if seat.state == SeatState.RELEASED:
        return seat.reason or ""
    live: SeatStatus
    if seat.state == SeatState.OFFERED:
        live = "offered" if seat.deadline else "unpublished"
    else:
        live = "accepted" if seat.deadline else "assigned"
    return live
