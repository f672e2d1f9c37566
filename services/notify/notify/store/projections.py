"""What is known of sign-ups, groups, seats and meetings; locked while it is changed."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from notify.store.tables import Base, Group, Meeting, Seat, Signup

_TABLES = Base.metadata.tables
_S, _T, _G, _M, _F, _B = (_TABLES[name] for name in ("signups", "seats", "groups", "meetings", "forgotten", "bounces"))


async def lock(session: AsyncSession, *, group_id: UUID | None = None, person_ids: Iterable[UUID] = ()) -> None:
    """
    Let nobody else change what is known of this group and these people until the transaction ends.

    The group first and the people in order, so that two transactions never wait for each other.
    """
    keys = [f"group {group_id}"] if group_id else []
    keys += [f"person {person_id}" for person_id in sorted(set(person_ids))]
    for key in keys:
        await session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(key, 0))))


async def forgotten(session: AsyncSession, person_ids: Collection[UUID]) -> set[UUID]:
    """Those of these people who were erased."""
    query = sa.select(_F.c.person_id).where(_F.c.person_id.in_(person_ids))
    return set((await session.execute(query)).scalars())


async def forget(session: AsyncSession, person_id: UUID, now: datetime) -> None:
    """Delete all that is known of a person, and remember only that they must not come back."""
    for table in (_TABLES["mails"], _S, _T, _B):
        await session.execute(sa.delete(table).where(table.c.person_id == person_id))
    await session.execute(insert(_F).values(person_id=person_id, at=now).on_conflict_do_nothing())


async def signup(session: AsyncSession, signup_id: UUID) -> Signup | None:
    """What is known of a sign-up."""
    return await session.get(Signup, signup_id, populate_existing=True)


async def group(session: AsyncSession, group_id: UUID, centre: str, area: str) -> Group:
    """What is known of a group, from now on at least this."""
    values = {"id": group_id, "centre": centre, "area": area}
    await session.execute(insert(_G).values(values).on_conflict_do_nothing())
    found = await session.get(Group, group_id, populate_existing=True)
    assert found is not None
    return found


async def find_group(session: AsyncSession, group_id: UUID) -> Group | None:
    """What is known of a group, if anything."""
    return await session.get(Group, group_id, populate_existing=True)


async def seat(session: AsyncSession, seat_id: UUID) -> Seat | None:
    """What is known of a seat."""
    return await session.get(Seat, seat_id, populate_existing=True)


async def meeting(session: AsyncSession, meeting_id: UUID) -> Meeting | None:
    """The newest known plan."""
    return await session.get(Meeting, meeting_id, populate_existing=True)


async def meeting_of(session: AsyncSession, group_id: UUID) -> Meeting | None:
    """The plan of a group's start meeting, if one was called."""
    query = sa.select(Meeting).where(_M.c.group_id == group_id).execution_options(populate_existing=True)
    return (await session.execute(query)).scalar_one_or_none()


async def seats_of_group(session: AsyncSession, group_id: UUID) -> Sequence[Seat]:
    """All seats of a group, also those given up."""
    query = sa.select(Seat).where(_T.c.group_id == group_id).order_by(_T.c.id)
    return (await session.execute(query.execution_options(populate_existing=True))).scalars().all()


async def seats_of_signup(session: AsyncSession, signup_id: UUID) -> Sequence[Seat]:
    """All seats that a sign-up has, or has had."""
    query = sa.select(Seat).where(_T.c.signup_id == signup_id).order_by(_T.c.id)
    return (await session.execute(query.execution_options(populate_existing=True))).scalars().all()


async def withdrawn(session: AsyncSession, signup_ids: Collection[UUID]) -> set[UUID]:
    """Those of these sign-ups that were withdrawn."""
    query = sa.select(_S.c.id).where(_S.c.id.in_(signup_ids), _S.c.withdrawn)
    return set((await session.execute(query)).scalars())


async def live_seats(session: AsyncSession, group_id: UUID) -> int:
    """How many seats of a group have not been given up."""
    query = sa.select(sa.func.count()).where(_T.c.group_id == group_id, _T.c.released.is_(None))
    return int((await session.execute(query)).scalar_one())


async def hard_bounces(session: AsyncSession, person_id: UUID) -> int:
    """How often the person's address was refused for good."""
    query = sa.select(_B.c.hard).where(_B.c.person_id == person_id)
    return (await session.execute(query)).scalar_one_or_none() or 0


async def add_hard_bounce(session: AsyncSession, person_id: UUID, now: datetime) -> None:
    """The person's address was refused for good once more."""
    row = insert(_B).values(person_id=person_id, hard=1, last_at=now)
    changed = {"hard": _B.c.hard + 1, "last_at": now}
    await session.execute(row.on_conflict_do_update(index_elements=["person_id"], set_=changed))


async def clear_bounces(session: AsyncSession, person_id: UUID) -> None:
    """The address has been corrected."""
    await session.execute(sa.delete(_B).where(_B.c.person_id == person_id))
