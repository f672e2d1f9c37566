"""
Facts about many mails, read with one query for each table instead of several for each mail.

They hold for one transaction, in which the queries of :mod:`notify.store.projections` return them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped
from sqlmodel import col

from notify.store.mail_tables import MAY_HAVE_ARRIVED, Mail
from notify.store.tables import Base, Group, Meeting, MeetingSeat, Seat, Signup

Key = tuple[str, UUID]
Facts = Mapping[Key, Any]

_IN_SESSION: Final = "facts_ahead"
_NONE: Final[Facts] = MappingProxyType({})


def known(session: AsyncSession) -> Facts:
    """Return what :func:`read` has read in this transaction."""
    facts: Facts = session.info.get(_IN_SESSION, _NONE)
    return facts


async def read(session: AsyncSession, rows: Sequence[Mail]) -> None:
    """Read the facts about these mails; the caller holds the locks of the mails, and changes none of the facts."""
    facts: dict[Key, Any] = {}
    signup_ids = _ids(mail.signup_id for mail in rows)
    group_ids = _ids(mail.group_id for mail in rows)
    seat_ids = _ids(mail.seat_id for mail in rows)
    await _rows(session, facts, Signup, col(Signup.id), signup_ids)
    await _rows(session, facts, Group, col(Group.id), group_ids)
    await _rows(session, facts, Seat, col(Seat.id), seat_ids)
    await _rows(session, facts, Meeting, col(Meeting.id), _ids(mail.meeting_id for mail in rows))
    await _seats_of_signups(session, facts, signup_ids)
    await _sizes_of_groups(session, facts, group_ids)
    await _start_meetings(session, facts, group_ids)
    await _first_called(session, facts, seat_ids)
    if group_ids:
        await _history(session, facts, rows)
    session.info[_IN_SESSION] = facts


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


def history(session: AsyncSession, person_id: UUID) -> Sequence[Told] | None:
    """Return the mails to a person, as they were before this transaction; None if they have not been read."""
    mails: Sequence[Told] | None = known(session).get(("history", person_id))
    return mails


def _ids(ids: Iterable[UUID | None]) -> list[UUID]:
    return sorted({id_ for id_ in ids if id_ is not None})


async def _rows(
    session: AsyncSession, facts: dict[Key, Any], table: type[Base], id_of: Mapped[UUID], ids: Sequence[UUID]
) -> None:
    if not ids:
        return
    name = str(table.__tablename__)
    facts |= {(name, id_): None for id_ in ids}
    query = sa.select(id_of, table).where(id_of.in_(ids)).execution_options(populate_existing=True)
    facts |= {(name, id_): row for id_, row in await session.execute(query)}


async def _seats_of_signups(session: AsyncSession, facts: dict[Key, Any], signup_ids: Sequence[UUID]) -> None:
    if not signup_ids:
        return
    seats: dict[UUID, list[Seat]] = {id_: [] for id_ in signup_ids}
    query = sa.select(Seat).where(col(Seat.signup_id).in_(signup_ids)).order_by(col(Seat.id).desc())
    for seat in (await session.execute(query.execution_options(populate_existing=True))).scalars():
        seats[seat.signup_id].append(seat)
    facts |= {("seats_of_signup", id_): found for id_, found in seats.items()}


async def _sizes_of_groups(session: AsyncSession, facts: dict[Key, Any], group_ids: Sequence[UUID]) -> None:
    if not group_ids:
        return
    facts |= {("kept_seats", id_): (0, 0) for id_ in group_ids}
    query = (
        sa.select(col(Seat.group_id), sa.func.count(), sa.func.count().filter(col(Seat.taken)))
        .where(col(Seat.group_id).in_(group_ids), col(Seat.released).is_(None))
        .group_by(col(Seat.group_id))
    )
    for group_id, kept, taken in await session.execute(query):
        facts["kept_seats", group_id] = (int(kept), int(taken))


async def _start_meetings(session: AsyncSession, facts: dict[Key, Any], group_ids: Sequence[UUID]) -> None:
    if not group_ids:
        return
    first: dict[UUID, Meeting | None] = dict.fromkeys(group_ids)
    query = (
        sa.select(Meeting)
        .where(col(Meeting.group_id).in_(group_ids), col(Meeting.kind) == "start", col(Meeting.version) > 0)
        .order_by(col(Meeting.starts_at))
    )
    for meeting in (await session.execute(query.execution_options(populate_existing=True))).scalars():
        first[meeting.group_id] = first[meeting.group_id] or meeting
    facts |= {("start_meeting", id_): meeting for id_, meeting in first.items()}


async def _first_called(session: AsyncSession, facts: dict[Key, Any], seat_ids: Sequence[UUID]) -> None:
    if not seat_ids:
        return
    called: dict[UUID, dict[UUID, int]] = {id_: {} for id_ in seat_ids}
    query = sa.select(MeetingSeat).where(col(MeetingSeat.seat_id).in_(seat_ids))
    for row in (await session.execute(query)).scalars():
        called[row.seat_id][row.meeting_id] = row.first_called
    facts |= {("first_called", id_): found for id_, found in called.items()}


async def _history(session: AsyncSession, facts: dict[Key, Any], rows: Sequence[Mail]) -> None:
    person_ids = _ids(mail.person_id for mail in rows)
    told: dict[UUID, list[Told]] = {id_: [] for id_ in person_ids}
    columns = (
        *(col(Mail.person_id), col(Mail.id), col(Mail.kind), col(Mail.group_id), col(Mail.seat_id)),
        *(col(Mail.meeting_id), col(Mail.told_sequence), col(Mail.told_starts_at), col(Mail.calendar_sequence)),
        *(col(Mail.settled_at), col(Mail.status).in_(MAY_HAVE_ARRIVED), col(Mail.replaces_seat_id)),
    )
    for person_id, *values in await session.execute(sa.select(*columns).where(col(Mail.person_id).in_(person_ids))):
        told[person_id].append(Told(*values))
    facts |= {("history", id_): mails for id_, mails in told.items()}
