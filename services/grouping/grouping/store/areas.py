"""Areas on hold, and rows that have the id of a part in the place of their area's."""

from collections.abc import Collection

from sqlalchemy import exists, func, select, union, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from grouping.store.room_tables import Room
from grouping.store.tables import AreaHold, Exclusion, Group, Signup


async def is_on_hold(session: AsyncSession, areas: Collection[str]) -> bool:
    """Return True if only staff form groups in one of these areas or parts of areas."""
    return bool(await session.scalar(select(exists().where(col(AreaHold.area).in_(areas)))))


async def in_use(session: AsyncSession, area_ids: Collection[str]) -> list[str]:
    """Return those of these ids that are the area of a sign-up, a group, a room or an exclusion."""
    tables = (Signup, Group, Room, Exclusion)
    queries = [select(col(table.area)).where(col(table.area).in_(area_ids)) for table in tables]
    return sorted(area for area in await session.scalars(union(*queries)) if area is not None)


async def rehome(session: AsyncSession, part_ids: Collection[str], area_id: str) -> None:
    """Make an area the area of all rows of these parts; groups keep the id of their part beside it. Lock them first."""
    parts = list(part_ids)
    await session.execute(update(Signup).where(col(Signup.area).in_(parts)).values(area=area_id))
    await session.execute(
        update(Group)
        .where(col(Group.area).in_(parts))
        .values(area=area_id, part=func.coalesce(col(Group.part), col(Group.area)))
    )
    await session.execute(update(Room).where(col(Room.area).in_(parts)).values(area=area_id))
    await session.execute(update(Exclusion).where(col(Exclusion.area).in_(parts)).values(area=area_id))
