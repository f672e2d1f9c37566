"""Queries about short messages."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notify.domain.delivery import Delivery, Status
from notify.store.mail_tables import Mail
from notify.store.sms_tables import Sms

NUMBER_REFUSED: Final = "number_refused"
NO_ADDRESS: Final = ("no_email", "no_call_needed")
"""Reasons of mails that cannot be sent since their person has no e-mail address."""


async def add_missing(
    session: AsyncSession,
    kinds: Collection[str],
    centres: Collection[str],
    state: Delivery,
    *,
    since: datetime,
    now: datetime,
) -> int:
    """Queue a message beside each mail of these kinds and centres that had no address to go to since a moment."""
    has_one = sa.exists().where(col(Sms.mail_id) == col(Mail.id))
    wanted = sa.select(
        col(Mail.id),
        col(Mail.person_id),
        sa.literal(now),
        sa.literal(state.status.value),
        sa.literal(state.next_at),
        sa.literal(0),
        sa.literal(0),
    ).where(
        col(Mail.kind).in_(kinds),
        col(Mail.centre).in_(centres),
        col(Mail.status).in_((Status.CALL.value, Status.CANCELLED.value)),
        col(Mail.reason).in_(NO_ADDRESS),
        col(Mail.settled_at) > since,
        ~has_one,
    )
    columns = ("mail_id", "person_id", "created_at", "status", "next_at", "attempt", "unknowns")
    rows = insert(Sms).from_select(list(columns), wanted).on_conflict_do_nothing().returning(col(Sms.mail_id))
    return len((await session.execute(rows)).all())


async def due(session: AsyncSession, now: datetime, limit: int) -> Sequence[UUID]:
    """Return the messages that may be sent now, oldest first."""
    query = sa.select(col(Sms.mail_id)).where(col(Sms.next_at) <= now)
    return (await session.execute(query.order_by(col(Sms.next_at), col(Sms.mail_id)).limit(limit))).scalars().all()


async def get(session: AsyncSession, mail_id: UUID) -> Sms | None:
    """Lock and return the message beside a mail."""
    return await session.get(Sms, mail_id, with_for_update=True, populate_existing=True)


async def of_mail(session: AsyncSession, mail_id: UUID) -> Sms | None:
    """Return the message beside a mail for a page, without a lock."""
    return await session.get(Sms, mail_id)


async def in_flight(session: AsyncSession) -> dict[UUID, UUID]:
    """Return the messages whose attempt has begun, and their people; without a lock, since people are locked first."""
    query = sa.select(col(Sms.mail_id), col(Sms.person_id)).where(col(Sms.status) == Status.SENDING.value)
    return {row.mail_id: row.person_id for row in await session.execute(query.order_by(col(Sms.mail_id)))}


async def left_since(session: AsyncSession, person_id: UUID, since: datetime) -> int:
    """Return how many messages have left, or may have left, for a person since a moment."""
    query = sa.select(sa.func.count()).where(
        col(Sms.person_id) == person_id,
        col(Sms.status).in_((Status.SENT.value, Status.UNKNOWN.value)),
        col(Sms.settled_at) > since,
    )
    return (await session.execute(query)).scalar_one()


async def last_refusal(session: AsyncSession, person_id: UUID) -> datetime | None:
    """Return when the gateway last refused a person's number for good."""
    query = sa.select(sa.func.max(col(Sms.settled_at))).where(
        col(Sms.person_id) == person_id, col(Sms.status) == Status.FAILED.value, col(Sms.reason) == NUMBER_REFUSED
    )
    return (await session.execute(query)).scalar_one()
