"""Lock areas and begin a unit of work in them."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.store.locks import lock_areas
from grouping.usecases.context import GroupingContext
from grouping.usecases.group_aggregate import GroupAggregate
from grouping.usecases.unit_of_work import UnitOfWork
from shared.errors import NotFoundError
from shared.kit.messaging.causes import Cause


async def begin(
    session: AsyncSession, context: GroupingContext, areas: Collection[str], now: datetime, cause: Cause
) -> UnitOfWork:
    """Lock areas and return a unit of work for them."""
    await lock_areas(session, areas)
    return UnitOfWork(session, context, now, cause)


async def begin_with_group(
    session: AsyncSession, context: GroupingContext, group_id: UUID, now: datetime, cause: Cause
) -> tuple[UnitOfWork, GroupAggregate]:
    """
    Lock the area of a group and return a unit of work with the group loaded.

    Raises:
        NotFoundError: ``unknown_group``.
    """
    uow = await begin(session, context, [await area_of_group(session, group_id)], now, cause)
    return uow, await uow.load_group(group_id)


async def area_of_group(session: AsyncSession, group_id: UUID) -> str:
    """
    Return the area of a group; it never changes, so it can be read before the area is locked.

    Raises:
        NotFoundError: ``unknown_group``.
    """
    area_id = await store.groups.area_of(session, group_id)
    if area_id is None:
        raise NotFoundError("unknown_group", group_id=group_id)
    return area_id
