"""The areas as staff see them: who waits where, which groups could be, and what each of them lacks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.insight.explanation import WaitExplanation, explain_all
from grouping.domain.matching import group_sizes
from grouping.domain.matching.cells import Cell, fits
from grouping.domain.matching.group_sizes import SizeOption
from grouping.domain.matching.matcher import AreaMatcher
from grouping.domain.matching.model import AreaState
from grouping.store import Group, Signup, views
from grouping.usecases.area_state import area_state
from grouping.usecases.context import GroupingContext
from shared.reference import places
from shared.reference.centres import Area, Centre
from shared.reference.languages import NORWEGIAN
from shared.reference.slots import SLOTS

MOST_CELLS = 12
"""How many possible groups an area's page shows; the fullest first."""

MOST_AREAS = 40
"""In how many areas the country's page looks for groups that are nearly full; those where most wait."""

NEARLY = 2
"""So many are missing at most in a group that is nearly full."""


@dataclass(frozen=True)
class AreaLine:
    """One area in the list: how many wait, how long the first has waited, which times they could."""

    centre: Centre
    area: Area
    waiting: int
    oldest_days: int
    slots: tuple[tuple[str, int], ...]
    forming: int
    held: bool


async def area_lines(
    session: AsyncSession, office: GroupingContext, centres: frozenset[str], now: datetime
) -> tuple[AreaLine, ...]:
    """Every area of these centres, those where most people wait first."""
    pairs = [(centre, area) for centre in office.centres.all if centre.id in centres for area in centre.areas]
    ids = [area.id for _, area in pairs]
    counts = await views.waiting_by_area(session, ids)
    by_slot = await views.waiting_by_slot(session, ids)
    forming = await views.forming_by_area(session, ids)
    held = await views.areas_on_hold(session, ids)
    lines = []
    for centre, area in pairs:
        count = counts.get(area.id)
        slots = sorted(by_slot.get(area.id, {}).items(), key=lambda item: (-item[1], item[0]))
        lines.append(
            AreaLine(
                centre=centre,
                area=area,
                waiting=count.waiting if count else 0,
                oldest_days=max(0, (now - count.oldest).days) if count else 0,
                slots=tuple(slots),
                forming=forming.get(area.id, 0),
                held=area.id in held,
            )
        )
    return tuple(sorted(lines, key=lambda line: (-line.waiting, -line.forming, line.area.name)))


@dataclass(frozen=True)
class WaitingLine:
    """One person in the line, by opaque id, with what binds."""

    row: Signup
    waited_days: int
    left: WaitExplanation | None


@dataclass(frozen=True)
class CellLine:
    """
    One possible group: how many of those who wait fit it, and what can be made of them.

    Attributes:
        lacking: What it waits for besides people: "room", "starter", both or nothing.
    """

    cell: Cell
    count: int
    needed: int
    lacking: frozenset[str]
    choices: tuple[SizeOption, ...]


@dataclass(frozen=True)
class LeftOver:
    """A full group, and those who fit it but have no chair: the nine that cannot all be placed."""

    group: Group
    waiting: int
    people: int
    choices: tuple[SizeOption, ...]


@dataclass(frozen=True)
class AreaView:
    """
    All that a coordinator needs to know of one area.

    Attributes:
        names: Of places and rooms, by id.
    """

    centre: Centre
    area: Area
    names: dict[str, str]
    held: bool
    people: tuple[WaitingLine, ...]
    cells: tuple[CellLine, ...]
    left_over: tuple[LeftOver, ...]


async def area_view(session: AsyncSession, office: GroupingContext, area_id: str, now: datetime) -> AreaView:
    """An area as its page shows it."""
    centre, area = office.area(area_id)
    state = await area_state(session, office, area_id, now)
    board = AreaMatcher(state)
    binds = {one.waiting.signup_id: one for one in explain_all(board)}
    rows = await views.waiting_in(session, area_id)
    people = tuple(
        WaitingLine(row, max(0, (now - row.signed_up_at).days) if row.signed_up_at else 0, binds.get(row.signup_id))
        for row in rows
    )
    full = await views.full_groups(session, area_id)
    names = await place_names(session, centre, area)
    cells = tuple(_cells(board, MOST_CELLS))
    return AreaView(centre, area, names, state.config.on_hold, people, cells, tuple(_left_over(state, full)))


async def place_names(session: AsyncSession, centre: Centre, area: Area) -> dict[str, str]:
    """What the area's meeting places and rooms are called, by id."""
    rooms = {room.id: room.name for room in await store.rooms.of_centres(session, [centre.id]) if room.area == area.id}
    return {place.id: place.name for place in area.places} | rooms


def _cells(board: AreaMatcher, most: int) -> Iterator[CellLine]:
    """The possible groups, fullest and nearest first; of several for just the same people only the nearest."""
    slots = np.arange(board.cell_index.size) // board.cell_index.cells_per_slot
    possible = board.capacity.feasible.ravel()[slots] & (board.waiting_counts > 0)
    numbers = np.flatnonzero(possible)
    found = []
    # Among equals the nearest and best known counts, so a few more than are shown are looked at.
    for number in numbers[np.argsort(-board.waiting_counts[numbers], kind="stable")[: 20 * most]].tolist():
        rows, km = board.pool.people_fitting(number)
        found.append(
            (-len(rows), float(km.mean()), _calendar(board.cell_index.cell(number)), frozenset(rows.tolist()), number)
        )
    seen: set[frozenset[int]] = set()
    for minus_count, _, _, members, number in sorted(found, key=lambda one: one[:3]):
        if members not in seen and len(seen) < most:
            seen.add(members)
            cell = board.cell_index.cell(number)
            options = _choices(board, cell, -minus_count)
            yield CellLine(cell, -minus_count, board.config.size_min, board.capacity.missing(cell), options)


def _choices(board: AreaMatcher, cell: Cell, people: int) -> tuple[SizeOption, ...]:
    """What can be made of so many people, in a room that may be smaller than the largest group."""
    most = board.cell_index.places[board.cell_index.place_numbers[cell.place]].largest_group(board.config.size_max)
    return group_sizes.size_options(people, board.config.size_min, most)


def _calendar(cell: Cell) -> tuple[bool, int, str, str, str]:
    """Sorts equals: Norwegian first, then as the week goes."""
    return cell.language != NORWEGIAN, SLOTS.index(cell.slot), cell.place, cell.language, cell.wishes


def _left_over(state: AreaState, full: list[Group]) -> Iterator[LeftOver]:
    at = {place.id: place for place in state.config.places}
    for group in full:
        cell, place = Cell(group.place, group.slot, group.spoken_language, group.wishes), at.get(group.place)
        if place is None:
            continue
        waiting = sum(cell not in who.declined and fits(who.wishes, cell, place) for who in state.waiting)
        people = group.live + waiting
        if waiting and not group_sizes.divisible(people, state.config.size_min, state.config.size_max):
            options = group_sizes.size_options(people, state.config.size_min, state.config.size_max)
            yield LeftOver(group, waiting, people, options)


@dataclass(frozen=True)
class KommuneLine:
    """One kommune on the map: how many wait there, and for how long the first of them has."""

    number: str
    name: str
    latitude: float
    longitude: float
    area: Area
    waiting: int
    oldest_days: int


@dataclass(frozen=True)
class NearLine:
    """A possible group somewhere that lacks little: one or two people, a room, or an igangsetter."""

    area: Area
    place_name: str
    line: CellLine


async def kommune_lines(
    session: AsyncSession, office: GroupingContext, centres: frozenset[str], now: datetime
) -> tuple[KommuneLine, ...]:
    """The kommuner of these centres where somebody waits, most first."""
    pairs = {
        kommune: area
        for centre in office.centres.all
        if centre.id in centres
        for area in centre.areas
        for kommune in area.kommuner
    }
    counts = await views.waiting_by_kommune(session, {area.id for area in pairs.values()})
    known = places.load().kommuner
    lines = [
        KommuneLine(
            number,
            known[number].name,
            known[number].latitude,
            known[number].longitude,
            pairs[number],
            count,
            max(0, (now - oldest).days),
        )
        for number, (count, oldest) in counts.items()
        if number in pairs and number in known
    ]
    return tuple(sorted(lines, key=lambda line: (-line.waiting, line.name)))


async def near_lines(
    session: AsyncSession, office: GroupingContext, lines: tuple[AreaLine, ...], now: datetime
) -> tuple[NearLine, ...]:
    """The possible groups that lack least, in the areas where most wait; the fullest first."""
    found = []
    for line in lines[:MOST_AREAS]:
        if line.waiting >= line.centre.policy.size_min - NEARLY:
            board = AreaMatcher(await area_state(session, office, line.area.id, now))
            names = await place_names(session, line.centre, line.area)
            found += [
                NearLine(line.area, names.get(cell.cell.place, line.area.name), cell)
                for cell in _cells(board, 3)
                if cell.count >= cell.needed - NEARLY and (cell.count < cell.needed or cell.lacking)
            ]
    return tuple(sorted(found, key=lambda one: (one.line.needed - one.line.count, one.area.name)))
