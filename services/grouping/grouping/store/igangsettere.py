"""Igangsettere, and the groups that they start."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import and_, bindparam, delete, exists, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from grouping.domain.groups import FORMING, GroupState
from grouping.domain.life.model import LifeState
from grouping.store.life_tables import Life
from grouping.store.meetings import IS_SCHEDULED, IS_START_MEETING
from grouping.store.rooms import Booking
from grouping.store.starter_tables import GroupStarter, Igangsetter
from grouping.store.tables import Group, Meeting

IS_FORMING = col(Group.state).in_([literal_column(f"'{state}'") for state in sorted(FORMING)])

_START_MEETING_AT = select(col(Meeting.starts_at)).where(IS_START_MEETING).correlate(Group).scalar_subquery()
_IS_BUSY = or_(
    IS_FORMING,
    and_(
        col(Group.state) == literal_column(f"'{GroupState.STARTED}'"),
        _START_MEETING_AT + col(GroupStarter.weeks) * literal_column("interval '7 days'")
        > bindparam("now", type_=sa.DateTime(timezone=True)),
    ),
)
"""True for a group that keeps its igangsettere busy; the trigger ``group_starters_counted`` has the same condition."""


@dataclass(frozen=True, slots=True)
class Workload:
    """
    An igangsetter with the groups that keep them busy.

    Attributes:
        groups: Number of these groups.
        slots: The slots in which these groups meet.
    """

    igangsetter: Igangsetter
    groups: int
    slots: frozenset[str]

    @property
    def free(self) -> int:
        """Number of further groups that the igangsetter can start; 0 while paused."""
        return max(0, self.igangsetter.groups_at_once - self.groups) if self.igangsetter.active else 0


BUSY_SLOTS = (
    select(func.array_agg(col(Group.slot)))
    .join(GroupStarter, col(GroupStarter.group_id) == col(Group.id))
    .where(col(GroupStarter.igangsetter_id) == col(Igangsetter.id), _IS_BUSY)
    .scalar_subquery()
)
"""The slots of an igangsetter's groups, as an array; null for none."""

_OF_CENTRES = (
    select(Igangsetter, BUSY_SLOTS)
    .where(col(Igangsetter.centre).in_(bindparam("centres", expanding=True)))
    .order_by(col(Igangsetter.centre), col(Igangsetter.label), col(Igangsetter.id))
    .execution_options(populate_existing=True)
)


async def get(session: AsyncSession, igangsetter_id: UUID) -> Igangsetter | None:
    """Return an igangsetter as they are in the database now."""
    return await session.get(Igangsetter, igangsetter_id, populate_existing=True)


async def of_centres(session: AsyncSession, centres: Collection[str], now: datetime) -> list[Workload]:
    """Return all igangsettere of these centres by label, paused ones too."""
    rows = (await session.execute(_OF_CENTRES, {"centres": list(centres), "now": now})).all()
    return [Workload(igangsetter, len(slots or ()), frozenset(slots or ())) for igangsetter, slots in rows]


async def of_group(session: AsyncSession, group_id: UUID) -> list[Igangsetter]:
    """Return the igangsettere of a group, by label."""
    query = (
        select(Igangsetter)
        .join(GroupStarter, col(GroupStarter.igangsetter_id) == col(Igangsetter.id))
        .where(col(GroupStarter.group_id) == group_id)
        .order_by(col(Igangsetter.label), col(Igangsetter.id))
    )
    return list((await session.scalars(query)).all())


async def meetings_elsewhere(session: AsyncSession, group_id: UUID, now: datetime) -> list[Booking]:
    """Return the scheduled meetings of other groups of this group's igangsettere that are not over."""
    own = select(col(GroupStarter.igangsetter_id)).where(col(GroupStarter.group_id) == group_id)
    query = (
        select(col(Meeting.group_id), col(Meeting.starts_at), col(Meeting.ends_at))
        .join(GroupStarter, col(GroupStarter.group_id) == col(Meeting.group_id))
        .where(
            col(GroupStarter.igangsetter_id).in_(own),
            col(Meeting.group_id) != group_id,
            IS_SCHEDULED,
            col(Meeting.ends_at) > now,
        )
    )
    return [Booking(row.group_id, row.starts_at, row.ends_at) for row in await session.execute(query)]


async def ahead(
    session: AsyncSession, igangsetter_ids: Collection[UUID], now: datetime
) -> list[tuple[UUID, Group, Meeting | None]]:
    """
    Return the meetings that igangsettere have ahead, by time; then their groups on the way that have no date.

    A started group counts while it meets with its igangsetter.
    """
    is_ahead = and_(col(Meeting.group_id) == col(Group.id), IS_SCHEDULED, col(Meeting.ends_at) > now)
    query = (
        select(col(GroupStarter.igangsetter_id), Group, Meeting)
        .join(Group, col(Group.id) == col(GroupStarter.group_id))
        .outerjoin(Life, col(Life.group_id) == col(Group.id))
        .outerjoin(Meeting, is_ahead)
        .where(
            col(GroupStarter.igangsetter_id).in_(list(igangsetter_ids)),
            or_(IS_FORMING, and_(col(Life.state) == LifeState.ACCOMPANIED.value, col(Meeting.id).is_not(None))),
        )
        .order_by(col(Meeting.starts_at).asc().nulls_last(), col(Group.created_at), col(Group.id))
    )
    return [(igangsetter_id, group, meeting) for igangsetter_id, group, meeting in await session.execute(query)]


async def is_busy(session: AsyncSession, igangsetter_id: UUID, now: datetime) -> bool:
    """Return True if any group keeps the igangsetter busy now."""
    query = exists().where(
        col(GroupStarter.igangsetter_id) == igangsetter_id, col(Group.id) == col(GroupStarter.group_id), _IS_BUSY
    )
    return bool(await session.scalar(select(query), {"now": now}))


async def forming_groups(session: AsyncSession, centre: str) -> list[tuple[Group, int]]:
    """Return the groups of a centre that have not started, each with the number of its igangsettere, oldest first."""
    chosen = select(func.count()).where(col(GroupStarter.group_id) == col(Group.id)).correlate(Group).scalar_subquery()
    query = (
        select(Group, chosen)
        .where(col(Group.centre) == centre, IS_FORMING)
        .order_by(col(Group.created_at), col(Group.id))
    )
    return [(group, number) for group, number in await session.execute(query)]


async def assign(session: AsyncSession, rows: Sequence[GroupStarter]) -> None:
    """Insert these assignments; those that exist stay as they are."""
    if rows:
        values = [row.model_dump() for row in rows]
        await session.execute(insert(GroupStarter).values(values).on_conflict_do_nothing())


async def unassign(session: AsyncSession, group_id: UUID, igangsetter_ids: Collection[UUID]) -> None:
    """Remove these igangsettere from a group."""
    if igangsetter_ids:
        await session.execute(
            delete(GroupStarter).where(
                col(GroupStarter.group_id) == group_id, col(GroupStarter.igangsetter_id).in_(igangsetter_ids)
            )
        )
