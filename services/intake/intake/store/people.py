"""Queries about people, their consents and the erasure journal."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.domain.signups import SignupState
from intake.store.tables import Confirmation, Consent, Erasure, Person, Signup


async def get(session: AsyncSession, person_id: UUID) -> Person | None:
    """Return the person."""
    return await session.get(Person, person_id)


async def lock(session: AsyncSession, person_id: UUID) -> Person | None:
    """
    Return the person with a row lock; it serialises all changes to the person's sign-ups.

    The lock lets others refer to the person, and a comparison of names read the row as it was.
    """
    return await session.get(Person, person_id, with_for_update={"key_share": True}, populate_existing=True)


async def lock_all(session: AsyncSession, person_ids: Collection[UUID]) -> list[UUID]:
    """Lock these people as :func:`lock` does, in the order of their ids; return the ids of those that exist."""
    query = (
        sa.select(col(Person.person_id))
        .where(col(Person.person_id).in_(list(person_ids)))
        .order_by(col(Person.person_id))
        .with_for_update(key_share=True)
    )
    return list(await session.scalars(query))


async def lock_address(session: AsyncSession, address_index: bytes) -> None:
    """Let no other transaction decide who has this address until this one ends."""
    key = sa.func.hashtextextended(address_index.hex(), 0)
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))


async def owners(session: AsyncSession, address_index: bytes | None) -> Sequence[Person]:
    """Return the confirmed people with this address, oldest first."""
    if address_index is None:
        return ()
    query = (
        sa.select(Person)
        .where(col(Person.address_index) == address_index, col(Person.confirmed_at).is_not(None))
        .order_by(col(Person.created_at), col(Person.person_id))
    )
    return (await session.scalars(query)).all()


async def asked_by_phone(session: AsyncSession, bucket: int) -> Sequence[Person]:
    """Return people of a bucket of numbers who are to be called to confirm a sign-up without an address."""
    query = (
        sa.select(Person)
        .join(Signup, col(Signup.person_id) == col(Person.person_id))
        .join(Confirmation, col(Confirmation.signup_id) == col(Signup.signup_id))
        .where(
            col(Person.mobile_bucket) == bucket,
            col(Signup.state) == SignupState.RECEIVED.value,
            col(Signup.by_mail).is_(False),
            col(Confirmation.asked_at).is_not(None),
        )
    )
    return (await session.scalars(query)).unique().all()


async def of_bucket(session: AsyncSession, bucket: int, centres: Collection[str]) -> Sequence[Person]:
    """Return people of a bucket of numbers with a sign-up at one of these centres that is not withdrawn."""
    query = (
        sa.select(Person)
        .where(
            col(Person.mobile_bucket) == bucket,
            sa.exists().where(
                col(Signup.person_id) == col(Person.person_id),
                col(Signup.centre).in_(list(centres)),
                col(Signup.state) != SignupState.WITHDRAWN.value,
            ),
        )
        .order_by(col(Person.created_at), col(Person.person_id))
    )
    return (await session.scalars(query)).all()


async def move_consents(session: AsyncSession, from_id: UUID, to_id: UUID) -> None:
    """Move all consents of one person to another."""
    await session.execute(sa.update(Consent).where(col(Consent.person_id) == from_id).values(person_id=to_id))


async def by_ids(session: AsyncSession, person_ids: Collection[UUID]) -> Sequence[Person]:
    """Return the people with these ids; unknown ids are left out."""
    return (await session.scalars(sa.select(Person).where(col(Person.person_id).in_(list(person_ids))))).all()


async def existing(session: AsyncSession, person_ids: Collection[UUID]) -> set[UUID]:
    """Return those of the ids that have a person row."""
    query = sa.select(col(Person.person_id)).where(col(Person.person_id).in_(list(person_ids)))
    return set((await session.scalars(query)).all())


async def consents_of(session: AsyncSession, person_id: UUID) -> Sequence[Consent]:
    """Return all consents of a person, oldest first."""
    query = (
        sa.select(Consent)
        .where(col(Consent.person_id) == person_id)
        .order_by(col(Consent.given_at), col(Consent.consent_id))
    )
    return (await session.scalars(query)).all()


async def delete(session: AsyncSession, person_id: UUID) -> bool:
    """Delete a person with all dependent rows; return True if the person existed."""
    query = sa.delete(Person).where(col(Person.person_id) == person_id).returning(col(Person.person_id))
    return (await session.execute(query)).first() is not None


async def address_questions(session: AsyncSession, person_id: UUID) -> list[UUID]:
    """Return the ids of the rows that ask for new addresses of a person."""
    query = sa.select(col(Person.person_id)).where(col(Person.replaces_id) == person_id).order_by(col(Person.person_id))
    return list((await session.scalars(query)).all())


async def journal_erasure(session: AsyncSession, person_id: UUID, now: datetime) -> None:
    """Add the person to the erasure journal; idempotent."""
    await session.execute(insert(Erasure).values(person_id=person_id, erased_at=now).on_conflict_do_nothing())


async def erased(session: AsyncSession) -> set[UUID]:
    """Return the ids of all people in this database's erasure journal."""
    return set((await session.scalars(sa.select(col(Erasure.person_id)))).all())


def newest_erased(most: int) -> sa.Select[Any]:
    """Return a query for the ids of the people who were erased last."""
    return sa.select(col(Erasure.person_id)).order_by(col(Erasure.erased_at).desc(), col(Erasure.person_id)).limit(most)


async def is_erased(session: AsyncSession, person_id: UUID) -> bool:
    """Return True if the person is in this database's erasure journal."""
    return await session.get(Erasure, person_id) is not None
