"""Lives of started groups: rows, what is due, and the deletion of their members."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, delete, exists, func, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from grouping.domain.groups import GroupState, SeatState
from grouping.domain.meetings import MeetingKind
from grouping.domain.signups import SignupStatus
from grouping.store import audit
from grouping.store.life_tables import Life
from grouping.store.retention import allow_deletion_of_seats, forget_changes, forget_origin
from grouping.store.tables import Exclusion, Group, Meeting, Seat, Signup


async def get(session: AsyncSession, group_id: UUID) -> Life | None:
    """Return the life of a group as it is in the database now; None before the job has opened it."""
    return await session.get(Life, group_id, populate_existing=True)


async def meetings_after_start(session: AsyncSession, group_id: UUID) -> list[Meeting]:
    """Return the meetings of a group after its start meeting, in their order."""
    query = (
        select(Meeting)
        .where(col(Meeting.group_id) == group_id, col(Meeting.kind) != MeetingKind.START.value)
        .order_by(col(Meeting.starts_at), col(Meeting.id))
        .execution_options(populate_existing=True)
    )
    return list(await session.scalars(query))


async def to_open(session: AsyncSession) -> list[UUID]:
    """Return the started groups with members that have no life yet."""
    member = exists().where(col(Seat.group_id) == col(Group.id), col(Seat.state) == SeatState.TAKEN.value)
    life = exists().where(col(Life.group_id) == col(Group.id))
    query = select(col(Group.id)).where(col(Group.state) == GroupState.STARTED.value, member, ~life)
    return list(await session.scalars(query.order_by(col(Group.started_at), col(Group.id))))


async def revoked(session: AsyncSession) -> list[UUID]:
    """Return the groups with a life whose start was revoked."""
    query = select(col(Life.group_id)).join(Group, col(Group.id) == col(Life.group_id))
    return list(await session.scalars(query.where(col(Group.state) != GroupState.STARTED.value)))


async def due(session: AsyncSession, now: datetime) -> list[UUID]:
    """Return the groups whose life has a step to take."""
    query = select(col(Life.group_id)).where(col(Life.next_at) <= now)
    return list(await session.scalars(query.order_by(col(Life.next_at), col(Life.group_id))))


async def with_return_hash(session: AsyncSession, return_hash: bytes) -> UUID | None:
    """Return the group of a return link."""
    query = select(col(Life.group_id)).where(col(Life.return_hash) == return_hash)
    group_id: UUID | None = await session.scalar(query)
    return group_id


async def delete_life(session: AsyncSession, group_id: UUID) -> None:
    """Delete the life of a group, and its meetings after the start meeting."""
    await session.execute(
        delete(Meeting).where(col(Meeting.group_id) == group_id, col(Meeting.kind) != MeetingKind.START.value)
    )
    await session.execute(delete(Life).where(col(Life.group_id) == group_id))


async def note_departure(
    session: AsyncSession, group_id: UUID, seat_id: UUID, now: datetime, *, still_counted: bool
) -> int | None:
    """
    Record that a member has left, or was erased and is still counted; the job then takes the steps that follow.

    Return the number of members that the group counts; None if its life is not opened yet.
    """
    statement = (
        update(Life)
        .where(col(Life.group_id) == group_id)
        .values(
            size=func.greatest(col(Life.size) - (0 if still_counted else 1), 0),
            handover_yes=func.array_remove(col(Life.handover_yes), seat_id, type_=ARRAY(Uuid)),
            left_out=func.array_remove(col(Life.left_out), seat_id, type_=ARRAY(Uuid)),
            opted_in=func.array_remove(col(Life.opted_in), seat_id, type_=ARRAY(Uuid)),
            dissolve_yes=func.array_remove(col(Life.dissolve_yes), seat_id, type_=ARRAY(Uuid)),
            next_at=now,
        )
        .returning(col(Life.size))
        .execution_options(synchronize_session=False)
    )
    size: int | None = await session.scalar(statement)
    return size


async def delete_members(session: AsyncSession, group_id: UUID, kept: Collection[UUID]) -> None:
    """Delete the seats of a started group, and the sign-ups of its members, except these; who waits again stays."""
    await _delete_exclusions(session, group_id)
    kept_signups = await session.scalars(select(col(Seat.signup_id)).where(col(Seat.id).in_(list(kept))))
    await audit.forget_members(session, group_id, kept_signups.all())
    seats = select(col(Seat.signup_id)).where(col(Seat.group_id) == group_id, col(Seat.id).not_in(list(kept)))
    # Deleted without a trace, for the reason that store.retention.delete_memberships states.
    is_member = col(Signup.signup_id).in_(seats) & (col(Signup.status) == SignupStatus.MEMBER.value)
    gone = await session.scalars(delete(Signup).where(is_member).returning(col(Signup.signup_id)))
    await forget_changes(session, gone.all())
    await allow_deletion_of_seats(session, allowed=True)
    await session.execute(delete(Seat).where(col(Seat.group_id) == group_id, col(Seat.id).not_in(list(kept))))
    await forget_origin(session, group_id)
    await allow_deletion_of_seats(session, allowed=False)


async def allow_admission(session: AsyncSession, group_id: UUID | None) -> None:
    """Let this transaction insert a taken seat into one started group; None ends it."""
    await session.execute(text(f"SET LOCAL grouping.admitting = '{group_id or ''}'"))


async def _delete_exclusions(session: AsyncSession, group_id: UUID) -> None:
    """Delete the pairs of people of a group who do not both wait again; the pair would only tell who knew whom."""
    people = select(col(Seat.person_id)).where(col(Seat.group_id) == group_id)
    in_group = (SignupStatus.MEMBER.value, SignupStatus.GONE.value)
    wait = select(col(Signup.person_id)).where(col(Signup.person_id).in_(people), col(Signup.status).not_in(in_group))
    one, other = col(Exclusion.one), col(Exclusion.other)
    both_wait = one.in_(wait) & other.in_(wait)
    await session.execute(delete(Exclusion).where(one.in_(people), other.in_(people), ~both_wait))
