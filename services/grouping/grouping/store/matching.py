"""
The input of the matchers: waiting people, changes, groups with free seats, and decisions of staff.

Every statement is the same for any number of areas, so that it is compiled and planned once.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    column,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from grouping.domain.groups import LEAST_MEMBERS
from grouping.domain.matching.cells import Cell, WaitingPerson
from grouping.domain.matching.model import OpenGroup
from grouping.store.igangsettere import IS_FORMING
from grouping.store.meetings import IS_SCHEDULED, IS_START_MEETING
from grouping.store.signups import WAITING_COLUMNS, to_waiting
from grouping.store.tables import AreaHold, Exclusion, Group, MatcherChange, Meeting, QuietPair, Seat, Signup

_AREAS = bindparam("areas", type_=ARRAY(Text))
_ANY_AREA = func.any(_AREAS)


def _is_offered_seats(columns: Any) -> ColumnElement[bool]:
    """Return the condition that a sign-up waits, and nobody and nothing holds back offers to it."""
    return and_(
        columns.status == literal_column("'waiting'"),
        columns.excluded_reason.is_(None),
        ~columns.paused,
        ~columns.texts_asked,
        columns.offers_paused_at.is_(None),
        columns.rests_until.is_(None),
    )


_CAN_BE_SEATED = and_(
    _is_offered_seats(Signup.metadata.tables["waiting"].c),
    ~exists().where(col(Seat.person_id) == col(Signup.person_id), col(Seat.state) != literal_column("'released'")),
)
_WAITING: Select[*tuple[Any, ...]] = select(col(Signup.area), *WAITING_COLUMNS).where(
    col(Signup.area) == _ANY_AREA, _CAN_BE_SEATED
)


async def waiting_people(session: AsyncSession, areas: Collection[str]) -> dict[str, tuple[WaitingPerson, ...]]:
    """Return by area the waiting sign-ups that can be seated: without a live seat, and not held back."""
    by_area: dict[str, list[WaitingPerson]] = {area: [] for area in areas}
    for area, *columns in (await session.execute(_WAITING, {"areas": list(areas)})).all():
        by_area[area].append(to_waiting(columns))
    return {area: tuple(people) for area, people in by_area.items()}


_NEWEST = (
    select(col(MatcherChange.area), func.max(col(MatcherChange.change)))
    .where(col(MatcherChange.area) == _ANY_AREA)
    .group_by(col(MatcherChange.area))
)


class Change(NamedTuple):
    """
    A sign-up that was changed.

    Attributes:
        number: The position among the changes of all areas.
        own: True if this transaction changed it.
        waiting: The sign-up as it is now; None if it cannot be seated any more.
    """

    number: int
    signup_id: UUID
    own: bool
    waiting: WaitingPerson | None


async def newest_changes(session: AsyncSession, areas: Collection[str]) -> dict[str, int]:
    """Return the number of the newest change by area; areas without changes are missing."""
    rows = (await session.execute(_NEWEST, {"areas": list(areas)})).all()
    return {area: number for area, number in rows if number is not None}


# A transaction that has written nothing has no id; the comparison is then null, which counts as false.
_OWN = col(MatcherChange.transaction_id) == cast(cast(func.pg_current_xact_id_if_assigned(), Text), BigInteger)
_OWN_CHANGES = (
    select(col(MatcherChange.area), col(MatcherChange.signup_id))
    .where(col(MatcherChange.area) == _ANY_AREA, _OWN)
    .group_by(col(MatcherChange.area), col(MatcherChange.signup_id))
    .order_by(func.max(col(MatcherChange.change)))
)


async def own_changes(session: AsyncSession, areas: Collection[str]) -> dict[str, list[UUID]]:
    """Return by area the sign-ups that this transaction has changed, in the order of the changes."""
    by_area: dict[str, list[UUID]] = {area: [] for area in areas}
    for area, signup_id in (await session.execute(_OWN_CHANGES, {"areas": list(areas)})).all():
        by_area[area].append(signup_id)
    return by_area


_SEEN = (
    func.unnest(_AREAS, bindparam("seen", type_=ARRAY(BigInteger)))
    .table_valued(column("area", Text), column("seen", BigInteger), name="seen")
    .render_derived()
)
_CHANGED = (
    select(
        col(MatcherChange.signup_id),
        func.max(col(MatcherChange.change)).label("change"),
        func.coalesce(func.bool_or(_OWN), false()).label("own"),
    )
    .where(col(MatcherChange.area) == _SEEN.c.area, col(MatcherChange.change) > _SEEN.c.seen)
    .group_by(col(MatcherChange.signup_id))
    .lateral()
)
# The limits force one search by id for each change. Without statistics of the tables the planner may otherwise read all
# waiting people to join them with a handful of changes.
_CURRENT = (
    select(
        *WAITING_COLUMNS,
        col(Signup.area),
        col(Signup.status),
        col(Signup.excluded_reason),
        col(Signup.paused),
        col(Signup.texts_asked),
        col(Signup.offers_paused_at),
        col(Signup.rests_until),
    )
    .where(col(Signup.signup_id) == _CHANGED.c.signup_id)
    .limit(literal_column("1"))
    .lateral()
)
_LIVE_SEAT = (
    select(literal_column("true"))
    .where(col(Seat.person_id) == _CURRENT.c.person_id, col(Seat.state) != literal_column("'released'"))
    .limit(literal_column("1"))
    .scalar_subquery()
)
_CAN_BE_SEATED_NOW = and_(
    _CURRENT.c.area == _SEEN.c.area,
    _is_offered_seats(_CURRENT.c),
    _LIVE_SEAT.is_(None),
)
_CHANGES = (
    select(
        _SEEN.c.area,
        _CHANGED.c.change,
        _CHANGED.c.signup_id,
        _CHANGED.c.own,
        _CAN_BE_SEATED_NOW,
        *list(_CURRENT.c)[: len(WAITING_COLUMNS)],
    )
    .select_from(_SEEN.join(_CHANGED, true()).outerjoin(_CURRENT, true()))
    .order_by(_CHANGED.c.change)
)


async def changes(session: AsyncSession, seen: Mapping[str, int]) -> dict[str, list[Change]]:
    """Return by area the sign-ups changed after the change number ``seen[area]``, in the order of the changes."""
    rows = (await session.execute(_CHANGES, {"areas": list(seen), "seen": list(seen.values())})).all()
    by_area: dict[str, list[Change]] = {}
    for area, number, signup_id, own, can_be_seated, *columns in rows:
        change = Change(number, signup_id, own, to_waiting(columns) if can_be_seated else None)
        by_area.setdefault(area, []).append(change)
    return by_area


class AreaRules(NamedTuple):
    """
    Holds and exclusions of some areas, with the quiet pairs, which are nobody's decision.

    Attributes:
        holds: All areas and parts of areas on hold, of the same centres.
        exclusions: By area: the pairs of people who are kept apart, by whoever's wish.
    """

    holds: frozenset[str]
    exclusions: Mapping[str, frozenset[frozenset[UUID]]]


_HOLDS: Select[*tuple[Any, ...]] = select(
    col(AreaHold.area), literal_column("NULL::uuid"), literal_column("NULL::uuid")
).where(col(AreaHold.centre) == func.any(bindparam("centres", type_=ARRAY(Text))))
_EXCLUSIONS = select(col(Exclusion.area), col(Exclusion.one), col(Exclusion.other)).where(
    col(Exclusion.area) == _ANY_AREA
)
_QUIET_PAIRS = (
    select(col(Signup.area), col(QuietPair.one), col(QuietPair.other))
    .join(Signup, (col(Signup.person_id) == col(QuietPair.one)) | (col(Signup.person_id) == col(QuietPair.other)))
    .where(col(Signup.area) == _ANY_AREA)
)
_RULES_OF_STAFF = union_all(_HOLDS, _EXCLUSIONS)
_RULES = union_all(_HOLDS, _EXCLUSIONS, _QUIET_PAIRS)


async def area_rules(
    session: AsyncSession, areas: Collection[str], centres: Collection[str], *, quiet: bool = True
) -> AreaRules:
    """Return the decisions of staff about these areas of these centres, and the quiet pairs if ``quiet``."""
    holds: set[str] = set()
    exclusions: dict[str, set[frozenset[UUID]]] = defaultdict(set)
    rows = await session.execute(_RULES if quiet else _RULES_OF_STAFF, {"areas": list(areas), "centres": list(centres)})
    for area, person_id, other_id in rows.all():
        if person_id is None:
            holds.add(area)
        else:
            exclusions[area].add(frozenset({person_id, other_id}))
    return AreaRules(frozenset(holds), {area: frozenset(exclusions[area]) for area in areas})


# A subquery instead of a join: one search by id for each open group, of which an area has few.
_BEFORE_START_MEETING = func.coalesce(
    select(or_(col(Meeting.starts_at) > bindparam("now"), ~IS_SCHEDULED))
    .where(IS_START_MEETING)
    .correlate(Group)
    .scalar_subquery(),
    true(),
)
_OPEN_GROUPS = select(
    col(Group.area),
    col(Group.id),
    col(Group.place),
    col(Group.slot),
    col(Group.spoken_language),
    col(Group.wishes),
    col(Group.capacity) - col(Group.live),
    func.greatest(
        case((col(Group.start_reason).is_(None), col(Group.size_min)), else_=literal_column(str(LEAST_MEMBERS)))
        - col(Group.live),
        literal_column("0"),
    ),
    col(Group.created_at),
    func.array(
        select(col(Seat.person_id))
        .where(col(Seat.group_id) == col(Group.id), col(Seat.state) != literal_column("'released'"))
        .scalar_subquery()
    ),
).where(
    col(Group.area) == _ANY_AREA,
    IS_FORMING,
    col(Group.live) < col(Group.capacity),
    _BEFORE_START_MEETING,
)


async def open_groups(session: AsyncSession, areas: Collection[str], now: datetime) -> dict[str, tuple[OpenGroup, ...]]:
    """Return by area the groups with free seats."""
    by_area: dict[str, list[OpenGroup]] = {area: [] for area in areas}
    for row in (await session.execute(_OPEN_GROUPS, {"areas": list(areas), "now": now})).all():
        area, group_id, place, slot, language, wishes, free_seats, missing, created_at, members = row
        cell = Cell(place, slot, language, wishes)
        by_area[area].append(OpenGroup(group_id, cell, free_seats, created_at, frozenset(members), missing))
    return {area: tuple(groups) for area, groups in by_area.items()}
