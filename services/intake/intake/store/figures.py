"""Queries about the yearly figures."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.domain.figures import quarter_of
from intake.store.figure_tables import CountedGroup, CountedMeeting, SignupCount, WaitCount


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
    *,
    open_since: date,
) -> None:
    """Store a start, or that it was revoked, unless a newer event about it has come, or its quarter is not open."""
    waits = {"waited_days": list(waited_days), "told_waits": bool(waited_days)}
    values = {"version": version, "started_on": started_on, **waits}
    row = insert(CountedGroup).values(group_id=group_id, centre=centre, area=area, **values)
    newer = col(CountedGroup.version) < version
    changeable = sa.func.coalesce(col(CountedGroup.started_on) >= open_since, sa.true())
    await session.execute(row.on_conflict_do_update(index_elements=["group_id"], set_=values, where=newer & changeable))


async def write_handover(session: AsyncSession, group_id: UUID, centre: str, area: str, on: date) -> None:
    """Store that a group was handed over; the first report decides on which day."""
    row = insert(CountedGroup).values(group_id=group_id, centre=centre, area=area, version=0, handed_over_on=on)
    first = col(CountedGroup.handed_over_on).is_(None)
    change = row.on_conflict_do_update(index_elements=["group_id"], set_={"handed_over_on": on}, where=first)
    await session.execute(change)


async def write_meeting(session: AsyncSession, kontaktmote_id: UUID, centre: str, held_on: date) -> None:
    """Store that a kontaktmøte was held; the first report decides on which day."""
    row = insert(CountedMeeting).values(kontaktmote_id=kontaktmote_id, centre=centre, held_on=held_on)
    await session.execute(row.on_conflict_do_nothing())


async def fold_waits(session: AsyncSession, before: date) -> None:
    """Move the waits of groups that started in a quarter before this day into counts."""
    due = sa.select(CountedGroup).where(col(CountedGroup.started_on) < before, col(CountedGroup.waited_days) != [])
    counts: Counter[tuple[str, str, int, int, int]] = Counter()
    for group in (await session.scalars(due.with_for_update())).all():
        if on := group.started_on:
            counts.update((group.centre, group.area, on.year, quarter_of(on), days) for days in group.waited_days)
            group.waited_days = []
    if not counts:
        return
    keys = ("centre", "area", "year", "quarter", "days")
    row = insert(WaitCount).values([dict(zip(keys, key, strict=True), count=counts[key]) for key in sorted(counts)])
    more = {"count": WaitCount.__table__.c.count + row.excluded["count"]}  # type: ignore[attr-defined]
    await session.execute(row.on_conflict_do_update(index_elements=keys, set_=more))


async def wait_counts(session: AsyncSession, centre: str) -> Sequence[WaitCount]:
    """Return the waits of a centre that belong to no group any more."""
    return (await session.scalars(sa.select(WaitCount).where(col(WaitCount.centre) == centre))).all()


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
