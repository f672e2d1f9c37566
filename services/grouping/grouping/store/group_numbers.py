"""Numbers that tell groups with the same name apart: the second one is "(2)"."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from grouping.domain.groups import GroupState
from grouping.domain.meetings import MeetingState
from grouping.store.meetings import IS_START_MEETING
from grouping.store.room_tables import Room
from grouping.store.tables import Group, Meeting
from shared.reference.group_names import group_name

_PLACE = func.coalesce(col(Room.name), col(Group.place))
_DATE = case((col(Meeting.state) != MeetingState.POSTPONED, col(Meeting.starts_at)))
_IS_CANCELLED = col(Group.state) == GroupState.CANCELLED
_NAMES = (
    select(col(Group.id), col(Group.centre), _IS_CANCELLED, _PLACE, col(Group.slot), _DATE)
    .select_from(Group)
    .outerjoin(Meeting, IS_START_MEETING)
    .outerjoin(Room, col(Room.id) == col(Group.place))
)


async def numbers(session: AsyncSession, group_ids: Collection[UUID]) -> dict[UUID, int]:
    """
    Return the number of each of these groups that shares its name with older ones of its centre.

    The oldest group of a name has no number, and neither has a group alone. Cancelled groups are counted by themselves.
    """
    if not group_ids:
        return {}
    own = (await session.execute(_NAMES.where(col(Group.id).in_(list(group_ids))))).all()
    dates = [date for *_, date in own if date is not None]
    same_time: list[ColumnElement[bool]] = [_DATE.is_(None)]
    if dates:
        same_time.append(and_(min(dates) <= _DATE, max(dates) >= _DATE))
    query = _NAMES.where(
        tuple_(col(Group.centre), _IS_CANCELLED, _PLACE).in_(
            {(centre, over, place) for _, centre, over, place, *_ in own}
        ),
        or_(*same_time),
    )
    namesakes: defaultdict[tuple[str, bool, str], list[UUID]] = defaultdict(list)
    for group_id, centre, over, place, slot, date in await session.execute(
        query.order_by(col(Group.created_at), col(Group.id))
    ):
        namesakes[centre, over, group_name(place, slot, date, "nb")].append(group_id)
    wanted = set(group_ids)
    return {
        group_id: number
        for ids in namesakes.values()
        for number, group_id in enumerate(ids, 1)
        if number > 1 and group_id in wanted
    }
