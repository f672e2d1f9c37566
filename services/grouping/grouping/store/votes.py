"""Open votes with their two seals, which no query ever reads in one row."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, delete, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from grouping.store.life_tables import Vote, VoteBox, VoteTurnout


async def of_group(session: AsyncSession, group_id: UUID) -> Vote | None:
    """Return the open vote of a group."""
    query = select(Vote).where(col(Vote.group_id) == group_id).execution_options(populate_existing=True)
    row: Vote | None = await session.scalar(query)
    return row


async def of_ballot(session: AsyncSession, ballot_id: UUID) -> Vote | None:
    """Return the open vote that a ballot belongs to; None once its result is known."""
    is_among = literal(ballot_id, Uuid) == func.any(col(Vote.ballots))
    row: Vote | None = await session.scalar(select(Vote).where(is_among))
    return row


async def turnout(session: AsyncSession, vote_id: UUID, *, lock: bool) -> VoteTurnout:
    """Return the sealed turnout of a vote; locked until the end of the transaction for an answer, not for a page."""
    query = select(VoteTurnout).where(col(VoteTurnout.vote_id) == vote_id)
    query = query.with_for_update() if lock else query
    return (await session.scalars(query.execution_options(populate_existing=True))).one()


async def box(session: AsyncSession, vote_id: UUID) -> VoteBox:
    """Return the sealed box of a vote, locked until the end of the transaction."""
    query = select(VoteBox).where(col(VoteBox.vote_id) == vote_id)
    return (await session.scalars(query.with_for_update().execution_options(populate_existing=True))).one()


async def over(session: AsyncSession, now: datetime) -> list[UUID]:
    """Return the groups with a vote whose deadline has passed."""
    return list(await session.scalars(select(col(Vote.group_id)).where(col(Vote.deadline) <= now)))


async def delete_vote(session: AsyncSession, vote_id: UUID) -> None:
    """Delete a vote with its seals; the turnout first, as an answer locks it first."""
    for table, column in ((VoteTurnout, col(VoteTurnout.vote_id)), (VoteBox, col(VoteBox.vote_id))):
        await session.execute(delete(table).where(column == vote_id))
    await session.execute(delete(Vote).where(col(Vote.id) == vote_id))
