"""What pages ask the database: counts and lists, nothing is changed or locked."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain.groups import FORMING, GroupState, SeatState
from grouping.domain.signups import SignupStatus
from grouping.store.tables import AreaHold, Group, Seat, StaffAction, Waiting

# SQLModel types an attribute as its value; in a query it is a column.
_Waiting: Any = Waiting
_Group: Any = Group
_Seat: Any = Seat
_AreaHold: Any = AreaHold
_StaffAction: Any = StaffAction

MOST_GROUPS = 200
"""How many groups a list shows; the newest first."""


@dataclass(frozen=True, slots=True)
class AreaCount:
    """How many wait in an area, and since when the first of them."""

    waiting: int
    oldest: datetime


async def waiting_by_area(session: AsyncSession, areas: Collection[str]) -> dict[str, AreaCount]:
    """How many wait in each of these areas; those where nobody does are not there."""
    query = (
        select(_Waiting.area, func.count(), func.min(_Waiting.signed_up_at))
        .where(_Waiting.status == SignupStatus.WAITING, _Waiting.area.in_(areas))
        .group_by(_Waiting.area)
    )
    return {area: AreaCount(count, oldest) for area, count, oldest in (await session.execute(query)).all()}


async def waiting_by_slot(session: AsyncSession, areas: Collection[str]) -> dict[str, dict[str, int]]:
    """How many who wait could meet at each time, by area; somebody who can at three times counts three times."""
    slot = func.unnest(_Waiting.slots).label("slot")
    wishes = (
        select(_Waiting.area.label("area"), slot)
        .where(_Waiting.status == SignupStatus.WAITING, _Waiting.area.in_(areas))
        .subquery()
    )
    query = select(wishes.c.area, wishes.c.slot, func.count()).group_by(wishes.c.area, wishes.c.slot)
    found: dict[str, dict[str, int]] = {}
    for area, name, count in (await session.execute(query)).all():
        found.setdefault(area, {})[name] = count
    return found


async def forming_by_area(session: AsyncSession, areas: Collection[str]) -> dict[str, int]:
    """How many groups are on their way in each of these areas."""
    query = (
        select(_Group.area, func.count()).where(_Group.state.in_(FORMING), _Group.area.in_(areas)).group_by(_Group.area)
    )
    return {row[0]: row[1] for row in (await session.execute(query)).all()}


async def held_areas(session: AsyncSession, areas: Collection[str]) -> frozenset[str]:
    """Which of these areas the centre has put on hold."""
    return frozenset(await session.scalars(select(_AreaHold.area).where(_AreaHold.area.in_(areas))))


async def waiting_in(session: AsyncSession, area: str) -> list[Waiting]:
    """Everybody who waits in an area, longest first."""
    query = (
        select(Waiting)
        .where(_Waiting.area == area, _Waiting.status == SignupStatus.WAITING)
        .order_by(_Waiting.signed_up_at, _Waiting.signup_id)
    )
    return list((await session.scalars(query)).all())


async def full_groups(session: AsyncSession, area: str) -> list[Group]:
    """The groups of an area that are on their way and have no chair left."""
    query = select(Group).where(_Group.area == area, _Group.state.in_(FORMING), _Group.live >= _Group.capacity)
    return list((await session.scalars(query.order_by(_Group.created_at, _Group.id))).all())


async def groups_of(
    session: AsyncSession, centres: Collection[str], states: Collection[GroupState]
) -> list[tuple[Group, int, datetime | None]]:
    """The groups of some centres, newest first: each with how many have said yes, and when the first offer lapses."""
    taken = func.count(_Seat.id).filter(_Seat.state == SeatState.TAKEN)
    soonest = func.min(_Seat.deadline).filter(_Seat.state == SeatState.OFFERED)
    query = (
        select(Group, taken, soonest)
        .outerjoin(Seat, _Seat.group_id == _Group.id)
        .where(_Group.centre.in_(centres), _Group.state.in_(states))
        .group_by(_Group.id)
        .order_by(_Group.created_at.desc(), _Group.id)
        .limit(MOST_GROUPS)
    )
    return [(group, count, deadline) for group, count, deadline in (await session.execute(query)).all()]


async def seat_and_group(session: AsyncSession, seat_id: UUID) -> tuple[Seat, Group] | None:
    """A seat with its group."""
    query = select(Seat, Group).join(Group, _Group.id == _Seat.group_id).where(_Seat.id == seat_id)
    row = (await session.execute(query)).first()
    return (row[0], row[1]) if row else None


async def actions_on(session: AsyncSession, group_id: UUID) -> list[StaffAction]:
    """What staff have done with a group, newest first."""
    query = select(StaffAction).where(_StaffAction.group_id == group_id).order_by(_StaffAction.id.desc())
    return list((await session.scalars(query)).all())


async def totals(session: AsyncSession) -> tuple[int, dict[str, int]]:
    """For the meters: how many wait, and how many groups there are in each state."""
    waiting = await session.scalar(select(func.count()).where(_Waiting.status == SignupStatus.WAITING))
    by_state = (await session.execute(select(_Group.state, func.count()).group_by(_Group.state))).all()
    return int(waiting or 0), {row[0]: row[1] for row in by_state}


async def actions_about(session: AsyncSession, signup_id: UUID) -> list[StaffAction]:
    """What staff have decided about one person, newest first."""
    query = select(StaffAction).where(_StaffAction.signup_id == signup_id).order_by(_StaffAction.id.desc())
    return list((await session.scalars(query)).all())


async def seat_of(session: AsyncSession, person_id: UUID) -> tuple[Seat, Group] | None:
    """The seat that somebody has or is offered, with its group."""
    query = (
        select(Seat, Group)
        .join(Group, _Group.id == _Seat.group_id)
        .where(_Seat.person_id == person_id, _Seat.state != SeatState.RELEASED)
    )
    row = (await session.execute(query)).first()
    return (row[0], row[1]) if row else None


async def people_of(session: AsyncSession, area: str) -> list[tuple[UUID, UUID]]:
    """The sign-ups of an area that wait or have a seat in a group that has not met, each with its person."""
    states = (SignupStatus.WAITING, SignupStatus.OFFERED, SignupStatus.SEATED)
    query = select(_Waiting.signup_id, _Waiting.person_id).where(_Waiting.area == area, _Waiting.status.in_(states))
    return [(one, person) for one, person in (await session.execute(query.order_by(_Waiting.signed_up_at))).all()]


async def waiting_by_kommune(session: AsyncSession, areas: Collection[str]) -> dict[str, tuple[int, datetime]]:
    """How many wait in each kommune of these areas, and since when the first of them."""
    query = (
        select(_Waiting.kommune, func.count(), func.min(_Waiting.signed_up_at))
        .where(_Waiting.status == SignupStatus.WAITING, _Waiting.area.in_(areas))
        .group_by(_Waiting.kommune)
    )
    return {kommune: (count, oldest) for kommune, count, oldest in (await session.execute(query)).all()}
