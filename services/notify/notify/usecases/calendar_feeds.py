"""Commands about private calendar feeds: their owners make and revoke them, in one press each."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.store import calendar_feeds, projections
from shared.errors import NotFoundError
from shared.kit.ids import new_id


async def make(session: AsyncSession, link_id: UUID, *, now: datetime) -> None:
    """
    Make a feed for the owner of a link; a second press changes nothing.

    Raises:
        NotFoundError: ``unknown_owner``.
    """
    owner_id = await _owner(session, link_id)
    await calendar_feeds.add(session, new_id(), owner_id, now)


async def revoke(session: AsyncSession, link_id: UUID) -> None:
    """
    Revoke the feed of the owner of a link: its address never works again.

    Raises:
        NotFoundError: ``unknown_owner``.
    """
    await calendar_feeds.delete_of(session, await _owner(session, link_id))


async def _owner(session: AsyncSession, link_id: UUID) -> UUID:
    """Lock the owner, so that a feed is not made while they are erased."""
    owner_id = await calendar_feeds.owner(session, link_id)
    if owner_id is not None:
        await projections.lock(session, person_ids=[owner_id])
    if owner_id is None or await projections.erased(session, [owner_id]):
        raise NotFoundError("unknown_owner", link_id=link_id)
    return owner_id
