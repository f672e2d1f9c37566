"""Answers to invitations, and what else gives or frees places: a group that ends, a line that closes."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain.kontaktmoter.invitations import Via
from notify.domain.kontaktmoter.meetings import State
from notify.domain.kontaktmoter.replies import Replies
from notify.mails.registry import MailRegistry
from notify.store import InvitationRow, KontaktmoteRow, kontaktmoter
from notify.usecases import kontaktmote_events
from notify.usecases.mail_plan import cancel_invitation_mails, sync_invitation_mails
from shared.errors import NotFoundError
from shared.events.kontaktmoter import GuestAnswered, ReplyGiven
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
    replies = replies_now(row, rows, now)
    answered = replies.answer(invitation_id, people, for_group=for_group)
    if people:
        own = next(one for one in rows if one.id == invitation_id)
        own.stopped = False  # who comes after all must hear of changes
    await store(session, registry, row, rows, answered, now=now, cause=cause, acting=invitation_id)


async def stop(
    session: AsyncSession, registry: MailRegistry, invitation_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """
    Send no more invitations from the centre to whoever has this one; a place that they have stays theirs.

    Raises:
        NotFoundError: ``unknown_invitation``, ``invitation_of_nobody``: nobody knows any more whose it is.
    """
    asking, recipient_id, centre = await _asking(session, invitation_id)
    sealed_group = asking.group_id if asking.via == Via.SEALED else None
    await kontaktmoter.refuse(session, recipient_id, centre, sealed_group)
    for kontaktmote_id in await kontaktmoter.of_recipient(session, recipient_id, centre):
        row, rows = await locked(session, kontaktmote_id)
        own = next((one for one in rows if one.recipient_id == recipient_id), None)
        if own is None or not is_ahead(row, now):
            continue
        replies = replies_now(row, rows, now)
        if own.seats == 0:
            own.stopped = True
            if own.wanted:  # out of the line; who has not answered still has not
                replies = replies.answer(own.id, 0)
        await store(session, registry, row, rows, replies, now=now, cause=cause, acting=own.id)


async def start_again(
    session: AsyncSession, registry: MailRegistry, invitation_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """
    Send invitations from the centre again to whoever has this one, those to meetings ahead included.

    Raises:
        NotFoundError: ``unknown_invitation``, ``invitation_of_nobody``.
    """
    _, recipient_id, centre = await _asking(session, invitation_id)
    await kontaktmoter.accept_again(session, recipient_id, centre)
    for kontaktmote_id in await kontaktmoter.of_recipient(session, recipient_id, centre):
        row, rows = await locked(session, kontaktmote_id)
        own = [one for one in rows if one.recipient_id == recipient_id]
        for one in own:
            one.stopped = False
        if is_ahead(row, now):
            await sync_invitation_mails(session, registry, row, own, now=now, cause=cause)


async def withdraw_group(
    session: AsyncSession, registry: MailRegistry, group_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """Take back the invitations of a group to meetings ahead."""
    for kontaktmote_id in await kontaktmoter.future_of_group(session, group_id, now):
        row, rows = await locked(session, kontaktmote_id)
        await kontaktmoter.delete_sealed(session, kontaktmote_id, group_id)
        gone = [one.id for one in rows if one.group_id == group_id]
        await take_back(session, registry, row, rows, gone, now=now, cause=cause)


async def withdraw_member(
    session: AsyncSession, registry: MailRegistry, group_id: UUID, person_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """Take back the invitations that a person has as a member of a group, to meetings ahead."""
    for kontaktmote_id in await kontaktmoter.future_of_group(session, group_id, now):
        row, rows = await locked(session, kontaktmote_id)
        gone = [one.id for one in rows if one.group_id == group_id and one.recipient_id == person_id]
        await take_back(session, registry, row, rows, gone, now=now, cause=cause)


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
        row, rows = await locked(session, kontaktmote_id)
        own = [one for one in rows if one.recipient_id == recipient_id and one.via == via]
        gone = [one.id for one in own if with_places or one.seats == 0]
        if is_ahead(row, now):
            await take_back(session, registry, row, rows, gone, now=now, cause=cause)


async def take_back(
    session: AsyncSession,
    registry: MailRegistry,
    row: KontaktmoteRow,
    rows: Sequence[InvitationRow],
    gone: Collection[UUID],
    *,
    now: datetime,
    cause: Cause,
) -> None:
    """Delete invitations to a meeting; their places go to the line, and their mails are cancelled."""
    if not gone:
        return
    await cancel_invitation_mails(session, registry, gone, now=now, cause=cause)
    await kontaktmoter.delete_invitations(session, gone)
    left = [one for one in rows if one.id not in gone]
    after = replies_now(row, rows, now).without(gone)
    await store(session, registry, row, left, after, now=now, cause=cause)


async def close_line(
    session: AsyncSession, registry: MailRegistry, kontaktmote_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """Close the line for a meeting whose time has come, and plan the mails to those who have waited in vain."""
    row, rows = await locked(session, kontaktmote_id)
    if row.line_closed or row.state != State.ANNOUNCED or row.plan.line_closes_at > now:
        return
    await store(session, registry, row, rows, replies_now(row, rows, now), now=now, cause=cause)


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
    touched, guest = [], None
    for one in rows:
        reply = after.by_invitation[one.id]
        if reply == one.reply and one.id != acting:
            continue
        if one.id == acting and one.via == Via.GUEST and reply != one.reply:
            guest = one
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
        news = {"coming": after.coming, "waiting": after.waiting, "group_id": group_id}
        await kontaktmote_events.publish(session, row, ReplyGiven, now=now, cause=cause, **news)
    if guest is not None:
        answer_of = {"person_id": guest.recipient_id, "coming": guest.wanted > 0}
        await kontaktmote_events.publish(session, row, GuestAnswered, now=now, cause=cause, **answer_of)
    await session.flush()
    if touched:
        await sync_invitation_mails(session, registry, row, touched, now=now, cause=cause)


async def locked(session: AsyncSession, kontaktmote_id: UUID) -> tuple[KontaktmoteRow, list[InvitationRow]]:
    """Lock a meeting that has invitations, and return it with them."""
    row = await kontaktmoter.get(session, kontaktmote_id, lock=True)
    assert row is not None  # only drafts are deleted, and nobody is invited to one
    return row, await kontaktmoter.invitations(session, kontaktmote_id)


def is_ahead(row: KontaktmoteRow, now: datetime) -> bool:
    """Return True if the meeting is announced and has not begun."""
    return row.state == State.ANNOUNCED and row.starts_at > now


def replies_now(row: KontaktmoteRow, rows: Sequence[InvitationRow], now: datetime) -> Replies:
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
    if unlocked is not None:
        row, rows = await locked(session, unlocked.kontaktmote_id)
        if any(one.id == invitation_id for one in rows):
            return row, rows
    raise NotFoundError("unknown_invitation", invitation_id=invitation_id)


async def _asking(session: AsyncSession, invitation_id: UUID) -> tuple[InvitationRow, UUID, str]:
    """Return an invitation with its recipient, and the centre that invites."""
    asking = await kontaktmoter.invitation(session, invitation_id)
    row = await kontaktmoter.get(session, asking.kontaktmote_id) if asking is not None else None
    if asking is None or row is None:
        raise NotFoundError("unknown_invitation", invitation_id=invitation_id)
    if asking.recipient_id is None:
        raise NotFoundError("invitation_of_nobody", invitation_id=invitation_id)
    return asking, asking.recipient_id, row.centre
