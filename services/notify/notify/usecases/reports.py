"""Record what comes back about a mail that has left: undelivered, delayed, or unwanted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import delivery
from notify.domain.delivery import Status
from notify.domain.refusals import About
from notify.domain.reports import Complaint, Report, Undelivered, after_report
from notify.mails.registry import MailRegistry
from notify.store import Mail, inbox, joint_mails, mails, people, projections
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
    Record a report about a mail, and those that left as one with it, once.

    ``report_id`` is the same for each delivery of the same report.

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
    rows = await joint_mails.together_with(session, mail)
    if any(row.status == Status.SENDING for row in rows):
        raise NotYet("mail_is_being_sent")
    left = [(row, state, row.settled_at) for row in rows if (state := after_report(row.delivery, report)) is not None]
    for row, state, left_at in left:
        row.apply(state, now)
        if not isinstance(report, Undelivered):
            row.settled_at = left_at
    changed = [row for row, _, _ in left]
    if isinstance(report, Undelivered) and left:
        await _record_undelivered(session, registry, changed, report, left[0][2], now)
    await mail_tasks.sync(session, registry, changed, now=now, cause=Cause.fresh())
    for row in changed:
        log.info("mail_reported", mail_id=row.id, kind=row.kind, status=row.status, reason=row.reason)
    return bool(changed)


async def _record_undelivered(
    session: AsyncSession,
    registry: MailRegistry,
    rows: Sequence[Mail],
    report: Undelivered,
    left_at: datetime | None,
    now: datetime,
) -> None:
    """Count the refusal of an address and call, as after a refusal of the mail server itself."""
    if report.about is not About.MAILBOX:
        return
    change = await people.contact_change(session, rows[0].person_id)
    if change is not None and left_at is not None and change.changed_at > left_at:
        for mail in rows:
            queued = delivery.retry_at_new_address(mail.delivery, now)
            assert queued is not None  # it has just failed
            mail.apply(queued, now)
        await mails.wake(session)
        return
    await outcomes.count_refusal(session, rows, now)
    for mail in rows:
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
