"""Record what comes back about a mail that has left: undelivered, delayed, or unwanted."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import delivery
from notify.domain.delivery import Status
from notify.domain.refusals import About
from notify.domain.reports import Complaint, Report, Undelivered, after_report
from notify.mails.registry import MailRegistry
from notify.store import Mail, inbox, mails, people, projections
from notify.usecases import kontaktmote_replies, mail_tasks, outcomes
from shared.errors import NotFoundError, NotYet
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause

CONSUMER: Final = "inbound-mailbox"
"""Name under which the inbox remembers reports."""

log = get_logger(__name__)


async def record(
    session: AsyncSession, registry: MailRegistry, mail_id: UUID, report: Report, *, report_id: UUID, now: datetime
) -> bool:
    """
    Record a report about a mail, once; ``report_id`` is the same for each delivery of the same report.

    Returns:
        True if it changed something.

    Raises:
        NotYet: The mail is being sent, and the report of its outcome must wait.
    """
    mail = await mails.get(session, mail_id)
    if mail is None:
        return False
    await projections.lock(session, person_ids=[mail.person_id])
    if not await inbox.first_time(session, CONSUMER, report_id):
        return False
    if isinstance(report, Complaint) and after_report(mail.delivery, report) is not None:
        await _record_complaint(session, registry, mail, now)  # before the lock of the mail, as meetings are locked
    mail = await mails.get(session, mail_id, lock=True)
    if mail is not None and mail.status == Status.SENDING:
        raise NotYet("mail_is_being_sent")
    state = after_report(mail.delivery, report) if mail is not None else None
    if mail is None or state is None:
        return False
    left_at = mail.settled_at
    mail.apply(state, now)
    if isinstance(report, Undelivered):
        await _record_undelivered(session, registry, mail, report, left_at, now)
    else:
        mail.settled_at = left_at
    await mail_tasks.sync(session, registry, [mail], now=now, cause=Cause.fresh())
    log.info("mail_reported", mail_id=mail.id, kind=mail.kind, status=mail.status, reason=mail.reason)
    return True


async def _record_undelivered(
    session: AsyncSession,
    registry: MailRegistry,
    mail: Mail,
    report: Undelivered,
    left_at: datetime | None,
    now: datetime,
) -> None:
    """Count the refusal of an address and call, as after a refusal of the mail server itself."""
    if report.about is not About.MAILBOX:
        return
    change = await people.contact_change(session, mail.person_id)
    if change is not None and left_at is not None and change.changed_at > left_at:
        queued = delivery.retry_at_new_address(mail.delivery, now)
        assert queued is not None  # it has just failed
        mail.apply(queued, now)
        await mails.wake(session)
        return
    await outcomes.count_refusal(session, mail, now)
    await outcomes.call_if_address_is_dead(session, registry, mail, now)


async def _record_complaint(session: AsyncSession, registry: MailRegistry, mail: Mail, now: datetime) -> None:
    """Stop mails to a person that they do not ask for, and invitations to whoever has complained of one."""
    await projections.add_complaint(session, mail.person_id, now)
    if mail.invitation_id is None:
        return
    try:
        await kontaktmote_replies.stop(session, registry, mail.invitation_id, now=now, cause=Cause.fresh())
    except NotFoundError:
        log.info("invitation_gone", mail_id=mail.id)
