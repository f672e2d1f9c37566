"""Answers to invitations, and what else gives or frees places: a group that ends, a line that closes, an erasure."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain.kontaktmoter.invitations import Via
from notify.domain.kontaktmoter.meetings import LINE_CLOSES_BEFORE, State
from notify.domain.kontaktmoter.replies import Replies
from notify.mails.registry import MailRegistry
from notify.store import InvitationRow, KontaktmoteRow, contact_groups, kontaktmoter, mails, outbox
from notify.usecases import mail_tasks
from notify.usecases.mail_plan import cancel_invitation_mails, sync_invitation_mails
from shared.errors import DomainError, NotFoundError
from shared.events.kontaktmoter import ReplyGiven
from shared.kit.messaging.causes import Cause


async def answer(
    session: AsyncSession,
    registry: MailRegistry,
    invitation_id: UUID,
    people: int,
    *,
    for_group: bool,
    now: datetime,
    cause: Cause,
) -> None:
    """
    Store an answer; the last one counts, from whatever device it comes.

    Raises:
        NotFoundError: ``unknown_invitation``.
        DomainError: ``meeting_has_begun``, ``kontaktmote_is_cancelled``, ``meeting_is_full``.
    """
    row, rows = await _load(session, invitation_id)
    meeting = row.facts
    meeting.require(State.ANNOUNCED)
    meeting.require_future(now)
    replies = _with_line(row, rows, now)
    answered = replies.answer(invitation_id, people, for_group=for_group)
    await store(session, registry, row, rows, answered, now=now, cause=cause, acting=invitation_id)


async def stop(
    session: AsyncSession, registry: MailRegistry, invitation_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """
    Send no more invitations from the centre to whoever has this one; a place that they have stays theirs.

    Raises:
        NotFoundError: ``unknown_invitation``, ``invitation_of_nobody``: nobody knows any more whose it is.
    """
    asking = await kontaktmoter.invitation(session, invitation_id)
    if asking is None:
        raise NotFoundError("unknown_invitation", invitation_id=invitation_id)
    if asking.recipient_id is None:
        raise NotFoundError("invitation_of_nobody", invitation_id=invitation_id)
    recipient_id, centre = asking.recipient_id, (await _meeting_of(session, asking)).centre
    sealed_group = asking.group_id if asking.via == "sealed" else None
    await kontaktmoter.refuse(session, recipient_id, centre, sealed_group)
    for kontaktmote_id in await kontaktmoter.of_recipient(session, recipient_id, centre):
        row = await kontaktmoter.get(session, kontaktmote_id, lock=True)
        rows = await kontaktmoter.invitations(session, kontaktmote_id)
        own = next((one for one in rows if one.recipient_id == recipient_id), None)
        if row is None or own is None or row.state != State.ANNOUNCED or row.starts_at <= now:
            continue
        replies = _with_line(row, rows, now)
        if own.seats == 0:
            own.stopped = True
            replies = replies.answer(own.id, 0)
        await store(session, registry, row, rows, replies, now=now, cause=cause, acting=own.id)
        await sync_invitation_mails(session, registry, row, [own], now=now, cause=cause)


async def start_again(session: AsyncSession, invitation_id: UUID) -> None:
    """
    Send invitations from the centre again to whoever has this one.

    Raises:
        NotFoundError: ``unknown_invitation``.
    """
    asking = await kontaktmoter.invitation(session, invitation_id)
    if asking is None or asking.recipient_id is None:
        raise NotFoundError("unknown_invitation", invitation_id=invitation_id)
    meeting = await _meeting_of(session, asking)
    await kontaktmoter.accept_again(session, asking.recipient_id, meeting.centre)
    asking.stopped = False


async def withdraw(
    session: AsyncSession,
    registry: MailRegistry,
    kontaktmote_id: UUID,
    *,
    now: datetime,
    cause: Cause,
    group_id: UUID | None = None,
    recipient_id: UUID | None = None,
) -> None:
    """Take back the invitations of a group or of one recipient; their places go to the line, their mails are off."""
    row = await kontaktmoter.get(session, kontaktmote_id, lock=True)
    if row is None:
        return
    rows = await kontaktmoter.invitations(session, kontaktmote_id)
    gone = [
        one
        for one in rows
        if (group_id is None or one.group_id == group_id) and recipient_id in (None, one.recipient_id)
    ]
    if group_id is not None and recipient_id is None:
        await kontaktmoter.delete_sealed(session, kontaktmote_id, group_id)
    if not gone:
        return
    ids = {one.id for one in gone}
    await cancel_invitation_mails(session, registry, ids, now=now, cause=cause)
    await kontaktmoter.delete_invitations(session, ids)
    left = [one for one in rows if one.id not in ids]
    after = kontaktmoter.replies_of(row, rows).without(ids)
    await store(session, registry, row, left, after, now=now, cause=cause)


async def withdraw_of_recipient(
    session: AsyncSession,
    registry: MailRegistry,
    recipient_id: UUID,
    via: Via,
    *,
    with_places: bool,
    now: datetime,
    cause: Cause,
) -> None:
    """
    Take back the invitations to meetings ahead of somebody who is not of the audience any more.

    Those by another way stay, as to a member of a group. Without ``with_places`` only those are taken back with which
    the recipient has no place.
    """
    for kontaktmote_id in await kontaktmoter.of_recipient(session, recipient_id):
        row = await kontaktmoter.get(session, kontaktmote_id, lock=True)
        own = [
            one for one in await kontaktmoter.invitations(session, kontaktmote_id) if one.recipient_id == recipient_id
        ]
        is_ahead = row is not None and row.state == State.ANNOUNCED and row.starts_at > now
        if is_ahead and any(one.via == via and (with_places or one.seats == 0) for one in own):
            await withdraw(session, registry, kontaktmote_id, recipient_id=recipient_id, now=now, cause=cause)


async def forget_recipient(
    session: AsyncSession, registry: MailRegistry, recipient_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """Delete the invitations and the refusals of somebody who is erased, and what is known of their account."""
    for kontaktmote_id in await kontaktmoter.of_recipient(session, recipient_id):
        await withdraw(session, registry, kontaktmote_id, recipient_id=recipient_id, now=now, cause=cause)
    await kontaktmoter.delete_refusals(session, recipient_ids=[recipient_id])
    await contact_groups.delete_account(session, recipient_id)


async def close_line(
    session: AsyncSession, registry: MailRegistry, kontaktmote_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """Close the line for a meeting whose time has come, and plan the mails to those who have waited in vain."""
    row = await kontaktmoter.get(session, kontaktmote_id, lock=True)
    if row is None or row.line_closed or row.state != State.ANNOUNCED or row.starts_at - LINE_CLOSES_BEFORE > now:
        return
    rows = await kontaktmoter.invitations(session, kontaktmote_id)
    await store(session, registry, row, rows, _with_line(row, rows, now), now=now, cause=cause)
    await sync_invitation_mails(session, registry, row, rows, now=now, cause=cause)


async def store(
    session: AsyncSession,
    registry: MailRegistry,
    row: KontaktmoteRow,
    rows: Sequence[InvitationRow],
    after: Replies,
    *,
    now: datetime,
    cause: Cause,
    acting: UUID | None = None,
) -> None:
    """
    Write the replies, publish the numbers if they have changed, and plan the mails that follow.

    ``acting`` is the invitation that has answered; whoever else gets a place has it from the line.
    """
    touched = []
    for one in rows:
        reply = after.by_invitation[one.id]
        if reply == one.reply and one.id != acting:
            continue
        if reply.seats > 0 and one.seats == 0:
            one.place_number += 1
        if reply.seats > one.seats:
            one.from_line, one.missed = one.id != acting, False
        if one.id == acting:
            one.missed = False
        one.answered, one.seats, one.wanted, one.line = reply.answered, reply.seats, reply.wanted, reply.line
        touched.append(one)
    row.next_line, row.line_closed = after.next_line, not after.line_open
    declined = sum(one.answered and one.wanted == 0 for one in rows)
    numbers = after.coming, after.waiting, declined
    group_id = next((one.group_id for one in touched if one.id == acting), None)
    if numbers != (row.coming, row.waiting, row.declined) or group_id is not None:
        row.coming, row.waiting, row.declined = numbers
        row.version += 1
        stamp = cause.stamp(ReplyGiven, f"{row.id}|{row.version}", now)
        event = ReplyGiven(
            **stamp,
            kontaktmote_id=row.id,
            version=row.version,
            centre=row.centre,
            coming=after.coming,
            waiting=after.waiting,
            group_id=group_id,
        )
        await outbox.add(session, event)
    await session.flush()
    if touched:
        await sync_invitation_mails(session, registry, row, touched, now=now, cause=cause)


async def forget_members(
    session: AsyncSession, group_id: UUID, kept: Collection[UUID], *, sealed: bool, now: datetime, cause: Cause
) -> None:
    """
    Forget whose the invitations of a group are, except for the people in ``kept``; the answers stay.

    The links of their mails still answer. If addresses are sealed, these hear of changes from now on.
    """
    for kontaktmote_id in await kontaktmoter.future_of_group(session, group_id, now):
        row = await kontaktmoter.get(session, kontaktmote_id, lock=True)
        if row is None:
            continue
        rows = await kontaktmoter.invitations(session, kontaktmote_id)
        gone = [
            one
            for one in rows
            if one.group_id == group_id and one.via == "member" and one.recipient_id and one.recipient_id not in kept
        ]
        if not gone:
            continue
        for mail in await mails.of_invitations(session, [one.id for one in gone]):
            await mail_tasks.close(session, mail.id, now=now, cause=cause)
        await kontaktmoter.delete_mails(session, [one.id for one in gone])
        people = [one.recipient_id for one in gone if one.recipient_id is not None]
        await kontaktmoter.delete_refusals(session, recipient_ids=people)
        for one in gone:
            one.recipient_id = None
        if sealed:
            await kontaktmoter.add_sealed(session, kontaktmote_id, [group_id], told_sequence=row.sequence)


def _with_line(row: KontaktmoteRow, rows: Sequence[InvitationRow], now: datetime) -> Replies:
    """Return the replies as they are now: the line closes by itself when its time has come."""
    replies = kontaktmoter.replies_of(row, rows)
    if not replies.line_open or row.plan.line_closes_at > now:
        return replies
    closed, missed = replies.closed()
    for one in rows:
        one.missed = one.missed or one.id in missed
    return closed


async def _load(session: AsyncSession, invitation_id: UUID) -> tuple[KontaktmoteRow, list[InvitationRow]]:
    """Lock the meeting of an invitation, and return it with all invitations to it."""
    unlocked = await kontaktmoter.invitation(session, invitation_id)
    row = await kontaktmoter.get(session, unlocked.kontaktmote_id, lock=True) if unlocked is not None else None
    if row is None:
        raise NotFoundError("unknown_invitation", invitation_id=invitation_id)
    rows = await kontaktmoter.invitations(session, row.id)
    if not any(one.id == invitation_id for one in rows):
        raise NotFoundError("unknown_invitation", invitation_id=invitation_id)
    return row, rows


async def _meeting_of(session: AsyncSession, asking: InvitationRow) -> KontaktmoteRow:
    row = await kontaktmoter.get(session, asking.kontaktmote_id)
    if row is None:
        raise DomainError("unknown_invitation", invitation_id=asking.id)
    return row
