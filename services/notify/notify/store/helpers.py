"""Queries about what igangsettere are told."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notify.store.helper_tables import HelperNotice
from notify.store.tables import Group


async def notice(session: AsyncSession, notice_id: UUID) -> HelperNotice | None:
    """Return a question to an igangsetter, or None."""
    return await session.get(HelperNotice, notice_id, populate_existing=True)


async def write(session: AsyncSession, row: HelperNotice) -> HelperNotice:
    """Store a question, or its newest state; an event of a lower version changes nothing. Return what is stored."""
    values = row.model_dump()
    statement = insert(HelperNotice).values(values)
    changes = {name: statement.excluded[name] for name in values if name != "id"}
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["id"], set_=changes, where=col(HelperNotice.version) < statement.excluded.version
        )
    )
    stored = await notice(session, row.id)
    assert stored is not None
    return stored


async def delete_of(session: AsyncSession, account_id: UUID) -> None:
    """Delete everything that an igangsetter is told."""
    await session.execute(sa.delete(HelperNotice).where(col(HelperNotice.account_id) == account_id))


async def delete_before(session: AsyncSession, cutoff: datetime) -> None:
    """
    Delete the questions that could be answered until before a moment.

    A question with a yes stays while its group goes on with known members, for the calendar of the igangsetter.
    """
    goes_on = sa.exists().where(
        col(HelperNotice.state) == "accepted",
        sa.cast(col(Group.id), sa.String) == col(HelperNotice.details)["group_id"].as_string(),
        col(Group.ended_at).is_(None),
        col(Group.forgotten_at).is_(None),
    )
    await session.execute(sa.delete(HelperNotice).where(col(HelperNotice.expires_at) < cutoff, ~goes_on))
