"""The page on which staff choose a room for a group."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.groups import LIVE
from grouping.domain.matching.cells import Place
from grouping.domain.room_ranking import RoomChoice, RoomFacts, rank
from grouping.queries.groups import GroupView, group_view
from grouping.store import Room
from grouping.usecases.context import GroupingContext
from shared.reference.holidays import Holiday, holiday_at


@dataclass(frozen=True)
class RankedRoom:
    """One room with what speaks for and against it."""

    room: Room
    choice: RoomChoice
    is_chosen: bool
    is_late: bool


@dataclass(frozen=True)
class RoomChoiceView:
    """
    The rooms that a group can have, the one with the shortest longest journey first.

    Attributes:
        members: Number of people with a seat or an offer.
        starters: Number of igangsettere who come as well.
        holiday: The holiday on which the start meeting is; None if it is on none, or has no date.
    """

    group: GroupView
    rooms: tuple[RankedRoom, ...]
    members: int
    starters: int
    holiday: Holiday | None

    @property
    def possible(self) -> tuple[RankedRoom, ...]:
        """The rooms that the group can have."""
        return tuple(row for row in self.rooms if not row.choice.obstacles)

    @property
    def impossible(self) -> tuple[RankedRoom, ...]:
        """The rooms that it cannot have."""
        return tuple(row for row in self.rooms if row.choice.obstacles)


async def room_choice_view(
    session: AsyncSession, context: GroupingContext, group_id: UUID, now: datetime, task_id: UUID | None = None
) -> RoomChoiceView | None:
    """Read the rooms for a group; None if it does not exist, or if no room can be chosen for it."""
    view = await group_view(session, context, group_id, now, task_id)
    if view is None or not view.can_choose_room:
        return None
    group, starts_at = view.group, view.named_at
    rooms = await store.rooms.of_area(session, group.area)
    taken = await store.rooms.taken_in(session, group.area, group.slot, except_group=group.id)
    signup_ids = [row.seat.signup_id for row in view.seats if row.seat.state in LIVE]
    members = await store.rooms.wishes_of(session, signup_ids)
    starters = max(len(view.starters.chosen), view.starters.required)
    facts = [
        RoomFacts(_place(room), room.name, room.active or room.id == group.place, room.id in taken, room.lead_days)
        for room in rooms
    ]
    choices = rank(facts, members, group.slot, starters=starters, starts_at=starts_at)
    by_id = {room.id: room for room in rooms}
    return RoomChoiceView(
        group=view,
        rooms=tuple(
            RankedRoom(
                by_id[choice.room_id],
                choice,
                choice.room_id == group.place,
                choice.book_by is not None and choice.book_by < now,
            )
            for choice in choices
        ),
        members=len(signup_ids),
        starters=starters,
        holiday=holiday_at(starts_at) if starts_at is not None else None,
    )


def _place(room: Room) -> Place:
    return Place(room.id, room.latitude, room.longitude, room.step_free, room.seats, frozenset(room.slots))
