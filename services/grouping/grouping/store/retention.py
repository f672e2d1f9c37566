"""What is no longer needed, and its deletion."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain import retention
from grouping.domain.signups import SignupStatus
from grouping.store.tables import BoardChange, Forgotten, Group, Seat, StaffAction, Waiting, dead_letters

# SQLModel types an attribute as its value; in a query it is a column.
_Waiting: Any = Waiting
_Group: Any = Group
_Seat: Any = Seat
_Forgotten: Any = Forgotten
_BoardChange: Any = BoardChange
_StaffAction: Any = StaffAction


async def groups_to_forget(session: AsyncSession, now: datetime) -> list[tuple[UUID, str]]:
    """Groups that were closed so long ago that nobody needs to know any more who was in them, with their areas."""
    query = (
        select(_Group.id, _Group.area)
        .where(_Group.closed_at <= now - retention.WHO_SAT_WITH_WHOM, exists().where(_Seat.group_id == _Group.id))
        .order_by(_Group.closed_at, _Group.id)
    )
    return [(id_, area) for id_, area in (await session.execute(query)).all()]


async def allow_deletion_of_seats(session: AsyncSession, *, allowed: bool) -> None:
    """The seats of a closed group are guarded by a trigger, which lets them go only to be forgotten."""
    await session.execute(text(f"SET LOCAL grouping.forgetting = '{'on' if allowed else 'off'}'"))


async def forget_seats(session: AsyncSession, group_id: UUID) -> None:
    """Delete a closed group's seats, and what is known of its members; whoever waits again stays on the list."""
    members = select(_Seat.signup_id).where(_Seat.group_id == group_id)
    # Deleted without a trace: the last wishes of a member are older than the start of the group, so by now the stream
    # has dropped them and the inbox has outlived every redelivery. A tombstone would only keep the members linked.
    await session.execute(
        delete(Waiting).where(_Waiting.signup_id.in_(members), _Waiting.status == SignupStatus.MEMBER)
    )
    await allow_deletion_of_seats(session, allowed=True)
    await session.execute(delete(Seat).where(_Seat.group_id == group_id))
    await allow_deletion_of_seats(session, allowed=False)


def _may_come_back(since: Any) -> Any:
    """Whether a dead letter from before somebody left still waits: replayed, it must not bring them back."""
    return exists().where(dead_letters.table.c.buried_at <= since + retention.STREAM)


async def tidy(session: AsyncSession, now: datetime) -> None:
    """Delete the ids of those who left or were erased, and what staff did, when each has been kept long enough."""
    await session.execute(
        delete(Waiting).where(
            _Waiting.status == SignupStatus.GONE,
            _Waiting.gone_at <= now - retention.LEFT,
            ~_may_come_back(_Waiting.gone_at),
        )
    )
    await session.execute(
        delete(Forgotten).where(_Forgotten.at <= now - retention.LEFT, ~_may_come_back(_Forgotten.at))
    )
    # By the database's own clock, as they were written; boards that were last in step so long ago are made anew.
    await session.execute(delete(BoardChange).where(_BoardChange.at <= func.now() - retention.BOARD_CHANGES))
    await session.execute(delete(StaffAction).where(_StaffAction.at <= now - retention.STAFF_ACTIONS))
