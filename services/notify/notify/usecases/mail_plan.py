"""Make the queue agree with the facts: queue missing planned mails, cancel open mails that are no longer planned."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
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
from notify.store.mails import NewMail
from notify.usecases import calls, mail_tasks
from shared.kit.messaging.causes import Cause


async def sync_signup_mails(
    session: AsyncSession, registry: MailRegistry, signup: Signup, *, now: datetime, cause: Cause
) -> None:
    """Queue or cancel the mails that are planned from a sign-up itself, and from its talks."""
    await sync_mails_of_signups(session, registry, [(signup, cause)], now=now)


async def sync_mails_of_signups(
    session: AsyncSession, registry: MailRegistry, signups: Sequence[tuple[Signup, Cause]], *, now: datetime
) -> None:
    """Queue or cancel the mails of several sign-ups, each for its own cause."""
    ids = [signup.id for signup, _ in signups]
    talks_of = await talks.of_signups(session, ids)
    rows_of = await mails.of_signups(session, ids)
    plans = []
    for signup, cause in signups:
        planned = list(planning.plan_signup(registry, signup.facts))
        for talk in talks_of[signup.id]:
            planned += planning.plan_talk(registry, talk, signup.facts)
        reason = "withdrawn" if signup.withdrawn else "overtaken"
        plans.append(_Plan(rows_of[signup.id], planned, reason, cause))
    await _reconcile(session, registry, plans, now=now)


async def sync_page_link_mails(
    session: AsyncSession, registry: MailRegistry, link: PageLink, *, now: datetime, cause: Cause
) -> None:
    """Queue the mail that answers a request for the link to a person's own page."""
    planned = planning.plan_page_link(registry, link.facts)
    rows = await mails.about_account(session, link.id)
    await _reconcile(session, registry, [_Plan(rows, planned, "overtaken", cause)], now=now)


async def sync_helper_mails(
    session: AsyncSession, registry: MailRegistry, notice: HelperNotice, *, now: datetime, cause: Cause
) -> None:
    """Queue or cancel the mails about a question to an igangsetter."""
    planned = planning.plan_notice(registry, notice.facts)
    rows = await mails.about_account(session, notice.id)
    await _reconcile(session, registry, [_Plan(rows, planned, "overtaken", cause)], now=now)


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
    await _reconcile(session, registry, [_Plan(rows, planned, "overtaken", cause)], now=now)


async def cancel_invitation_mails(
    session: AsyncSession, registry: MailRegistry, invitation_ids: Collection[UUID], *, now: datetime, cause: Cause
) -> None:
    """Cancel the mails about invitations that are taken back."""
    rows = await mails.of_invitations(session, invitation_ids)
    await _reconcile(session, registry, [_Plan(rows, (), "overtaken", cause)], now=now)


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
    await _reconcile(session, registry, [_Plan(rows, planned, reason, cause)], now=now)


@dataclass(frozen=True)
class _Plan:
    """
    The mails that there are about one thing, and those that there should be.

    Attributes:
        rows: Locked mails.
        reason: Is stored with those that are cancelled.
    """

    rows: Sequence[Mail]
    planned: Iterable[PlannedMail]
    reason: str
    cause: Cause


async def _reconcile(session: AsyncSession, registry: MailRegistry, plans: Sequence[_Plan], *, now: datetime) -> None:
    with_task = [[row for row in plan.rows if row.status in mail_tasks.WITH_TASK] for plan in plans]
    missing: list[NewMail] = []
    revived = False
    for plan in plans:
        missing_here, revived_here = _agree(plan, now)
        missing += [NewMail(mail, _first_state(mail, now), plan.cause.correlation_id) for mail in missing_here]
        revived = revived or revived_here
    await mails.add(session, *missing, now=now)
    if missing or revived:
        await mails.wake(session)
    for plan, rows in zip(plans, with_task, strict=True):
        if rows:
            to_call = {row.person_id for row in rows if row.status == Status.CALL}
            await calls.close_moot(session, registry, to_call, now=now, cause=plan.cause)
            await mail_tasks.sync(session, registry, rows, now=now, cause=plan.cause)


def _agree(plan: _Plan, now: datetime) -> tuple[Collection[PlannedMail], bool]:
    """Make the mails that there are agree with the plan; return those that are missing, and if one is due again."""
    missing = {mail.key: mail for mail in plan.planned}
    revived = False
    for row in plan.rows:
        planned = missing.pop((row.kind, row.cause_id, row.person_id), None)
        if planned is None and row.delivery.pending:
            row.apply(delivery.cancel(row.delivery, plan.reason), now)
        elif planned is not None and delivery.is_revivable(row.delivery):
            row.sequence, row.language, row.joint_id = planned.sequence, planned.language, None
            row.apply(_first_state(planned, now), now)
            revived = True
        elif planned is not None and row.meeting_id is None and row.delivery.pending:
            row.meeting_id, row.sequence = planned.meeting_id, planned.sequence
    return missing.values(), revived


def _first_state(mail: PlannedMail, now: datetime) -> Delivery:
    state = delivery.queued(mail.not_before or now, is_reminder=mail.spec.is_reminder)
    if mail.spec.is_reminder and mail.not_before is not None and mail.not_before <= now:
        return delivery.cancel(state, "too_late")
    return state
