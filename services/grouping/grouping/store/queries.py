"""What use cases ask the database."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    Uuid,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain.groups import GroupState, SeatState
from grouping.domain.matching.cells import Cell
from grouping.domain.signups import SignupStatus
from grouping.store.retention import allow_deletion_of_seats
from grouping.store.tables import Apart, AreaHold, Forgotten, Group, Seat, Waiting

# SQLModel types an attribute as its value; in a query it is a column.
_Waiting: Any = Waiting
_Group: Any = Group
_Seat: Any = Seat
_Forgotten: Any = Forgotten
_AreaHold: Any = AreaHold
_Apart: Any = Apart


class LiveSeat(NamedTuple):
    """A seat that somebody has or is offered, and where."""

    seat_id: UUID
    signup_id: UUID
    group_id: UUID
    area: str


async def waiting(session: AsyncSession, signup_id: UUID) -> Waiting | None:
    """What is known of a sign-up, as it is now."""
    return await session.get(Waiting, signup_id, populate_existing=True)


_SIGNUPS_OF = (
    select(Waiting).where(_Waiting.person_id == bindparam("person_id")).execution_options(populate_existing=True)
)


async def signups_of(session: AsyncSession, person_id: UUID) -> list[Waiting]:
    """Every sign-up of a person."""
    return list((await session.scalars(_SIGNUPS_OF, {"person_id": person_id})).all())


_ERASED = (
    select(func.count().label("erased"))
    .select_from(Forgotten)
    .where(or_(_Forgotten.id == bindparam("person_id"), _Forgotten.id == bindparam("signup_id")))
    .subquery()
)
_SEATED = (
    select(_Seat.id, _Seat.signup_id, _Seat.group_id, _Group.area)
    .select_from(Seat)
    .join(Group, _Group.id == _Seat.group_id)
    .where(_Seat.person_id == bindparam("person_id"), _Seat.state != literal_column("'released'"))
    .subquery()
)
_KNOWN = select(_ERASED.c.erased, _SEATED).select_from(_ERASED.outerjoin(_SEATED, literal_column("true")))


async def known(session: AsyncSession, person_id: UUID, signup_id: UUID) -> tuple[bool, LiveSeat | None]:
    """Whether the person or the sign-up has been erased, and the seat that the person has or is offered."""
    row = (await session.execute(_KNOWN, {"person_id": person_id, "signup_id": signup_id})).one()
    return row[0] > 0, LiveSeat(*row[1:]) if row[1] is not None else None


async def forget(session: AsyncSession, person_id: UUID, signup_ids: Iterable[UUID], now: datetime) -> None:
    """Delete every row about a person, and remember only that these ids are to stay unknown."""
    await allow_deletion_of_seats(session, allowed=True)
    await session.execute(delete(Seat).where(_Seat.person_id == person_id))
    await allow_deletion_of_seats(session, allowed=False)
    await session.execute(delete(Waiting).where(_Waiting.person_id == person_id))
    await session.execute(delete(Apart).where(or_(_Apart.one == person_id, _Apart.other == person_id)))
    rows = [{"id": id_, "at": now} for id_ in {person_id, *signup_ids}]
    await session.execute(insert(Forgotten).values(rows).on_conflict_do_nothing())


async def is_held(session: AsyncSession, area: str) -> bool:
    """Whether the centre decides itself when a group is made there."""
    return bool(await session.scalar(select(exists().where(_AreaHold.area == area))))


async def group(session: AsyncSession, group_id: UUID) -> Group | None:
    """A group as it is now."""
    return await session.get(Group, group_id, populate_existing=True)


_IDS: Any = func.any(bindparam("ids", type_=ARRAY(Uuid)))
_GROUPS = select(Group).where(_Group.id == _IDS).execution_options(populate_existing=True)
_SEATS = (
    select(Seat)
    .where(_Seat.group_id == _IDS)
    .order_by(_Seat.offered_at, _Seat.waited_days.desc(), _Seat.id)
    .execution_options(populate_existing=True)
)


async def groups(session: AsyncSession, group_ids: Collection[UUID]) -> list[Group]:
    """Some groups as they are now."""
    return list((await session.scalars(_GROUPS, {"ids": list(group_ids)})).all())


async def seats(session: AsyncSession, group_ids: Collection[UUID]) -> dict[UUID, list[Seat]]:
    """All seats of some groups, released ones too, in the order in which they were offered."""
    found: dict[UUID, list[Seat]] = {group_id: [] for group_id in group_ids}
    for seat in (await session.scalars(_SEATS, {"ids": list(group_ids)})).all():
        found[seat.group_id].append(seat)
    return found


async def seat(session: AsyncSession, seat_id: UUID) -> Seat | None:
    """One seat as it is now."""
    return await session.get(Seat, seat_id, populate_existing=True)


async def area_of_group(session: AsyncSession, group_id: UUID) -> str | None:
    """In which area a group is; that never changes, so it may be asked before the area is locked."""
    found: str | None = await session.scalar(select(_Group.area).where(_Group.id == group_id))
    return found


_SET_STATUS = (
    update(Waiting)
    .where(
        _Waiting.signup_id == func.any(bindparam("signup_ids", type_=ARRAY(Uuid))),
        _Waiting.status != literal_column(f"'{SignupStatus.GONE}'"),
    )
    .values(status=bindparam("standing"))
    .execution_options(synchronize_session=False)
)


async def set_status(session: AsyncSession, signup_ids: Collection[UUID], standing: SignupStatus) -> None:
    """What has become of these sign-ups; those who have left stay gone."""
    if signup_ids:
        await session.execute(_SET_STATUS, {"signup_ids": list(signup_ids), "standing": standing.value})


async def refuse_cell(session: AsyncSession, signup_id: UUID, cell: Cell) -> None:
    """Do not ask this person about this cell again until they want something else."""
    await session.execute(
        update(Waiting)
        .where(_Waiting.signup_id == signup_id, _Waiting.status != SignupStatus.GONE)
        .values(refused=func.array_append(func.array_remove(_Waiting.refused, cell.key), cell.key))
        .execution_options(synchronize_session=False)
    )


async def areas_with_lapsed_offers(session: AsyncSession, now: datetime) -> list[str]:
    """Where somebody has not answered in time."""
    query = (
        select(_Group.area)
        .join(Seat, _Seat.group_id == _Group.id)
        .where(_Seat.state == SeatState.OFFERED, _Seat.deadline <= now)
        .distinct()
        .order_by(_Group.area)
    )
    return list((await session.scalars(query)).all())


async def groups_with_lapsed_offers(session: AsyncSession, area: str, now: datetime) -> list[UUID]:
    """Which groups of an area have offers that were not answered in time."""
    query = (
        select(_Group.id)
        .join(Seat, _Seat.group_id == _Group.id)
        .where(_Group.area == area, _Seat.state == SeatState.OFFERED, _Seat.deadline <= now)
        .distinct()
        .order_by(_Group.id)
    )
    return list((await session.scalars(query)).all())


async def meetings_over(session: AsyncSession, now: datetime) -> list[tuple[UUID, str]]:
    """Confirmed groups whose start meeting's time has passed, with their areas."""
    query = (
        select(_Group.id, _Group.area)
        .where(_Group.state == GroupState.CONFIRMED, _Group.ends_at <= now, ~_Group.postponed)
        .order_by(_Group.ends_at, _Group.id)
    )
    return [(id_, area) for id_, area in (await session.execute(query)).all()]


async def areas_with_waiting(session: AsyncSession) -> list[str]:
    """Where anybody waits."""
    query = select(_Waiting.area).where(_Waiting.status == SignupStatus.WAITING).distinct().order_by(_Waiting.area)
    return list((await session.scalars(query)).all())


async def drafts_due(session: AsyncSession, now: datetime) -> list[tuple[UUID, str]]:
    """Drafts whose members hear of them by now, with their areas."""
    query = select(_Group.id, _Group.area).where(_Group.state == GroupState.DRAFTED, _Group.tell_at <= now)
    return [(id_, area) for id_, area in (await session.execute(query.order_by(_Group.tell_at, _Group.id))).all()]


async def drafts_in(session: AsyncSession, area: str) -> list[Group]:
    """The groups of an area that nobody has heard of."""
    query = select(Group).where(_Group.area == area, _Group.state == GroupState.DRAFTED)
    return list((await session.scalars(query.order_by(_Group.created_at, _Group.id))).all())


async def meetings_short(session: AsyncSession, before: datetime) -> list[tuple[UUID, str]]:
    """Confirmed groups that meet before a moment and have fewer yeses than they need, with their areas."""
    taken = select(func.count()).where(_Seat.group_id == _Group.id, _Seat.state == SeatState.TAKEN).scalar_subquery()
    query = (
        select(_Group.id, _Group.area)
        .where(_Group.state == GroupState.CONFIRMED, ~_Group.postponed, _Group.meets_at <= before)
        .where(taken < _Group.size_min)
        .order_by(_Group.meets_at, _Group.id)
    )
    return [(id_, area) for id_, area in (await session.execute(query)).all()]


async def hold_back(session: AsyncSession, signup_id: UUID, reason: str | None) -> None:
    """Keep somebody on the list for now, or with None no longer."""
    await session.execute(
        update(Waiting)
        .where(_Waiting.signup_id == signup_id)
        .values(held_reason=reason)
        .execution_options(synchronize_session=False)
    )


async def keep_apart(session: AsyncSession, pair: Collection[UUID], area: str, now: datetime) -> None:
    """These two people are never put in one group."""
    one, other = sorted(pair)
    await session.execute(insert(Apart).values(one=one, other=other, area=area, at=now).on_conflict_do_nothing())


async def let_meet(session: AsyncSession, pair: Collection[UUID]) -> None:
    """These two people may be in one group again."""
    one, other = sorted(pair)
    await session.execute(delete(Apart).where(_Apart.one == one, _Apart.other == other))


async def apart_from(session: AsyncSession, person_id: UUID) -> list[UUID]:
    """Whom this person is never put in a group with."""
    rows = (
        await session.execute(
            select(_Apart.one, _Apart.other).where(or_(_Apart.one == person_id, _Apart.other == person_id))
        )
    ).all()
    return sorted(other if one == person_id else one for one, other in rows)


async def areas_with_drafts(session: AsyncSession) -> list[str]:
    """Where there are groups that nobody has heard of."""
    query = select(_Group.area).where(_Group.state == GroupState.DRAFTED).distinct().order_by(_Group.area)
    return list((await session.scalars(query)).all())
