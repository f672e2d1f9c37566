"""The sheet that helps a group start without an igangsetter."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.groups import GroupState, SeatState
from grouping.domain.start_sheet import Section, sections
from grouping.store import Group, Meeting, Room
from grouping.usecases.context import GroupingContext
from shared.reference.areas import DIGITAL
from shared.reference.centres import Centre, Policy


@dataclass(frozen=True)
class StartSheet:
    """
    The sheet of one group.

    Attributes:
        start_meeting: It has a time, or was held.
        policy: The policy that the group keeps.
    """

    group: Group
    start_meeting: Meeting
    centre: Centre
    room: Room | None
    policy: Policy

    @property
    def sections(self) -> tuple[Section, ...]:
        """The parts of the sheet."""
        return sections(self.policy, on_screen=self.group.place == DIGITAL, has_way_in=bool(self.way_in))

    @property
    def way_in(self) -> str:
        """The way into the room, as staff wrote it; empty if they have not, or if the meeting is elsewhere."""
        is_there = self.room is not None and self.start_meeting.place_text == self.room.full_address
        return self.room.way_in if self.room is not None and is_there else ""


async def sheet_of_group(session: AsyncSession, context: GroupingContext, group_id: UUID) -> StartSheet | None:
    """Read the sheet of a group; None if an igangsetter comes, or if its start meeting has no time."""
    rows = await store.groups.with_start_meetings(session, [group_id])
    if not rows:
        return None
    group, meeting = rows[0]
    is_called = meeting is not None and not meeting.is_postponed
    if not group.self_start or not is_called or group.state not in {GroupState.CONFIRMED, GroupState.STARTED}:
        return None
    assert meeting is not None
    centre, _ = context.area(group.area)
    policy = Policy.model_validate(group.policy)
    return StartSheet(group, meeting, centre, await store.rooms.get(session, group.place), policy)


async def sheet_of_member(session: AsyncSession, context: GroupingContext, seat_id: UUID) -> StartSheet | None:
    """Read the sheet of a member's group; None if they have no seat in one that has it."""
    seat = await store.seats.get(session, await store.seats.current(session, seat_id))
    if seat is None or seat.state != SeatState.TAKEN:
        return None
    return await sheet_of_group(session, context, seat.group_id)
