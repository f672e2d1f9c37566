"""Pages of areas: the country, and one area with its waiting people and possible groups."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.insight.explanation import WaitExplanation
from grouping.domain.insight.possible_groups import NEARLY_FULL, PossibleGroup
from grouping.domain.matching import group_sizes
from grouping.domain.matching.cells import Cell, fits
from grouping.domain.matching.group_sizes import SizeOption
from grouping.queries.area_snapshot import AreaSnapshot
from grouping.queries.rooms import place_names
from grouping.queries.snapshot_cache import SnapshotCache
from grouping.store import Group, Signup, views
from grouping.usecases.area_state import load_area_config
from grouping.usecases.context import GroupingContext
from shared.kit.audit import AuditEntry
from shared.kit.database.engine import Database
from shared.reference import places
from shared.reference.areas import Area
from shared.reference.centres import Centre

MOST_POSSIBLE_GROUPS = 12
"""Possible groups on an area's page; the fullest first."""

MOST_NEWEST = 20
"""Groups in the history of an area."""

MOST_NEAR_PER_AREA = 3
MOST_AREAS = 40
"""Areas in which the country's page looks for nearly complete groups; those with most waiting people."""


@dataclass(frozen=True)
class AreaRow:
    """
    One area in the list; a wide area has a row for each part.

    Attributes:
        waiting: Number of waiting people.
        oldest_days: Days since the first of them signed up.
        slots: Number of waiting people by slot, the most wanted first.
        forming: Number of groups that have not met.
        on_hold: True while staff of the centre form the groups.
    """

    centre: Centre
    area: Area
    waiting: int
    oldest_days: int
    slots: tuple[tuple[str, int], ...]
    forming: int
    on_hold: bool

    @property
    def busy(self) -> bool:
        """True if the area has anything to look at."""
        return bool(self.waiting or self.forming or self.on_hold)


@dataclass(frozen=True)
class KommuneRow:
    """One kommune on the map, with the number of waiting people and the longest wait in days."""

    number: str
    name: str
    latitude: float
    longitude: float
    area: Area
    waiting: int
    oldest_days: int


@dataclass(frozen=True)
class NearGroup:
    """A possible group that needs one or two people, a room or an igangsetter."""

    area: Area
    place_name: str
    possible: PossibleGroup


@dataclass(frozen=True)
class CountryView:
    """All areas of some centres: those with anything to look at, the others, the map, and nearly complete groups."""

    busy: tuple[AreaRow, ...]
    idle: tuple[AreaRow, ...]
    kommuner: tuple[KommuneRow, ...]
    near: tuple[NearGroup, ...]

    @property
    def waiting(self) -> int:
        """Number of waiting people."""
        return sum(row.waiting for row in self.busy)

    @property
    def forming(self) -> int:
        """Number of groups that have not met."""
        return sum(row.forming for row in self.busy)

    @property
    def on_hold(self) -> int:
        """Number of areas on hold."""
        return sum(row.on_hold for row in self.busy)


@dataclass(frozen=True)
class WaitingRow:
    """
    One waiting person in an area's list, by opaque id.

    Attributes:
        explanation: The reason for the wait; None for people in a draft and people excluded from matching.
        number: Tells the person apart from others who signed up in the same minute.
    """

    row: Signup
    waited_days: int
    explanation: WaitExplanation | None
    number: int


@dataclass(frozen=True)
class IndivisibleGroup:
    """
    A full group whose members and waiting people cannot all be divided into groups, such as nine of five to eight.

    Attributes:
        waiting: Waiting people who fit the group.
        people: Those and the members together.
        sizes: Sizes that the first group could have had.
    """

    group: Group
    waiting: int
    people: int
    sizes: tuple[SizeOption, ...]


@dataclass(frozen=True)
class BoardGroup:
    """
    A group with free seats that has not met, and the waiting people who could have one.

    Attributes:
        number, named_at: Of its name.
        missing: Number of people without whom it cannot start.
    """

    group: Group
    place_name: str
    named_at: datetime | None
    number: int
    free_seats: int
    missing: int
    candidates: tuple[WaitingRow, ...]


@dataclass(frozen=True)
class AreaView:
    """
    One area for its coordinator.

    Attributes:
        names: Names of places and rooms, by id.
        on_hold: True while staff of the centre form the groups.
        newest: The newest groups, whatever has become of them.
        audit_entries: The acts on the area, newest first.
    """

    centre: Centre
    area: Area
    names: dict[str, str]
    on_hold: bool
    newest: tuple[Group, ...]
    audit_entries: tuple[AuditEntry, ...]
    people: tuple[WaitingRow, ...]
    board: tuple[BoardGroup, ...]
    possible_groups: tuple[PossibleGroup, ...]
    indivisible: tuple[IndivisibleGroup, ...]


async def country_view(
    database: Database, context: GroupingContext, snapshots: SnapshotCache, centres: frozenset[str], now: datetime
) -> CountryView:
    """Read the areas of some centres."""
    async with database.transaction() as session:
        rows = await _area_rows(session, context, centres, now)
        kommuner = await _kommune_rows(session, context, centres, now)
        crowded = [row for row in rows[:MOST_AREAS] if row.waiting >= row.centre.policy.size_min - NEARLY_FULL]
        wholes = {row.area.id: context.area(row.area.id) for row in crowded}
        names = {
            area.id: await place_names(session, centre, area)
            for centre, area in {area.id: (centre, area) for centre, area in wholes.values()}.values()
        }
    area_snapshots = await snapshots.of_all(names, now)
    near = []
    for row in crowded:
        whole = wholes[row.area.id][1]
        near += [
            NearGroup(row.area, names[whole.id].get(possible.cell.place, row.area.name), possible)
            for possible in await area_snapshots[whole.id].possible_groups(MOST_NEAR_PER_AREA, row.area)
            if possible.lacks_little
        ]
    near.sort(key=lambda group: (group.possible.needed - group.possible.count, group.area.name))
    busy = tuple(row for row in rows if row.busy)
    idle = tuple(row for row in rows if not row.busy)
    return CountryView(busy, idle, kommuner, tuple(near))


async def _area_rows(
    session: AsyncSession, context: GroupingContext, centres: frozenset[str], now: datetime
) -> tuple[AreaRow, ...]:
    """Return every area of these centres, or its parts, those with most waiting people first."""
    areas = {area.id: (centre, area) for centre, area in _areas_of(context, centres)}
    waiting: Counter[str] = Counter()
    oldest: dict[str, datetime] = {}
    for count in await views.waiting_by_kommune(session, areas):
        part = areas[count.area][1].part_in(count.kommune).id
        waiting[part] += count.waiting
        oldest[part] = min(count.oldest, oldest.get(part, count.oldest))
    by_slot: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for area_id, kommune, slot, people in await views.waiting_by_slot(session, areas):
        by_slot[areas[area_id][1].part_in(kommune).id][slot] += people
    forming = await views.forming_by_area(session, areas)
    holds = await views.holds(session, centres)
    rows = [
        AreaRow(
            centre=centre,
            area=part,
            waiting=waiting[part.id],
            oldest_days=max(0, (now - oldest[part.id]).days) if part.id in oldest else 0,
            slots=tuple(sorted(by_slot[part.id].items(), key=lambda item: (-item[1], item[0]))),
            forming=forming.get(part.id, 0),
            on_hold=not holds.isdisjoint({part.id, area.id}),
        )
        for centre, area in areas.values()
        for part in area.parts
    ]
    return tuple(sorted(rows, key=lambda row: (-row.waiting, -row.forming, row.area.name)))


def _areas_of(context: GroupingContext, centres: frozenset[str]) -> Iterator[tuple[Centre, Area]]:
    for centre in context.centres.all:
        if centre.id in centres:
            yield from ((centre, area) for area in centre.areas)


async def _kommune_rows(
    session: AsyncSession, context: GroupingContext, centres: frozenset[str], now: datetime
) -> tuple[KommuneRow, ...]:
    """Return the kommuner in which people wait for these centres, most first."""
    areas = {area.id: area for _, area in _areas_of(context, centres)}
    kommuner = places.load().kommuner
    rows = []
    for count in await views.waiting_by_kommune(session, areas):
        kommune = kommuner.get(count.kommune)
        if kommune is not None:
            days = max(0, (now - count.oldest).days)
            part = areas[count.area].part_in(count.kommune)
            rows.append(
                KommuneRow(kommune.number, kommune.name, kommune.latitude, kommune.longitude, part, count.waiting, days)
            )
    return tuple(sorted(rows, key=lambda row: (-row.waiting, row.name)))


async def area_view(
    database: Database, context: GroupingContext, snapshots: SnapshotCache, area_id: str, now: datetime
) -> AreaView:
    """
    Read one area, or one part of a wide area: the people who live there and the groups that can meet there.

    Raises:
        NotFoundError: ``unknown_area``.
    """
    centre, area = context.area(area_id)
    part = context.part(area_id)[1]
    snapshot = await snapshots.of(area.id, now)
    possible = await snapshot.possible_groups(MOST_POSSIBLE_GROUPS, part)
    async with database.transaction() as session:
        rows = await views.waiting_in(session, area.id, area.kommuner_near(part))
        numbers = await views.signup_numbers(session, area.id)
        full = await views.full_groups(session, area.id, None if part is area else part.id)
        names = await place_names(session, centre, area)
        holds = await views.holds(session, [centre.id])
        newest = await views.newest_groups(session, area.id, None if part is area else part.id, MOST_NEWEST)
        entries = await store.audit.entries_of_areas(session, {area.id, part.id})
    explanations = await snapshot.explanations([row.signup_id for row in rows])
    people = tuple(
        WaitingRow(
            row,
            max(0, (now - row.signed_up_at).days) if row.signed_up_at else 0,
            explanations.get(row.signup_id),
            numbers.get(row.signup_id, 1),
        )
        for row in rows
    )
    on_hold = not holds.isdisjoint({part.id, area.id})
    async with database.transaction() as session:
        # With the quiet pairs, as the page that the link opens: a name that leads nowhere would tell of one.
        kept_apart = (await load_area_config(session, context, area.id, now)).exclusions
        board = await _board(session, snapshot, people, names, kept_apart)
    return AreaView(
        centre,
        part,
        names,
        on_hold,
        tuple(newest),
        tuple(entries),
        people,
        board,
        possible,
        await _indivisible(snapshot, full),
    )


async def _board(
    session: AsyncSession,
    snapshot: AreaSnapshot,
    people: tuple[WaitingRow, ...],
    names: dict[str, str],
    kept_apart: Collection[frozenset[UUID]],
) -> tuple[BoardGroup, ...]:
    """Return the groups that waiting people here could join, those that lack fewest first."""
    open_groups = {group.group_id: group for group in snapshot.state.open_groups}
    rows = await store.groups.with_start_meetings(session, list(open_groups))
    numbers = await store.group_numbers.numbers(session, list(open_groups))
    spots = {place.id: place for place in snapshot.state.config.places}
    waiting = [(person, store.signups.row_to_waiting(person.row)) for person in people if person.explanation]
    board = []
    for group, meeting in rows:
        open_group = open_groups[group.id]
        place = spots.get(open_group.cell.place)
        candidates = tuple(
            person
            for person, waits in waiting
            if place is not None
            and fits(waits.wishes, open_group.cell, place)
            and not any(waits.person_id in pair and not pair.isdisjoint(open_group.members) for pair in kept_apart)
        )
        if candidates:
            at = meeting.starts_at if meeting is not None and not meeting.is_postponed else None
            name = names.get(group.place, group.place)
            seats, missing = open_group.free_seats, open_group.missing
            board.append(BoardGroup(group, name, at, numbers.get(group.id, 1), seats, missing, candidates))
    return tuple(sorted(board, key=_in_order))


def _in_order(row: BoardGroup) -> tuple[int, int, str, str, str]:
    return row.missing, row.free_seats, row.group.slot, row.place_name, str(row.group.id)


async def _indivisible(snapshot: AreaSnapshot, full_groups: list[Group]) -> tuple[IndivisibleGroup, ...]:
    cells = {group.id: Cell(group.place, group.slot, group.spoken_language, group.wishes) for group in full_groups}
    fitting = await snapshot.count_fitting(frozenset(cells.values()))
    size_min, size_max = snapshot.state.config.size_min, snapshot.state.config.size_max
    rows = []
    for group in full_groups:
        waiting = fitting[cells[group.id]]
        if waiting and not group_sizes.divisible(group.live + waiting, size_min, size_max):
            people = group.live + waiting
            rows.append(IndivisibleGroup(group, waiting, people, group_sizes.size_options(people, size_min, size_max)))
    return tuple(rows)
