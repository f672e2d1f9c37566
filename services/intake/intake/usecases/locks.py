"""
The locks that commands on sign-ups take, in one order: people by id first, then sign-ups by id; nobody else takes them.

A command that locked a sign-up alone would wait for its person as soon as it wrote the row for the second time, because
PostgreSQL then looks the person up; and whoever holds the person waits for the sign-up. A question about a new address
is locked before the person whom it is about. Changes that are not written yet are written before a row is locked anew.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.signups import SignupState
from intake.store import Person, Signup, people, signups
from shared.errors import DomainError, NotFoundError


async def lock_person(session: AsyncSession, person_id: UUID) -> Person | None:
    """Lock and return a person, whose sign-ups nobody else changes then."""
    await session.flush()
    return await people.lock(session, person_id)


async def lock_people(session: AsyncSession, person_ids: Collection[UUID]) -> list[UUID]:
    """Lock people; return the ids of those that exist."""
    await session.flush()
    return await people.lock_all(session, person_ids)


async def lock_if_known(
    session: AsyncSession, signup_id: UUID, *, owner_id: UUID | None = None
) -> tuple[Person, Signup] | None:
    """
    Lock and return person and sign-up; None if one of them is deleted.

    A sign-up that became another person's while this one waited is looked up again.

    Args:
        session: The caller's transaction.
        signup_id: The sign-up.
        owner_id: A known person who is to get the sign-up, and is locked too.
    """
    await session.flush()
    while (person_id := await signups.person_of(session, signup_id)) is not None:
        if owner_id is not None:
            await people.lock_all(session, {person_id, owner_id})
        person = await people.lock(session, person_id)
        row = await signups.lock(session, signup_id, person_id) if person is not None else None
        if person is not None and row is not None:
            return person, row
    return None


async def lock_row(session: AsyncSession, signup_id: UUID) -> Signup | None:
    """Lock person and sign-up, and return the sign-up; None if it is deleted."""
    locked = await lock_if_known(session, signup_id)
    return locked[1] if locked is not None else None


async def lock_signup(session: AsyncSession, signup_id: UUID, *, owner_id: UUID | None = None) -> tuple[Person, Signup]:
    """
    Lock and return person and sign-up, with a person who is to get it as in :func:`lock_if_known`.

    Raises:
        NotFoundError: ``unknown_signup``.
        DomainError: ``signup_over`` if it was withdrawn.
    """
    locked = await lock_if_known(session, signup_id, owner_id=owner_id)
    if locked is None:
        raise NotFoundError("unknown_signup", signup_id=signup_id)
    if locked[1].state == SignupState.WITHDRAWN:
        raise DomainError("signup_over", signup_id=signup_id)
    return locked


async def lock_rows(session: AsyncSession, signup_ids: Collection[UUID]) -> dict[UUID, Signup]:
    """
    Lock the people with these sign-ups, and all sign-ups of theirs; return those that were asked for, by id.

    Of two transactions that share some, one waits for the other at the first of them. Left out are deleted sign-ups,
    and those that became another person's while this one waited: never one that is confirmed.
    """
    person_ids = await lock_people(session, {row.person_id for row in await signups.by_ids(session, signup_ids)})
    await signups.lock_of_people(session, person_ids)
    rows = await signups.by_ids(session, signup_ids)
    return {row.signup_id: row for row in rows if row.person_id in person_ids}


async def lock_several(
    session: AsyncSession, signup_ids: Collection[UUID], centre_ids: Collection[str]
) -> dict[UUID, Signup]:
    """Do as :func:`lock_rows`, without sign-ups with other centres and questions about a new address."""
    own = await signups.of_ids(session, signup_ids, centre_ids)
    rows = await lock_rows(session, [row.signup_id for row in own])
    return {signup_id: row for signup_id, row in rows.items() if row.centre in centre_ids}
