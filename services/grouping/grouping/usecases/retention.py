"""Delete the seats and members of groups that ended; the group and its size are kept."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.store.locks import lock_areas
from shared.kit.logging import get_logger
from shared.reference.policy import Policy
from shared.reference.retention import Data, kept_for

log = get_logger(__name__)


async def delete_memberships(session: AsyncSession, group_id: UUID, *, now: datetime) -> None:
    """Delete the seats and members of a group if the retention of its policy has ended."""
    area_id = await store.groups.area_of(session, group_id)
    if area_id is None:
        return
    await lock_areas(session, [area_id])
    group = await store.groups.get(session, group_id)
    if group is None or group.closed_at is None:
        return
    if group.closed_at > now - kept_for(Data.GROUP_LINKS, Policy.model_validate(group.policy)):
        return
    await store.retention.delete_memberships(session, group_id)
    log.info("memberships_deleted", group_id=group_id, area=area_id)
