"""The locks that commands on a sign-up take, in one order: the person first."""

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
