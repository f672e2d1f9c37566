"""Who was in which group is forgotten; that there was a group, and how many began, stays."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain.retention import WHO_SAT_WITH_WHOM
from grouping.store import queries, retention
from grouping.store.locks import lock_areas
from shared.kit.logging import get_logger

log = get_logger(__name__)


async def delete_group_members(session: AsyncSession, group_id: UUID, area_id: str, *, now: datetime) -> None:
    """Forget who was in a group that was closed long enough ago; any other is left alone."""
    await lock_areas(session, [area_id])
    group = await queries.group(session, group_id)
    if group is None or group.closed_at is None or group.closed_at > now - WHO_SAT_WITH_WHOM:
        return
    await retention.forget_seats(session, group_id)
    log.info("group_forgotten", group_id=group_id, area=area_id)
