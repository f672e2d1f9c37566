"""Store the facts in events about igangsettere, and plan the mails to them."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from notify.mails.registry import MailRegistry
from notify.store import HelperNotice, helpers, projections
from notify.usecases.mail_plan import sync_helper_mails
from shared.events.people import AccountInvited, AccountLinkAsked
from shared.kit.messaging.causes import Cause


async def on_account_invited(
    session: AsyncSession, registry: MailRegistry, event: AccountInvited, *, now: datetime, cause: Cause
) -> None:
    """Plan the mail that asks somebody to help a centre."""
    notice = HelperNotice(
        id=event.invitation_id,
        account_id=event.account_id,
        kind="invitation",
        language=event.language,
        centre=event.centre,
        expires_at=event.expires_at,
    )
    await tell(session, registry, notice, now=now, cause=cause)


async def on_account_link_asked(
    session: AsyncSession, registry: MailRegistry, event: AccountLinkAsked, *, now: datetime, cause: Cause
) -> None:
    """Plan the mail with the link that signs in."""
    notice = HelperNotice(
        id=event.link_id,
        account_id=event.account_id,
        kind="link",
        language=event.language,
        centre=event.centre,
        expires_at=event.expires_at,
    )
    await tell(session, registry, notice, now=now, cause=cause)


async def tell(
    session: AsyncSession, registry: MailRegistry, notice: HelperNotice, *, now: datetime, cause: Cause
) -> None:
    """Store a question in its newest state, and make its mails agree with it; nothing about who was erased."""
    await projections.lock(session, person_ids=[notice.account_id])
    if await projections.erased(session, [notice.account_id]):
        return
    stored = await helpers.write(session, notice)
    await sync_helper_mails(session, registry, stored, now=now, cause=cause)
