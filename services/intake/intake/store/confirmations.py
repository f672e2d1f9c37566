"""Queries about confirmations, by which a person confirms an address through a link in a mail."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from intake.domain.signups import SignupState
from intake.store.tables import Confirmation, Person, Signup


async def get(session: AsyncSession, confirmation_id: UUID) -> Confirmation | None:
    """Return the confirmation with this id, which a link names."""
    return await session.get(Confirmation, confirmation_id)


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


async def count_mails_by_mailbox(
    session: AsyncSession, mailboxes: Collection[bytes], since: datetime
) -> dict[bytes, int]:
    """Count the confirmation mails to each mailbox after ``since``; mailboxes without any are left out."""
    if not mailboxes:
        return {}
    mailbox = col(Person.mailbox_index)
    query = (
        sa.select(mailbox, sa.func.count())
        .join(Confirmation, col(Confirmation.person_id) == col(Person.person_id))
        .where(mailbox.in_(list(mailboxes)), col(Confirmation.asked_at) > since)
        .group_by(mailbox)
    )
    return {index: count for index, count in (await session.execute(query)).all() if index is not None}


async def ids_postponed(session: AsyncSession, since: datetime, max_mails: int, limit: int = 100) -> list[UUID]:
    """
    Return postponed confirmations that can be asked now.

    They are of mailboxes that got fewer than ``max_mails`` mails after ``since``, and of numbers that no call is open
    to.
    """
    recent, owner, open_signup = aliased(Confirmation), aliased(Person), aliased(Signup)
    mails = (
        sa.select(sa.func.count())
        .select_from(owner)
        .join(recent, col(recent.person_id) == col(owner.person_id))
        .where(col(owner.mailbox_index) == col(Person.mailbox_index), col(recent.asked_at) > since)
        .scalar_subquery()
    )
    call_open = (
        sa.select(sa.literal(1))
        .select_from(owner)
        .join(open_signup, col(open_signup.person_id) == col(owner.person_id))
        .join(recent, col(recent.signup_id) == col(open_signup.signup_id))
        .where(
            col(owner.mobile_bucket) == col(Person.mobile_bucket),
            col(open_signup.state) == SignupState.RECEIVED.value,
            col(open_signup.by_mail).is_(False),
            col(recent.asked_at).is_not(None),
        )
        .exists()
    )
    query = (
        sa.select(col(Confirmation.confirmation_id))
        .join(Person, col(Person.person_id) == col(Confirmation.person_id))
        .join(Signup, col(Signup.signup_id) == col(Confirmation.signup_id))
        .where(
            col(Confirmation.asked_at).is_(None),
            sa.or_(
                sa.and_(col(Signup.by_mail), mails < max_mails),
                sa.and_(col(Signup.by_mail).is_(False), ~call_open),
            ),
        )
        .order_by(col(Confirmation.confirmation_id))
        .limit(limit)
    )
    return list((await session.scalars(query)).all())
