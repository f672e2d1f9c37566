"""Queries about the links to people's own pages, and the sessions that they open."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.store.page_tables import PageLink, PageRequest, PageSession
from intake.store.submissions import CHANNEL


async def add_request(session: AsyncSession, row: PageRequest) -> None:
    """Store a request for a link, and wake the worker; the same for known and unknown addresses."""
    session.add(row)
    await session.flush()
    await session.execute(sa.select(sa.func.pg_notify(CHANNEL, "")))


async def take_requests(session: AsyncSession, limit: int) -> Sequence[PageRequest]:
    """Return the oldest requests that no other transaction handles."""
    query = (
        sa.select(PageRequest)
        .order_by(col(PageRequest.asked_at), col(PageRequest.request_id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(query)).all()


async def count_links_since(session: AsyncSession, person_id: UUID, since: datetime) -> int:
    """Count the links that a person has asked for after ``since``."""
    query = sa.select(sa.func.count()).where(col(PageLink.person_id) == person_id, col(PageLink.asked_at) > since)
    return int((await session.execute(query)).scalar_one())


async def link(session: AsyncSession, link_id: UUID, *, lock: bool = False) -> PageLink | None:
    """Return the link."""
    return await session.get(PageLink, link_id, with_for_update=lock, populate_existing=True)


async def session_of(session: AsyncSession, token_hash: bytes) -> PageSession | None:
    """Return the session with this token."""
    return await session.get(PageSession, token_hash)


async def close(session: AsyncSession, token_hash: bytes) -> None:
    """Delete a session."""
    await session.execute(sa.delete(PageSession).where(col(PageSession.token_hash) == token_hash))


async def delete_expired(session: AsyncSession, links_before: datetime, sessions_until: datetime) -> None:
    """Delete links that were asked for before, and sessions that expired until a moment."""
    await session.execute(sa.delete(PageLink).where(col(PageLink.asked_at) < links_before))
    await session.execute(sa.delete(PageSession).where(col(PageSession.expires_at) <= sessions_until))
