"""Make the queue agree with the facts: queue missing planned mails, cancel open mails that are no longer planned."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import delivery, planning
from notify.domain.delivery import Delivery, Status
from notify.domain.kontaktmoter.invitations import Invited
from notify.domain.planning import PlannedMail
from notify.mails.registry import MailRegistry
from notify.store import (
    Group,
    HelperNotice,
    InvitationRow,
    KontaktmoteRow,
    Mail,
    PageLink,
    Signup,
    group_life,
    mails,
    people,
    projections,
    talks,
)
from notify.usecases import calls, mail_tasks
from shared.kit.messaging.causes import Cause


async def sync_signup_mails(
    session: AsyncSession, registry: MailRegistry, signup: Signup, *, now: datetime, cause: Cause
) -> None:
    """Queue or cancel the mails that are planned from a sign-up itself, and from its talks."""
    planned = list(planning.plan_signup(registry, signup.facts))
    for talk in await talks.of_signup(session, signup.id):
        planned += planning.plan_talk(registry, talk, signup.facts)
    reason = "withdrawn" if signup.withdrawn else "overtaken"
    rows = await mails.of_signup(session, signup.id)
    await _reconcile(session, registry, rows, planned, reason, now=now, cause=cause)


async def sync_page_link_mails(
    session: AsyncSession, registry: MailRegistry, link: PageLink, *, now: datetime, cause: Cause
) -> None:
    """Queue the mail that answers a request for the link to a person's own page."""
    planned = planning.plan_page_link(registry, link.facts)
    rows = await mails.about_account(session, link.id)
    await _reconcile(session, registry, rows, planned, "overtaken", now=now, cause=cause)


async def sync_helper_mails(
    session: AsyncSession, registry: MailRegistry, notice: HelperNotice, *, now: datetime, cause: Cause
) -> None:
    """Queue or cancel the mails about a question to an igangsetter."""
    planned = planning.plan_notice(registry, notice.facts)
    rows = await mails.about_account(session, notice.id)
    await _reconcile(session, registry, rows, planned, "overtaken", now=now, cause=cause)


async def sync_invitation_mails(
    session: AsyncSession,
    registry: MailRegistry,
    meeting: KontaktmoteRow,
    invitations: Sequence[InvitationRow],
    *,
    now: datetime,
    cause: Cause,
) -> None:
    """Queue or cancel the mails about invitations to one meeting."""
    await session.flush()
    facts = meeting.facts
    planned = [mail for row in invitations for mail in planning.plan_invitation(registry, Invited(facts, row.facts))]
    rows = await mails.of_invitations(session, [row.id for row in invitations])
    await _reconcile(session, registry, rows, planned, "overtaken", now=now, cause=cause)


async def cancel_invitation_mails(
    session: AsyncSession, registry: MailRegistry, invitation_ids: Collection[UUID], *, now: datetime, cause: Cause
) -> None:
    """Cancel the mails about invitations that are taken back."""
    rows = await mails.of_invitations(session, invitation_ids)
    await _reconcile(session, registry, rows, (), "overtaken", now=now, cause=cause)


async def sync_group_mails(
    session: AsyncSession, registry: MailRegistry, group: Group, reason: str, *, now: datetime, cause: Cause
) -> None:
    """Queue or cancel the mails of all seats and meetings of a group; ``reason`` is stored with cancelled mails."""
    seats = await projections.seats_of_group(session, group.id)
    signups = await people.signups(session, {seat.signup_id for seat in seats})
    meetings, first_called = await projections.meetings_of_group(session, group.id)
    life = await group_life.life_of(session, group.id, meetings)
    planned = [
        mail
        for seat in seats
        for mail in planning.plan_seat(
            registry,
            seat.facts(first_called.get(seat.id, {})),
            group.facts,
            meetings,
            signups[seat.signup_id].facts if seat.signup_id in signups else None,
            life,
        )
    ]
    rows = await mails.of_group(session, group.id)
    await _reconcile(session, registry, rows, planned, reason, now=now, cause=cause)


async def _reconcile(
    session: AsyncSession,
    registry: MailRegistry,
    rows: Sequence[Mail],
    planned: Iterable[PlannedMail],
    reason: str,
    *,
    now: datetime,
    cause: Cause,
) -> None:
    missing = {mail.key: mail for mail in planned}
    with_task = [row for row in rows if row.status in mail_tasks.WITH_TASK]
    revived = False
    for row in rows:
        plan = missing.pop((row.kind, row.cause_id, row.person_id), None)
        if plan is None and row.delivery.pending:
            row.apply(delivery.cancel(row.delivery, reason), now)
        elif plan is not None and delivery.is_revivable(row.delivery):
            row.sequence, row.language = plan.sequence, plan.language
            row.apply(_first_state(plan, now), now)
            revived = True
        elif plan is not None and row.meeting_id is None and row.delivery.pending:
            row.meeting_id, row.sequence = plan.meeting_id, plan.sequence
    for mail in missing.values():
        await mails.add(session, mail, _first_state(mail, now), correlation_id=cause.correlation_id, now=now)
    if missing or revived:
        await mails.wake(session)
    to_call = {row.person_id for row in with_task if row.status == Status.CALL}
    await calls.close_moot(session, registry, to_call, now=now, cause=cause)
    await mail_tasks.sync(session, registry, with_task, now=now, cause=cause)


def _first_state(mail: PlannedMail, now: datetime) -> Delivery:
    state = delivery.queued(mail.not_before or now, is_reminder=mail.spec.is_reminder)
    if mail.spec.is_reminder and mail.not_before is not None and mail.not_before <= now:
        return delivery.cancel(state, "too_late")
    return state
