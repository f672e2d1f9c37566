"""Queries about people, their consents and the erasure journal."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.store.tables import Consent, Erasure, Person


async def get(session: AsyncSession, person_id: UUID) -> Person | None:
    """Return the person."""
    return await session.get(Person, person_id)


async def lock(session: AsyncSession, person_id: UUID) -> Person | None:
    """Return the person with a row lock; it serialises all changes to the person's sign-ups."""
    return await session.get(Person, person_id, with_for_update=True, populate_existing=True)


async def lock_by_email(session: AsyncSession, email_index: bytes) -> Person | None:
    """Return the person with this address with a row lock."""
    query = sa.select(Person).where(col(Person.email_index) == email_index).with_for_update()
    return (await session.scalars(query)).first()


async def by_ids(session: AsyncSession, person_ids: Collection[UUID]) -> Sequence[Person]:
    """Return the people with these ids; unknown ids are left out."""
    return (await session.scalars(sa.select(Person).where(col(Person.person_id).in_(list(person_ids))))).all()


async def existing(session: AsyncSession, person_ids: Collection[UUID]) -> set[UUID]:
    """Return those of the ids that have a person row."""
    query = sa.select(col(Person.person_id)).where(col(Person.person_id).in_(list(person_ids)))
    return set((await session.scalars(query)).all())


async def consents_of(session: AsyncSession, person_id: UUID) -> Sequence[Consent]:
    """Return all consents of a person, oldest first."""
    query = sa.select(Consent).where(col(Consent.person_id) == person_id).order_by(col(Consent.given_at))
    return (await session.scalars(query)).all()


async def delete(session: AsyncSession, person_id: UUID) -> bool:
    """Delete a person with all dependent rows; return True if the person existed."""
    query = sa.delete(Person).where(col(Person.person_id) == person_id).returning(col(Person.person_id))
    return (await session.execute(query)).first() is not None


async def journal_erasure(session: AsyncSession, person_id: UUID, now: datetime) -> None:
    """Add the person to the erasure journal; idempotent."""
    await session.execute(insert(Erasure).values(person_id=person_id, erased_at=now).on_conflict_do_nothing())


async def erased(session: AsyncSession) -> set[UUID]:
    """Return the ids of all people in this database's erasure journal."""
    return set((await session.scalars(sa.select(col(Erasure.person_id)))).all())


async def is_erased(session: AsyncSession, person_id: UUID) -> bool:
    """Return True if the person is in this database's erasure journal."""
    return await session.get(Erasure, person_id) is not None
