"""The locks that commands on sign-ups take, in one order: people by id first, then sign-ups by id."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.signups import SignupState
from intake.store import Person, Signup, people, signups
from shared.errors import DomainError, NotFoundError


async def lock_if_known(session: AsyncSession, signup_id: UUID) -> tuple[Person, Signup] | None:
    """Lock and return person and sign-up; None if one of them is deleted."""
    unlocked = await signups.get(session, signup_id)
    person = await people.lock(session, unlocked.person_id) if unlocked else None
    row = await signups.lock(session, signup_id) if person else None
    return (person, row) if person is not None and row is not None else None


async def lock_signup(session: AsyncSession, signup_id: UUID) -> tuple[Person, Signup]:
    """
    Lock and return person and sign-up.

    Raises:
        NotFoundError: ``unknown_signup``.
        DomainError: ``signup_over`` if it was withdrawn.
    """
    locked = await lock_if_known(session, signup_id)
    if locked is None:
        raise NotFoundError("unknown_signup", signup_id=signup_id)
    if locked[1].state == SignupState.WITHDRAWN:
        raise DomainError("signup_over", signup_id=signup_id)
    return locked


async def lock_several(
    session: AsyncSession, signup_ids: Collection[UUID], centre_ids: Collection[str]
) -> dict[UUID, Signup]:
    """
    Lock the people with these sign-ups, and all sign-ups of theirs; return those that were asked for, by id.

    Of two transactions that share some, one waits for the other at the first of them. Left out are sign-ups with other
    centres, questions about a new address, and sign-ups that became another person's while this one waited.
    """
    unlocked = await signups.of_ids(session, signup_ids, centre_ids)
    person_ids = await people.lock_all(session, {row.person_id for row in unlocked})
    await signups.lock_of_people(session, person_ids)
    rows = await signups.of_ids(session, signup_ids, centre_ids)
    return {row.signup_id: row for row in rows if row.person_id in person_ids}
