"""Pairs of people who are never put in one group, by a wish that nobody may read."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from grouping.store.tables import ErasedId, QuietPair
from shared.events import signups


async def add(session: AsyncSession, pair_id: UUID, people: Iterable[UUID]) -> bool:
    """Store a pair; return False if it is known, or one of the two is erased. One that has ended stays ended."""
    one, other = sorted(people)
    if (await session.execute(select(col(ErasedId.id)).where(col(ErasedId.id).in_([one, other])))).first():
        return False
    row = insert(QuietPair).values(pair_id=pair_id, one=one, other=other).on_conflict_do_nothing()
    return (await session.execute(row.returning(col(QuietPair.pair_id)))).first() is not None


async def add_of(session: AsyncSession, events: Iterable[signups.Wishes]) -> list[tuple[UUID, UUID]]:
    """Store the pairs that arrivals bring along, and return the people of those that are new."""
    told = [(event.person_id, pair) for event in events for pair in event.quiet_pairs]
    return [
        (person_id, pair.person_id)
        for person_id, pair in told
        if await add(session, pair.pair_id, (person_id, pair.person_id))
    ]


async def people_in(session: AsyncSession, pair_id: UUID) -> tuple[UUID, ...]:
    """Return the two people of a pair; nobody if it has ended or is not known."""
    row = await session.get(QuietPair, pair_id, populate_existing=True)
    return () if row is None or row.one is None or row.other is None else (row.one, row.other)


async def end(session: AsyncSession, pair_id: UUID, now: datetime) -> None:
    """End a pair for good, also one that is still to come."""
    row = insert(QuietPair).values(pair_id=pair_id, ended_at=now)
    nobody = {"one": None, "other": None, "ended_at": now}
    await session.execute(row.on_conflict_do_update(index_elements=["pair_id"], set_=nobody))


async def of_person(session: AsyncSession, person_id: UUID) -> set[UUID]:
    """Return the people with whom a person is never put in one group."""
    one, other = col(QuietPair.one), col(QuietPair.other)
    rows = (await session.execute(select(one, other).where(or_(one == person_id, other == person_id)))).all()
    return {each for row in rows for each in row if each is not None} - {person_id}


async def delete_person(session: AsyncSession, person_id: UUID) -> None:
    """Delete the pairs of a person who is erased."""
    is_theirs = or_(col(QuietPair.one) == person_id, col(QuietPair.other) == person_id)
    await session.execute(delete(QuietPair).where(is_theirs))
