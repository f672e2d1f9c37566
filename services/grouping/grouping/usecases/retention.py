"""Delete who was in a group; that there was a group, and how many started, stays."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.retention import WHO_SAT_WITH_WHOM
from grouping.store.locks import lock_areas
from shared.kit.logging import get_logger

log = get_logger(__name__)


async def delete_memberships(session: AsyncSession, group_id: UUID, *, now: datetime) -> None:
    """Delete the seats and members of a group that ended long enough ago; leave any other group alone."""
    area_id = await store.groups.area_of(session, group_id)
    if area_id is None:
        return
    await lock_areas(session, [area_id])
    group = await store.groups.get(session, group_id)
    if group is None or group.closed_at is None or group.closed_at > now - WHO_SAT_WITH_WHOM:
        return
    await store.retention.delete_memberships(session, group_id)
    log.info("memberships_deleted", group_id=group_id, area=area_id)
