"""Projections of events: facts about sign-ups, groups, seats and meetings, locked while they are changed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notify.domain import facts
from notify.store import calendar_feeds, facts_ahead, helpers, locks
from notify.store.mail_tables import Mail
from notify.store.many import among
from notify.store.tables import (
    Bounces,
    ContactChange,
    ErasedPerson,
    Group,
    Meeting,
    MeetingSeat,
    PageLink,
    Seat,
    Signup,
)
from notify.store.talk_tables import Talk


async def lock(session: AsyncSession, *, group_id: UUID | None = None, person_ids: Iterable[UUID] = ()) -> None:
    """
    Lock the facts about this group and these people until the transaction ends.

    The group is locked first and the people in order of their ids, so that two transactions cannot deadlock.
    """
    keys = [f"group {group_id}"] if group_id else []
    keys += [f"person {person_id}" for person_id in sorted(set(person_ids))]
    await locks.hold(session, *keys)


def erased_ids() -> sa.Select[Any]:
    """Return a query for the ids of the people who were erased."""
    return sa.select(col(ErasedPerson.person_id))


async def erased(session: AsyncSession, person_ids: Collection[UUID]) -> set[UUID]:
    """Return those of these people who were erased."""
    query = sa.select(col(ErasedPerson.person_id)).where(among(col(ErasedPerson.person_id), person_ids))
    return set((await session.execute(query)).scalars())


async def erase(session: AsyncSession, person_id: UUID, now: datetime) -> dict[str, int]:
    """Delete everything about a person, and keep only the id, so that late events are ignored; count the rows."""
    deleted: dict[str, int] = {}
    for table in (Mail, Talk, Signup, Seat, Bounces, ContactChange, PageLink):
        gone = sa.delete(table).where(col(table.person_id) == person_id).returning(col(table.person_id))
        deleted[str(table.__tablename__)] = len((await session.scalars(gone)).all())
    await helpers.delete_of(session, person_id)
    await calendar_feeds.delete_of(session, person_id)
    await session.execute(insert(ErasedPerson).values(person_id=person_id, at=now).on_conflict_do_nothing())
    return deleted


async def signup(session: AsyncSession, signup_id: UUID) -> Signup | None:
    """Return a sign-up, or None."""
    return await facts_ahead.one(session, facts_ahead.signups, signup_id)


async def ensure_group(session: AsyncSession, group_id: UUID, centre: str, area: str) -> Group:
    """Return a group, inserting it if it is new."""
    await session.execute(insert(Group).values(id=group_id, centre=centre, area=area).on_conflict_do_nothing())
    row = await session.get(Group, group_id, populate_existing=True)
    assert row is not None
    return row


async def group(session: AsyncSession, group_id: UUID) -> Group | None:
    """Return a group, or None."""
    return await facts_ahead.one(session, facts_ahead.groups, group_id)


async def seat(session: AsyncSession, seat_id: UUID) -> Seat | None:
    """Return a seat, or None."""
    return await facts_ahead.one(session, facts_ahead.seats, seat_id)


async def meeting(session: AsyncSession, meeting_id: UUID) -> Meeting | None:
    """Return the newest plan of a meeting, or None."""
    return await facts_ahead.one(session, facts_ahead.meetings, meeting_id)


async def ensure_meeting(session: AsyncSession, meeting_id: UUID, group_id: UUID, starts_at: datetime) -> Meeting:
    """Return a meeting, inserting one whose plan has not come yet (version 0)."""
    row = insert(Meeting).values(
        id=meeting_id,
        group_id=group_id,
        version=0,
        sequence=0,
        starts_at=starts_at,
        ends_at=starts_at,
        place_text="",
        first_addressed=None,
    )
    await session.execute(row.on_conflict_do_nothing())
    meeting_row = await meeting(session, meeting_id)
    assert meeting_row is not None
    return meeting_row


async def call_seats(session: AsyncSession, meeting_id: UUID, seat_ids: Collection[UUID], sequence: int) -> None:
    """Store that this version of a meeting's plan named these seats; the lowest version is kept."""
    if not seat_ids:
        return
    rows = [{"meeting_id": meeting_id, "seat_id": id_, "first_called": sequence} for id_ in sorted(seat_ids)]
    statement = insert(MeetingSeat)
    first = sa.func.least(col(MeetingSeat.first_called), statement.excluded.first_called)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["meeting_id", "seat_id"], set_={"first_called": first}), rows
    )


async def meetings_of_group(
    session: AsyncSession, group_id: UUID
) -> tuple[list[facts.Meeting], Mapping[UUID, Mapping[UUID, int]]]:
    """Return a group's meetings by start; and by seat and meeting the first version of the plan that named the seat."""
    query = (
        sa.select(Meeting, col(MeetingSeat.seat_id), col(MeetingSeat.first_called))
        .outerjoin(MeetingSeat, col(MeetingSeat.meeting_id) == col(Meeting.id))
        .where(col(Meeting.group_id) == group_id)
        .order_by(col(Meeting.starts_at), col(Meeting.id))
        .execution_options(populate_existing=True)
    )
    meetings: dict[UUID, facts.Meeting] = {}
    first_called: dict[UUID, dict[UUID, int]] = {}
    for row, seat_id, sequence in await session.execute(query):
        meetings[row.id] = row.facts
        if seat_id is not None:
            first_called.setdefault(seat_id, {})[row.id] = sequence
    return list(meetings.values()), first_called


async def first_called(session: AsyncSession, seat_id: UUID) -> Mapping[UUID, int]:
    """Return the first version of each meeting's plan that named a seat, by meeting."""
    return await facts_ahead.one(session, facts_ahead.first_called, seat_id)


async def seats_of_group(session: AsyncSession, group_id: UUID) -> Sequence[Seat]:
    """Return all seats of a group, released ones too."""
    query = sa.select(Seat).where(col(Seat.group_id) == group_id).order_by(col(Seat.id))
    return (await session.execute(query.execution_options(populate_existing=True))).scalars().all()


async def seats_of_signup(session: AsyncSession, signup_id: UUID) -> Sequence[Seat]:
    """Return all seats of a sign-up, the newest first; released ones too."""
    return await facts_ahead.one(session, facts_ahead.seats_of_signups, signup_id)


async def kept_seats(session: AsyncSession, group_id: UUID) -> tuple[int, int]:
    """Return the number of a group's seats that are not released, and how many of these are taken."""
    return await facts_ahead.one(session, facts_ahead.kept_seats, group_id)


async def start_meeting(session: AsyncSession, group_id: UUID) -> Meeting | None:
    """Return the start meeting of a group; None if it has not been called."""
    return await facts_ahead.one(session, facts_ahead.start_meetings, group_id)


@dataclass(frozen=True)
class AgainstAddress:
    """Refusals of a person's address, and whether the person has marked a mail as unwanted."""

    refusals: int = 0
    complained: bool = False


async def against_addresses(session: AsyncSession, person_ids: Collection[UUID]) -> dict[UUID, AgainstAddress]:
    """Return what speaks against mails to these people; those without anything are missing."""
    query = sa.select(col(Bounces.person_id), col(Bounces.hard), col(Bounces.complained))
    rows = await session.execute(query.where(among(col(Bounces.person_id), person_ids)))
    return {row.person_id: AgainstAddress(row.hard, row.complained) for row in rows}


async def hard_bounces(session: AsyncSession, person_id: UUID) -> int:
    """Return the number of permanent refusals of the person's address."""
    return (await against_addresses(session, [person_id])).get(person_id, AgainstAddress()).refusals


async def add_complaint(session: AsyncSession, person_id: UUID, now: datetime) -> None:
    """Store that a person has marked a mail as unwanted."""
    row = insert(Bounces).values(person_id=person_id, hard=0, last_at=now, complained=True)
    changed = {"last_at": now, "complained": True}
    await session.execute(row.on_conflict_do_update(index_elements=["person_id"], set_=changed))


async def add_hard_bounce(session: AsyncSession, person_id: UUID, now: datetime) -> None:
    """Count one more permanent refusal of the person's address."""
    row = insert(Bounces).values(person_id=person_id, hard=1, last_at=now)
    changed = {"hard": col(Bounces.hard) + 1, "last_at": now}
    await session.execute(row.on_conflict_do_update(index_elements=["person_id"], set_=changed))


async def clear_bounces(session: AsyncSession, person_id: UUID) -> None:
    """Forget refusals and complaints, after the address has been corrected or staff have spoken with the person."""
    await session.execute(sa.delete(Bounces).where(col(Bounces.person_id) == person_id))
