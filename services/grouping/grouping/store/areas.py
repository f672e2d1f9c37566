"""Areas on hold."""

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from grouping.store.tables import AreaHold


async def is_on_hold(session: AsyncSession, area: str) -> bool:
    """Return True if only staff form groups in the area."""
    return bool(await session.scalar(select(exists().where(col(AreaHold.area) == area))))
