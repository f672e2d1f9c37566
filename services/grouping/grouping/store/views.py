"""Counts and lists for pages; nothing is changed or locked."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from grouping.domain.groups import FORMING, GroupState, SeatState
from grouping.domain.signups import SignupStatus
from grouping.store.meetings import IS_START_MEETING
from grouping.store.tables import AreaHold, Group, GroupStarter, Meeting, Seat, Signup

MOST_GROUPS = 200
"""Number of groups that a list shows at most; the newest."""


@dataclass(frozen=True, slots=True)
class AreaCount:
    """The number of waiting people in an area, and the time of the oldest sign-up among them."""

    waiting: int
    oldest: datetime


async def waiting_by_area(session: AsyncSession, areas: Collection[str]) -> dict[str, AreaCount]:
    """Count the waiting people by area; areas without any are missing."""
    query = (
        select(col(Signup.area), func.count(), func.min(col(Signup.signed_up_at)))
        .where(col(Signup.status) == SignupStatus.WAITING, col(Signup.area).in_(areas))
        .group_by(col(Signup.area))
    )
    rows = (await session.execute(query)).all()
    return {area: AreaCount(count, oldest) for area, count, oldest in rows if area is not None and oldest is not None}


async def waiting_by_slot(session: AsyncSession, areas: Collection[str]) -> dict[str, dict[str, int]]:
    """Count the waiting people by area and slot; a person with three slots counts three times."""
    slot = func.unnest(col(Signup.slots)).label("slot")
    wishes = (
        select(col(Signup.area).label("area"), slot)
        .where(col(Signup.status) == SignupStatus.WAITING, col(Signup.area).in_(areas))
        .subquery()
    )
    query = select(wishes.c.area, wishes.c.slot, func.count()).group_by(wishes.c.area, wishes.c.slot)
    by_area: dict[str, dict[str, int]] = {}
    for area, name, count in (await session.execute(query)).all():
        by_area.setdefault(area, {})[name] = count
    return by_area


async def forming_by_area(session: AsyncSession, areas: Collection[str]) -> dict[str, int]:
    """Count the forming groups by area."""
    query = (
        select(col(Group.area), func.count())
        .where(col(Group.state).in_(FORMING), col(Group.area).in_(areas))
        .group_by(col(Group.area))
    )
    return {row[0]: row[1] for row in (await session.execute(query)).all()}


async def areas_on_hold(session: AsyncSession, areas: Collection[str]) -> frozenset[str]:
    """Return those of these areas that are on hold."""
    return frozenset(await session.scalars(select(col(AreaHold.area)).where(col(AreaHold.area).in_(areas))))


async def waiting_in(session: AsyncSession, area: str) -> list[Signup]:
    """Return the waiting sign-ups of an area, longest first."""
    query = (
        select(Signup)
        .where(col(Signup.area) == area, col(Signup.status) == SignupStatus.WAITING)
        .order_by(col(Signup.signed_up_at), col(Signup.signup_id))
    )
    return list((await session.scalars(query)).all())


async def full_groups(session: AsyncSession, area: str) -> list[Group]:
    """Return the forming groups of an area without free seats."""
    query = select(Group).where(
        col(Group.area) == area, col(Group.state).in_(FORMING), col(Group.live) >= col(Group.capacity)
    )
    return list((await session.scalars(query.order_by(col(Group.created_at), col(Group.id)))).all())


class GroupFacts(NamedTuple):
    """
    A group in a list.

    Attributes:
        taken: Number of taken seats.
        deadline: The first deadline of an unanswered offer.
        starters: Number of igangsettere.
    """

    group: Group
    start_meeting: Meeting | None
    taken: int
    deadline: datetime | None
    starters: int


async def groups_of(
    session: AsyncSession, centres: Collection[str], states: Collection[GroupState]
) -> list[GroupFacts]:
    """Return groups, newest first, with the facts of a list."""
    starters = (
        select(func.count()).where(col(GroupStarter.group_id) == col(Group.id)).correlate(Group).scalar_subquery()
    )
    taken = func.count(col(Seat.id)).filter(col(Seat.state) == SeatState.TAKEN)
    soonest = func.min(col(Seat.deadline)).filter(col(Seat.state) == SeatState.OFFERED)
    query = (
        select(Group, Meeting, taken, soonest, starters)
        .select_from(Group)
        .outerjoin(Meeting, IS_START_MEETING)
        .outerjoin(Seat, col(Seat.group_id) == col(Group.id))
        .where(col(Group.centre).in_(centres), col(Group.state).in_(states))
        .group_by(col(Group.id), col(Meeting.id))
        .order_by(col(Group.created_at).desc(), col(Group.id))
        .limit(MOST_GROUPS)
    )
    return [GroupFacts(*row) for row in (await session.execute(query)).all()]


async def seat_and_group(session: AsyncSession, seat_id: UUID) -> tuple[Seat, Group, Meeting | None] | None:
    """Return a seat with its group and the group's start meeting."""
    query = (
        select(Seat, Group, Meeting)
        .select_from(Seat)
        .join(Group, col(Group.id) == col(Seat.group_id))
        .outerjoin(Meeting, IS_START_MEETING)
        .where(col(Seat.id) == seat_id)
    )
    row = (await session.execute(query)).first()
    return (row[0], row[1], row[2]) if row else None


async def totals(session: AsyncSession) -> tuple[int, dict[str, int]]:
    """Count the waiting people, and the groups by state, for the metrics."""
    waiting = await session.scalar(select(func.count()).where(col(Signup.status) == SignupStatus.WAITING))
    by_state = (await session.execute(select(col(Group.state), func.count()).group_by(col(Group.state)))).all()
    return int(waiting or 0), {row[0]: row[1] for row in by_state}


async def seat_of(session: AsyncSession, person_id: UUID) -> tuple[Seat, Group, Meeting | None] | None:
    """Return the live seat of a person, with its group and the group's start meeting."""
    query = (
        select(Seat, Group, Meeting)
        .select_from(Seat)
        .join(Group, col(Group.id) == col(Seat.group_id))
        .outerjoin(Meeting, IS_START_MEETING)
        .where(col(Seat.person_id) == person_id, col(Seat.state) != SeatState.RELEASED)
    )
    row = (await session.execute(query)).first()
    return (row[0], row[1], row[2]) if row else None


async def people_of(session: AsyncSession, area: str) -> list[tuple[UUID, UUID]]:
    """Return the sign-ups of an area, with their persons, that wait or have a seat in a forming group."""
    states = (SignupStatus.WAITING, SignupStatus.OFFERED, SignupStatus.SEATED)
    query = select(col(Signup.signup_id), col(Signup.person_id)).where(
        col(Signup.area) == area, col(Signup.status).in_(states)
    )
    return [
        (signup_id, person_id)
        for signup_id, person_id in (await session.execute(query.order_by(col(Signup.signed_up_at)))).all()
    ]


async def waiting_by_kommune(session: AsyncSession, areas: Collection[str]) -> dict[str, tuple[int, datetime]]:
    """Count the waiting people of these areas by kommune, with the time of the oldest sign-up."""
    query = (
        select(col(Signup.kommune), func.count(), func.min(col(Signup.signed_up_at)))
        .where(col(Signup.status) == SignupStatus.WAITING, col(Signup.area).in_(areas))
        .group_by(col(Signup.kommune))
    )
    rows = (await session.execute(query)).all()
    return {kommune: (count, oldest) for kommune, count, oldest in rows if kommune is not None and oldest is not None}
