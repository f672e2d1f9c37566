"""Queries about private calendar feeds, and the meetings that are in them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notify.domain.kontaktmoter.meetings import State
from notify.store.calendar_feed_tables import CalendarFeed
from notify.store.helper_tables import HelperNotice
from notify.store.kontaktmote_tables import HelperAccount, InvitationRow, KontaktmoteRow
from notify.store.tables import Group, Meeting, MeetingSeat, Seat


async def owner(session: AsyncSession, link_id: UUID) -> UUID | None:
    """Return whose feed a link is about: the member with that seat, or the igangsetter with that account."""
    seat = sa.select(col(Seat.person_id)).where(col(Seat.id) == link_id, col(Seat.released).is_(None))
    account = sa.select(col(HelperAccount.account_id)).where(
        col(HelperAccount.account_id) == link_id, col(HelperAccount.active)
    )
    return (await session.scalars(seat.union_all(account).limit(1))).first()


async def of_owner(session: AsyncSession, owner_id: UUID) -> CalendarFeed | None:
    """Return the feed of somebody, None if they have none."""
    query = sa.select(CalendarFeed).where(col(CalendarFeed.owner_id) == owner_id)
    return (await session.scalars(query.execution_options(populate_existing=True))).first()


async def get(session: AsyncSession, feed_id: UUID) -> CalendarFeed | None:
    """Return a feed, None if it is revoked."""
    return await session.get(CalendarFeed, feed_id, populate_existing=True)


async def add(session: AsyncSession, feed_id: UUID, owner_id: UUID, now: datetime) -> None:
    """Store a feed, unless its owner has one."""
    row = insert(CalendarFeed).values(id=feed_id, owner_id=owner_id, created_at=now)
    await session.execute(row.on_conflict_do_nothing())


async def delete_of(session: AsyncSession, owner_id: UUID) -> None:
    """Revoke the feed of somebody."""
    await session.execute(sa.delete(CalendarFeed).where(col(CalendarFeed.owner_id) == owner_id))


async def group_meetings(session: AsyncSession, owner_id: UUID, since: datetime) -> Sequence[tuple[Meeting, Group]]:
    """Return the meetings to which somebody is called as a member, or of a group that they have agreed to start."""
    called = (
        sa.exists()
        .where(col(MeetingSeat.meeting_id) == col(Meeting.id), col(MeetingSeat.seat_id) == col(Seat.id))
        .where(col(Seat.person_id) == owner_id, col(Seat.released).is_(None))
        .where(col(Group.forgotten_at).is_(None) | (col(Seat.id) == sa.any_(col(Group.kept_seats))))
    )
    starts = sa.exists().where(
        col(HelperNotice.account_id) == owner_id,
        col(HelperNotice.state) == "accepted",
        col(HelperNotice.details)["group_id"].as_string() == sa.cast(col(Meeting.group_id), sa.String),
    )
    query = (
        sa.select(Meeting, Group)
        .join(Group, col(Group.id) == col(Meeting.group_id))
        .where(called | starts, col(Meeting.version) > 0, col(Meeting.ends_at) > since)
        .order_by(col(Meeting.starts_at), col(Meeting.id))
        .execution_options(populate_existing=True)
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


async def centre_meetings(session: AsyncSession, owner_id: UUID, since: datetime) -> Sequence[KontaktmoteRow]:
    """Return the meetings of a centre at which somebody has a place, or had one when it was cancelled."""
    place = sa.exists().where(
        col(InvitationRow.kontaktmote_id) == col(KontaktmoteRow.id),
        col(InvitationRow.recipient_id) == owner_id,
        col(InvitationRow.seats) > 0,
    )
    query = sa.select(KontaktmoteRow).where(
        place, col(KontaktmoteRow.state) != State.DRAFT, col(KontaktmoteRow.ends_at) > since
    )
    return (await session.scalars(query.order_by(col(KontaktmoteRow.starts_at), col(KontaktmoteRow.id)))).all()
