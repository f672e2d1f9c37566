"""
Move rows from the parts of a wide area to the area itself.

Kommuner that are one area now had an area each, or an installation has joined areas of its own. Rows of that time are
moved once; an id of a part is understood everywhere until then.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.store.locks import lock_areas
from grouping.usecases.context import GroupingContext
from grouping.usecases.matching import rematch_area
from shared.kit.database.engine import Database
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause

log = get_logger(__name__)


async def areas_to_rehome(session: AsyncSession, context: GroupingContext) -> list[str]:
    """Return the areas whose rows still have the id of a part."""
    former_ids = context.centres.former_ids()
    in_use = await store.areas.in_use(session, former_ids)
    return sorted({former_ids[id_] for id_ in in_use})


async def rehome_area(database: Database, context: GroupingContext, area_id: str, now: datetime, cause: Cause) -> None:
    """
    Move the rows of an area's parts to the area, and match its people anew.

    Safe in several processes: the parts and the area are locked, and the second process finds nothing to move.
    """
    former_ids = {former for former, area in context.centres.former_ids().items() if area == area_id}
    async with database.transaction() as session:
        in_use = await store.areas.in_use(session, former_ids)
        await lock_areas(session, {*in_use, area_id})
        await store.areas.rehome(session, in_use, area_id)
    for former in in_use:
        context.matchers.evict(former)
    async with database.transaction() as session:
        await rematch_area(session, context, area_id, now=now, cause=cause)
    log.info("area_rehomed", area=area_id, count=len(in_use))
