"""What use cases ask the database."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import and_, bindparam, delete, exists, func, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain.cells import Cell, Wishes
from grouping.domain.cells import Waiting as Who
from grouping.domain.life import GroupState, SeatState
from grouping.domain.matching import OpenGroup
from grouping.domain.standing import Standing
from grouping.store.retention import allow_deletion_of_seats
from grouping.store.tables import Apart, AreaHold, Arrival, BoardChange, Forgotten, Group, Seat, Waiting

FORMING = (GroupState.DRAFTED.value, GroupState.PROPOSED.value, GroupState.CONFIRMED.value)


# SQLModel types an attribute as its value; in a query it is a column.
_Waiting: Any = Waiting
_Group: Any = Group
_Seat: Any = Seat
_Forgotten: Any = Forgotten
_AreaHold: Any = AreaHold
_Apart: Any = Apart
_Arrival: Any = Arrival
_BoardChange: Any = BoardChange


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


_WHO = (
    _Waiting.signup_id,
    _Waiting.person_id,
    _Waiting.latitude,
    _Waiting.longitude,
    _Waiting.slots,
    _Waiting.languages,
    _Waiting.max_travel_km,
    _Waiting.wheelchair,
    _Waiting.groups_also,
    _Waiting.groups_only,
    _Waiting.signed_up_at,
    _Waiting.refused,
)
_IN_LINE = and_(
    _Waiting.area == bindparam("area"),
    _Waiting.status == literal_column("'waiting'"),
    _Waiting.held_reason.is_(None),
    ~exists().where(_Seat.person_id == _Waiting.person_id, _Seat.state != literal_column("'released'")),
)
_LINE = select(*_WHO).where(_IN_LINE)


async def line(session: AsyncSession, area: str) -> tuple[Who, ...]:
    """Everybody in an area who may be given a seat: they wait, have none anywhere, and are not held back."""
    return tuple(_who(row) for row in (await session.execute(_LINE, {"area": area})).all())


def _who(row: Any) -> Who:
    signup_id, person_id, latitude, longitude, slots, languages, km, wheelchair, also, only, since, refused = row
    wishes = Wishes(
        latitude, longitude, tuple(slots), tuple(languages), km, wheelchair, frozenset(also), frozenset(only)
    )
    return Who(signup_id, person_id, wishes, since, frozenset(Cell.read(key) for key in refused))


_NEWEST = select(func.coalesce(func.max(_BoardChange.change), 0)).where(_BoardChange.area == bindparam("area"))
_CHANGED = (
    select(_BoardChange.signup_id, func.max(_BoardChange.change).label("change"))
    .where(_BoardChange.area == bindparam("area"), _BoardChange.change > bindparam("seen"))
    .group_by(_BoardChange.signup_id)
    .subquery()
)
_NEWS = select(_CHANGED.c.signup_id, _CHANGED.c.change, *_WHO).select_from(
    _CHANGED.outerjoin(Waiting, and_(_Waiting.signup_id == _CHANGED.c.signup_id, _IN_LINE))
)


async def newest_change(session: AsyncSession, area: str) -> int:
    """The number of the last change among those who wait in an area."""
    return int(await session.scalar(_NEWEST, {"area": area}) or 0)


async def changes(session: AsyncSession, area: str, seen: int) -> list[tuple[UUID, int, Who | None]]:
    """Every sign-up that changed since ``seen``, the change's number, and as it is now; None where it does not wait."""
    rows = (await session.execute(_NEWS, {"area": area, "seen": seen})).all()
    return [(row[0], row[1], _who(row[2:]) if row[2] is not None else None) for row in rows]


_FRAME = select(
    exists().where(_AreaHold.area == bindparam("area")),
    func.array(
        select(func.json_build_array(_Apart.one, _Apart.other))
        .where(_Apart.area == bindparam("area"))
        .scalar_subquery()
    ),
)


async def frame(session: AsyncSession, area: str) -> tuple[bool, frozenset[frozenset[UUID]]]:
    """Whether the centre decides itself when a group is made in an area, and who must never meet whom there."""
    held, apart = (await session.execute(_FRAME, {"area": area})).one()
    return bool(held), frozenset(frozenset(UUID(person) for person in pair) for pair in apart)


_OPEN_GROUPS = select(
    _Group.id,
    _Group.place,
    _Group.slot,
    _Group.spoken_language,
    _Group.wishes,
    _Group.capacity - _Group.live,
    _Group.created_at,
    func.array(
        select(_Seat.person_id)
        .where(_Seat.group_id == _Group.id, _Seat.state != literal_column("'released'"))
        .scalar_subquery()
    ),
).where(
    _Group.area == bindparam("area"),
    _Group.state.in_([literal_column(f"'{state}'") for state in FORMING]),
    _Group.live < _Group.capacity,
    or_(_Group.meets_at.is_(None), _Group.meets_at > bindparam("now"), _Group.postponed),
)


async def open_groups(session: AsyncSession, area: str, now: datetime) -> tuple[OpenGroup, ...]:
    """The groups of an area that have free chairs."""
    rows = (await session.execute(_OPEN_GROUPS, {"area": area, "now": now})).all()
    return tuple(
        OpenGroup(id_, Cell(place, slot, language, wishes), chairs, created_at, frozenset(members))
        for id_, place, slot, language, wishes, chairs, created_at, members in rows
    )


async def is_held(session: AsyncSession, area: str) -> bool:
    """Whether the centre decides itself when a group is made there."""
    return bool(await session.scalar(select(exists().where(_AreaHold.area == area))))


async def group(session: AsyncSession, group_id: UUID) -> Group | None:
    """A group as it is now."""
    return await session.get(Group, group_id, populate_existing=True)


async def seats(session: AsyncSession, group_id: UUID) -> list[Seat]:
    """All seats of a group, released ones too, in the order in which they were offered."""
    query = (
        select(Seat)
        .where(_Seat.group_id == group_id)
        .order_by(_Seat.offered_at, _Seat.waited_days.desc(), _Seat.id)
        .execution_options(populate_existing=True)
    )
    return list((await session.scalars(query)).all())


async def seat(session: AsyncSession, seat_id: UUID) -> Seat | None:
    """One seat as it is now."""
    return await session.get(Seat, seat_id, populate_existing=True)


async def area_of_group(session: AsyncSession, group_id: UUID) -> str | None:
    """In which area a group is; that never changes, so it may be asked before the area is locked."""
    found: str | None = await session.scalar(select(_Group.area).where(_Group.id == group_id))
    return found


async def set_status(session: AsyncSession, signup_ids: Collection[UUID], standing: Standing) -> None:
    """What has become of these sign-ups; those who have left stay gone."""
    if signup_ids:
        await session.execute(
            update(Waiting)
            .where(_Waiting.signup_id.in_(signup_ids), _Waiting.status != Standing.GONE)
            .values(status=standing.value)
            .execution_options(synchronize_session=False)
        )


async def refuse_cell(session: AsyncSession, signup_id: UUID, cell: Cell) -> None:
    """Do not ask this person about this cell again until they want something else."""
    await session.execute(
        update(Waiting)
        .where(_Waiting.signup_id == signup_id, _Waiting.status != Standing.GONE)
        .values(refused=func.array_append(func.array_remove(_Waiting.refused, cell.key), cell.key))
        .execution_options(synchronize_session=False)
    )


async def languages_of(session: AsyncSession, signup_ids: Collection[UUID]) -> dict[UUID, str]:
    """The language of each person's mails, by sign-up."""
    query = select(_Waiting.signup_id, _Waiting.language).where(_Waiting.signup_id.in_(signup_ids))
    return {signup_id: language or "nb" for signup_id, language in (await session.execute(query)).all()}


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
    query = select(_Waiting.area).where(_Waiting.status == Standing.WAITING).distinct().order_by(_Waiting.area)
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


async def count_arrival(session: AsyncSession, area: str, day: date) -> None:
    """One more has signed up in an area on this day."""
    await session.execute(
        insert(Arrival)
        .values(area=area, day=day, count=1)
        .on_conflict_do_update(index_elements=["area", "day"], set_={"count": _Arrival.count + 1})
    )
