"""Claims of mails by a mailer, and the attempts to send them."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notify.domain import delivery
from notify.domain.delivery import Delivery, Status
from notify.store.mail_tables import Mail
from notify.store.many import among
from notify.store.tables import Group, task_book

WORKER_LOCKS: Final = 7_305_216
"""First half of every mailer's advisory lock; the second half is the mailer's own number."""

_MAILS: Final[sa.Table] = Mail.__table__  # type: ignore[attr-defined]  # of SQLModel
_ANY: Final = Delivery(Status.SENDING, None)
"""Any state during an attempt: an accepted mail has the same state after each."""

_NOW: Final = sa.bindparam("now", type_=_MAILS.c.settled_at.type)
_FREE: Final = (
    sa.select(_MAILS.c.id)
    .where(
        _MAILS.c.id == sa.func.any(sa.bindparam("ids", type_=sa.ARRAY(sa.Uuid))), _MAILS.c.worker == sa.bindparam("by")
    )
    .with_for_update(of=_MAILS, skip_locked=True)
)
"""Mails, among some, that a mailer has claimed and nobody is changing. Built once, since it runs all the time."""

_BEGIN: Final = (
    sa.update(_MAILS)
    .where(_MAILS.c.id.in_(_FREE.where(_MAILS.c.unwanted.is_(None))))
    .values(sending_since=_NOW)
    .returning(_MAILS.c.id)
)
_FORGOTTEN: Final = sa.exists().where(col(Group.id) == _MAILS.c.group_id, col(Group.forgotten_at).is_not(None))
_AFTER: Final = delivery.end_attempt(_ANY, delivery.Accepted(), datetime.min.replace(tzinfo=UTC), is_reminder=False)
_SET_SENT: Final = (
    sa.update(_MAILS)
    .where(_MAILS.c.id.in_(_FREE.where(~_FORGOTTEN)))
    .values(
        status=_AFTER.status.value,
        next_at=_AFTER.next_at,
        reason=_AFTER.reason,
        unwanted=_AFTER.unwanted,
        worker=None,
        sending_since=None,
        settled_at=_NOW,
        link_id=None,
    )
    .returning(
        *(_MAILS.c.id, _MAILS.c.person_id, _MAILS.c.kind, _MAILS.c.attempt),
        sa.exists().where(task_book.table.c.person_id == _MAILS.c.person_id).label("has_task"),
    )
)


async def claim(session: AsyncSession, mail_id: UUID, now: datetime) -> Mail | None:
    """Lock and return a due mail; None if another mailer has it or it is no longer due."""
    return next(iter(await claim_free(session, (mail_id,), now)), None)


async def claim_free(session: AsyncSession, mail_ids: Collection[UUID], now: datetime) -> Sequence[Mail]:
    """Lock and return those of these mails that are due and that no other mailer has, oldest first."""
    query = sa.select(Mail).where(among(col(Mail.id), mail_ids), col(Mail.next_at) <= now)
    query = query.order_by(col(Mail.next_at), col(Mail.id)).with_for_update(skip_locked=True)
    return (await session.execute(query.execution_options(populate_existing=True))).scalars().all()


async def begin(session: AsyncSession, mail_ids: Collection[UUID], worker: int, now: datetime) -> set[UUID]:
    """Begin the attempts of mails that this mailer has claimed, that are still wanted and nobody else is changing."""
    return set((await session.execute(_BEGIN, {"ids": list(mail_ids), "by": worker, "now": now})).scalars())


async def set_sent(
    session: AsyncSession, mail_ids: Collection[UUID], worker: int, now: datetime
) -> "Sequence[sa.Row[UUID, UUID, str, int, bool]]":
    """
    Store that the server has these mails, except those that somebody else is changing right now.

    The members of a group that is to be forgotten are forgotten with the last mail to them, so theirs are left too.

    Returns:
        Id, person, kind and attempt of each mail that is sent, and as ``has_task`` whether a task is about the person.
    """
    return (await session.execute(_SET_SENT, {"ids": list(mail_ids), "by": worker, "now": now})).all()


async def sent_by(session: AsyncSession, mail_ids: Collection[UUID], worker: int) -> Sequence[Mail]:
    """Lock and return those of these mails that this mailer is sending; the others were deleted or recovered."""
    query = sa.select(Mail).where(among(col(Mail.id), mail_ids), col(Mail.worker) == worker).order_by(col(Mail.id))
    return (await session.execute(query.with_for_update().execution_options(populate_existing=True))).scalars().all()


async def of_dead_workers(session: AsyncSession) -> Sequence[Mail]:
    """Lock and return the mails whose mailer died during an attempt: its advisory lock is free."""
    workers = sa.select(col(Mail.worker)).where(col(Mail.worker).is_not(None)).distinct()
    dead = [
        worker
        for worker in (await session.execute(workers)).scalars().all()
        if (await session.execute(sa.select(sa.func.pg_try_advisory_xact_lock(WORKER_LOCKS, worker)))).scalar_one()
    ]
    if not dead:
        return ()
    query = sa.select(Mail).where(col(Mail.worker).in_(dead)).order_by(col(Mail.id)).with_for_update()
    return (await session.execute(query.execution_options(populate_existing=True))).scalars().all()


async def left_since(session: AsyncSession, person_ids: Collection[UUID], since: datetime) -> dict[UUID, int]:
    """
    Return how many mails have left for each of these people since a moment; people without any are missing.

    Mails that left as one count as one.
    """
    query = (
        sa.select(col(Mail.person_id), sa.func.count(sa.func.coalesce(col(Mail.joint_id), col(Mail.id)).distinct()))
        .where(
            among(col(Mail.person_id), person_ids),
            col(Mail.status).in_((Status.SENT.value, Status.UNKNOWN.value)),
            col(Mail.settled_at) > since,
        )
        .group_by(col(Mail.person_id))
    )
    return {person_id: int(count) for person_id, count in await session.execute(query)}
