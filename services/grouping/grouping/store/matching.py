"""
What a board is made of: who waits, what has changed, which groups have chairs, what staff have decided.

Every statement is the same however many areas are asked about, so that it is compiled and planned once.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Text,
    and_,
    bindparam,
    column,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain.groups import FORMING
from grouping.domain.matching.cells import Cell, Wishes
from grouping.domain.matching.cells import WaitingPerson as Who
from grouping.domain.matching.model import OpenGroup
from grouping.store.tables import Apart, AreaHold, BoardChange, Group, Seat, Waiting

# SQLModel types an attribute as its value; in a query it is a column.
_Waiting: Any = Waiting
_Group: Any = Group
_Seat: Any = Seat
_AreaHold: Any = AreaHold
_Apart: Any = Apart
_BoardChange: Any = BoardChange

_AREAS: Any = bindparam("areas", type_=ARRAY(Text))
_ONE_OF_THE_AREAS: Any = func.any(_AREAS)

WHO = (
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
    _Waiting.language,
)
_MAY_BE_SEATED = and_(
    _Waiting.status == literal_column("'waiting'"),
    _Waiting.held_reason.is_(None),
    ~exists().where(_Seat.person_id == _Waiting.person_id, _Seat.state != literal_column("'released'")),
)
_LINES = select(_Waiting.area, *WHO).where(_Waiting.area == _ONE_OF_THE_AREAS, _MAY_BE_SEATED)


async def lines(session: AsyncSession, areas: Collection[str]) -> dict[str, tuple[Who, ...]]:
    """Everybody in each of these areas who may be given a seat: they wait, have none, and are not held back."""
    found: dict[str, list[Who]] = {area: [] for area in areas}
    for area, *who in (await session.execute(_LINES, {"areas": list(areas)})).all():
        found[area].append(who_of(who))
    return {area: tuple(people) for area, people in found.items()}


def who_of(row: Any) -> Who:
    """One row of :data:`WHO`, as the rules see it."""
    signup_id, person_id, latitude, longitude, slots, languages, km, wheelchair, also, only, since, refused, tongue = (
        row
    )
    wishes = Wishes(
        latitude, longitude, tuple(slots), tuple(languages), km, wheelchair, frozenset(also), frozenset(only)
    )
    return Who(signup_id, person_id, wishes, since, frozenset(map(Cell.from_key, refused)), tongue)


_NEWEST = (
    select(_BoardChange.area, func.max(_BoardChange.change))
    .where(_BoardChange.area == _ONE_OF_THE_AREAS)
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
    .where(_BoardChange.area == _ONE_OF_THE_AREAS, _OWN)
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
    func.unnest(_AREAS, bindparam("seen", type_=ARRAY(BigInteger)))
    .table_valued(column("area", Text), column("seen", BigInteger), name="seen")
    .render_derived()
)
_CHANGED = (
    select(_BoardChange.signup_id, func.max(_BoardChange.change).label("change"), func.bool_or(_OWN).label("own"))
    .where(_BoardChange.area == _SEEN.c.area, _BoardChange.change > _SEEN.c.seen)
    .group_by(_BoardChange.signup_id)
    .lateral()
)
# Limits, so that both are one search by id for each change: a planner that knows nothing of the tables yet may else
# read everybody who waits, to compare them with a handful.
_AS_NOW = (
    select(*WHO, _Waiting.area, _Waiting.status, _Waiting.held_reason)
    .where(_Waiting.signup_id == _CHANGED.c.signup_id)
    .limit(literal_column("1"))
    .lateral()
)
_SEATED = (
    select(literal_column("true"))
    .where(_Seat.person_id == _AS_NOW.c.person_id, _Seat.state != literal_column("'released'"))
    .limit(literal_column("1"))
    .scalar_subquery()
)
_MAY = and_(
    _AS_NOW.c.area == _SEEN.c.area,
    _AS_NOW.c.status == literal_column("'waiting'"),
    _AS_NOW.c.held_reason.is_(None),
    _SEATED.is_(None),
)
_CHANGES = (
    select(_SEEN.c.area, _CHANGED.c.change, _CHANGED.c.signup_id, _CHANGED.c.own, _MAY, *list(_AS_NOW.c)[: len(WHO)])
    .select_from(_SEEN.join(_CHANGED, true()).outerjoin(_AS_NOW, true()))
    .order_by(_CHANGED.c.change)
)


async def changes(session: AsyncSession, seen: Mapping[str, int]) -> dict[str, list[Change]]:
    """By area every sign-up that changed since the change that was seen there, in the order in which it happened."""
    rows = (await session.execute(_CHANGES, {"areas": list(seen), "seen": list(seen.values())})).all()
    found: dict[str, list[Change]] = {}
    for area, number, signup_id, own, may_be_seated, *who in rows:
        change = Change(number, signup_id, own, who_of(who) if may_be_seated else None)
        found.setdefault(area, []).append(change)
    return found


class Decided(NamedTuple):
    """What staff have decided about an area: whether it is held, and who must never meet whom there."""

    held: bool = False
    apart: frozenset[frozenset[UUID]] = frozenset()


_HELD_AREAS = select(_AreaHold.area, literal_column("NULL::uuid"), literal_column("NULL::uuid")).where(
    _AreaHold.area == _ONE_OF_THE_AREAS
)
_APART_PAIRS = select(_Apart.area, _Apart.one, _Apart.other).where(_Apart.area == _ONE_OF_THE_AREAS)
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
    _Group.area == _ONE_OF_THE_AREAS,
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
