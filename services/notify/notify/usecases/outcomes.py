"""Record the outcome of each attempt to send a mail."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import delivery
from notify.domain.delivery import Outcome, SmtpRejected, Status
from notify.mails.registry import MailRegistry
from notify.store import Mail, attempts, contents, mails, projections
from notify.usecases import calls, forgetting, mail_tasks
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause

log = get_logger(__name__)


async def record(
    session: AsyncSession, registry: MailRegistry, *mail_ids: UUID, outcome: Outcome, worker: int, now: datetime
) -> None:
    """
    Record the outcome of an attempt, for all mails that left as one.

    Nothing is recorded about mails that were deleted or recovered by another mailer meanwhile.
    """
    refused = isinstance(outcome, SmtpRejected) and outcome.of_mailbox
    if refused and (unlocked := await mails.get(session, mail_ids[0])) is not None:
        await projections.lock(session, person_ids=[unlocked.person_id])
    rows = await attempts.sent_by(session, mail_ids, worker)
    if len(rows) < len(mail_ids):
        log.warning("mail_gone_while_sent", mail_id=mail_ids[0])
    for mail in rows:
        _record(registry, mail, outcome, now)
    if refused:
        await count_refusal(session, rows, now)
    for mail in rows:
        if refused and mail.status == Status.FAILED:
            await call_if_address_is_dead(session, registry, mail, now)
    await mail_tasks.sync(session, registry, rows, now=now, cause=Cause.fresh())
    for mail in rows:
        await forget_members(session, mail, now)


async def record_accepted(
    session: AsyncSession, registry: MailRegistry, mail_ids: Collection[UUID], *, worker: int, now: datetime
) -> set[UUID]:
    """
    Record that the server has these mails.

    Returns:
        The mails that are recorded. The others are being changed right now, or are the last ones to a group that is to
        be forgotten: :func:`record` them one by one.
    """
    rows = await attempts.set_sent(session, mail_ids, worker, now)
    for row in rows:
        log.info(
            "mail_attempted", mail_id=row.id, kind=row.kind, status=Status.SENT.value, attempt=row.attempt, reason=None
        )
    for row in rows:
        if row.has_task and (mail := await mails.get(session, row.id)) is not None:
            await mail_tasks.sync(session, registry, [mail], now=now, cause=Cause.fresh())
    return {row.id for row in rows}


def _record(registry: MailRegistry, mail: Mail, outcome: Outcome, now: datetime) -> None:
    spec = registry.get(mail.kind)
    is_reminder = spec is not None and spec.is_reminder
    mail.apply(delivery.end_attempt(mail.delivery, outcome, now, is_reminder=is_reminder), now)
    log.info(
        "mail_attempted", mail_id=mail.id, kind=mail.kind, status=mail.status, attempt=mail.attempt, reason=mail.reason
    )


async def count_refusal(session: AsyncSession, rows: Sequence[Mail], now: datetime) -> None:
    """Count a permanent refusal of the address to which a mail, or several as one, went."""
    for mail in rows:
        mail.address_refused = True
    if rows:
        await projections.add_hard_bounce(session, rows[0].person_id, now)


async def forget_members(session: AsyncSession, mail: Mail, now: datetime) -> None:
    """Forget the members of a group when the last mail to them has left or is dropped."""
    if mail.group_id is not None and not mail.delivery.may_be_sent:
        await forgetting.forget_members(session, mail.group_id, now=now, cause=Cause.fresh())


async def call_if_address_is_dead(session: AsyncSession, registry: MailRegistry, mail: Mail, now: datetime) -> None:
    """Turn the refused mail into a call if no other mail will be sent to the address: the person must still hear it."""
    spec = registry.get(mail.kind)
    refusals = await projections.hard_bounces(session, mail.person_id)
    if spec is None or spec.call is None or refusals < delivery.HARD_BOUNCES_TO_SUPPRESS:
        return
    if spec.call.wanted(await contents.facts_of(session, registry, mail)):
        mail.apply(delivery.to_call(mail.delivery, "address_refused"), now)
        await calls.open_call(session, registry, mail, now=now)


async def give_up(session: AsyncSession, registry: MailRegistry, *mail_ids: UUID, worker: int, now: datetime) -> None:
    """Fail claimed mails that cannot be made; staff have to look at them."""
    for mail in await attempts.sent_by(session, mail_ids, worker):
        await fail_unmade(session, registry, mail, now)


async def fail_unmade(session: AsyncSession, registry: MailRegistry, mail: Mail, now: datetime) -> None:
    """Fail a locked mail that cannot be made, and ask staff to look at it."""
    mail.apply(delivery.fail(mail.delivery, "not_made"), now)
    await mail_tasks.sync(session, registry, [mail], now=now, cause=Cause.fresh())


async def recover(session: AsyncSession, registry: MailRegistry, *, now: datetime) -> int:
    """
    Take over the mails of dead mailers, and return their number.

    The outcome of an attempt that had begun is unknown; a mail that was only claimed is put back.
    """
    rows = await attempts.of_dead_workers(session)
    for mail in rows:
        if mail.sending_since is None:
            mail.apply(delivery.put_back(mail.delivery, mail.created_at), now)
        else:
            _record(registry, mail, delivery.OutcomeUnknown(), now)
    await mail_tasks.sync(session, registry, rows, now=now, cause=Cause.fresh())
    return len(rows)
