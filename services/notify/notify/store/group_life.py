"""Projections of the life of a group after its start: announcements, their addressees, and cancelled meetings."""

from collections.abc import Collection, Iterable
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped
from sqlmodel import col

from notify.domain.announcements import NO_LIFE, Announcement, GroupLife
from notify.domain.delivery import Delivery
from notify.domain.facts import Meeting as MeetingFacts
from notify.store.mail_tables import MAY_HAVE_ARRIVED, Mail
from notify.store.tables import AnnouncementRow, AnnouncementSeat, Group, Meeting, Seat, Signup


async def add_announcement(
    session: AsyncSession, group_id: UUID, item: Announcement, seat_ids: Collection[UUID]
) -> None:
    """Store an announcement and its addressees, once."""
    values = {
        "id": item.id,
        "group_id": group_id,
        "kind": item.kind,
        "version": item.version,
        "at": item.at,
        "subject_id": item.subject_id,
        "meeting_id": item.meeting_id,
        "deadline": item.deadline,
        "details": dict(item.details),
    }
    await session.execute(insert(AnnouncementRow).values(values).on_conflict_do_nothing())
    rows = [{"announcement_id": item.id, "seat_id": seat_id} for seat_id in sorted(set(seat_ids))]
    if rows:
        await session.execute(insert(AnnouncementSeat).values(rows).on_conflict_do_nothing())


async def life_of(session: AsyncSession, group_id: UUID, meetings: Iterable[MeetingFacts]) -> GroupLife:
    """Return the announcements of a group, by version, with its meetings."""
    query = (
        sa.select(AnnouncementRow, col(AnnouncementSeat.seat_id))
        .outerjoin(AnnouncementSeat, col(AnnouncementSeat.announcement_id) == col(AnnouncementRow.id))
        .where(col(AnnouncementRow.group_id) == group_id)
        .order_by(col(AnnouncementRow.version), col(AnnouncementRow.id))
        .execution_options(populate_existing=True)
    )
    items: dict[UUID, Announcement] = {}
    addressees: dict[UUID, set[UUID]] = {}
    for row, seat_id in await session.execute(query):
        if row.id not in items:
            items[row.id] = row.facts
        if seat_id is not None:
            addressees.setdefault(row.id, set()).add(seat_id)
    if not items:
        return NO_LIFE if not (known := tuple(meetings)) else GroupLife(meetings=known)
    frozen = {id_: frozenset(seats) for id_, seats in addressees.items()}
    return GroupLife(tuple(items.values()), frozen, tuple(meetings))


async def cancel_meeting(session: AsyncSession, meeting: Meeting, sequence: int) -> None:
    """Store that a meeting is not held, from this version of its plan on."""
    meeting.cancelled_sequence = max(meeting.cancelled_sequence or 0, sequence)
    await session.flush()


async def told_version(session: AsyncSession, mail: Mail, kinds: Collection[str]) -> int:
    """Return the newest version of the group that other mails of these kinds have told the person of ``mail``."""
    query = sa.select(sa.func.max(col(Mail.told_version))).where(
        col(Mail.person_id) == mail.person_id,
        col(Mail.group_id) == mail.group_id,
        col(Mail.id) != mail.id,
        col(Mail.kind).in_(kinds),
        col(Mail.status).in_(MAY_HAVE_ARRIVED),
    )
    return (await session.execute(query)).scalar_one_or_none() or 0


async def calendar_sequences(session: AsyncSession, mail: Mail) -> dict[UUID, int]:
    """Return the highest SEQUENCE of each meeting of the group that the person of ``mail`` may have from its mails."""
    query = (
        sa.select(col(Mail.meeting_id), sa.func.max(col(Mail.calendar_sequence)))
        .where(
            col(Mail.person_id) == mail.person_id,
            col(Mail.group_id) == mail.group_id,
            col(Mail.id) != mail.id,
            col(Mail.meeting_id).is_not(None),
            col(Mail.calendar_sequence).is_not(None),
            col(Mail.status).in_(MAY_HAVE_ARRIVED),
        )
        .group_by(col(Mail.meeting_id))
    )
    sequences = (await session.execute(query)).all()
    return {meeting_id: sequence for meeting_id, sequence in sequences if meeting_id is not None and sequence}


async def give_links(session: AsyncSession, kind: str, cause_id: UUID, link_ids: Iterable[tuple[UUID, UUID]]) -> None:
    """Put the id of its link into each queued mail of a kind and cause, by seat."""
    for seat_id, link_id in link_ids:
        await session.execute(
            sa.update(Mail)
            .where(
                col(Mail.kind) == kind,
                col(Mail.cause_id) == cause_id,
                col(Mail.seat_id) == seat_id,
                col(Mail.next_at).is_not(None),
            )
            .values(link_id=link_id)
        )


async def take_ballots_back(session: AsyncSession, group_id: UUID, vote_id: UUID) -> None:
    """Delete the ballots of a closed vote from the mails that carry them."""
    opened = sa.select(col(AnnouncementRow.id)).where(
        col(AnnouncementRow.group_id) == group_id, col(AnnouncementRow.subject_id) == vote_id
    )
    await session.execute(sa.update(Mail).where(col(Mail.cause_id).in_(opened)).values(link_id=None))


async def groups_to_forget(session: AsyncSession) -> list[UUID]:
    """Return the groups with a seat of a person whom grouping no longer knows."""
    query = (
        sa.select(col(Group.id))
        .where(
            col(Group.forgotten_at).is_not(None),
            sa.exists().where(col(Seat.group_id) == col(Group.id), col(Seat.id) != sa.all_(col(Group.kept_seats))),
        )
        .order_by(col(Group.id))
    )
    return list((await session.execute(query)).scalars())


async def states_of_forgotten(session: AsyncSession, group: Group) -> list[Delivery]:
    """Return the states of the mails of a group to people whom grouping no longer knows."""
    query = sa.select(Mail).where(col(Mail.group_id) == group.id, _not_kept(col(Mail.seat_id), group))
    return [mail.delivery for mail in (await session.execute(query)).scalars()]


async def mails_to_forgotten(session: AsyncSession, group: Group) -> list[UUID]:
    """Return the mails of a group to people whom grouping no longer knows."""
    query = sa.select(col(Mail.id)).where(col(Mail.group_id) == group.id, _not_kept(col(Mail.seat_id), group))
    return list((await session.execute(query)).scalars())


async def delete_forgotten(session: AsyncSession, group: Group) -> None:
    """Delete the seats, mails and ended sign-ups of people whom grouping no longer knows."""
    members = sa.select(col(Seat.signup_id)).where(
        col(Seat.group_id) == group.id,
        _not_kept(col(Seat.id), group),
        col(Seat.released).in_(_WITH_GROUP_ENDED) | col(Seat.released).is_(None),
    )
    elsewhere = sa.select(col(Seat.signup_id)).where(col(Seat.group_id) != group.id)
    await session.execute(sa.delete(Signup).where(col(Signup.id).in_(members), col(Signup.id).not_in(elsewhere)))
    await session.execute(sa.delete(Mail).where(col(Mail.group_id) == group.id, _not_kept(col(Mail.seat_id), group)))
    await session.execute(sa.delete(Seat).where(col(Seat.group_id) == group.id, _not_kept(col(Seat.id), group)))


_WITH_GROUP_ENDED: Final = ("left",)
"""Reasons of a released seat with which the sign-up has ended as well."""


def _not_kept(seat_id: Mapped[UUID] | Mapped[UUID | None], group: Group) -> sa.ColumnElement[bool]:
    return seat_id.is_(None) | seat_id.not_in(group.kept_seats)
