"""
Forget whose invitations and answers are: of members whom grouping no longer knows, and of people who are erased.

Events about a group and about its members come in any order. In each one, whoever is forgotten by the rules leaves the
answers behind, and whoever asks for it takes them along.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain.kontaktmoter.invitations import Via
from notify.mails.registry import MailRegistry
from notify.store import InvitationRow, KontaktmoteRow, contact_groups, kontaktmoter, mails
from notify.usecases import mail_tasks
from notify.usecases.kontaktmote_replies import is_ahead, locked, take_back
from notify.usecases.mail_plan import cancel_invitation_mails
from shared.kit.messaging.causes import Cause


async def forget_members(
    session: AsyncSession, group_id: UUID, kept: Collection[UUID], *, now: datetime, cause: Cause
) -> None:
    """
    Forget whose the invitations of a group are, except for the people in ``kept``; the answers stay.

    The links of their mails still answer. Sealed addresses of the group hear of changes from now on. A refusal of all
    invitations names no group, and ends with the person.
    """
    for kontaktmote_id in await kontaktmoter.future_of_group(session, group_id, now):
        row, rows = await locked(session, kontaktmote_id)
        of_members = [one for one in rows if one.group_id == group_id and one.via == Via.MEMBER]
        gone = [one for one in of_members if one.recipient_id is not None and one.recipient_id not in kept]
        await _forget_names(session, gone, now=now, cause=cause)
        if any(one.recipient_id is None for one in of_members):
            await _tell_sealed(session, row, group_id)


async def forget_recipient(
    session: AsyncSession, registry: MailRegistry, recipient_id: UUID, *, asked: bool, now: datetime, cause: Cause
) -> None:
    """
    Forget the invitations and the refusals of somebody who is erased, and what is known of their account.

    Whoever has ``asked`` to be erased does not come. The answers of a member of a group who is erased by the rules
    stay. The figures of meetings that have begun stay as well.
    """
    for kontaktmote_id in await kontaktmoter.of_recipient(session, recipient_id):
        row, rows = await locked(session, kontaktmote_id)
        own = [one for one in rows if one.recipient_id == recipient_id]
        if not is_ahead(row, now):
            ids = [one.id for one in own]
            await cancel_invitation_mails(session, registry, ids, now=now, cause=cause)
            await kontaktmoter.delete_invitations(session, ids)
            continue
        staying = [one for one in own if one.via == Via.MEMBER and not asked]
        await _forget_names(session, staying, now=now, cause=cause)
        for group_id in {one.group_id for one in staying if one.group_id is not None}:
            await _tell_sealed(session, row, group_id)
        gone = [one.id for one in own if one not in staying]
        await take_back(session, registry, row, rows, gone, now=now, cause=cause)
    await kontaktmoter.delete_refusals_of(session, [recipient_id])
    await contact_groups.delete_account(session, recipient_id)


async def _forget_names(
    session: AsyncSession, invitations: Sequence[InvitationRow], *, now: datetime, cause: Cause
) -> None:
    if not invitations:
        return
    ids = [one.id for one in invitations]
    for mail in await mails.of_invitations(session, ids):
        await mail_tasks.close(session, mail.id, now=now, cause=cause)
    await kontaktmoter.delete_mails(session, ids)
    for one in invitations:
        one.recipient_id = None
    await session.flush()


async def _tell_sealed(session: AsyncSession, row: KontaktmoteRow, group_id: UUID) -> None:
    """Keep the sealed addresses of a group for news of the meeting, in place of members who have been told of it."""
    group = await contact_groups.get(session, group_id)
    if group is not None and group.memory == "sealed_alias":
        await kontaktmoter.add_sealed(session, row.id, [group_id], told_sequence=row.sequence)
