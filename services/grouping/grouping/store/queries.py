"""What use cases ask the database."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Text,
    Uuid,
    and_,
    bindparam,
    column,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    union,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain.cells import Cell, Wishes
from grouping.domain.cells import Waiting as Who
from grouping.domain.life import GroupState, SeatState
from grouping.domain.matching import OpenGroup
from grouping.domain.standing import Standing
from grouping.store.retention import allow_deletion_of_seats
from grouping.store.tables import Apart, AreaHold, Arrival, BoardChange, Forgotten, Group, Seat, Waiting

FORMING = (GroupState.DRAFTED.value, GroupState.PROPOSED.value, GroupState.CONFIRMED.value)


RECENT = 300
"""Of so many of the newest sign-ups it is asked what they want."""

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
_MAY_BE_SEATED = and_(
    _Waiting.status == literal_column("'waiting'"),
    _Waiting.held_reason.is_(None),
    ~exists().where(_Seat.person_id == _Waiting.person_id, _Seat.state != literal_column("'released'")),
)
_LINES = select(_Waiting.area, *_WHO).where(
    _Waiting.area == func.any(bindparam("areas", type_=ARRAY(Text))), _MAY_BE_SEATED
)


async def lines(session: AsyncSession, areas: Collection[str]) -> dict[str, tuple[Who, ...]]:
    """Everybody in each of these areas who may be given a seat: they wait, have none, and are not held back."""
    found: dict[str, list[Who]] = {area: [] for area in areas}
    for area, *who in (await session.execute(_LINES, {"areas": list(areas)})).all():
        found[area].append(_who(who))
    return {area: tuple(people) for area, people in found.items()}


def _who(row: Any) -> Who:
    signup_id, person_id, latitude, longitude, slots, languages, km, wheelchair, also, only, since, refused = row
    wishes = Wishes(
        latitude, longitude, tuple(slots), tuple(languages), km, wheelchair, frozenset(also), frozenset(only)
    )
    return Who(signup_id, person_id, wishes, since, frozenset(Cell.read(key) for key in refused))


_NEWEST = (
    select(_BoardChange.area, func.max(_BoardChange.change))
    .where(_BoardChange.area == func.any(bindparam("areas", type_=ARRAY(Text))))
    .group_by(_BoardChange.area)
)


class Change(NamedTuple):
    """
    A sign-up that was touched.

    Attributes:
        own: Whether this very transaction did it.
        who: As it is now, or None where it does not wait any more.
    """

    number: int
    signup_id: UUID
    own: bool
    who: Who | None


async def newest_changes(session: AsyncSession, areas: Collection[str]) -> dict[str, int]:
    """The number of the last change among those who wait in each of these areas, where there was any."""
    return {row[0]: row[1] for row in (await session.execute(_NEWEST, {"areas": list(areas)})).all()}


# Both sides are the moment at which the transaction began, to the microsecond.
_OWN = _BoardChange.at == func.now()
_OWN_CHANGES = (
    select(_BoardChange.area, _BoardChange.signup_id)
    .where(_BoardChange.area == func.any(bindparam("areas", type_=ARRAY(Text))), _OWN)
    .group_by(_BoardChange.area, _BoardChange.signup_id)
    .order_by(func.max(_BoardChange.change))
)


async def own_changes(session: AsyncSession, areas: Collection[str]) -> dict[str, list[UUID]]:
    """The sign-ups in each of these areas that this very transaction has changed, in the order in which it did."""
    found: dict[str, list[UUID]] = {area: [] for area in areas}
    for area, signup_id in (await session.execute(_OWN_CHANGES, {"areas": list(areas)})).all():
        found[area].append(signup_id)
    return found


_SEEN = (
    func.unnest(bindparam("areas", type_=ARRAY(Text)), bindparam("seen", type_=ARRAY(BigInteger)))
    .table_valued(column("area", Text), column("seen", BigInteger), name="seen")
    .render_derived()
)
_CHANGED = (
    select(
        _BoardChange.area,
        _BoardChange.signup_id,
        func.max(_BoardChange.change).label("change"),
        func.bool_or(_OWN).label("own"),
    )
    .join(_SEEN, and_(_SEEN.c.area == _BoardChange.area, _BoardChange.change > _SEEN.c.seen))
    .group_by(_BoardChange.area, _BoardChange.signup_id)
    .subquery()
)
_CHANGES = (
    select(_CHANGED.c.area, _CHANGED.c.change, _CHANGED.c.signup_id, _CHANGED.c.own, *_WHO)
    .select_from(
        _CHANGED.outerjoin(
            Waiting,
            and_(_Waiting.signup_id == _CHANGED.c.signup_id, _Waiting.area == _CHANGED.c.area, _MAY_BE_SEATED),
        )
    )
    .order_by(_CHANGED.c.change)
)


async def changes(session: AsyncSession, seen: Mapping[str, int]) -> dict[str, list[Change]]:
    """By area every sign-up that changed since the change that was seen there, in the order in which it happened."""
    rows = (await session.execute(_CHANGES, {"areas": list(seen), "seen": list(seen.values())})).all()
    found: dict[str, list[Change]] = {}
    for area, number, signup_id, own, *who in rows:
        change = Change(number, signup_id, own, _who(who) if who[0] is not None else None)
        found.setdefault(area, []).append(change)
    return found


class Decided(NamedTuple):
    """What staff have decided about an area: whether it is held, and who must never meet whom there."""

    held: bool = False
    apart: frozenset[frozenset[UUID]] = frozenset()


_HELD_AREAS = select(_AreaHold.area, literal_column("NULL::uuid"), literal_column("NULL::uuid")).where(
    _AreaHold.area == func.any(bindparam("areas", type_=ARRAY(Text)))
)
_APART_PAIRS = select(_Apart.area, _Apart.one, _Apart.other).where(
    _Apart.area == func.any(bindparam("areas", type_=ARRAY(Text)))
)
_DECIDED = union_all(_HELD_AREAS, _APART_PAIRS)


async def decided_by_staff(session: AsyncSession, areas: Collection[str]) -> dict[str, Decided]:
    """What staff have decided about each of these areas."""
    held, apart = set(), defaultdict(set)
    for area, one, other in (await session.execute(_DECIDED, {"areas": list(areas)})).all():
        if one is None:
            held.add(area)
        else:
            apart[area].add(frozenset({one, other}))
    return {area: Decided(area in held, frozenset(apart[area])) for area in areas}


_OPEN_GROUPS = select(
    _Group.area,
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
    _Group.area == func.any(bindparam("areas", type_=ARRAY(Text))),
    _Group.state.in_([literal_column(f"'{state}'") for state in FORMING]),
    _Group.live < _Group.capacity,
    or_(_Group.meets_at.is_(None), _Group.meets_at > bindparam("now"), _Group.postponed),
)


async def open_groups(session: AsyncSession, areas: Collection[str], now: datetime) -> dict[str, tuple[OpenGroup, ...]]:
    """The groups of each of these areas that have free chairs."""
    found: dict[str, list[OpenGroup]] = {area: [] for area in areas}
    for row in (await session.execute(_OPEN_GROUPS, {"areas": list(areas), "now": now})).all():
        area, id_, place, slot, language, wishes, chairs, created_at, members = row
        found[area].append(OpenGroup(id_, Cell(place, slot, language, wishes), chairs, created_at, frozenset(members)))
    return {area: tuple(groups) for area, groups in found.items()}


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


_NEW_ARRIVALS = insert(Arrival)
_COUNT_ARRIVALS = _NEW_ARRIVALS.on_conflict_do_update(
    index_elements=["area", "day"], set_={"count": _Arrival.count + _NEW_ARRIVALS.excluded["count"]}
)


async def count_arrivals(session: AsyncSession, counts: Mapping[tuple[str, date], int]) -> None:
    """So many more have signed up, by area and day."""
    rows = [{"area": area, "day": day, "count": count} for (area, day), count in sorted(counts.items())]
    await session.execute(_COUNT_ARRIVALS, rows)


_IDS = func.any(bindparam("ids", type_=ARRAY(Uuid)))
_HEARD_OF = union(
    select(_Waiting.person_id).where(_Waiting.person_id == _IDS),
    select(_Waiting.signup_id).where(_Waiting.signup_id == _IDS),
    select(_Seat.person_id).where(_Seat.person_id == _IDS),
    select(_Forgotten.id).where(_Forgotten.id == _IDS),
)


async def heard_of(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Those of these people and sign-ups of which anything is known here, be it that they were erased."""
    return set(await session.scalars(_HEARD_OF, {"ids": list(ids)}))


async def write_strangers(session: AsyncSession, events: Sequence[Any]) -> None:
    """Write down sign-ups of people of whom nothing is known here, in their order; each is an event with wishes."""
    names = ("signup_id", "person_id", "version", "centre", "area", "kommune", "latitude", "longitude")
    more = ("max_travel_km", "wheelchair", "language", "signed_up_at", "groups_also", "groups_only")
    rows = [
        {name: getattr(event, name) for name in (*names, *more)}
        | {"slots": list(event.slots), "languages": list(event.languages), "status": Standing.WAITING.value}
        for event in events
    ]
    await session.execute(insert(Waiting), rows)


async def arrivals_since(session: AsyncSession, area: str, day: date) -> tuple[int, date | None]:
    """How many have signed up in an area since a day, and the first day on which anybody did."""
    query = select(func.coalesce(func.sum(_Arrival.count), 0), func.min(_Arrival.day))
    row = (await session.execute(query.where(_Arrival.area == area, _Arrival.day >= day))).one()
    return int(row[0]), row[1]


async def recent_wishes(session: AsyncSession, area: str) -> tuple[Who, ...]:
    """What the newest sign-ups of an area want, whether they wait or have a seat; nothing is known of who has left."""
    query = select(*_WHO).where(_Waiting.area == area).order_by(_Waiting.signed_up_at.desc()).limit(RECENT)
    return tuple(_who(row) for row in (await session.execute(query)).all())


async def areas_with_drafts(session: AsyncSession) -> list[str]:
    """Where there are groups that nobody has heard of."""
    query = select(_Group.area).where(_Group.state == GroupState.DRAFTED).distinct().order_by(_Group.area)
    return list((await session.scalars(query)).all())
