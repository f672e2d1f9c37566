"""Queries about messages of centres, and about who belongs to their audiences now."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped
from sqlmodel import col

from notify.domain.centre_messages import Addressed, Audience, State, Told, Unreached
from notify.domain.delivery import HARD_BOUNCES_TO_SUPPRESS, Status
from notify.domain.kontaktmoter.groups import Standing
from notify.store import contact_groups, facts_ahead, projections
from notify.store.centre_message_tables import CentreMessageRow
from notify.store.kontaktmote_tables import HelperAccount
from notify.store.mail_tables import Mail
from notify.store.tables import Bounces, ContactChange, Group, Seat, Signup
from shared.kit.database.columns import MOMENT

KIND = "centre_message"
"""The kind of the mails; their cause is the message."""


async def get(session: AsyncSession, message_id: UUID, *, lock: bool = False) -> CentreMessageRow | None:
    """Return a message, and lock it if asked to."""
    return await session.get(CentreMessageRow, message_id, populate_existing=True, with_for_update=lock or None)


async def of_centres(
    session: AsyncSession, centres: Collection[str], limit: int, older_than: tuple[datetime, UUID] | None = None
) -> Sequence[CentreMessageRow]:
    """Return the newest messages of these centres, or the newest that are older than one, by its moment and id."""
    query = sa.select(CentreMessageRow).where(col(CentreMessageRow.centre).in_(centres))
    if older_than is not None:
        there = sa.tuple_(sa.literal(older_than[0], MOMENT), sa.literal(older_than[1], sa.Uuid()))
        query = query.where(sa.tuple_(col(CentreMessageRow.created_at), col(CentreMessageRow.id)) < there)
    ordered = query.order_by(col(CentreMessageRow.created_at).desc(), col(CentreMessageRow.id).desc()).limit(limit)
    return (await session.scalars(ordered)).all()


async def sent_since(session: AsyncSession, centre: str, since: datetime) -> int:
    """Return how many messages a centre has sent since a moment, with those that were taken back."""
    query = sa.select(sa.func.count()).where(
        col(CentreMessageRow.centre) == centre, col(CentreMessageRow.sent_at) > since
    )
    return int((await session.execute(query)).scalar_one())


async def mails_of(session: AsyncSession, message_id: UUID) -> Sequence[Mail]:
    """Lock and return the mails with a message."""
    query = sa.select(Mail).where(col(Mail.kind) == KIND, col(Mail.cause_id) == message_id).order_by(col(Mail.id))
    return (await session.scalars(query.with_for_update().execution_options(populate_existing=True))).all()


async def counts(session: AsyncSession, message_id: UUID) -> dict[tuple[Status, str | None], int]:
    """Return the number of mails with a message by state and reason."""
    query = (
        sa.select(col(Mail.status), col(Mail.reason), sa.func.count())
        .where(col(Mail.kind) == KIND, col(Mail.cause_id) == message_id)
        .group_by(col(Mail.status), col(Mail.reason))
    )
    return {(Status(status), reason): int(count) for status, reason, count in await session.execute(query)}


async def told(session: AsyncSession, mail: Mail) -> Told | None:
    """Return the message that a mail has, and its recipient if they belong to the audience now; None if it is gone."""
    row = await get(session, mail.cause_id)
    if row is None:
        return None
    recipients = await addressed(session, row, mail.person_id) if row.state == State.SENT else []
    return Told(row.facts, recipients[0] if recipients else None)


async def addressed(session: AsyncSession, row: CentreMessageRow, person_id: UUID | None = None) -> list[Addressed]:
    """Return who gets a message now, each person once; or only this person, if they do."""
    query = _audience(row)
    if query is None or (row.group_id is not None and await unreached(session, row.group_id) is not None):
        return []
    if person_id is not None:
        query = query.where(query.selected_columns.person_id == person_id)
    by_person: dict[UUID, Addressed] = {}
    for id_, language, signup_id, by_mail, refused in await session.execute(query):
        by_person.setdefault(id_, Addressed(id_, language, signup_id, by_mail, refused and by_mail))
    return list(by_person.values())


Audiences = sa.Select[UUID, str, UUID | None, bool, bool]


def _audience(row: CentreMessageRow) -> Audiences | None:
    match Audience(row.audience):
        case Audience.GROUP:
            return _members(row.group_id)
        case Audience.AREA:
            return _waiting(row).where(~col(Signup.paused))
        case Audience.IGANGSETTERE:
            return _igangsettere(row.centre)


def _members(group_id: UUID | None) -> Audiences:
    """Return the query for everybody who has said yes to a seat in a group and has it."""
    language = sa.func.coalesce(col(Signup.language), col(Seat.language))
    return (
        sa.select(col(Seat.person_id), language, col(Seat.signup_id), _by_mail(col(Signup.by_mail)), _refused())
        .outerjoin(Signup, col(Signup.id) == col(Seat.signup_id))
        .outerjoin(ContactChange, col(ContactChange.person_id) == col(Seat.person_id))
        .outerjoin(Bounces, col(Bounces.person_id) == col(Seat.person_id))
        .where(
            col(Seat.group_id) == group_id,
            col(Seat.taken),
            col(Seat.released).is_(None),
            sa.func.coalesce(~col(Signup.withdrawn), True),
        )
        .order_by(col(Seat.person_id))
    )


def _waiting(row: CentreMessageRow) -> Audiences:
    """Return the query for everybody on the waiting list of a part of an area, who has no seat."""
    query = _on_the_list(row.centre).where(col(Signup.area).in_(row.areas))
    return query.where(col(Signup.kommune).in_(row.kommuner)) if row.kommuner else query


def _on_the_list(centre: str) -> Audiences:
    has_seat = sa.exists().where(
        col(Seat.person_id) == col(Signup.person_id), col(Seat.taken), col(Seat.released).is_(None)
    )
    return (
        sa.select(
            col(Signup.person_id),
            col(Signup.language),
            col(Signup.id),
            _by_mail(col(Signup.by_mail)),
            _refused(),
        )
        .outerjoin(ContactChange, col(ContactChange.person_id) == col(Signup.person_id))
        .outerjoin(Bounces, col(Bounces.person_id) == col(Signup.person_id))
        .where(col(Signup.centre) == centre, col(Signup.ready), ~col(Signup.withdrawn), ~has_seat)
        .order_by(col(Signup.person_id), col(Signup.id).desc())
    )


def _igangsettere(centre: str) -> Audiences:
    return (
        sa.select(
            col(HelperAccount.account_id).label("person_id"),
            col(HelperAccount.language),
            sa.null(),
            col(HelperAccount.by_mail),
            _refused(),
        )
        .outerjoin(Bounces, col(Bounces.person_id) == col(HelperAccount.account_id))
        .where(col(HelperAccount.centre) == centre, col(HelperAccount.active))
        .order_by(col(HelperAccount.account_id))
    )


def _by_mail(own: sa.ColumnElement[bool | None] | Mapped[bool | None]) -> sa.ColumnElement[bool]:
    return sa.func.coalesce(col(ContactChange.by_mail), own, True)


def _refused() -> sa.ColumnElement[bool]:
    """Return the condition for people to whom no mail is sent: the address refuses it, or they have marked one."""
    return sa.func.coalesce((col(Bounces.hard) >= HARD_BOUNCES_TO_SUPPRESS) | col(Bounces.complained), False)


async def stopped(session: AsyncSession, row: CentreMessageRow) -> int:
    """Return how many people of the audience get nothing because they have taken a pause."""
    if row.audience != Audience.AREA:
        return 0
    people = _waiting(row).where(col(Signup.paused)).with_only_columns(col(Signup.person_id)).order_by(None).distinct()
    return int((await session.execute(sa.select(sa.func.count()).select_from(people.subquery()))).scalar_one())


async def unplaced(session: AsyncSession, row: CentreMessageRow) -> int:
    """Return how many people of the centre wait and are in no area that is known."""
    if row.audience != Audience.AREA:
        return 0
    people = _on_the_list(row.centre).where(col(Signup.area).is_(None)).with_only_columns(col(Signup.person_id))
    counted = people.order_by(None).distinct().subquery()
    return int((await session.execute(sa.select(sa.func.count()).select_from(counted))).scalar_one())


async def places_of_waiting(session: AsyncSession, centre: str) -> Counter[tuple[str, str]]:
    """Return the number of people who wait for a centre, by area and kommune."""
    query = _on_the_list(centre).where(~col(Signup.paused), col(Signup.area).is_not(None))
    places = query.with_only_columns(col(Signup.area), col(Signup.kommune), col(Signup.person_id)).order_by(None)
    rows = await session.execute(places.distinct())
    return Counter((area or "", kommune or "") for area, kommune, _ in rows)


@dataclass(frozen=True)
class NamedGroup:
    """A group, and what staff know it by: where and when it meets."""

    id: UUID
    centre: str
    area: str
    place_text: str
    slot: str | None
    starts_at: datetime | None


async def groups(session: AsyncSession, centres: Collection[str]) -> list[NamedGroup]:
    """Return the groups of these centres with members to whom a message can be sent."""
    query = (
        sa.select(Group)
        .where(
            col(Group.centre).in_(centres),
            sa.exists().where(col(Seat.group_id) == col(Group.id), col(Seat.taken), col(Seat.released).is_(None)),
        )
        .order_by(col(Group.id))
    )
    rows = (await session.scalars(query)).all()
    return await named(session, [row for row in rows if await _unreached(session, row) is None])


async def named(session: AsyncSession, rows: Collection[Group]) -> list[NamedGroup]:
    """Return groups with what staff know them by."""
    ids = [row.id for row in rows]
    meetings = await facts_ahead.start_meetings(session, ids)
    first_seats = (
        sa.select(Seat)
        .ext(distinct_on(col(Seat.group_id)))
        .where(col(Seat.group_id).in_(ids), col(Seat.offered))
        .order_by(col(Seat.group_id), col(Seat.id))
    )
    seats = {seat.group_id: seat for seat in await session.scalars(first_seats)}
    found = []
    for row in rows:
        meeting, seat = meetings[row.id], seats.get(row.id)
        found.append(
            NamedGroup(
                row.id,
                row.centre,
                row.area,
                (meeting.place_text if meeting else None) or (seat.place_text if seat else None) or "",
                seat.slot if seat else None,
                None if meeting is None or meeting.postponed else meeting.starts_at,
            )
        )
    return found


async def unreached(session: AsyncSession, group_id: UUID) -> Unreached | None:
    """Return why a group gets no message; None if it does."""
    group = await projections.group(session, group_id)
    return Unreached.OVER if group is None else await _unreached(session, group)


async def _unreached(session: AsyncSession, group: Group) -> Unreached | None:
    if group.ended_at is not None or group.closed_by == "cancelled":
        return Unreached.OVER
    row = await contact_groups.get(session, group.id)
    standing = row.facts.standing if row is not None else Standing.NOT_STARTED
    if standing is Standing.DISSOLVED:
        return Unreached.OVER
    on_its_own = standing not in {Standing.NOT_STARTED, Standing.ACCOMPANIED}
    return Unreached.WITHDRAWN if on_its_own or group.forgotten_at is not None else None


async def delete_before(session: AsyncSession, drafts: datetime, sent: datetime) -> None:
    """Delete drafts from before a moment, and messages sent before another that have no mail any more."""
    is_draft = col(CentreMessageRow.state) == State.DRAFT.value
    old = (is_draft & (col(CentreMessageRow.created_at) < drafts)) | (col(CentreMessageRow.sent_at) < sent)
    has_mails = sa.exists().where(col(Mail.kind) == KIND, col(Mail.cause_id) == col(CentreMessageRow.id))
    await session.execute(sa.delete(CentreMessageRow).where(old, ~has_mails))
