"""
Sign-in of people who help: a link by mail, valid once and for ten minutes, opens a short session.

The answer to the request is the same for known and unknown addresses; the worker decides whether a mail is sent.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.page_links import LINK_VALID, SESSION_VALID, link_works
from intake.store import Account, AccountLink, AccountSession, accounts, outbox
from intake.usecases.session_tokens import new_token, token_hash
from shared.events.people import AccountLinkAsked
from shared.kit.ids import new_id
from shared.kit.messaging.causes import Cause
from shared.kit.staff import StaffMember
from shared.reference.limits import ACCOUNT_LINKS


async def send_links(session: AsyncSession, address_index: bytes, request_id: UUID, *, now: datetime) -> None:
    """Send a link to each active account with an address, up to the limit."""
    for unlocked in await accounts.with_address(session, address_index):
        account = await accounts.get(session, unlocked.account_id, lock=True)
        if account is None or not account.active:
            continue
        if (
            await accounts.count_links_since(session, account.account_id, now - ACCOUNT_LINKS.span)
            >= ACCOUNT_LINKS.figure
        ):
            continue
        link = AccountLink(link_id=new_id(), account_id=account.account_id, asked_at=now, expires_at=now + LINK_VALID)
        session.add(link)
        await session.flush()
        event = AccountLinkAsked(
            **Cause.tick("account", request_id).stamp(AccountLinkAsked, account.account_id, now),
            account_id=account.account_id,
            link_id=link.link_id,
            expires_at=link.expires_at,
            language=account.language,
            centre=account.centre,
        )
        await outbox.add(session, event)


async def can_open(session: AsyncSession, link_id: UUID, *, now: datetime) -> bool:
    """Return True if the link can still be used."""
    link = await accounts.link(session, link_id)
    return link is not None and link_works(link.used_at, link.expires_at, now)


async def use_link(session: AsyncSession, link_id: UUID, *, now: datetime, wall: datetime) -> str | None:
    """
    Use a link up, and return the token of a new session; None if it was used before or is too old.

    Args:
        session: The caller's transaction.
        link_id: The link.
        now: The time in the system, by which links expire.
        wall: The real time, by which sessions do.
    """
    link = await accounts.link(session, link_id, lock=True)
    if link is None or not link_works(link.used_at, link.expires_at, now):
        return None
    account = await accounts.get(session, link.account_id)
    if account is None or not account.active:
        return None
    link.used_at = now
    return open_session(session, account, wall=wall)


def open_session(session: AsyncSession, account: Account, *, wall: datetime) -> str:
    """Open a session, and return the secret for the cookie; only its hash is stored."""
    token = new_token()
    row = AccountSession(
        session_id=new_id(),
        token_hash=token_hash(token),
        account_id=account.account_id,
        expires_at=wall + SESSION_VALID,
    )
    session.add(row)
    return token


async def current_helper(session: AsyncSession, token: str, *, wall: datetime) -> StaffMember | None:
    """Return the owner of a session, under the id of the account; None if there is none or it has ended."""
    found = await accounts.session_by_token(session, token_hash(token))
    if found is None:
        return None
    row, account = found
    if wall >= row.expires_at or not account.active:
        return None
    return StaffMember(
        str(account.account_id), frozenset(account.roles), frozenset({account.centre}), str(row.session_id)
    )


async def close_session(session: AsyncSession, session_id: UUID) -> None:
    """End a session."""
    await accounts.delete_session(session, session_id)
