"""
Queries about the names that people have given of those they must not meet, and the pairs that follow.

Lock in this order, or two transactions can deadlock: the buckets, then the name; people only if nobody deletes them.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.store.quiet_pair_tables import QuietName, QuietPair
from intake.store.tables import Person

COMPARED_AGAIN_AFTER: Final = timedelta(days=1)
"""Age of a comparison after which it is repeated: whatever one misses, as while a key is replaced, the next finds."""

_LOCK: Final = sa.text(
    "SELECT pg_advisory_xact_lock(hashtextextended('quiet:' || bucket, 0)) "
    "FROM unnest(CAST(:buckets AS int[])) WITH ORDINALITY AS buckets(bucket, number) ORDER BY number"
)


async def lock(session: AsyncSession, buckets: Collection[int]) -> None:
    """Let one transaction at a time compare what is in these buckets, until it ends."""
    await session.execute(_LOCK, {"buckets": sorted(buckets)})


async def count_names(session: AsyncSession, person_id: UUID) -> int:
    """Return the number of names that a person has given, emptied ones too."""
    query = sa.select(sa.func.count()).select_from(QuietName).where(col(QuietName.person_id) == person_id)
    return int(await session.scalar(query) or 0)


async def due(session: AsyncSession, now: datetime) -> Sequence[UUID]:
    """Return the names that are to be compared, or to end, or whose pairs are to be published."""
    compared_at, given = col(QuietName.compared_at), col(QuietName.sealed).is_not(None)
    untold = sa.select(col(QuietPair.name_id)).where(~col(QuietPair.is_told))
    is_due = sa.or_(
        sa.and_(given, sa.or_(compared_at.is_(None), compared_at <= now - COMPARED_AGAIN_AFTER)),
        col(QuietName.ends_at) <= now,
        col(QuietName.name_id).in_(untold),
    )
    return (await session.scalars(sa.select(col(QuietName.name_id)).where(is_due))).all()


async def get(session: AsyncSession, name_id: UUID) -> QuietName | None:
    """Return a name."""
    return await session.get(QuietName, name_id)


async def lock_name(session: AsyncSession, name_id: UUID) -> QuietName | None:
    """Return a name, locked so that nobody else ends it; a comparison can still refer to it."""
    query = sa.select(QuietName).where(col(QuietName.name_id) == name_id)
    return await session.scalar(query.with_for_update(key_share=True).execution_options(populate_existing=True))


async def names_in(session: AsyncSession, buckets: Collection[int]) -> Sequence[QuietName]:
    """Return the names in these buckets, so locked that the people who gave them cannot be erased meanwhile."""
    query = sa.select(QuietName).where(col(QuietName.bucket).in_(buckets)).order_by(col(QuietName.name_id))
    return (await session.scalars(query.with_for_update(read=True, key_share=True))).all()


async def people_in(
    session: AsyncSession, mailboxes: Collection[bytes], buckets: Collection[int]
) -> tuple[Sequence[Person], bool]:
    """
    Return the confirmed people with one of these mailboxes, or in one of these buckets of numbers.

    They cannot be erased meanwhile. The second value is False if somebody is left out whom another transaction deletes.
    """
    same = sa.or_(col(Person.mailbox_index).in_(mailboxes), col(Person.mobile_bucket).in_(buckets))
    query = sa.select(Person).where(same, col(Person.confirmed_at).is_not(None))
    count = await session.scalar(sa.select(sa.func.count()).select_from(query.subquery()))
    free = query.with_for_update(read=True, key_share=True, skip_locked=True)
    rows = (await session.scalars(free.execution_options(populate_existing=True))).all()
    return rows, len(rows) == count


async def add_pair(session: AsyncSession, name: QuietName, other_id: UUID) -> None:
    """Store a pair; idempotent."""
    row = insert(QuietPair).values(pair_id=uuid4(), name_id=name.name_id, other_id=other_id)
    await session.execute(row.on_conflict_do_nothing(constraint="quiet_pairs_once"))


async def pairs_of(session: AsyncSession, person_id: UUID, most: int) -> dict[UUID, UUID]:
    """Return pairs of a person, whoever gave the name, by id, each with the other person."""
    query = (
        sa.select(col(QuietPair.pair_id), col(QuietName.person_id), col(QuietPair.other_id))
        .join(QuietName, col(QuietName.name_id) == col(QuietPair.name_id))
        .where(sa.or_(col(QuietName.person_id) == person_id, col(QuietPair.other_id) == person_id))
        .order_by(col(QuietPair.pair_id))
        .limit(most)
    )
    rows = await session.execute(query)
    return {pair_id: other_id if giver_id == person_id else giver_id for pair_id, giver_id, other_id in rows}


async def tell(session: AsyncSession, name_id: UUID) -> list[QuietPair]:
    """Mark the pairs of a name as published, and return those that were not."""
    untold = sa.update(QuietPair).where(col(QuietPair.name_id) == name_id, ~col(QuietPair.is_told))
    rows = await session.scalars(untold.values(is_told=True).returning(QuietPair))
    return sorted(rows.all(), key=lambda pair: pair.pair_id)


async def take_back(session: AsyncSession, person_id: UUID, ends_at: datetime) -> None:
    """Let all names that a person has given end at a time, but for those that end already."""
    names = sa.update(QuietName).where(col(QuietName.person_id) == person_id, col(QuietName.ends_at).is_(None))
    await session.execute(names.values(ends_at=ends_at))


async def end(session: AsyncSession, name: QuietName) -> list[UUID]:
    """Empty a name, and return the ids of the pairs that end."""
    name.bucket = name.sealed = name.ends_at = None
    ended = sa.delete(QuietPair).where(col(QuietPair.name_id) == name.name_id).returning(col(QuietPair.pair_id))
    return sorted((await session.scalars(ended)).all())


async def forget(session: AsyncSession, person_id: UUID) -> None:
    """Delete the pairs of a person who was erased, and empty the names that others have given of them."""
    pairs = sa.delete(QuietPair).where(col(QuietPair.other_id) == person_id).returning(col(QuietPair.name_id))
    named = (await session.scalars(pairs)).all()
    names = sa.update(QuietName).where(col(QuietName.name_id).in_(named))
    await session.execute(names.values(bucket=None, sealed=None).execution_options(synchronize_session="fetch"))


async def compare_again(session: AsyncSession) -> None:
    """Let all names be compared once more."""
    await session.execute(sa.update(QuietName).where(col(QuietName.sealed).is_not(None)).values(compared_at=None))
