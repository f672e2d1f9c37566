"""Queries about the guests of meetings that are open to all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.store.guest_tables import GuestRequest, MeetingGuest
from intake.store.sealed_tables import AnnouncedMeeting
from intake.store.submissions import CHANNEL
from intake.store.tables import Person


@dataclass(frozen=True, slots=True)
class Asking:
    """A request with what the worker decides by."""

    request: GuestRequest
    mailbox_index: bytes
    language: str


async def add_request(session: AsyncSession, person: Mapping[str, Any], request: Mapping[str, Any]) -> None:
    """Store a form with its address, and wake the worker; the same for known and unknown addresses."""
    await session.execute(sa.insert(Person), [dict(person)])
    await session.execute(sa.insert(GuestRequest), [dict(request)])
    await session.execute(sa.select(sa.func.pg_notify(CHANNEL, "")))


async def take_new(session: AsyncSession, limit: int) -> Sequence[Asking]:
    """Return the oldest requests that nobody has looked at and no other transaction handles."""
    query = (
        _asking()
        .where(~col(GuestRequest.postponed))
        .order_by(col(GuestRequest.asked_at), col(GuestRequest.person_id))
        .limit(limit)
    )
    rows = await session.execute(query.with_for_update(of=GuestRequest, skip_locked=True))
    return [Asking(*row) for row in rows]


async def take_postponed(session: AsyncSession, person_id: UUID) -> Asking | None:
    """Lock and return one request that waits for the budget."""
    query = _asking().where(col(GuestRequest.postponed), col(GuestRequest.person_id) == person_id)
    row = (await session.execute(query.with_for_update(of=GuestRequest, skip_locked=True))).first()
    return Asking(*row) if row else None


async def postponed(session: AsyncSession) -> Sequence[Asking]:
    """Return all requests that wait for the budget, oldest first."""
    query = (
        _asking().where(col(GuestRequest.postponed)).order_by(col(GuestRequest.asked_at), col(GuestRequest.person_id))
    )
    return [Asking(*row) for row in await session.execute(query)]


def _asking() -> sa.Select[GuestRequest, bytes, str]:
    people = col(Person.person_id) == col(GuestRequest.person_id)
    mailbox = sa.type_coerce(col(Person.mailbox_index), sa.LargeBinary)  # a guest has an address
    return sa.select(GuestRequest, mailbox, col(Person.language)).join(Person, people)


async def add(session: AsyncSession, asking: Asking, asked_at: datetime) -> None:
    """Make a guest of a request."""
    guest = {
        "person_id": asking.request.person_id,
        "kontaktmote_id": asking.request.kontaktmote_id,
        "mailbox_index": asking.mailbox_index,
        "asked_at": asked_at,
        "coming": False,
    }
    await session.execute(insert(MeetingGuest).values(guest))
    await session.delete(asking.request)
    await session.flush()


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
    waiting = sa.select(col(GuestRequest.person_id)).where(col(GuestRequest.asked_at) <= asked_until)
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
    return [*await session.scalars(query), *await session.scalars(waiting)]
