"""Compare the cached matcher of an area with one rebuilt from the database."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain.matching.matcher import count_differences
from grouping.usecases.area_state import area_state
from grouping.usecases.context import GroupingContext
from grouping.usecases.locking import begin
from grouping.usecases.matcher_cache import build_matcher
from grouping.usecases.matching import run_matching_and_stage
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause

log = get_logger(__name__)


async def check_matcher(
    session: AsyncSession, context: GroupingContext, area_id: str, *, now: datetime, cause: Cause
) -> int:
    """
    Compare an area's matcher with a rebuilt one, and evict it if they differ.

    Returns:
        Number of differences: cells, free seats and people. Expected: 0.
    """
    uow = await begin(session, context, [area_id], now, cause)
    await run_matching_and_stage(uow, area_id)
    rebuilt = await build_matcher(await area_state(session, context, area_id, now))
    count = count_differences(uow.matchers.checked_out[area_id].matcher, rebuilt)
    if count:
        context.matchers.differences += count
        log.error("matcher_differs", area=area_id, count=count)
        uow.matchers.evict(area_id)
    return count
