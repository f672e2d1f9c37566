"""Queries about the yearly figures."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.store.figure_tables import CountedGroup, CountedMeeting, SignupCount


async def count_signup(session: AsyncSession, centre: str, area: str, year: int, quarter: int) -> None:
    """Count one more sign-up."""
    row = insert(SignupCount).values(centre=centre, area=area, year=year, quarter=quarter, count=1)
    more = {"count": SignupCount.__table__.c.count + 1}  # type: ignore[attr-defined]
    await session.execute(row.on_conflict_do_update(index_elements=["centre", "area", "year", "quarter"], set_=more))


async def write_start(
    session: AsyncSession,
    group_id: UUID,
    centre: str,
    area: str,
    version: int,
    started_on: date | None,
    waited_days: Sequence[int],
) -> None:
    """Store a start, or that it was revoked, unless a newer event about it has come."""
    values = {"version": version, "started_on": started_on, "waited_days": list(waited_days)}
    row = insert(CountedGroup).values(group_id=group_id, centre=centre, area=area, **values)
    newer = col(CountedGroup.version) < version
    await session.execute(row.on_conflict_do_update(index_elements=["group_id"], set_=values, where=newer))


async def write_handover(session: AsyncSession, group_id: UUID, centre: str, area: str, on: date) -> None:
    """Store that a group was handed over."""
    row = insert(CountedGroup).values(group_id=group_id, centre=centre, area=area, version=0, handed_over_on=on)
    await session.execute(row.on_conflict_do_update(index_elements=["group_id"], set_={"handed_over_on": on}))


async def write_meeting(session: AsyncSession, kontaktmote_id: UUID, centre: str, held_on: date) -> None:
    """Store that a kontaktmøte was held; the first report decides on which day."""
    row = insert(CountedMeeting).values(kontaktmote_id=kontaktmote_id, centre=centre, held_on=held_on)
    await session.execute(row.on_conflict_do_nothing())


async def signup_counts(session: AsyncSession, centre: str) -> Sequence[SignupCount]:
    """Return the counts of sign-ups of a centre."""
    return (await session.scalars(sa.select(SignupCount).where(col(SignupCount.centre) == centre))).all()


async def groups(session: AsyncSession, centre: str) -> Sequence[CountedGroup]:
    """Return the groups of a centre that have started or were handed over."""
    happened = col(CountedGroup.started_on).is_not(None) | col(CountedGroup.handed_over_on).is_not(None)
    return (await session.scalars(sa.select(CountedGroup).where(col(CountedGroup.centre) == centre, happened))).all()


async def meetings(session: AsyncSession, centre: str) -> Sequence[CountedMeeting]:
    """Return the kontaktmøter of a centre that were held."""
    return (await session.scalars(sa.select(CountedMeeting).where(col(CountedMeeting.centre) == centre))).all()
