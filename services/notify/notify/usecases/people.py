"""Store the facts in intake's events about people, and plan the mails."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import delivery
from notify.mails.registry import MailRegistry
from notify.store import PageLink, mails, outbox, people, projections, task_book
from notify.usecases import kontaktmote_forgetting, mail_tasks
from notify.usecases.mail_plan import sync_page_link_mails
from shared.events.erasures import Reported
from shared.events.people import ContactChanged, Erased, PageLinkAsked
from shared.kit.messaging.causes import Cause


async def on_contact_changed(
    session: AsyncSession, registry: MailRegistry, event: ContactChanged, *, now: datetime, cause: Cause
) -> None:
    """
    Store the language of all mails from now on, and forget refusals of the earlier address.

    Mails that failed because of that address, and calls that stand for mails, are queued once more; each is dropped at
    its turn if it no longer holds.
    """
    await projections.lock(session, person_ids=[event.person_id])
    if await projections.erased(session, [event.person_id]):
        return
    if not await people.change_contact(session, event):
        return
    await projections.clear_bounces(session, event.person_id)
    for signup in await people.signups_of_person(session, event.person_id):
        if signup.language_at is None or signup.language_at < event.occurred_at:
            signup.language = event.language
    rows = await mails.of_person(session, event.person_id)
    with_task = [mail for mail in rows if mail.status in mail_tasks.WITH_TASK]
    for mail in rows:
        queued = delivery.retry_at_new_address(mail.delivery, now) if event.by_mail else None
        if queued is not None and (mail.address_refused or mail.status == delivery.Status.CALL):
            mail.address_refused = False
            mail.apply(queued, now)
        if mail.delivery.open:
            mail.language = event.language
    await mail_tasks.sync(session, registry, with_task, now=now, cause=cause)
    await mails.wake(session)


async def on_page_link_asked(
    session: AsyncSession, registry: MailRegistry, event: PageLinkAsked, *, now: datetime, cause: Cause
) -> None:
    """Plan the mail with the link to the person's own page."""
    await projections.lock(session, person_ids=[event.person_id])
    if await projections.erased(session, [event.person_id]):
        return
    link = PageLink(
        id=event.link_id,
        person_id=event.person_id,
        language=event.language,
        centre=event.centre or await people.centre_of(session, event.person_id),
        expires_at=event.expires_at,
    )
    await people.add_page_link(session, link)
    await sync_page_link_mails(session, registry, link, now=now, cause=cause)


async def on_erased(
    session: AsyncSession, registry: MailRegistry, event: Erased, *, now: datetime, cause: Cause
) -> None:
    """Delete everything about a person, and ignore late events about them."""
    await projections.lock(session, person_ids=[event.person_id])
    await task_book.close_of_person(session, event.person_id, now=now, cause=cause)
    await kontaktmote_forgetting.forget_recipient(
        session, registry, event.person_id, asked=event.wants_receipt, now=now, cause=cause
    )
    deleted = await projections.erase(session, event.person_id, now)
    if event.wants_receipt:
        stamp = cause.stamp(Reported, "notify", now)
        await outbox.add(session, Reported(**stamp, person_id=event.person_id, service="notify", deleted=deleted))
