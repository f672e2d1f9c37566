"""Queries about what limits count, and about the networks that forms come from."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.store.limit_tables import CallerNetwork, LimitHit
from shared.kit.database.engine import Database

# The commit is not waited for: a crash of the database may forget the last moment of a limit, and nothing else.
_TAKE: Final = sa.text("""
    WITH own AS (
        SELECT hit_at FROM limit_hits
        WHERE limit_name = :name AND key_hash = ANY(:hashes) AND hit_at > :since
        ORDER BY hit_at DESC LIMIT :alike_figure
    ), state AS (
        SELECT count(*) AS hits,
               CAST(:near AS boolean) OR NOT EXISTS (
                   SELECT FROM caller_networks WHERE day >= :since_day AND key_hash <> ALL(:caller_hashes)
               ) AS alike
        FROM own
    ), allowed AS (
        SELECT alike, hits < CASE WHEN alike THEN :alike_figure ELSE :figure END AS free,
               CASE WHEN alike THEN :alike_figure ELSE :figure END AS figure
        FROM state
    ), hit AS (
        INSERT INTO limit_hits (limit_name, key_hash, hit_at)
        SELECT :name, :hash, :now FROM allowed WHERE free AND :counts
    ), caller AS (
        INSERT INTO caller_networks (day, key_hash, forms, near)
        SELECT :day, :caller_hash, 1, :near FROM allowed WHERE free AND :counts
        ON CONFLICT (day, key_hash) DO UPDATE SET forms = caller_networks.forms + 1
    )
    SELECT free, alike, (SELECT hit_at FROM own ORDER BY hit_at DESC OFFSET allowed.figure - 1 LIMIT 1) AS blocking_at,
           set_config('synchronous_commit', 'off', true)
    FROM allowed
""").bindparams(
    sa.bindparam("hashes", type_=sa.ARRAY(sa.LargeBinary)),
    sa.bindparam("hash", type_=sa.LargeBinary),
    sa.bindparam("caller_hash", type_=sa.LargeBinary),
    sa.bindparam("name", type_=sa.String),
    sa.bindparam("near", type_=sa.Boolean),
    sa.bindparam("counts", type_=sa.Boolean),
    sa.bindparam("caller_hashes", type_=sa.ARRAY(sa.LargeBinary)),
    sa.bindparam("day", type_=sa.Date),
    sa.bindparam("since_day", type_=sa.Date),
    sa.bindparam("figure", type_=sa.Integer),
    sa.bindparam("alike_figure", type_=sa.Integer),
    sa.bindparam("now", type_=sa.DateTime(timezone=True)),
    sa.bindparam("since", type_=sa.DateTime(timezone=True)),
)


@dataclass(frozen=True, slots=True)
class Taken:
    """
    The answer of a limit.

    Attributes:
        free: True if there was room.
        alike: True if no other network was seen today or yesterday, or the caller can only be a proxy.
        blocking_at: The oldest event that counts against the caller; None where there was room.
    """

    free: bool
    alike: bool
    blocking_at: datetime | None


async def take(database: Database, values: Mapping[str, object]) -> Taken:
    """Count one event of a network unless its limit is reached; ``counts`` False only looks."""
    row = await database.row_of(_TAKE, values)
    return Taken(row.free, row.alike, None if row.free else row.blocking_at)


async def add(session: AsyncSession, hits: Sequence[tuple[str, bytes, datetime]]) -> None:
    """Count events: limit, hash and time of each."""
    if hits:
        rows = [{"limit_name": name, "key_hash": key_hash, "hit_at": hit_at} for name, key_hash, hit_at in hits]
        await session.execute(sa.insert(LimitHit.__table__), rows)  # type: ignore[attr-defined]


async def count(session: AsyncSession, name: str, key_hashes: Collection[bytes], since: datetime) -> int:
    """Count the events of a key after ``since``; it has another hash each day."""
    query = sa.select(sa.func.count()).where(
        col(LimitHit.limit_name) == name,
        col(LimitHit.key_hash) == sa.any_(sa.literal(list(key_hashes), sa.ARRAY(sa.LargeBinary))),
        col(LimitHit.hit_at) > since,
    )
    return (await session.scalars(query)).one()


async def count_both(
    session: AsyncSession, name: str, key_hashes: Collection[bytes], later: datetime, since: datetime
) -> list[tuple[bytes, int, int]]:
    """Count the events of each hash after ``later``, and after the earlier ``since``."""
    if not key_hashes:
        return []
    hit_at = col(LimitHit.hit_at)
    query = (
        sa.select(col(LimitHit.key_hash), sa.func.count().filter(hit_at > later), sa.func.count())
        .where(
            col(LimitHit.limit_name) == name,
            col(LimitHit.key_hash) == sa.any_(sa.literal(list(key_hashes), sa.ARRAY(sa.LargeBinary))),
            hit_at > since,
        )
        .group_by(col(LimitHit.key_hash))
    )
    return [(each, few, all_) for each, few, all_ in (await session.execute(query)).all()]


async def delete_until(session: AsyncSession, name: str, moment: datetime) -> None:
    """Delete the events of a limit that count no longer."""
    await session.execute(sa.delete(LimitHit).where(col(LimitHit.limit_name) == name, col(LimitHit.hit_at) <= moment))


async def delete_networks_before(session: AsyncSession, day: date) -> None:
    """Delete the networks of earlier days."""
    await session.execute(sa.delete(CallerNetwork).where(col(CallerNetwork.day) < day))


async def networks(session: AsyncSession, since: date) -> list[tuple[int, int]]:
    """Return the number of networks, and of forms from them, of each day from ``since``."""
    query = (
        sa.select(sa.func.count(), sa.func.sum(col(CallerNetwork.forms)))
        .where(col(CallerNetwork.day) >= since)
        .group_by(col(CallerNetwork.day))
    )
    return [(number, forms) for number, forms in (await session.execute(query)).all()]
