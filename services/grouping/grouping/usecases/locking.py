"""Lock areas and open a unit of work in them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.store.locks import lock_areas
from grouping.usecases.context import GroupingContext
from grouping.usecases.group_aggregate import GroupAggregate
from grouping.usecases.unit_of_work import UnitOfWork
from shared.errors import DomainError
from shared.kit.messaging.causes import Cause
from shared.reference.centres import Centre


@dataclass(frozen=True)
class By:
    """Who decides, when, and why."""

    username: str
    now: datetime
    cause: Cause


async def open_group(
    session: AsyncSession, office: GroupingContext, group_id: UUID, now: datetime, cause: Cause
) -> tuple[UnitOfWork, GroupAggregate]:
    """
    A group on the table, its area locked.

    Raises:
        DomainError: ``unknown_group``.
    """
    area_id = await store.groups.area_of(session, group_id)
    if area_id is None:
        raise DomainError("unknown_group", group_id=group_id)
    await lock_areas(session, [area_id])
    work = UnitOfWork(session, office, now, cause)
    return work, await work.load_group(group_id)


async def in_areas(session: AsyncSession, office: GroupingContext, areas: Collection[str], by: By) -> UnitOfWork:
    await lock_areas(session, areas)
    return UnitOfWork(session, office, by.now, by.cause)


async def in_centre(
    session: AsyncSession, office: GroupingContext, centre_id: str, by: By
) -> tuple[Centre, UnitOfWork]:
    centre = office.centres.get(centre_id)
    if centre is None:
        raise DomainError("unknown_centre", centre=centre_id)
    return centre, await in_areas(session, office, [area.id for area in centre.areas], by)


async def area_of(session: AsyncSession, group_id: UUID) -> str:
    found = await store.groups.area_of(session, group_id)
    if found is None:
        raise DomainError("unknown_group", group_id=group_id)
    return found
