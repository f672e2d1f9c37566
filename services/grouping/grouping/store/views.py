"""Counts and lists for pages; nothing is changed or locked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from grouping.domain.groups import FORMING, GroupState, SeatState
from grouping.domain.life.model import ONGOING
from grouping.domain.signups import SignupStatus
from grouping.store.life_tables import Life
from grouping.store.meetings import IS_START_MEETING
from grouping.store.starter_tables import GroupStarter
from grouping.store.tables import AreaHold, Group, Meeting, Seat, Signup


@dataclass(frozen=True, slots=True)
class WaitingCount:
    """The number of waiting people from one kommune in an area, and the time of the oldest sign-up among them."""

    area: str
    kommune: str
    waiting: int
    oldest: datetime


async def waiting_by_kommune(session: AsyncSession, areas: Collection[str]) -> list[WaitingCount]:
    """Count the waiting people of these areas by kommune."""
    query = (
        select(col(Signup.area), col(Signup.kommune), func.count(), func.min(col(Signup.signed_up_at)))
        .where(col(Signup.status) == SignupStatus.WAITING, col(Signup.area).in_(areas))
        .group_by(col(Signup.area), col(Signup.kommune))
    )
    rows = (await session.execute(query)).all()
    return [
        WaitingCount(area, kommune, count, oldest)
        for area, kommune, count, oldest in rows
        if area is not None and kommune is not None and oldest is not None
    ]


async def waiting_by_slot(session: AsyncSession, areas: Collection[str]) -> list[tuple[str, str, str, int]]:
    """Count the waiting people by area, kommune and slot; a person with three slots counts three times."""
    slot = func.unnest(col(Signup.slots)).label("slot")
    wishes = (
        select(col(Signup.area).label("area"), col(Signup.kommune).label("kommune"), slot)
        .where(col(Signup.status) == SignupStatus.WAITING, col(Signup.area).in_(areas))
        .subquery()
    )
    columns = wishes.c.area, wishes.c.kommune, wishes.c.slot
    return [tuple(row) for row in (await session.execute(select(*columns, func.count()).group_by(*columns))).all()]


async def forming_by_area(session: AsyncSession, areas: Collection[str]) -> dict[str, int]:
    """Count the forming groups by area, or by part of a wide area."""
    known_area = func.coalesce(col(Group.part), col(Group.area)).label("known_area")
    query = (
        select(known_area, func.count())
        .where(col(Group.state).in_(FORMING), col(Group.area).in_(areas))
        .group_by(known_area)
    )
    return {row[0]: row[1] for row in (await session.execute(query)).all()}


async def holds(session: AsyncSession, centres: Collection[str]) -> frozenset[str]:
    """Return the areas and parts of areas of these centres that are on hold."""
    return frozenset(await session.scalars(select(col(AreaHold.area)).where(col(AreaHold.centre).in_(centres))))


async def waiting_in(session: AsyncSession, area: str, kommuner: Collection[str] | None = None) -> list[Signup]:
    """Return the waiting sign-ups of an area, from some kommuner or all, longest first."""
    query = (
        select(Signup)
        .where(col(Signup.area) == area, col(Signup.status) == SignupStatus.WAITING)
        .order_by(col(Signup.signed_up_at), col(Signup.signup_id))
    )
    if kommuner is not None:
        query = query.where(col(Signup.kommune).in_(kommuner))
    return list((await session.scalars(query)).all())


async def waiting_for_slot(session: AsyncSession, area: str, slot: str) -> list[Signup]:
    """Return the waiting sign-ups of an area that can meet in a slot, longest first."""
    query = select(Signup).where(
        col(Signup.area) == area,
        col(Signup.status) == SignupStatus.WAITING,
        col(Signup.slots).contains([slot]) | col(Signup.slots_if_needed).contains([slot]),
    )
    return list((await session.scalars(query.order_by(col(Signup.signed_up_at), col(Signup.signup_id)))).all())


async def full_groups(session: AsyncSession, area: str, part: str | None = None) -> list[Group]:
    """Return the forming groups without free seats of an area, or of one part."""
    query = select(Group).where(
        col(Group.area) == area, col(Group.state).in_(FORMING), col(Group.live) >= col(Group.capacity)
    )
    if part is not None:
        query = query.where(col(Group.part) == part)
    return list((await session.scalars(query.order_by(col(Group.created_at), col(Group.slot), col(Group.id)))).all())


async def newest_groups(session: AsyncSession, area: str, part: str | None, limit: int) -> list[Group]:
    """Return the groups of an area, or of one part, that were formed last, the newest first."""
    query = select(Group).where(col(Group.area) == area)
    if part is not None:
        query = query.where(col(Group.part) == part)
    newest_first = (col(Group.created_at).desc(), col(Group.slot), col(Group.id))
    return list((await session.scalars(query.order_by(*newest_first).limit(limit))).all())


class GroupFacts(NamedTuple):
    """
    A group in a list.

    Attributes:
        taken: Number of taken seats.
        deadline: The first deadline of an unanswered offer.
        starters: Number of igangsettere.
        life_state: The state of its life after the start; None before it.
    """

    group: Group
    start_meeting: Meeting | None
    taken: int
    deadline: datetime | None
    starters: int
    life_state: str | None


async def groups_of(
    session: AsyncSession,
    centres: Collection[str],
    states: Collection[GroupState],
    *,
    over: bool | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[GroupFacts]:
    """
    Return groups, newest first, with the facts of a list.

    Args:
        session: The transaction.
        centres: Their centres.
        states: Their states.
        over: True for those whose life after the start has ended, False for the others, None for all.
        limit: The most of them; by default all, as whoever looks for something in them needs.
        offset: How many newer ones are left out.
    """
    ended_life = func.coalesce(col(Life.state).not_in(list(ONGOING)), sa.false())
    ended = [] if over is None else [ended_life if over else ~ended_life]
    starters = (
        select(func.count()).where(col(GroupStarter.group_id) == col(Group.id)).correlate(Group).scalar_subquery()
    )
    taken = func.count(col(Seat.id)).filter(col(Seat.state) == SeatState.TAKEN)
    soonest = func.min(col(Seat.deadline)).filter(col(Seat.state) == SeatState.OFFERED)
    query = (
        select(Group, Meeting, taken, soonest, starters, col(Life.state))
        .select_from(Group)
        .outerjoin(Meeting, IS_START_MEETING)
        .outerjoin(Seat, col(Seat.group_id) == col(Group.id))
        .outerjoin(Life, col(Life.group_id) == col(Group.id))
        .where(col(Group.centre).in_(centres), col(Group.state).in_(states), *ended)
        .group_by(col(Group.id), col(Meeting.id), col(Life.state))
        .order_by(col(Group.created_at).desc(), col(Group.slot), col(Group.id))
        .limit(limit)
        .offset(offset)
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


async def days_waited(session: AsyncSession, parts: Sequence[float], now: datetime) -> list[int]:
    """Return the whole days within which these parts of the waiting people have waited."""
    since = func.extract("epoch", sa.cast(now, sa.DateTime(timezone=True)) - col(Signup.signed_up_at)) / 86400
    columns = [func.percentile_cont(part).within_group(since) for part in parts]
    row = (await session.execute(select(*columns).where(col(Signup.status) == SignupStatus.WAITING))).one()
    return [int(days or 0) for days in row]


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


_SHOWN = (SignupStatus.WAITING, SignupStatus.OFFERED, SignupStatus.SEATED)
"""States of the sign-ups that the pages of an area show."""


class SignupRef(NamedTuple):
    """A sign-up, its person, and when it was made; the number tells apart those of the same minute."""

    signup_id: UUID
    person_id: UUID
    signed_up_at: datetime | None
    number: int = 1


async def signup_numbers(session: AsyncSession, area: str) -> dict[UUID, int]:
    """Return the number of each sign-up on the pages of an area that was made in the same minute as an older one."""
    minute = func.date_trunc("minute", col(Signup.signed_up_at))
    number = (
        func.row_number()
        .over(partition_by=minute, order_by=(col(Signup.signed_up_at), col(Signup.signup_id)))
        .label("number")
    )
    ranked = (
        select(col(Signup.signup_id), number).where(col(Signup.area) == area, col(Signup.status).in_(_SHOWN)).subquery()
    )
    rows = await session.execute(select(ranked).where(ranked.c.number > 1))
    return {row[0]: row[1] for row in rows}


async def people_of(session: AsyncSession, area: str, kommuner: Collection[str] | None = None) -> list[SignupRef]:
    """
    Return the sign-ups of an area that wait or have a seat in a forming group, the first to sign up first.

    Args:
        session: The transaction.
        area: The area.
        kommuner: Only people from these; None for all.
    """
    query = select(col(Signup.signup_id), col(Signup.person_id), col(Signup.signed_up_at)).where(
        col(Signup.area) == area, col(Signup.status).in_(_SHOWN)
    )
    if kommuner is not None:
        query = query.where(col(Signup.kommune).in_(kommuner))
    rows = (await session.execute(query.order_by(col(Signup.signed_up_at), col(Signup.signup_id)))).all()
    numbers = await signup_numbers(session, area)
    return [SignupRef(*row, numbers.get(row[0], 1)) for row in rows]
