"""Mails to one person that leave as one."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from notify.domain.delivery import Status
from notify.store.mail_tables import Mail
from notify.store.many import among

_WAITS: Final = col(Mail.next_at).is_not(None) & col(Mail.held_due_at).is_(None)


async def waiting(
    session: AsyncSession, person_ids: Collection[UUID], kinds: Collection[str], until: datetime
) -> Mapping[UUID, Sequence[Mail]]:
    """
    Lock and return, by person, the mails of these kinds that were never tried and are due by ``until``, oldest first.

    Left out are those of a person to whom a mail is being sent right now, those that would overtake another mail about
    the same group, and those that somebody else is changing.
    """
    other = aliased(Mail)
    being_sent = sa.exists().where(
        col(other.person_id) == col(Mail.person_id), col(other.status) == Status.SENDING.value
    )
    overtaken = sa.exists().where(
        col(other.person_id) == col(Mail.person_id),
        col(other.group_id) == col(Mail.group_id),
        col(other.next_at) < col(Mail.next_at),
        col(other.kind).not_in(kinds),
    )
    query = (
        sa.select(Mail)
        .where(
            among(col(Mail.person_id), person_ids),
            col(Mail.kind).in_(kinds),
            col(Mail.status) == Status.QUEUED.value,
            _WAITS,
            col(Mail.next_at) <= until,
            col(Mail.attempt) == 0,
            col(Mail.joint_id).is_(None),
            ~being_sent,
            ~overtaken,
        )
        .order_by(col(Mail.next_at), col(Mail.id))
        .with_for_update(of=Mail, skip_locked=True)
    )
    found: dict[UUID, list[Mail]] = {person_id: [] for person_id in person_ids}
    for mail in (await session.execute(query.execution_options(populate_existing=True))).scalars():
        found[mail.person_id].append(mail)
    return found


async def to_send_again(session: AsyncSession, joint_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Mail] | None]:
    """Lock and return, by id, the mails of each that are to be sent again; None while somebody changes one of them."""
    chosen = among(col(Mail.joint_id), joint_ids), _WAITS
    count = sa.select(col(Mail.joint_id), sa.func.count()).where(*chosen).group_by(col(Mail.joint_id))
    counts = {joint_id: int(number) for joint_id, number in await session.execute(count)}
    query = sa.select(Mail).where(*chosen).order_by(col(Mail.next_at), col(Mail.id)).with_for_update(skip_locked=True)
    rows: dict[UUID | None, list[Mail]] = {joint_id: [] for joint_id in joint_ids}
    for mail in (await session.execute(query.execution_options(populate_existing=True))).scalars():
        rows[mail.joint_id].append(mail)
    return {id_: rows[id_] if len(rows[id_]) == counts.get(id_, 0) else None for id_ in joint_ids}


async def together_with(session: AsyncSession, mail: Mail) -> Sequence[Mail]:
    """Lock and return a mail and those that left, or are to leave again, as one with it."""
    if mail.joint_id is None:
        return (mail,)
    query = sa.select(Mail).where(col(Mail.joint_id) == mail.joint_id).order_by(col(Mail.id)).with_for_update()
    return (await session.execute(query.execution_options(populate_existing=True))).scalars().all()


async def of_joints(session: AsyncSession, joint_ids: Collection[UUID]) -> Sequence[Mail]:
    """Return the mails of these joint mails, without locks."""
    query = sa.select(Mail).where(among(col(Mail.joint_id), joint_ids)).order_by(col(Mail.id))
    return (await session.execute(query)).scalars().all()


async def sizes(session: AsyncSession, joint_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """Return how many mails left, or are to leave, as one with each of these ids."""
    query = (
        sa.select(col(Mail.joint_id), sa.func.count())
        .where(among(col(Mail.joint_id), joint_ids), col(Mail.status) != Status.CANCELLED.value)
        .group_by(col(Mail.joint_id))
    )
    return {joint_id: int(number) for joint_id, number in await session.execute(query) if joint_id is not None}
