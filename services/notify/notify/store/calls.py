"""Calls of staff."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notify.domain.calls import Outcome
from notify.store.mail_tables import CallAttempt
from shared.kit.ids import new_id


async def add(
    session: AsyncSession,
    mail_id: UUID,
    outcome: Outcome,
    username: str,
    now: datetime,
    next_at: datetime | None = None,
) -> None:
    """Store one call about a mail."""
    session.add(
        CallAttempt(id=new_id(), mail_id=mail_id, outcome=outcome.value, username=username, at=now, next_at=next_at)
    )
    await session.flush()


async def of_mails(session: AsyncSession, mail_ids: Collection[UUID]) -> dict[UUID, Sequence[CallAttempt]]:
    """Return the calls about these mails, oldest first."""
    query = sa.select(CallAttempt).where(col(CallAttempt.mail_id).in_(mail_ids))
    rows = (await session.execute(query.order_by(col(CallAttempt.at), col(CallAttempt.id)))).scalars().all()
    return {id_: [row for row in rows if row.mail_id == id_] for id_ in mail_ids}
