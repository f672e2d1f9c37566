"""Pairs of people who are never put in one group."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from grouping.store import quiet_pairs
from grouping.store.tables import Exclusion


async def add(session: AsyncSession, pair: Collection[UUID], area: str, now: datetime) -> None:
    """Never put these two people in one group, by a decision of staff."""
    one, other = sorted(pair)
    statement = insert(Exclusion).values(one=one, other=other, area=area, at=now, until_placed=False)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["one", "other"], set_={"until_placed": False})
    )


async def keep_apart(session: AsyncSession, pair: Collection[UUID], area: str, now: datetime) -> None:
    """Do not put two people of a dissolved group in one group again until one of them is in another."""
    one, other = sorted(pair)
    statement = insert(Exclusion).values(one=one, other=other, area=area, at=now, until_placed=True)
    await session.execute(statement.on_conflict_do_nothing())


async def end_of(session: AsyncSession, people: Collection[UUID]) -> None:
    """Delete the pairs of dissolved groups that these people are in: they are in a group again, or do not wait."""
    wanted = list(people)
    await session.execute(
        delete(Exclusion).where(
            col(Exclusion.until_placed), or_(col(Exclusion.one).in_(wanted), col(Exclusion.other).in_(wanted))
        )
    )


async def remove(session: AsyncSession, pair: Collection[UUID]) -> None:
    """Let these two people be in one group again."""
    one, other = sorted(pair)
    await session.execute(delete(Exclusion).where(col(Exclusion.one) == one, col(Exclusion.other) == other))


async def of_person(session: AsyncSession, person_id: UUID, *, by_staff: bool = False) -> list[UUID]:
    """Return the people who are not put in one group with this person; or only those whom staff keep apart."""
    query = select(col(Exclusion.one), col(Exclusion.other)).where(
        or_(col(Exclusion.one) == person_id, col(Exclusion.other) == person_id)
    )
    if by_staff:
        query = query.where(~col(Exclusion.until_placed))
    rows = (await session.execute(query)).all()
    found = {other if one == person_id else one for one, other in rows}
    return sorted(found if by_staff else found | await quiet_pairs.of_person(session, person_id))
