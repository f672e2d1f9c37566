"""The mails that the mail server still takes in this hour, shared by all mailers."""

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notify.store import locks
from notify.store.allowance_tables import SentMinute

WINDOW: Final = timedelta(minutes=60)
_MINUTE: Final = timedelta(minutes=1)
_LOCK: Final = "mail allowance"


async def take(session: AsyncSession, per_hour: int, most: int, now: datetime) -> int:
    """
    Take up to ``most`` mails of the allowance, and return their number.

    In no hour, whenever it begins, are there more than ``per_hour``.
    """
    await locks.hold(session, _LOCK)
    await session.execute(sa.delete(SentMinute).where(col(SentMinute.minute) <= _minute(now) - WINDOW - _MINUTE))
    used = (await session.execute(sa.select(sa.func.coalesce(sa.func.sum(col(SentMinute.count)), 0)))).scalar_one()
    taken = max(0, min(most, per_hour - int(used)))
    if taken:
        row = insert(SentMinute).values(minute=_minute(now), count=taken)
        more = {"count": col(SentMinute.count) + row.excluded.count}
        await session.execute(row.on_conflict_do_update(index_elements=["minute"], set_=more))
    return taken


async def give_back(session: AsyncSession, count: int, now: datetime) -> None:
    """Give back what was taken for mails that did not leave, from this minute on backwards."""
    await locks.hold(session, _LOCK)
    query = sa.select(SentMinute).where(col(SentMinute.minute) <= now).order_by(col(SentMinute.minute).desc())
    for row in (await session.execute(query.with_for_update())).scalars():
        returned = min(count, row.count)
        row.count -= returned
        count -= returned
        if not count:
            return


def _minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0)
