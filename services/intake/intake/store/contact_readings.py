"""
Queries about contact readings, the log of all access to contact details.

The readings stay a table of their own beside ``audit_log``. Each is about exactly one person and one purpose, most
readers are services (mails, later start contacts, kontaktmoter and call tasks) and no users, one question reads up to a
hundred people with one insert, and a person's export lists the readings by ``person_id``. ``audit_log`` holds acts of
staff; opening a person's page is in both, as an act there and as the release of contact details here.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.domain.contacts import SHARED
from intake.store.tables import ContactReading


async def record(
    session: AsyncSession,
    person_ids: Iterable[UUID],
    reader: str,
    purpose: str,
    now: datetime,
    *,
    service: str | None = None,
) -> None:
    """Record that ``reader`` reads the contact details of these people; call it in the transaction that reads them."""
    reading = {"reader": reader, "service": service, "purpose": purpose, "read_at": now}
    rows = [{"person_id": person_id, **reading} for person_id in person_ids]
    if rows:
        await session.execute(sa.insert(ContactReading), rows)


async def of_person(session: AsyncSession, person_id: UUID) -> Sequence[ContactReading]:
    """Return all readings of a person's contact details, oldest first."""
    query = (
        sa.select(ContactReading)
        .where(col(ContactReading.person_id) == person_id)
        .order_by(col(ContactReading.read_at), col(ContactReading.reading_id))
    )
    return (await session.scalars(query)).all()


async def forget_shared(session: AsyncSession, person_id: UUID) -> None:
    """
    Delete the readings of a person that were one with those of others, in a list or for mails to a group.

    Their numbers and times would link the members of a group. The act of opening a list stays in the audit log.
    """
    shared = col(ContactReading.purpose).in_(SHARED)
    await session.execute(sa.delete(ContactReading).where(col(ContactReading.person_id) == person_id, shared))


async def delete_until(session: AsyncSession, read_until: datetime) -> None:
    """Delete readings at or before ``read_until``."""
    await session.execute(sa.delete(ContactReading).where(col(ContactReading.read_at) <= read_until))
