"""
Facts about mails, each read for many ids with one query.

:func:`read` reads the facts of many mails once in a transaction, and :func:`one` returns them there.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped
from sqlmodel import col

from notify.store import mail_texts
from notify.store.mail_tables import MAY_HAVE_ARRIVED, Mail
from notify.store.many import among
from notify.store.tables import Group, Meeting, MeetingSeat, Seat, Signup

T = TypeVar("T")
Row = TypeVar("Row", Signup, Group, Seat, Meeting)
Reader = Callable[[AsyncSession, Collection[UUID]], Awaitable[Mapping[UUID, T]]]
"""Reads one fact about each of these ids; every id is in the answer."""

_IN_SESSION: Final = "facts_ahead"
_NONE: Final[Mapping[UUID, object]] = MappingProxyType({})


async def one(session: AsyncSession, reader: Reader[T], id_: UUID) -> T:
    """Return a fact about one id, with a query unless :func:`read` has read it in this transaction."""
    ahead = session.info.get(_IN_SESSION, {}).get(reader, _NONE)
    facts: Mapping[UUID, T] = ahead if id_ in ahead else await reader(session, (id_,))
    return facts[id_]


async def read(session: AsyncSession, rows: Sequence[Mail]) -> None:
    """Read the facts about these mails; the caller holds the locks of the mails, and changes none of the facts."""
    signup_ids = [mail.signup_id for mail in rows]
    group_ids = [mail.group_id for mail in rows]
    seat_ids = [mail.seat_id for mail in rows]
    wanted: Mapping[Reader[object], Iterable[UUID | None]] = {
        signups: signup_ids,
        groups: group_ids,
        seats: seat_ids,
        meetings: [mail.meeting_id for mail in rows],
        seats_of_signups: signup_ids,
        kept_seats: group_ids,
        start_meetings: group_ids,
        first_called: seat_ids,
        mail_texts.of_mails: [mail.id for mail in rows],
        histories: [mail.person_id for mail in rows] if any(group_ids) else (),
    }
    ahead: dict[Reader[object], Mapping[UUID, object]] = {}
    for reader, ids in wanted.items():
        if known_ids := sorted({id_ for id_ in ids if id_ is not None}):
            ahead[reader] = await reader(session, known_ids)
    session.info[_IN_SESSION] = ahead


async def signups(session: AsyncSession, ids: Collection[UUID]) -> Mapping[UUID, Signup | None]:
    """Return sign-ups; None for one that is not known."""
    return await _rows(session, Signup, col(Signup.id), ids)


async def groups(session: AsyncSession, ids: Collection[UUID]) -> Mapping[UUID, Group | None]:
    """Return groups; None for one that is not known."""
    return await _rows(session, Group, col(Group.id), ids)


async def seats(session: AsyncSession, ids: Collection[UUID]) -> Mapping[UUID, Seat | None]:
    """Return seats; None for one that is not known."""
    return await _rows(session, Seat, col(Seat.id), ids)


async def meetings(session: AsyncSession, ids: Collection[UUID]) -> Mapping[UUID, Meeting | None]:
    """Return the newest plans of meetings; None for one that is not known."""
    return await _rows(session, Meeting, col(Meeting.id), ids)


async def _rows(
    session: AsyncSession, table: type[Row], id_of: Mapped[UUID], ids: Collection[UUID]
) -> Mapping[UUID, Row | None]:
    query = sa.select(table).where(among(id_of, ids)).execution_options(populate_existing=True)
    rows: dict[UUID, Row | None] = dict.fromkeys(ids)
    return rows | {row.id: row for row in (await session.execute(query)).scalars()}


async def seats_of_signups(session: AsyncSession, ids: Collection[UUID]) -> Mapping[UUID, Sequence[Seat]]:
    """Return all seats of each sign-up, the newest first; released ones too."""
    found: dict[UUID, list[Seat]] = {id_: [] for id_ in ids}
    query = sa.select(Seat).where(among(col(Seat.signup_id), ids)).order_by(col(Seat.id).desc())
    for seat in (await session.execute(query.execution_options(populate_existing=True))).scalars():
        found[seat.signup_id].append(seat)
    return found


async def kept_seats(session: AsyncSession, ids: Collection[UUID]) -> Mapping[UUID, tuple[int, int]]:
    """Return the number of each group's seats that are not released, and how many of these are taken."""
    query = (
        sa.select(col(Seat.group_id), sa.func.count(), sa.func.count().filter(col(Seat.taken)))
        .where(among(col(Seat.group_id), ids), col(Seat.released).is_(None))
        .group_by(col(Seat.group_id))
    )
    counts = {group_id: (int(kept), int(taken)) for group_id, kept, taken in await session.execute(query)}
    return dict.fromkeys(ids, (0, 0)) | counts


async def start_meetings(session: AsyncSession, ids: Collection[UUID]) -> Mapping[UUID, Meeting | None]:
    """Return the start meeting of each group; None for one without."""
    first: dict[UUID, Meeting | None] = dict.fromkeys(ids)
    query = (
        sa.select(Meeting)
        .where(among(col(Meeting.group_id), ids), col(Meeting.kind) == "start", col(Meeting.version) > 0)
        .order_by(col(Meeting.starts_at), col(Meeting.id))
    )
    for meeting in (await session.execute(query.execution_options(populate_existing=True))).scalars():
        first[meeting.group_id] = first[meeting.group_id] or meeting
    return first


async def first_called(session: AsyncSession, ids: Collection[UUID]) -> Mapping[UUID, Mapping[UUID, int]]:
    """Return, by seat and meeting, the first version of the meeting's plan that named the seat."""
    called: dict[UUID, dict[UUID, int]] = {id_: {} for id_ in ids}
    query = sa.select(col(MeetingSeat.seat_id), col(MeetingSeat.meeting_id), col(MeetingSeat.first_called)).where(
        among(col(MeetingSeat.seat_id), ids)
    )
    for seat_id, meeting_id, sequence in await session.execute(query):
        called[seat_id][meeting_id] = sequence
    return called


@dataclass(frozen=True)
class Told:
    """A mail to a person, with its news, which may have reached them."""

    id: UUID
    kind: str
    group_id: UUID | None
    seat_id: UUID | None
    meeting_id: UUID | None
    told_sequence: int | None
    told_starts_at: datetime | None
    calendar_sequence: int | None
    settled_at: datetime | None
    arrived: bool
    replaces_seat_id: UUID | None


async def histories(session: AsyncSession, ids: Collection[UUID]) -> Mapping[UUID, Sequence[Told]]:
    """Return all mails to each person."""
    told: dict[UUID, list[Told]] = {id_: [] for id_ in ids}
    columns = (
        *(col(Mail.person_id), col(Mail.id), col(Mail.kind), col(Mail.group_id), col(Mail.seat_id)),
        *(col(Mail.meeting_id), col(Mail.told_sequence), col(Mail.told_starts_at), col(Mail.calendar_sequence)),
        *(col(Mail.settled_at), col(Mail.status).in_(MAY_HAVE_ARRIVED), col(Mail.replaces_seat_id)),
    )
    for person_id, *values in await session.execute(sa.select(*columns).where(among(col(Mail.person_id), ids))):
        told[person_id].append(Told(*values))
    return told
