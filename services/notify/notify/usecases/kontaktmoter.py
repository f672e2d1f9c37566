"""Commands of staff about a meeting of the centre: plan, announce, change, cancel, and say that it was held."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain.kontaktmoter.meetings import Plan, State
from notify.mails.registry import MailRegistry
from notify.store import InvitationRow, KontaktmoteRow, audit_log, contact_groups, kontaktmoter, projections
from notify.store.contact_groups import AudienceNow
from notify.usecases import kontaktmote_events, kontaktmote_replies, kontaktmote_tasks
from notify.usecases.mail_plan import sync_invitation_mails
from shared.errors import DomainError, NotFoundError
from shared.events.kontaktmoter import (
    Announced,
    KontaktmoteCancelled,
    KontaktmoteChanged,
    KontaktmoteEvent,
    KontaktmoteHeld,
)
from shared.kit.audit import Actor
from shared.kit.ids import new_id
from shared.reference.centres import Centres

LONGEST: Final = timedelta(hours=24)


async def plan(session: AsyncSession, centre: str, plans: Sequence[Plan], *, actor: Actor) -> list[UUID]:
    """
    Store drafts of one meeting, or of a series; return their ids in order of time.

    Raises:
        DomainError: ``meeting_has_begun``, ``meeting_too_long``.
    """
    series_id = new_id() if len(plans) > 1 else None
    rows = []
    for meeting_plan in sorted(plans, key=lambda item: item.starts_at):
        _check(meeting_plan, actor)
        row = KontaktmoteRow(
            id=new_id(),
            centre=centre,
            audience=meeting_plan.audience.value,
            starts_at=meeting_plan.starts_at,
            ends_at=meeting_plan.ends_at,
            series_id=series_id,
            created_at=actor.now,
        )
        row.write(meeting_plan)
        session.add(row)
        rows.append(row)
    await session.flush()
    for row in rows:
        await _record(session, actor, "kontaktmote.planned", row)
        await kontaktmote_tasks.sync(session, row, now=actor.now, cause=actor.cause)
    return [row.id for row in rows]


async def delete_draft(session: AsyncSession, kontaktmote_id: UUID, *, actor: Actor) -> None:
    """
    Delete a draft, of which nobody has been told.

    Raises:
        NotFoundError: ``unknown_kontaktmote``.
        DomainError: ``kontaktmote_is_…``.
    """
    row = await load(session, kontaktmote_id)
    row.facts.require(State.DRAFT)
    await _record(session, actor, "kontaktmote.deleted", row)
    await kontaktmote_tasks.close(session, row, now=actor.now, cause=actor.cause)
    await session.delete(row)


async def announce(
    session: AsyncSession, registry: MailRegistry, centres: Centres, kontaktmote_id: UUID, *, actor: Actor
) -> None:
    """
    Invite everybody the meeting is for, by their state now; once.

    Raises:
        NotFoundError: ``unknown_kontaktmote``.
        DomainError: ``kontaktmote_is_…``, ``meeting_has_begun``, ``kontaktmoter_are_off``, ``nobody_to_invite``.
    """
    row = await load(session, kontaktmote_id)
    meeting = row.facts
    meeting.require(State.DRAFT)
    meeting.require_future(actor.now)
    centre = centres.get(row.centre)
    if not meeting.plan.audience.allowed_by(centre.policy.kontaktmote if centre is not None else "off"):
        raise DomainError("kontaktmoter_are_off", kontaktmote_id=row.id)
    audience = await _locked_audience(session, row.centre, meeting.plan)
    if audience.is_empty and not meeting.plan.open_to_all:
        raise DomainError("nobody_to_invite", kontaktmote_id=row.id)
    invitations = [
        InvitationRow(
            id=new_id(),
            kontaktmote_id=row.id,
            group_id=recipient.group_id,
            recipient_id=recipient.id,
            via=recipient.via.value,
            language=recipient.language,
        )
        for recipient in audience.recipients
    ]
    session.add_all(invitations)
    await kontaktmoter.add_sealed(session, row.id, audience.sealed_groups)
    row.state, row.announced_at = State.ANNOUNCED.value, actor.now
    row.invited, row.invited_groups = len(invitations), len(audience.invited_groups)
    row.chosen_groups = []
    news = {"starts_at": row.starts_at, "ends_at": row.ends_at, "open_to_all": meeting.plan.open_to_all}
    await _publish(session, actor, "kontaktmote.announced", row, Announced, **news)
    await sync_invitation_mails(session, registry, row, invitations, now=actor.now, cause=actor.cause)


async def _locked_audience(session: AsyncSession, centre: str, plan: Plan) -> AudienceNow:
    """Return whom a meeting invites, with the groups locked: none of them starts, ends or forgets meanwhile."""
    if plan.audience.of_groups:
        for group in await contact_groups.of_centre(session, centre):
            await projections.lock(session, group_id=group.id)
    return await contact_groups.audience(session, centre, plan)


async def change(
    session: AsyncSession, registry: MailRegistry, kontaktmote_id: UUID, new_plan: Plan, *, actor: Actor
) -> None:
    """
    Change the plan of a meeting; another time or place is told to everybody invited who has not said no.

    The audience of an announced meeting stays as it is.

    Raises:
        NotFoundError: ``unknown_kontaktmote``.
        DomainError: ``kontaktmote_is_…``, ``meeting_has_begun``, ``meeting_too_long``.
    """
    row = await load(session, kontaktmote_id)
    meeting = row.facts
    meeting.require(State.DRAFT, State.ANNOUNCED)
    if meeting.announced:
        meeting.require_future(actor.now)
        new_plan = replace(new_plan, audience=meeting.plan.audience, chosen_groups=meeting.plan.chosen_groups)
    _check(new_plan, actor)
    if new_plan == meeting.plan:
        return
    row.write(new_plan)
    if not meeting.announced:
        await _record(session, actor, "kontaktmote.changed", row)
        await kontaktmote_tasks.sync(session, row, now=actor.now, cause=actor.cause)
        return
    is_news = new_plan.tells_other_than(meeting.plan)
    if is_news:
        row.sequence += 1
        row.line_closed = row.line_closed and new_plan.line_closes_at <= actor.now
    news = {name: getattr(row, name) for name in ("sequence", "starts_at", "ends_at", "capacity")}
    news["open_to_all"] = new_plan.open_to_all
    await _publish(session, actor, "kontaktmote.changed", row, KontaktmoteChanged, **news)
    rows = await kontaktmoter.invitations(session, row.id)
    before = kontaktmote_replies.replies_now(row, rows, actor.now)
    await kontaktmote_replies.store(
        session, registry, row, rows, before.resized(row.capacity), now=actor.now, cause=actor.cause
    )
    if is_news:
        await sync_invitation_mails(session, registry, row, rows, now=actor.now, cause=actor.cause)


async def cancel(session: AsyncSession, registry: MailRegistry, kontaktmote_id: UUID, *, actor: Actor) -> None:
    """
    Call an announced meeting off; everybody invited who has not said no is told.

    Raises:
        NotFoundError: ``unknown_kontaktmote``.
        DomainError: ``kontaktmote_is_…``, ``meeting_has_begun``.
    """
    row = await load(session, kontaktmote_id)
    row.facts.require(State.ANNOUNCED)
    row.facts.require_future(actor.now)
    row.state, row.cancelled_at = State.CANCELLED.value, actor.now
    row.sequence += 1
    await _publish(session, actor, "kontaktmote.cancelled", row, KontaktmoteCancelled, starts_at=row.starts_at)
    rows = await kontaktmoter.invitations(session, row.id)
    await sync_invitation_mails(session, registry, row, rows, now=actor.now, cause=actor.cause)


async def record_held(session: AsyncSession, kontaktmote_id: UUID, attendance: int, *, actor: Actor) -> None:
    """
    Store that a meeting was held, and with how many; a second report corrects the first.

    Raises:
        NotFoundError: ``unknown_kontaktmote``.
        DomainError: ``kontaktmote_is_…``, ``meeting_not_begun``.
    """
    row = await load(session, kontaktmote_id)
    row.facts.require(State.ANNOUNCED, State.HELD)
    if row.starts_at > actor.now:
        raise DomainError("meeting_not_begun", kontaktmote_id=row.id)
    if row.state == State.HELD and row.attendance == attendance:
        return
    row.state, row.attendance = State.HELD.value, attendance
    facts = {"attendance": attendance, "starts_at": row.starts_at}
    await _publish(session, actor, "kontaktmote.held", row, KontaktmoteHeld, **facts)


async def load(session: AsyncSession, kontaktmote_id: UUID) -> KontaktmoteRow:
    """
    Lock and return a meeting.

    Raises:
        NotFoundError: ``unknown_kontaktmote``.
    """
    row = await kontaktmoter.get(session, kontaktmote_id, lock=True)
    if row is None:
        raise NotFoundError("unknown_kontaktmote", kontaktmote_id=kontaktmote_id)
    return row


def _check(new_plan: Plan, actor: Actor) -> None:
    if new_plan.starts_at <= actor.now:
        raise DomainError("meeting_has_begun")
    if new_plan.ends_at - new_plan.starts_at > LONGEST:
        raise DomainError("meeting_too_long")


async def _publish(
    session: AsyncSession,
    actor: Actor,
    action: str,
    row: KontaktmoteRow,
    kind: type[KontaktmoteEvent],
    **fields: object,
) -> None:
    """Publish the next event about a meeting, record the act, and make the tasks about it agree."""
    await kontaktmote_events.publish(session, row, kind, now=actor.now, cause=actor.cause, **fields)
    await _record(session, actor, action, row)
    await kontaktmote_tasks.sync(session, row, now=actor.now, cause=actor.cause)


async def _record(session: AsyncSession, actor: Actor, action: str, row: KontaktmoteRow) -> None:
    await audit_log.record(session, actor, action, "kontaktmote", row.id, scope=row.centre)
