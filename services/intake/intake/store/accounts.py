"""Queries about accounts of people who help, and the links and sessions with which they sign in."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.store.account_tables import Account, AccountConsent, AccountLink, AccountSession


async def get(session: AsyncSession, account_id: UUID, *, lock: bool = False) -> Account | None:
    """Return an account."""
    return await session.get(Account, account_id, with_for_update=lock, populate_existing=True)


async def by_invitation(session: AsyncSession, invitation_id: UUID, *, lock: bool = False) -> Account | None:
    """Return the account that an invitation would open."""
    query = sa.select(Account).where(col(Account.invitation_id) == invitation_id)
    query = query.with_for_update() if lock else query
    return (await session.scalars(query.execution_options(populate_existing=True))).one_or_none()


async def of_centres(session: AsyncSession, centres: Collection[str]) -> Sequence[Account]:
    """Return the accounts of these centres, the oldest first."""
    query = sa.select(Account).where(col(Account.centre).in_(list(centres)))
    return (await session.scalars(query.order_by(col(Account.invited_at), col(Account.account_id)))).all()


async def by_ids(session: AsyncSession, account_ids: Collection[UUID]) -> Sequence[Account]:
    """Return the accounts with these ids; unknown ids are left out."""
    return (await session.scalars(sa.select(Account).where(col(Account.account_id).in_(list(account_ids))))).all()


async def with_address(session: AsyncSession, address_index: bytes, centre: str | None = None) -> Sequence[Account]:
    """Return the accounts with an address, of one centre or of all."""
    query = sa.select(Account).where(col(Account.address_index) == address_index)
    query = query if centre is None else query.where(col(Account.centre) == centre)
    return (await session.scalars(query.order_by(col(Account.account_id)))).all()


async def existing(session: AsyncSession, account_ids: Collection[UUID]) -> set[UUID]:
    """Return those of the ids that have an account."""
    query = sa.select(col(Account.account_id)).where(col(Account.account_id).in_(list(account_ids)))
    return set((await session.scalars(query)).all())


async def ids_unanswered(session: AsyncSession, now: datetime) -> list[UUID]:
    """Return the accounts whose invitation was not answered in time."""
    query = sa.select(col(Account.account_id)).where(col(Account.expires_at) <= now)
    return list((await session.scalars(query.order_by(col(Account.account_id)))).all())


async def delete(session: AsyncSession, account_id: UUID) -> bool:
    """Delete an account with all dependent rows; return True if it existed."""
    query = sa.delete(Account).where(col(Account.account_id) == account_id).returning(col(Account.account_id))
    return (await session.execute(query)).first() is not None


async def consents_of(session: AsyncSession, account_id: UUID) -> Sequence[AccountConsent]:
    """Return the consents of an account, oldest first."""
    query = sa.select(AccountConsent).where(col(AccountConsent.account_id) == account_id)
    return (await session.scalars(query.order_by(col(AccountConsent.given_at), col(AccountConsent.consent_id)))).all()


async def count_links_since(session: AsyncSession, account_id: UUID, since: datetime) -> int:
    """Count the links that were asked for after ``since``."""
    query = sa.select(sa.func.count()).where(
        col(AccountLink.account_id) == account_id, col(AccountLink.asked_at) > since
    )
    return int((await session.execute(query)).scalar_one())


async def link(session: AsyncSession, link_id: UUID, *, lock: bool = False) -> AccountLink | None:
    """Return a link."""
    return await session.get(AccountLink, link_id, with_for_update=lock, populate_existing=True)


async def session_by_token(session: AsyncSession, token_hash: bytes) -> tuple[AccountSession, Account] | None:
    """Return the session of a cookie with its account."""
    query = (
        sa.select(AccountSession, Account)
        .join_from(AccountSession, Account, col(AccountSession.account_id) == col(Account.account_id))
        .where(col(AccountSession.token_hash) == token_hash)
    )
    row = (await session.execute(query)).first()
    return (row[0], row[1]) if row else None


async def delete_session(session: AsyncSession, session_id: UUID) -> None:
    """Delete a session."""
    await session.execute(sa.delete(AccountSession).where(col(AccountSession.session_id) == session_id))


async def delete_sessions_of(session: AsyncSession, account_id: UUID) -> None:
    """Delete all sessions and links of an account."""
    await session.execute(sa.delete(AccountSession).where(col(AccountSession.account_id) == account_id))
    await session.execute(sa.delete(AccountLink).where(col(AccountLink.account_id) == account_id))


async def delete_expired(session: AsyncSession, asked_before: datetime, expired_before: datetime) -> None:
    """Delete links asked for before ``asked_before`` and sessions that ended before ``expired_before``."""
    await session.execute(sa.delete(AccountLink).where(col(AccountLink.asked_at) < asked_before))
    await session.execute(sa.delete(AccountSession).where(col(AccountSession.expires_at) < expired_before))
