"""Deletion of rows that are past their retention period."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped
from sqlmodel import col

from grouping.domain.groups import GroupState
from grouping.domain.signups import SignupStatus
from grouping.store import audit
from grouping.store.security_tables import security_events
from grouping.store.starters import delete_old_questions
from grouping.store.tables import ErasedId, Group, MatcherChange, QuietPair, Seat, Signup, audit_log, dead_letters
from shared.reference.policy import Policy
from shared.reference.retention import Data, kept_for

_CLOSED_AT = func.coalesce(col(Group.started_at), col(Group.ended_at))
"""The same as :attr:`grouping.store.Group.closed_at`."""


async def with_expired_memberships(session: AsyncSession, now: datetime) -> list[UUID]:
    """
    Return the cancelled groups whose people must be deleted by now.

    The members of a started group are forgotten by its life, as its policy says.
    """
    query = (
        select(col(Group.id), _CLOSED_AT, col(Group.policy))
        .where(now >= _CLOSED_AT, col(Group.state) == GroupState.CANCELLED.value)
        .where(exists().where(col(Seat.group_id) == col(Group.id)))
        .order_by(_CLOSED_AT, col(Group.id))
    )
    rows = (await session.execute(query)).all()
    return [
        group_id
        for group_id, closed_at, policy in rows
        if now - kept_for(Data.GROUP_LINKS, Policy.model_validate(policy)) >= closed_at
    ]


async def allow_deletion_of_seats(session: AsyncSession, *, allowed: bool) -> None:
    """Let this transaction delete seats of closed groups, which a trigger otherwise refuses."""
    await session.execute(text(f"SET LOCAL grouping.forgetting = '{'on' if allowed else 'off'}'"))


async def forget_origin(session: AsyncSession, group_id: UUID) -> None:
    """
    Delete what staff wrote about a small start, which is about nobody any more, and the time of day of the proposal.

    A group is often proposed at the moment in which its last member confirms.
    """
    day = func.date_trunc("day", col(Group.created_at), "UTC")
    await session.execute(update(Group).where(col(Group.id) == group_id).values(start_reason=None, created_at=day))


async def forget_changes(session: AsyncSession, signup_ids: Collection[UUID]) -> None:
    """Delete sign-ups that are gone from the changes of the waiting list, which would name them together for a day."""
    ids = {"signup_id": func.gen_random_uuid()}
    await session.execute(update(MatcherChange).where(col(MatcherChange.signup_id).in_(signup_ids)).values(ids))


async def delete_memberships(session: AsyncSession, group_id: UUID) -> None:
    """Delete the seats of a closed group and the sign-ups of its members; those who wait again stay."""
    members = select(col(Seat.signup_id)).where(col(Seat.group_id) == group_id)
    # Deleted without a trace: the last wishes of a member are older than the start of the group, so by now the stream
    # has dropped them and the inbox has outlived every redelivery. A tombstone would only keep the members linked.
    is_member = col(Signup.signup_id).in_(members) & (col(Signup.status) == SignupStatus.MEMBER)
    gone = await session.scalars(delete(Signup).where(is_member).returning(col(Signup.signup_id)))
    await forget_changes(session, gone.all())
    await audit.forget_members(session, group_id)
    await allow_deletion_of_seats(session, allowed=True)
    await session.execute(delete(Seat).where(col(Seat.group_id) == group_id))
    await forget_origin(session, group_id)
    await allow_deletion_of_seats(session, allowed=False)


def _may_come_back(since: Mapped[datetime] | Mapped[datetime | None]) -> ColumnElement[bool]:
    """Return the condition that a dead letter may be from before ``since``; replayed, it needs the id to be ignored."""
    return exists().where(dead_letters.table.c.buried_at <= since + kept_for(Data.STREAM_EVENT))


async def delete_old_rows(session: AsyncSession, now: datetime) -> None:
    """Delete old ids of people who left, never came or were erased, old changes, and old acts of staff."""
    await session.execute(
        delete(Signup).where(
            col(Signup.status).in_([SignupStatus.GONE, SignupStatus.UNREADY]),
            col(Signup.gone_at) <= now - kept_for(Data.LEFT_ID),
            ~_may_come_back(col(Signup.gone_at)),
        )
    )
    await session.execute(  # an arrival that was handled during an erasure may have brought a pair of its
        delete(QuietPair).where(exists().where(col(ErasedId.id).in_([col(QuietPair.one), col(QuietPair.other)])))
    )
    await session.execute(
        delete(ErasedId).where(col(ErasedId.at) <= now - kept_for(Data.LEFT_ID), ~_may_come_back(col(ErasedId.at)))
    )
    ended = kept_for(Data.LEFT_ID)
    await session.execute(
        delete(QuietPair).where(col(QuietPair.ended_at) <= now - ended, ~_may_come_back(col(QuietPair.ended_at)))
    )
    # By the clock of the database, which also wrote them.
    await session.execute(
        delete(MatcherChange).where(col(MatcherChange.at) <= func.now() - kept_for(Data.MATCHER_CHANGE))
    )
    await delete_old_questions(session, now - kept_for(Data.AUDIT_ENTRY))
    await audit_log.delete_before(session, now - kept_for(Data.AUDIT_ENTRY))
    await security_events.delete_before(session, now - kept_for(Data.SECURITY_EVENT))
