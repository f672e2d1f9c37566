"""
Forget who is in a group, as soon as grouping has forgotten it and the last mail to its members has left.

Until then only the mails that wait link people to the group. A mail that cannot be delivered, or a call that nobody
answers, is given up after :func:`shared.reference.retention.group_links_kept`.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.store import Group, group_life, projections
from notify.usecases import mail_tasks
from shared.kit.messaging.causes import Cause
from shared.reference import retention


async def forget_members(session: AsyncSession, group_id: UUID, *, now: datetime, cause: Cause) -> None:
    """
    Delete every row that links a person to the group, except for the members who have asked to be kept.

    Does nothing while grouping knows the members, or while a mail or a call to one of them waits.
    """
    await session.flush()
    group = await projections.group(session, group_id)
    if group is None or group.forgotten_at is None:
        return
    if now < group.forgotten_at + retention.kept_for(retention.Data.GROUP_LINKS) and await _waits(session, group):
        return
    mail_ids = await group_life.mails_to_forgotten(session, group)
    for mail_id in mail_ids:
        await mail_tasks.close(session, mail_id, now=now, cause=cause)
    await group_life.delete_forgotten(session, group)


async def due(session: AsyncSession) -> list[UUID]:
    """Return the groups whose members are to be forgotten and are still known here."""
    return await group_life.groups_to_forget(session)


async def _waits(session: AsyncSession, group: Group) -> bool:
    # Not locked: two mailers that end the last two mails would wait for each other. The job does what both leave.
    rows = await group_life.states_of_forgotten(session, group)
    return any(state.may_be_sent for state in rows)
