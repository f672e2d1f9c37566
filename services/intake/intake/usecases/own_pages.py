"""
A person's own page: a link by mail, valid once and for ten minutes, opens a short session.

The answer to the request is the same for known and unknown addresses; the worker decides whether a mail is sent.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.form import canonical_of_normalized
from intake.domain.page_links import LINK_VALID, SESSION_VALID, link_works
from intake.store import PageLink, PageRequest, PageSession, outbox, own_pages, people, signups
from intake.usecases import account_sessions
from intake.usecases.locks import lock_people, lock_person
from intake.usecases.session_tokens import new_token, token_hash
from intake.vault.vault import Vault
from shared.events.people import PageLinkAsked
from shared.kit.ids import new_id
from shared.kit.messaging.causes import Cause
from shared.reference.limits import PAGE_LINKS

BATCH: Final = 100  # requests in one transaction


async def ask(
    session: AsyncSession, vault: Vault, email: str, language: str, *, to_account: bool = False, now: datetime
) -> None:
    """Store a request for the link to the pages, or the accounts, of the people with a normalized address."""
    index = vault.index("email", canonical_of_normalized(email))
    row = PageRequest(request_id=new_id(), address_index=index, language=language, asked_at=now, to_account=to_account)
    await own_pages.add_request(session, row)


async def decide_batch(session: AsyncSession, *, now: datetime) -> int:
    """Send a link to each person whose address was asked for, up to the limit; return the number of requests."""
    requests = await own_pages.take_requests(session, BATCH)
    indexes = {request.address_index for request in requests if not request.to_account}
    owners = {index: await people.owners(session, index) for index in indexes}
    locked = await lock_people(session, {person.person_id for known in owners.values() for person in known})
    for request in requests:
        if request.to_account:
            await account_sessions.send_links(session, request.address_index, request.request_id, now=now)
            await session.delete(request)
            continue
        for person in owners[request.address_index]:
            if person.person_id not in locked:
                continue
            sent = await own_pages.count_links_since(session, person.person_id, now - PAGE_LINKS.span)
            if sent >= PAGE_LINKS.figure:
                continue
            link = PageLink(link_id=new_id(), person_id=person.person_id, asked_at=now, expires_at=now + LINK_VALID)
            session.add(link)
            rows = await signups.of_person(session, person.person_id)
            event = PageLinkAsked(
                **Cause.tick("page", request.request_id).stamp(PageLinkAsked, person.person_id, now),
                person_id=person.person_id,
                link_id=link.link_id,
                expires_at=link.expires_at,
                language=person.language,
                centre=rows[-1].centre if rows else None,
            )
            await session.flush()
            await outbox.add(session, event)
        await session.delete(request)
    return len(requests)


async def can_open(session: AsyncSession, link_id: UUID, *, now: datetime) -> bool:
    """Return True if the link can still be used."""
    link = await own_pages.link(session, link_id)
    return link is not None and link_works(link.used_at, link.expires_at, now)


async def open_session(session: AsyncSession, link_id: UUID, *, now: datetime, wall: datetime) -> str | None:
    """
    Use a link up, and return the token of a new session; None if it was used before or is too old.

    Args:
        session: The caller's transaction.
        link_id: The link.
        now: The time in the system, by which links expire.
        wall: The real time, by which sessions do.
    """
    unlocked = await own_pages.link(session, link_id)
    if unlocked is None or await lock_person(session, unlocked.person_id) is None:
        return None
    link = await own_pages.link(session, link_id, lock=True)
    if link is None or not link_works(link.used_at, link.expires_at, now):
        return None
    link.used_at = now
    token = new_token()
    session.add(PageSession(token_hash=token_hash(token), person_id=link.person_id, expires_at=wall + SESSION_VALID))
    return token


async def person_of(session: AsyncSession, token: str, *, wall: datetime) -> UUID | None:
    """Return the person whose session has this token; None if there is none or it has ended."""
    row = await own_pages.session_of(session, token_hash(token))
    return row.person_id if row is not None and wall < row.expires_at else None


async def close_session(session: AsyncSession, token: str) -> None:
    """End a session."""
    await own_pages.close(session, token_hash(token))
