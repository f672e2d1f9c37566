"""Make the queue agree with the facts: queue missing planned mails, cancel open mails that are no longer planned."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import delivery, planning
from notify.domain.planning import PlannedMail
from notify.mails.registry import MailRegistry
from notify.store import Group, Mail, Signup, mails, projections
from shared.kit.messaging.causes import Cause


async def sync_signup_mails(
    session: AsyncSession, registry: MailRegistry, signup: Signup, *, now: datetime, cause: Cause
) -> None:
    """Queue or cancel the mails that are planned from a sign-up itself."""
    planned = planning.plan_signup(registry, signup.facts)
    reason = "withdrawn" if signup.withdrawn else "overtaken"
    await _reconcile(session, await mails.of_signup(session, signup.id), planned, reason, now=now, cause=cause)


async def sync_group_mails(
    session: AsyncSession, registry: MailRegistry, group: Group, reason: str, *, now: datetime, cause: Cause
) -> None:
    """Queue or cancel the mails of all seats and meetings of a group; ``reason`` is stored with cancelled mails."""
    seats = await projections.seats_of_group(session, group.id)
    withdrawn = await projections.withdrawn(session, {seat.signup_id for seat in seats})
    meetings, first_called = await projections.meetings_of_group(session, group.id)
    planned = [
        mail
        for seat in seats
        for mail in planning.plan_seat(
            registry,
            seat.facts(first_called.get(seat.id, {})),
            group.facts,
            meetings,
            withdrawn=seat.signup_id in withdrawn,
        )
    ]
    await _reconcile(session, await mails.of_group(session, group.id), planned, reason, now=now, cause=cause)


async def _reconcile(
    session: AsyncSession,
    rows: Sequence[Mail],
    planned: Iterable[PlannedMail],
    reason: str,
    *,
    now: datetime,
    cause: Cause,
) -> None:
    missing = {mail.key: mail for mail in planned}
    for row in rows:
        is_planned = missing.pop((row.kind, row.cause_id, row.person_id), None) is not None
        if not is_planned and row.delivery.open:
            row.apply(delivery.cancel(row.delivery, reason), now)
    for mail in missing.values():
        state = delivery.queued(mail.not_before or now, is_reminder=mail.spec.is_reminder)
        if mail.not_before is not None and mail.not_before <= now:
            state = delivery.cancel(state, "too_late")
        await mails.add(session, mail, state, correlation_id=cause.correlation_id, now=now)
    if missing:
        await mails.wake(session)
