"""Igangsettere with an account, and the questions to them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from grouping.domain.groups import GroupState
from grouping.domain.meetings import SCHEDULED
from grouping.domain.starters import LIVE, QuestionState
from grouping.store.starter_tables import GroupStarter, IgangsetterAccount, StarterQuestion
from grouping.store.tables import ErasedId, Group, Meeting


async def account(session: AsyncSession, igangsetter_id: UUID) -> IgangsetterAccount | None:
    """Return the account of an igangsetter; None if they have none."""
    return await session.get(IgangsetterAccount, igangsetter_id, populate_existing=True)


async def accounts(session: AsyncSession, igangsetter_ids: Collection[UUID]) -> dict[UUID, IgangsetterAccount]:
    """Return the accounts of these igangsettere by id; those without one are missing."""
    if not igangsetter_ids:
        return {}
    query = select(IgangsetterAccount).where(col(IgangsetterAccount.igangsetter_id).in_(list(igangsetter_ids)))
    rows = (await session.scalars(query.execution_options(populate_existing=True))).all()
    return {row.igangsetter_id: row for row in rows}


async def write_account(session: AsyncSession, row: IgangsetterAccount) -> bool:
    """Store an account as an event states it; return False if a newer event is stored."""
    values = row.model_dump()
    statement = insert(IgangsetterAccount).values(values)
    changes = {name: statement.excluded[name] for name in values if name != "igangsetter_id"}
    written = await session.execute(
        statement.on_conflict_do_update(
            index_elements=["igangsetter_id"],
            set_=changes,
            where=col(IgangsetterAccount.version) < statement.excluded.version,
        ).returning(col(IgangsetterAccount.igangsetter_id))
    )
    return written.first() is not None


async def delete_account(session: AsyncSession, igangsetter_id: UUID) -> None:
    """Delete the account of an igangsetter."""
    await session.execute(delete(IgangsetterAccount).where(col(IgangsetterAccount.igangsetter_id) == igangsetter_id))


async def is_erased(session: AsyncSession, igangsetter_id: UUID) -> bool:
    """Return True if the igangsetter was erased; a late event must not bring them back."""
    return await session.get(ErasedId, igangsetter_id) is not None


async def question(session: AsyncSession, question_id: UUID) -> StarterQuestion | None:
    """Return a question as it is in the database now."""
    return await session.get(StarterQuestion, question_id, populate_existing=True)


async def questions_of_groups(
    session: AsyncSession, group_ids: Collection[UUID]
) -> dict[UUID, Sequence[StarterQuestion]]:
    """Return the questions of these groups, oldest first."""
    query = select(StarterQuestion).where(col(StarterQuestion.group_id).in_(list(group_ids)))
    query = query.order_by(col(StarterQuestion.asked_at), col(StarterQuestion.id))
    rows = (await session.scalars(query.execution_options(populate_existing=True))).all()
    return {group_id: [row for row in rows if row.group_id == group_id] for group_id in group_ids}


async def groups_of(session: AsyncSession, igangsetter_id: UUID) -> Sequence[Group]:
    """Return the groups that an igangsetter is kept for or has, the oldest first."""
    query = (
        select(Group)
        .join(GroupStarter, col(GroupStarter.group_id) == col(Group.id))
        .where(col(GroupStarter.igangsetter_id) == igangsetter_id)
        .order_by(col(Group.created_at), col(Group.id))
    )
    return (await session.scalars(query)).all()


async def busy_at(session: AsyncSession, starts_at: datetime, group_id: UUID) -> set[UUID]:
    """Return the igangsettere with a meeting of another group at the same time."""
    query = (
        select(col(GroupStarter.igangsetter_id))
        .join(Meeting, col(Meeting.group_id) == col(GroupStarter.group_id))
        .where(
            col(Meeting.starts_at) <= starts_at,
            col(Meeting.ends_at) > starts_at,
            col(Meeting.state).in_([state.value for state in sorted(SCHEDULED)]),
            col(GroupStarter.group_id) != group_id,
        )
    )
    return set((await session.scalars(query)).all())


async def to_look_at(session: AsyncSession) -> list[UUID]:
    """Return the confirmed groups, and the others with a live question, of centres with accounts."""
    has_live = exists().where(
        col(StarterQuestion.group_id) == col(Group.id), col(StarterQuestion.state).in_(sorted(LIVE))
    )
    has_accounts = exists().where(col(IgangsetterAccount.centre) == col(Group.centre))
    # A started group keeps those who have said yes; only an open question must not outlive its start.
    is_open = exists().where(
        col(StarterQuestion.group_id) == col(Group.id), col(StarterQuestion.state) == QuestionState.OPEN.value
    )
    query = select(col(Group.id)).where(
        has_accounts,
        or_(
            col(Group.state) == GroupState.CONFIRMED.value,
            (col(Group.state) == GroupState.STARTED.value) & is_open,
            (col(Group.state) == GroupState.CANCELLED.value) & has_live,
        ),
    )
    return list((await session.scalars(query.order_by(col(Group.created_at), col(Group.id)))).all())


async def delete_old_questions(session: AsyncSession, asked_before: datetime) -> None:
    """Delete questions that are over and were asked before a moment."""
    await session.execute(
        delete(StarterQuestion).where(
            col(StarterQuestion.state).notin_(sorted(LIVE)), col(StarterQuestion.asked_at) < asked_before
        )
    )
