"""The queue of mails."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from notify.domain.delivery import Delivery, Status
from notify.domain.planning import PlannedMail
from notify.store import facts_ahead
from notify.store.facts_ahead import Told
from notify.store.mail_tables import MAY_HAVE_ARRIVED, Mail
from notify.store.many import among
from notify.store.tables import Seat
from shared.kit.ids import new_id

CHANNEL: Final = "mails"
"""Channel of NOTIFY that wakes the mailer."""

_MAILS: Final[sa.Table] = Mail.__table__  # type: ignore[attr-defined]  # of SQLModel
_NEXT_DUE_AT: Final = sa.select(sa.func.min(col(Mail.next_at)))
_ADD: Final = insert(_MAILS).on_conflict_do_nothing(constraint="mails_one_per_cause")


async def of_signups(session: AsyncSession, signup_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Mail]]:
    """Lock and return the mails that were planned from each of these sign-ups itself."""
    rows: dict[UUID, list[Mail]] = {id_: [] for id_ in signup_ids}
    for mail in await _locked(session, among(col(Mail.signup_id), signup_ids), col(Mail.group_id).is_(None)):
        assert mail.signup_id is not None
        rows[mail.signup_id].append(mail)
    return rows


async def of_group(session: AsyncSession, group_id: UUID) -> Sequence[Mail]:
    """Lock and return the mails that were planned from the seats of a group."""
    return await _locked(session, col(Mail.group_id) == group_id)


async def about_account(session: AsyncSession, cause_id: UUID) -> Sequence[Mail]:
    """Lock and return the mails of a cause that is about no sign-up, as a request for a link."""
    return await _locked(session, col(Mail.cause_id) == cause_id, col(Mail.signup_id).is_(None))


async def of_invitations(session: AsyncSession, invitation_ids: Collection[UUID]) -> Sequence[Mail]:
    """Lock and return the mails about these invitations."""
    return await _locked(session, col(Mail.invitation_id).in_(invitation_ids))


async def of_person(session: AsyncSession, person_id: UUID) -> Sequence[Mail]:
    """Lock and return all mails to a person."""
    return await _locked(session, col(Mail.person_id) == person_id)


async def open_about_seats(session: AsyncSession, signup_id: UUID) -> Sequence[Mail]:
    """Lock and return the mails about seats of a sign-up that may still be sent, and their call tasks."""
    is_open = col(Mail.next_at).is_not(None) | col(Mail.status).in_((Status.SENDING.value, Status.CALL.value))
    return await _locked(session, col(Mail.signup_id) == signup_id, col(Mail.group_id).is_not(None), is_open)


async def calls_of_person(session: AsyncSession, person_id: UUID) -> Sequence[Mail]:
    """Lock and return the open call tasks about a person, the newest first."""
    rows = await _locked(session, col(Mail.person_id) == person_id, col(Mail.status) == Status.CALL.value)
    return sorted(rows, key=lambda mail: (mail.settled_at or mail.created_at, mail.created_at, mail.id), reverse=True)


async def calls_to(session: AsyncSession, person_id: UUID) -> Sequence[Mail]:
    """Return the open call tasks about a person for a page, the newest first."""
    query = sa.select(Mail).where(col(Mail.person_id) == person_id, col(Mail.status) == Status.CALL.value)
    return (await session.execute(query.order_by(col(Mail.settled_at).desc(), col(Mail.id).desc()))).scalars().all()


async def calls_to_people(session: AsyncSession, person_ids: Collection[UUID]) -> Sequence[Mail]:
    """Return the open call tasks about these people, without locks."""
    query = sa.select(Mail).where(col(Mail.person_id).in_(list(person_ids)), col(Mail.status) == Status.CALL.value)
    return (await session.execute(query.order_by(col(Mail.id)))).scalars().all()


async def open_calls(session: AsyncSession) -> list[tuple[UUID, UUID]]:
    """Return all open call tasks, and those whose person was not reached, each with the person."""
    query = sa.select(col(Mail.id), col(Mail.person_id)).where(
        col(Mail.status).in_((Status.CALL.value, Status.NOT_REACHED.value))
    )
    return [(row.id, row.person_id) for row in await session.execute(query.order_by(col(Mail.id)))]


async def open_of_kinds(session: AsyncSession, mail: Mail, kinds: Collection[str]) -> Sequence[Mail]:
    """
    Lock and return the queued mails of these kinds to the person of ``mail``, about other seats.

    One that another mailer has claimed is left out and not waited for: two mailers could wait for each other.
    """
    query = (
        sa.select(Mail)
        .where(
            col(Mail.person_id) == mail.person_id,
            col(Mail.kind).in_(kinds),
            col(Mail.seat_id) != mail.seat_id,
            col(Mail.next_at).is_not(None),
            col(Mail.unknowns) == 0,
        )
        .order_by(col(Mail.id))
        .with_for_update(skip_locked=True)
    )
    return (await session.execute(query.execution_options(populate_existing=True))).scalars().all()


async def last_left(
    session: AsyncSession, person_id: UUID, kinds: Collection[str], *, group_id: UUID | None = None
) -> Mail | None:
    """Return the last mail of these kinds that has left for a person, about one group if it is given."""
    query = sa.select(Mail).where(
        col(Mail.person_id) == person_id,
        col(Mail.kind).in_(kinds),
        col(Mail.status).in_((Status.SENT, Status.UNKNOWN)),
        col(Mail.settled_at).is_not(None),
    )
    if group_id is not None:
        query = query.where(col(Mail.group_id) == group_id)
    return (
        (await session.execute(query.order_by(col(Mail.settled_at).desc(), col(Mail.id).desc()).limit(1)))
        .scalars()
        .first()
    )


async def last_about_meeting(
    session: AsyncSession, mail: Mail, kinds: Collection[str], of_group: Collection[str] = ()
) -> Mail | None:
    """
    Return the last other mail or call with which the person was told of the meeting of a mail.

    Args:
        session: A session in a transaction.
        mail: The mail.
        kinds: Kinds of mails about the same meeting.
        of_group: Kinds that tell of all meetings of a group.
    """
    query = sa.select(Mail).where(
        col(Mail.person_id) == mail.person_id,
        col(Mail.id) != mail.id,
        col(Mail.status).in_((Status.SENT, Status.UNKNOWN, Status.CALLED)),
        col(Mail.settled_at).is_not(None),
        sa.or_(
            sa.and_(col(Mail.kind).in_(kinds), col(Mail.meeting_id) == mail.meeting_id),
            sa.and_(col(Mail.kind).in_(of_group), col(Mail.group_id) == mail.group_id),
        ),
    )
    return (
        (await session.execute(query.order_by(col(Mail.settled_at).desc(), col(Mail.id).desc()).limit(1)))
        .scalars()
        .first()
    )


async def _locked(session: AsyncSession, *conditions: sa.ColumnElement[bool]) -> Sequence[Mail]:
    query = sa.select(Mail).where(*conditions).order_by(col(Mail.id)).with_for_update()
    return (await session.execute(query.execution_options(populate_existing=True))).scalars().all()


@dataclass(frozen=True)
class NewMail:
    """A planned mail to queue, in its first state; ``correlation_id`` is that of its cause."""

    planned: PlannedMail
    state: Delivery
    correlation_id: UUID


async def add(session: AsyncSession, *new_mails: NewMail, now: datetime) -> None:
    """Queue mails, each unless there is one of its kind and cause to its person already."""
    if new_mails:
        await session.execute(_ADD, [_values(mail.planned, mail.state, mail.correlation_id, now) for mail in new_mails])


def _values(planned: PlannedMail, state: Delivery, correlation_id: UUID, now: datetime) -> dict[str, object]:
    return {
        "id": new_id(),
        "kind": planned.spec.kind,
        "cause_id": planned.cause_id,
        "person_id": planned.person_id,
        "signup_id": planned.signup_id,
        "group_id": planned.group_id,
        "seat_id": planned.seat_id,
        "meeting_id": planned.meeting_id,
        "invitation_id": planned.invitation_id,
        "sequence": planned.sequence,
        "language": planned.language,
        "centre": planned.centre,
        "correlation_id": correlation_id,
        "created_at": now,
        "status": state.status.value,
        "next_at": state.next_at,
        "reason": state.reason,
        "attempt": 0,
        "unknowns": 0,
        "settled_at": None if state.open else now,
    }


async def wake(session: AsyncSession) -> None:
    """Wake the mailer when this transaction commits."""
    await session.execute(sa.select(sa.func.pg_notify(CHANNEL, "")))


async def due(
    session: AsyncSession, now: datetime, limit: int, waits_for: Mapping[str, frozenset[str]]
) -> list[tuple[UUID, UUID]]:
    """
    Return the mails that may be sent now, oldest first, each with its person.

    A mail waits while another one to the same person about the same group is being sent, and until the mails of the
    kinds in ``waits_for`` about the same meeting are sent.
    """
    query = _due_query(tuple(waits_for.items()))
    rows = await session.execute(query, {"now": now, "most": limit})
    return [(row.id, row.person_id) for row in rows]


async def next_due_at(session: AsyncSession) -> datetime | None:
    """Return the earliest time at which a mail is to be sent; None if none waits."""
    return await session.scalar(_NEXT_DUE_AT)


@cache
def _due_query(waits_for: tuple[tuple[str, frozenset[str]], ...]) -> "sa.Select[UUID, UUID]":
    """Build the query of :func:`due` once: it runs for every mail, and building it costs as much as running it."""
    other = aliased(Mail)
    awaited = sa.or_(
        sa.false(),
        *(
            (col(Mail.kind) == kind)
            & col(other.kind).in_(earlier)
            & (col(other.meeting_id) == col(Mail.meeting_id))
            & col(other.next_at).is_not(None)
            for kind, earlier in waits_for
        ),
    )
    blocking = sa.exists().where(
        col(other.person_id) == col(Mail.person_id),
        col(other.group_id) == col(Mail.group_id),
        col(other.id) != col(Mail.id),
        (col(other.status) == Status.SENDING.value) | awaited,
    )
    return (
        sa.select(col(Mail.id), col(Mail.person_id))
        .where(col(Mail.next_at) <= sa.bindparam("now"), ~blocking)
        .order_by(col(Mail.next_at), col(Mail.id))
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


async def get(session: AsyncSession, mail_id: UUID, *, lock: bool = False) -> Mail | None:
    """Return a mail, or None."""
    return await session.get(Mail, mail_id, with_for_update=lock or None, populate_existing=True)


async def is_one_of(session: AsyncSession, mail_id: UUID, kinds: Collection[str]) -> bool:
    """Return True if a mail is of one of these kinds, without a lock."""
    query = sa.select(sa.literal(1)).where(col(Mail.id) == mail_id, col(Mail.kind).in_(kinds))
    return (await session.execute(query)).first() is not None


@dataclass(frozen=True)
class ToldPlan:
    """The version of a meeting's plan that a person knows; ``starts_at`` is None if the meeting had no time."""

    sequence: int
    starts_at: datetime | None


async def told_plan(session: AsyncSession, mail: Mail, meeting_id: UUID) -> ToldPlan | None:
    """Return the latest version of a meeting's plan that the person of ``mail`` knows from other mails and calls."""
    plans = [
        (told.told_sequence, told.settled_at, told.told_starts_at)
        for told in await _others_that_arrived(session, mail, meeting_id)
        if told.told_sequence is not None
    ]
    newest = max(plans, key=_newest, default=None)
    return ToldPlan(newest[0], newest[2]) if newest else None


def _newest(plan: tuple[int, datetime | None, datetime | None]) -> tuple[int, bool, datetime]:
    """Return the order of plans: one in a mail that may still be sent again is newer than one that is settled."""
    sequence, settled_at, _ = plan
    return sequence, settled_at is None, settled_at or datetime.max.replace(tzinfo=UTC)


async def calendar_sequence(session: AsyncSession, mail: Mail, meeting_id: UUID) -> int | None:
    """Return the highest SEQUENCE of a meeting's calendar files that the person of ``mail`` may have from others."""
    others = await _others_that_arrived(session, mail, meeting_id)
    return max((told.calendar_sequence for told in others if told.calendar_sequence is not None), default=None)


async def _others_that_arrived(session: AsyncSession, mail: Mail, meeting_id: UUID) -> list[Told]:
    """Return the other mails about a meeting that have reached, or may have reached, the person of ``mail``."""
    history = await facts_ahead.one(session, facts_ahead.histories, mail.person_id)
    return [told for told in history if told.arrived and told.meeting_id == meeting_id and told.id != mail.id]


async def replaced_seat(session: AsyncSession, seat: Seat) -> UUID | None:
    """Return the lost seat that the offer of a seat was to tell of as well; None if there is none."""
    history = await facts_ahead.one(session, facts_ahead.histories, seat.person_id)
    of_seat = [told for told in history if told.group_id == seat.group_id and told.seat_id == seat.id]
    return next((told.replaces_seat_id for told in of_seat if told.replaces_seat_id is not None), None)


async def told_of_seat(session: AsyncSession, seat: Seat, kinds: Collection[str]) -> bool:
    """Return True if a mail or call of these kinds about a seat has reached, or may have reached, its person."""
    query = sa.select(sa.literal(1)).where(
        col(Mail.person_id) == seat.person_id,
        col(Mail.seat_id) == seat.id,
        col(Mail.kind).in_(kinds),
        col(Mail.status).in_(MAY_HAVE_ARRIVED),
    )
    return (await session.execute(query.limit(1))).first() is not None


async def of_seat_told_in_offer(session: AsyncSession, seat: Seat, reason: str) -> Sequence[Mail]:
    """Lock and return the mails about a seat that were cancelled for this reason."""
    return await _locked(
        session,
        col(Mail.person_id) == seat.person_id,
        col(Mail.seat_id) == seat.id,
        col(Mail.status) == Status.CANCELLED,
        col(Mail.reason) == reason,
    )


async def told_of_groups(
    session: AsyncSession, person_id: UUID, group_ids: Collection[UUID], kinds: Collection[str]
) -> bool:
    """Return True if a mail of these kinds about any of these groups has reached, or may have reached, a person."""
    if not group_ids:
        return False
    history = await facts_ahead.one(session, facts_ahead.histories, person_id)
    return any(told.arrived and told.group_id in group_ids and told.kind in kinds for told in history)


async def totals(session: AsyncSession, now: datetime) -> tuple[dict[str, int], float]:
    """Count the mails by state; return that, and for how many seconds the oldest due mail has been due."""
    by_state = (await session.execute(sa.select(col(Mail.status), sa.func.count()).group_by(col(Mail.status)))).all()
    waiting = (Status.QUEUED.value, Status.RETRY.value)
    due = sa.select(sa.func.min(col(Mail.next_at))).where(col(Mail.next_at) <= now, col(Mail.status).in_(waiting))
    oldest: datetime | None = await session.scalar(due)
    return {row[0]: row[1] for row in by_state}, (now - oldest).total_seconds() if oldest else 0.0
