"""Compare the cached matcher of an area with one rebuilt from the database."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain.matching.matcher import AreaMatcher, count_differences
from grouping.store.locks import lock_areas
from grouping.usecases.area_state import area_state
from grouping.usecases.context import GroupingContext
from grouping.usecases.matching import run_matching
from grouping.usecases.unit_of_work import UnitOfWork
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause

log = get_logger(__name__)


async def check_matcher(
    session: AsyncSession, office: GroupingContext, area_id: str, *, now: datetime, cause: Cause
) -> int:
    """
    Compare an area's board with one made anew from the table; where they differ the new one is used.

    Returns:
        In how many places they differed: cells, chairs and people. Anything but zero is a fault of ours.
    """
    await lock_areas(session, [area_id])
    work = UnitOfWork(session, office, now, cause)
    await run_matching(work, area_id)
    await work.stage()
    found = office.boards.out(session, area_id)
    count = count_differences(found, AreaMatcher(await area_state(session, office, area_id, now)))
    if count:
        office.boards.differed += count
        log.error("board_differs", area=area_id, count=count)
        office.boards.discard(session, area_id)
    return count
