"""Queries about meetings of a centre, their invitations and replies."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notify.domain.delivery import Status
from notify.domain.kontaktmoter.invitations import Invited, Via
from notify.domain.kontaktmoter.meetings import State
from notify.domain.kontaktmoter.replies import Replies
from notify.store.kontaktmote_tables import InvitationRefusal, InvitationRow, KontaktmoteRow, SealedGroup
from notify.store.mail_tables import MAY_HAVE_ARRIVED, Mail
from shared.events.contacts import GroupAddress


async def get(session: AsyncSession, kontaktmote_id: UUID, *, lock: bool = False) -> KontaktmoteRow | None:
    """Return a meeting, and lock it and its replies if asked to."""
    return await session.get(KontaktmoteRow, kontaktmote_id, populate_existing=True, with_for_update=lock or None)


async def of_centres(session: AsyncSession, centres: Collection[str]) -> Sequence[KontaktmoteRow]:
    """Return all meetings of some centres, the last one first."""
    query = sa.select(KontaktmoteRow).where(col(KontaktmoteRow.centre).in_(centres))
    return (await session.scalars(query.order_by(col(KontaktmoteRow.starts_at).desc(), col(KontaktmoteRow.id)))).all()


async def public_ahead(session: AsyncSession, centre: str, now: datetime) -> Sequence[KontaktmoteRow]:
    """Return the meetings that stand on the public page of a centre, the next one first."""
    query = sa.select(KontaktmoteRow).where(
        col(KontaktmoteRow.centre) == centre,
        col(KontaktmoteRow.is_public),
        col(KontaktmoteRow.state).in_((State.ANNOUNCED, State.CANCELLED)),
        col(KontaktmoteRow.ends_at) > now,
    )
    return (await session.scalars(query.order_by(col(KontaktmoteRow.starts_at), col(KontaktmoteRow.id)))).all()


async def invitation(session: AsyncSession, invitation_id: UUID) -> InvitationRow | None:
    """Return an invitation."""
    return await session.get(InvitationRow, invitation_id, populate_existing=True)


async def invitations(session: AsyncSession, kontaktmote_id: UUID) -> list[InvitationRow]:
    """Return the invitations to a meeting."""
    query = sa.select(InvitationRow).where(col(InvitationRow.kontaktmote_id) == kontaktmote_id)
    ordered = query.order_by(col(InvitationRow.id)).execution_options(populate_existing=True)
    return list((await session.scalars(ordered)).all())


def replies_of(row: KontaktmoteRow, rows: Iterable[InvitationRow]) -> Replies:
    """Return the replies to a meeting as the rules see them."""
    by_invitation = {invitation_row.id: invitation_row.reply for invitation_row in rows}
    return Replies(row.capacity, by_invitation, row.next_line, not row.line_closed)


async def invited(session: AsyncSession, invitation_id: UUID) -> Invited | None:
    """Return an invitation with its meeting; None if it is gone."""
    row = await invitation(session, invitation_id)
    meeting = await get(session, row.kontaktmote_id) if row is not None else None
    return Invited(meeting.facts, row.facts) if row is not None and meeting is not None else None


async def told_sequence(session: AsyncSession, mail: Mail) -> int | None:
    """Return the newest version of the meeting that other mails about an invitation tell, or are telling now."""
    query = sa.select(sa.func.max(col(Mail.told_sequence))).where(
        col(Mail.invitation_id) == mail.invitation_id,
        col(Mail.id) != mail.id,
        col(Mail.status).in_((*MAY_HAVE_ARRIVED, Status.SENDING)),
    )
    return (await session.execute(query)).scalar_one_or_none()


async def future_of_group(session: AsyncSession, group_id: UUID, now: datetime) -> list[UUID]:
    """Return the announced meetings ahead to which a group is invited, in the order in which they are locked."""
    by_member = sa.exists().where(
        col(InvitationRow.kontaktmote_id) == col(KontaktmoteRow.id), col(InvitationRow.group_id) == group_id
    )
    by_address = sa.exists().where(
        col(SealedGroup.kontaktmote_id) == col(KontaktmoteRow.id), col(SealedGroup.group_id) == group_id
    )
    query = sa.select(col(KontaktmoteRow.id)).where(
        col(KontaktmoteRow.state) == State.ANNOUNCED, col(KontaktmoteRow.starts_at) > now, by_member | by_address
    )
    return list(await session.scalars(query.order_by(col(KontaktmoteRow.id))))


async def of_recipient(session: AsyncSession, recipient_id: UUID, centre: str | None = None) -> list[UUID]:
    """Return the meetings to which somebody is invited, in the order in which they are locked."""
    query = (
        sa.select(col(KontaktmoteRow.id))
        .join(InvitationRow, col(InvitationRow.kontaktmote_id) == col(KontaktmoteRow.id))
        .where(col(InvitationRow.recipient_id) == recipient_id)
    )
    if centre is not None:
        query = query.where(col(KontaktmoteRow.centre) == centre)
    return list(await session.scalars(query.order_by(col(KontaktmoteRow.id))))


async def delete_invitations(session: AsyncSession, invitation_ids: Collection[UUID]) -> None:
    """Delete invitations with their replies."""
    await session.execute(sa.delete(InvitationRow).where(col(InvitationRow.id).in_(invitation_ids)))


async def delete_mails(session: AsyncSession, invitation_ids: Collection[UUID]) -> None:
    """Delete the mails about invitations that are not being sent."""
    await session.execute(
        sa.delete(Mail).where(col(Mail.invitation_id).in_(invitation_ids), col(Mail.status) != Status.SENDING)
    )


# Sealed addresses


async def add_sealed(
    session: AsyncSession, kontaktmote_id: UUID, group_ids: Collection[UUID], told_sequence: int | None = None
) -> None:
    """Store that groups are to be reached by their sealed addresses."""
    rows = [
        {"kontaktmote_id": kontaktmote_id, "group_id": id_, "opened": False, "told_sequence": told_sequence}
        for id_ in sorted(group_ids)
    ]
    if rows:
        await session.execute(insert(SealedGroup).values(rows).on_conflict_do_nothing())


async def sealed(session: AsyncSession, kontaktmote_id: UUID) -> Sequence[SealedGroup]:
    """Return the groups of a meeting that are reached by sealed addresses."""
    query = sa.select(SealedGroup).where(col(SealedGroup.kontaktmote_id) == kontaktmote_id)
    return (await session.scalars(query.execution_options(populate_existing=True))).all()


async def delete_sealed(session: AsyncSession, kontaktmote_id: UUID, group_id: UUID) -> None:
    """Delete a group from those that are reached by sealed addresses."""
    await session.execute(
        sa.delete(SealedGroup).where(
            col(SealedGroup.kontaktmote_id) == kontaktmote_id, col(SealedGroup.group_id) == group_id
        )
    )


async def to_open(session: AsyncSession, now: datetime) -> list[tuple[UUID, UUID]]:
    """Return the meetings that are not over, each with a group whose address ids are not known yet."""
    query = (
        sa.select(col(SealedGroup.kontaktmote_id), col(SealedGroup.group_id))
        .join(KontaktmoteRow, col(KontaktmoteRow.id) == col(SealedGroup.kontaktmote_id))
        .where(~col(SealedGroup.opened), col(KontaktmoteRow.ends_at) > now)
        .order_by(col(SealedGroup.kontaktmote_id), col(SealedGroup.group_id))
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


async def sealed_recipients(
    session: AsyncSession, recipient_ids: Collection[UUID], now: datetime
) -> dict[UUID, tuple[UUID, UUID]]:
    """Return those ids that are of sealed addresses, each with a meeting that is not over and the group."""
    query = (
        sa.select(col(InvitationRow.recipient_id), col(InvitationRow.kontaktmote_id), col(InvitationRow.group_id))
        .join(KontaktmoteRow, col(KontaktmoteRow.id) == col(InvitationRow.kontaktmote_id))
        .where(
            col(InvitationRow.recipient_id).in_(recipient_ids),
            col(InvitationRow.via) == Via.SEALED,
            col(KontaktmoteRow.ends_at) > now,
        )
        .order_by(col(KontaktmoteRow.ends_at), col(KontaktmoteRow.id))
    )
    rows = (await session.execute(query)).all()
    return {id_: (meeting, group) for id_, meeting, group in rows if id_ is not None and group is not None}


def invitation_of(
    row: KontaktmoteRow, address: GroupAddress, invitation_id: UUID, told_sequence: int | None
) -> InvitationRow:
    """Return the invitation of one sealed address, of which only the id is kept."""
    return InvitationRow(
        id=invitation_id,
        kontaktmote_id=row.id,
        group_id=address.group_id,
        recipient_id=address.address_id,
        via=Via.SEALED.value,
        language=address.language,
        sequence=row.sequence if told_sequence is None else told_sequence,
        told_before=told_sequence is not None,
    )


# Refusals


async def refusing(session: AsyncSession, centre: str, recipient_ids: Collection[UUID]) -> set[UUID]:
    """Return those who want no invitations from a centre."""
    query = sa.select(col(InvitationRefusal.recipient_id)).where(
        col(InvitationRefusal.centre) == centre, col(InvitationRefusal.recipient_id).in_(recipient_ids)
    )
    return set(await session.scalars(query))


async def refuse(session: AsyncSession, recipient_id: UUID, centre: str, group_id: UUID | None) -> None:
    """Store that somebody wants no more invitations from a centre."""
    row = insert(InvitationRefusal).values(recipient_id=recipient_id, centre=centre, group_id=group_id)
    await session.execute(row.on_conflict_do_nothing())


async def accept_again(session: AsyncSession, recipient_id: UUID, centre: str) -> None:
    """Delete the refusal of somebody who wants invitations after all."""
    await session.execute(
        sa.delete(InvitationRefusal).where(
            col(InvitationRefusal.recipient_id) == recipient_id, col(InvitationRefusal.centre) == centre
        )
    )


async def delete_refusals_of(session: AsyncSession, recipient_ids: Collection[UUID]) -> None:
    """Delete the refusals of people who are forgotten."""
    await session.execute(sa.delete(InvitationRefusal).where(col(InvitationRefusal.recipient_id).in_(recipient_ids)))


async def delete_refusals_of_group(session: AsyncSession, group_id: UUID) -> None:
    """Delete the refusals of the sealed addresses of a group that has ended."""
    await session.execute(sa.delete(InvitationRefusal).where(col(InvitationRefusal.group_id) == group_id))


# Time


async def lines_to_close(session: AsyncSession, closes_before: datetime) -> list[UUID]:
    """Return the announced meetings whose line is open and that begin at or before a moment."""
    query = sa.select(col(KontaktmoteRow.id)).where(
        col(KontaktmoteRow.state) == State.ANNOUNCED,
        ~col(KontaktmoteRow.line_closed),
        col(KontaktmoteRow.starts_at) <= closes_before,
    )
    return list(await session.scalars(query.order_by(col(KontaktmoteRow.id))))


async def delete_people(session: AsyncSession, ended_before: datetime) -> None:
    """Delete the invitations to meetings that ended before a moment; their figures stay."""
    old = sa.select(col(KontaktmoteRow.id)).where(col(KontaktmoteRow.ends_at) < ended_before)
    await session.execute(sa.delete(SealedGroup).where(col(SealedGroup.kontaktmote_id).in_(old)))
    await session.execute(sa.delete(InvitationRow).where(col(InvitationRow.kontaktmote_id).in_(old)))
