"""Store the facts in events about igangsettere, and plan the mails to them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain.helpers import NoticeKind, NoticeState
from notify.domain.kontaktmoter.invitations import Via
from notify.mails.registry import MailRegistry
from notify.store import HelperNotice, contact_groups, helpers, projections
from notify.usecases import kontaktmote_replies
from notify.usecases.mail_plan import sync_helper_mails
from shared.events.group_life import IgangsetterAnswered, IgangsetterAsked, VisitAsked
from shared.events.people import AccountInvited, AccountLinkAsked, IgangsetterChanged
from shared.kit.messaging.causes import Cause

ASKED_BACK: Final = timedelta(days=2)
"""Time after which the mail is of no use: the centre asks somebody else."""

_FACTS: Final = {"starts_at", "ends_at", "slot", "spoken_language", "place_text"}


async def on_account_invited(
    session: AsyncSession, registry: MailRegistry, event: AccountInvited, *, now: datetime, cause: Cause
) -> None:
    """Plan the mail that asks somebody to help a centre."""
    notice = _about_account(event, "invitation", event.invitation_id)
    await tell(session, registry, notice, now=now, cause=cause)


async def on_account_link_asked(
    session: AsyncSession, registry: MailRegistry, event: AccountLinkAsked, *, now: datetime, cause: Cause
) -> None:
    """Plan the mail with the link that signs in."""
    await tell(session, registry, _about_account(event, "link", event.link_id), now=now, cause=cause)


async def on_igangsetter_changed(
    session: AsyncSession, registry: MailRegistry, event: IgangsetterChanged, *, now: datetime, cause: Cause
) -> None:
    """Store who can be invited to meetings of igangsettere; nothing about who was erased."""
    await projections.lock(session, person_ids=[event.account_id])
    if not await projections.erased(session, [event.account_id]):
        await contact_groups.write_account(session, event)
        if not event.active:
            await kontaktmote_replies.withdraw_of_recipient(
                session, registry, event.account_id, Via.ACCOUNT, with_places=True, now=now, cause=cause
            )


async def on_igangsetter_asked(
    session: AsyncSession, registry: MailRegistry, event: IgangsetterAsked, *, now: datetime, cause: Cause
) -> None:
    """Plan the mail that asks an igangsetter to start a group."""
    await tell(session, registry, _question(event, "open", {"again": event.again}), now=now, cause=cause)


async def on_igangsetter_answered(
    session: AsyncSession, registry: MailRegistry, event: IgangsetterAnswered, *, now: datetime, cause: Cause
) -> None:
    """Cancel the mail that asks, and plan the one that thanks for a yes, or takes it back."""
    details = {"reason": event.reason, "had_said_yes": event.had_said_yes}
    await tell(session, registry, _question(event, event.answer, details), now=now, cause=cause)


async def on_visit_asked(
    session: AsyncSession, registry: MailRegistry, event: VisitAsked, *, now: datetime, cause: Cause
) -> None:
    """Plan the mails that ask the igangsettere of a group whether they come back to it."""
    facts = event.model_dump(mode="json", include={"slot", "spoken_language", "place_text", "visit_id"})
    for asked in event.asked_first:
        notice = HelperNotice(
            id=uuid5(event.visit_id, str(asked.igangsetter_id)),
            account_id=asked.igangsetter_id,
            kind="question",
            language=asked.language,
            centre=event.centre,
            expires_at=event.occurred_at + ASKED_BACK,
            version=event.version,
            details={**facts, "group_id": str(event.group_id)},
        )
        await tell(session, registry, notice, now=now, cause=cause)


def _about_account(event: AccountInvited | AccountLinkAsked, kind: NoticeKind, notice_id: UUID) -> HelperNotice:
    return HelperNotice(
        id=notice_id,
        account_id=event.account_id,
        kind=kind,
        language=event.language,
        centre=event.centre,
        expires_at=event.expires_at,
    )


def _question(
    event: IgangsetterAsked | IgangsetterAnswered, state: NoticeState, details: Mapping[str, object]
) -> HelperNotice:
    facts = event.model_dump(mode="json", include=_FACTS)
    return HelperNotice(
        id=event.question_id,
        account_id=event.igangsetter_id,
        kind="question",
        language=event.language,
        centre=event.centre,
        expires_at=event.deadline,
        state=state,
        version=event.version,
        details={**facts, **details, "group_id": str(event.group_id)},
    )


async def tell(
    session: AsyncSession, registry: MailRegistry, notice: HelperNotice, *, now: datetime, cause: Cause
) -> None:
    """Store a notice in its newest state, and make its mails agree with it; nothing about an erased person."""
    await projections.lock(session, person_ids=[notice.account_id])
    if await projections.erased(session, [notice.account_id]):
        return
    stored = await helpers.write(session, notice)
    await sync_helper_mails(session, registry, stored, now=now, cause=cause)
