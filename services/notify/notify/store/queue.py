"""The queue of mails."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain.delivery import Delivery, Status
from notify.domain.kinds import ABOUT_MEETING, ABOUT_SIGNUP, Kind
from notify.domain.planning import Wanted
from notify.store.tables import Base, Mail, StaffAction
from shared.kit.ids import new_id

CHANNEL: Final = "mails"
"""What the mailer listens on."""

WORKERS: Final = 7_305_216
"""The first half of every mailer's advisory lock; the second is its own number."""

_M = Base.metadata.tables["mails"]
_A = Base.metadata.tables["staff_actions"]
_SIGNUP_KINDS: Final = tuple(sorted(ABOUT_SIGNUP))
_MEETING_KINDS: Final = tuple(sorted(ABOUT_MEETING))
_MAY_HAVE_ARRIVED: Final = (Status.SENT, Status.UNKNOWN, Status.CALL, Status.CALLED)


async def of_signup(session: AsyncSession, signup_id: UUID) -> Sequence[Mail]:
    """The mails that follow from a sign-up itself, locked."""
    return await _locked(session, _M.c.signup_id == signup_id, _M.c.kind.in_(_SIGNUP_KINDS))


async def of_group(session: AsyncSession, group_id: UUID) -> Sequence[Mail]:
    """The mails that follow from seats in a group, locked."""
    return await _locked(session, _M.c.group_id == group_id)


async def of_seats(session: AsyncSession, signup_id: UUID) -> Sequence[Mail]:
    """The mails that follow from seats of a sign-up and may still go out, locked."""
    open_ = _M.c.next_at.is_not(None) | (_M.c.status == Status.SENDING.value)
    return await _locked(session, _M.c.signup_id == signup_id, _M.c.group_id.is_not(None), open_)


async def _locked(session: AsyncSession, *conditions: sa.ColumnElement[bool]) -> Sequence[Mail]:
    query = sa.select(Mail).where(*conditions).order_by(_M.c.id).with_for_update()
    return (await session.execute(query.execution_options(populate_existing=True))).scalars().all()


async def add(
    session: AsyncSession, wanted: Wanted, delivery: Delivery, *, correlation_id: UUID, now: datetime
) -> None:
    """A new mail, unless there is one of this kind and cause to this person already."""
    values = {
        "id": new_id(),
        "kind": wanted.kind.value,
        "cause_id": wanted.cause_id,
        "person_id": wanted.person_id,
        "signup_id": wanted.signup_id,
        "group_id": wanted.group_id,
        "seat_id": wanted.seat_id,
        "meeting_id": wanted.meeting_id,
        "sequence": wanted.sequence,
        "language": wanted.language,
        "centre": wanted.centre,
        "correlation_id": correlation_id,
        "created_at": now,
        "status": delivery.status.value,
        "next_at": delivery.next_at,
        "reason": delivery.reason,
        "attempt": 0,
        "unknowns": 0,
        "settled_at": None if delivery.open else now,
    }
    await session.execute(insert(_M).values(values).on_conflict_do_nothing(constraint="mails_one_per_cause"))


async def wake(session: AsyncSession) -> None:
    """Wake the mailer when this transaction commits."""
    await session.execute(sa.select(sa.func.pg_notify(CHANNEL, "")))


async def due(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """
    The mails that may go out now, oldest first, each with its person.

    Nothing overtakes what is just being sent to the same person about the same group, and nobody is told that a plan
    has changed before they have been told of the plan.
    """
    other = _M.alias()
    plan_untold = (_M.c.kind == Kind.PLAN_CHANGED.value) & (other.c.kind == Kind.GROUP_CONFIRMED.value)
    in_the_way = sa.exists().where(
        other.c.person_id == _M.c.person_id,
        other.c.group_id == _M.c.group_id,
        other.c.id != _M.c.id,
        (other.c.status == Status.SENDING.value) | (plan_untold & other.c.next_at.is_not(None)),
    )
    query = (
        sa.select(_M.c.id, _M.c.person_id)
        .where(_M.c.next_at <= now, ~in_the_way)
        .order_by(_M.c.next_at, _M.c.id)
        .limit(limit)
    )
    return [(row.id, row.person_id) for row in await session.execute(query)]


async def claim(session: AsyncSession, mail_id: UUID, now: datetime) -> Mail | None:
    """A mail that is due, locked; None when somebody else has it or it is not due any more."""
    query = sa.select(Mail).where(_M.c.id == mail_id, _M.c.next_at <= now).with_for_update(skip_locked=True)
    return (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()


async def sent_by(session: AsyncSession, mail_id: UUID, worker: int) -> Mail | None:
    """A mail that this mailer is sending, locked; None when it is gone, or was taken from a mailer thought dead."""
    query = sa.select(Mail).where(_M.c.id == mail_id, _M.c.worker == worker).with_for_update()
    return (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()


async def get(session: AsyncSession, mail_id: UUID, *, lock: bool = False) -> Mail | None:
    """One mail."""
    return await session.get(Mail, mail_id, with_for_update=lock or None, populate_existing=True)


async def of_dead_workers(session: AsyncSession) -> Sequence[Mail]:
    """Mails that were being sent by a mailer that lives no more, locked: its advisory lock is free."""
    busy = (await session.execute(sa.select(_M.c.worker).where(_M.c.worker.is_not(None)).distinct())).scalars().all()
    dead = [
        worker
        for worker in busy
        if (await session.execute(sa.select(sa.func.pg_try_advisory_xact_lock(WORKERS, worker)))).scalar_one()
    ]
    return await _locked(session, _M.c.worker.in_(dead)) if dead else ()


async def told_sequence(session: AsyncSession, person_id: UUID, meeting_id: UUID) -> int | None:
    """The latest version of a meeting's plan that has reached, or may have reached, a person."""
    query = sa.select(sa.func.max(_M.c.told_sequence)).where(
        _M.c.person_id == person_id, _M.c.meeting_id == meeting_id, _M.c.status.in_(_MAY_HAVE_ARRIVED)
    )
    told: int | None = (await session.execute(query)).scalar_one_or_none()
    return told


async def told_of_group(session: AsyncSession, person_id: UUID, group_id: UUID) -> bool:
    """Whether anything about this group's start has reached, or may have reached, a person."""
    told = (Kind.SEAT_OFFERED.value, *_MEETING_KINDS)
    query = sa.select(sa.literal(1)).where(
        _M.c.person_id == person_id,
        _M.c.group_id == group_id,
        _M.c.kind.in_(told),
        _M.c.status.in_(_MAY_HAVE_ARRIVED),
    )
    return (await session.execute(query.limit(1))).first() is not None


async def newest(
    session: AsyncSession, statuses: Collection[Status], *, centres: Collection[str] | None, limit: int
) -> Sequence[Mail]:
    """The newest mails in some states, of some centres or of all."""
    query = sa.select(Mail).where(_M.c.status.in_([status.value for status in statuses]))
    if centres is not None:
        query = query.where(_M.c.centre.in_(centres))
    return (await session.execute(query.order_by(_M.c.created_at.desc(), _M.c.id.desc()).limit(limit))).scalars().all()


async def counts(session: AsyncSession, *, centres: Collection[str] | None) -> dict[Status, int]:
    """How many mails there are in each state."""
    query = sa.select(_M.c.status, sa.func.count()).group_by(_M.c.status)
    if centres is not None:
        query = query.where(_M.c.centre.in_(centres))
    return {Status(status): int(count) for status, count in await session.execute(query)}


async def actions(session: AsyncSession, mail_id: UUID) -> Sequence[StaffAction]:
    """What the staff did with a mail, newest first."""
    query = sa.select(StaffAction).where(_A.c.mail_id == mail_id).order_by(_A.c.at.desc())
    return (await session.execute(query)).scalars().all()


def audit(session: AsyncSession, *, username: str, action: str, mail_id: UUID, now: datetime) -> None:
    """Write down what somebody on the staff did."""
    session.add(StaffAction(id=new_id(), at=now, username=username, action=action, mail_id=mail_id))
