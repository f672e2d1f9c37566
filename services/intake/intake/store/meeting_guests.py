"""Queries about the guests of meetings that are open to all."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.store.guest_tables import MeetingGuest
from intake.store.sealed_tables import AnnouncedMeeting
from intake.store.tables import Person


async def add(session: AsyncSession, person: Mapping[str, Any], kontaktmote_id: UUID, asked_at: datetime) -> None:
    """Store a guest with their address."""
    await session.execute(sa.insert(Person), [dict(person)])
    guest = {
        "person_id": person["person_id"],
        "kontaktmote_id": kontaktmote_id,
        "mailbox_index": person["mailbox_index"],
        "asked_at": asked_at,
        "coming": False,
    }
    await session.execute(insert(MeetingGuest).values(guest))


async def is_guest(session: AsyncSession, kontaktmote_id: UUID, mailbox_index: bytes) -> bool:
    """Return True if a mailbox was asked about a meeting already."""
    query = sa.select(col(MeetingGuest.person_id)).where(
        col(MeetingGuest.kontaktmote_id) == kontaktmote_id, col(MeetingGuest.mailbox_index) == mailbox_index
    )
    return (await session.execute(query)).first() is not None


async def lock(session: AsyncSession, person_id: UUID) -> MeetingGuest | None:
    """Lock and return a guest."""
    return await session.get(MeetingGuest, person_id, with_for_update=True, populate_existing=True)


async def due(session: AsyncSession, *, asked_until: datetime, ended_until: datetime) -> list[UUID]:
    """Return the guests who have not said yes since ``asked_until``, or whose meeting has ended at ``ended_until``."""
    query = (
        sa.select(col(MeetingGuest.person_id))
        .outerjoin(AnnouncedMeeting, col(AnnouncedMeeting.kontaktmote_id) == col(MeetingGuest.kontaktmote_id))
        .where(
            (~col(MeetingGuest.coming) & (col(MeetingGuest.asked_at) <= asked_until))
            | (col(AnnouncedMeeting.ends_at) <= ended_until)
            | col(AnnouncedMeeting.kontaktmote_id).is_(None)
        )
        .order_by(col(MeetingGuest.person_id))
    )
    return list(await session.scalars(query))
