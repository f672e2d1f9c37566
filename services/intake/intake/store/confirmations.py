"""Queries about confirmations, by which a person confirms an address through a link in a mail."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from intake.domain.signups import SignupState
from intake.store.tables import Confirmation, Person, Signup


async def get(session: AsyncSession, confirmation_id: UUID) -> Confirmation | None:
    """Return the confirmation with this id, which a link names, as it is in the database."""
    return await session.get(Confirmation, confirmation_id, populate_existing=True)


async def mark_confirmed(session: AsyncSession, signup_id: UUID, now: datetime) -> None:
    """Mark all open confirmations of a sign-up as answered."""
    asked_at = col(Confirmation.asked_at)
    await session.execute(
        sa.update(Confirmation)
        .where(col(Confirmation.signup_id) == signup_id, col(Confirmation.confirmed_at).is_(None))
        .values(confirmed_at=now, asked_at=sa.func.coalesce(asked_at, now))
    )


async def move(session: AsyncSession, signup_id: UUID, person_id: UUID, *, to_signup: UUID | None = None) -> None:
    """Move the confirmations of a sign-up to the person that they belong to from now on, and to another sign-up."""
    await session.execute(
        sa.update(Confirmation)
        .where(col(Confirmation.signup_id) == signup_id)
        .values(person_id=person_id, signup_id=to_signup or signup_id)
    )


async def postponed(
    session: AsyncSession, after: UUID | None = None, limit: int = 500, *, only: UUID | None = None
) -> Sequence[tuple[UUID, bytes | None, bool]]:
    """
    Return postponed confirmations with the mailbox of each, None for a call, and whether it is proven.

    Those of numbers that a call is open to are left out.

    Args:
        session: The caller's transaction.
        after: The last one of the page before; None for the first page.
        limit: Length of a page.
        only: This one, if it is among them.
    """
    asked, owner, open_signup = aliased(Confirmation), aliased(Person), aliased(Signup)
    call_open = (
        sa.select(sa.literal(1))
        .select_from(owner)
        .join(open_signup, col(open_signup.person_id) == col(owner.person_id))
        .join(asked, col(asked.signup_id) == col(open_signup.signup_id))
        .where(
            col(owner.mobile_bucket) == col(Person.mobile_bucket),
            col(open_signup.state) == SignupState.RECEIVED.value,
            col(open_signup.by_mail).is_(False),
            col(asked.asked_at).is_not(None),
        )
        .exists()
    )
    mailbox = sa.case((col(Signup.by_mail), col(Person.mailbox_index)), else_=None)
    query = (
        sa.select(col(Confirmation.confirmation_id), mailbox, col(Confirmation.proven))
        .join(Person, col(Person.person_id) == col(Confirmation.person_id))
        .join(Signup, col(Signup.signup_id) == col(Confirmation.signup_id))
        .where(col(Confirmation.asked_at).is_(None), sa.or_(col(Signup.by_mail), ~call_open))
        .order_by(col(Confirmation.confirmation_id))
        .limit(limit)
    )
    if after is not None:
        query = query.where(col(Confirmation.confirmation_id) > after)
    if only is not None:
        query = query.where(col(Confirmation.confirmation_id) == only)
    return [
        (confirmation_id, mailbox, proven) for confirmation_id, mailbox, proven in (await session.execute(query)).all()
    ]
