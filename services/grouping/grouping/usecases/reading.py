"""What pages show: read in one go, and said as plainly as a page can print it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain import arithmetic
from grouping.domain.arithmetic import Choice
from grouping.domain.board import Board
from grouping.domain.cells import Cell, fits, own_cells
from grouping.domain.life import GroupState, SeatState
from grouping.domain.matching import AreaState
from grouping.domain.reasons import Left, left
from grouping.store import Group, Seat, StaffAction, Waiting, overview, queries
from grouping.usecases.office import Office, places_of
from grouping.usecases.planning import area_state
from shared.reference.centres import Area, Centre
from shared.reference.languages import NORWEGIAN
from shared.reference.slots import SLOTS

MOST_CELLS = 12
"""How many possible groups an area's page shows; the fullest first."""

SeatPage = Literal["offer", "lapsed", "taken", "called", "postponed", "started", "declined", "cancelled", "released"]


@dataclass(frozen=True)
class SeatView:
    """What somebody sees of their own seat: never a name, and never where before they have said yes."""

    page: SeatPage
    seat: Seat
    group: Group
    centre: Centre
    area: Area

    @property
    def place_name(self) -> str:
        """The town, or the part of one."""
        place = self.area.place(self.group.place)
        return place.name if place else self.area.name


async def seat_view(session: AsyncSession, office: Office, seat_id: UUID, now: datetime) -> SeatView | None:
    """The page of a seat as it stands now, or None where there is no such seat."""
    found = await overview.seat_and_group(session, seat_id)
    if found is None:
        return None
    seat, group = found
    centre, area = office.area(group.area)
    return SeatView(_seat_page(seat, group, now), seat, group, centre, area)


def _seat_page(seat: Seat, group: Group, now: datetime) -> SeatPage:
    if seat.state == SeatState.RELEASED:
        told: dict[str | None, SeatPage] = {"lapsed": "lapsed", "declined": "declined", "cancelled": "cancelled"}
        return told.get(seat.reason, "released")
    if seat.state == SeatState.OFFERED:
        return "lapsed" if seat.deadline is not None and now >= seat.deadline else "offer"
    if group.state == GroupState.CONFIRMED:
        return "postponed" if group.postponed else "called"
    return "started" if group.state == GroupState.STARTED else "taken"


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
    session: AsyncSession, office: Office, centres: frozenset[str], now: datetime
) -> tuple[AreaLine, ...]:
    """Every area of these centres, those where most people wait first."""
    pairs = [(centre, area) for centre in office.centres.all if centre.id in centres for area in centre.areas]
    ids = [area.id for _, area in pairs]
    counts = await overview.waiting_by_area(session, ids)
    by_slot = await overview.waiting_by_slot(session, ids)
    forming = await overview.forming_by_area(session, ids)
    held = await overview.held_areas(session, ids)
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

    row: Waiting
    waited_days: int
    left: Left | None


@dataclass(frozen=True)
class CellLine:
    """One possible group: how many of those who wait fit it, and what can be made of them."""

    cell: Cell
    count: int
    needed: int
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class LeftOver:
    """A full group, and those who fit it but have no chair: the nine that cannot all be placed."""

    group: Group
    waiting: int
    people: int
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class AreaView:
    """All that a coordinator needs to know of one area."""

    centre: Centre
    area: Area
    held: bool
    people: tuple[WaitingLine, ...]
    cells: tuple[CellLine, ...]
    left_over: tuple[LeftOver, ...]


async def area_view(session: AsyncSession, office: Office, area_id: str, now: datetime) -> AreaView:
    """An area as its page shows it."""
    centre, area = office.area(area_id)
    state = await area_state(session, office, area_id, now)
    binds = {one.waiting.signup_id: one for one in left(Board(state))}
    rows = await overview.waiting_in(session, area_id)
    people = tuple(
        WaitingLine(row, max(0, (now - row.signed_up_at).days) if row.signed_up_at else 0, binds.get(row.signup_id))
        for row in rows
    )
    full = await overview.full_groups(session, area_id)
    return AreaView(centre, area, state.held, people, _cells(state), _left_over(state, area, full))


def _cells(state: AreaState) -> tuple[CellLine, ...]:
    """The possible groups, fullest and nearest first; of several for just the same people only the nearest."""
    here: dict[Cell, list[tuple[UUID, float]]] = {}
    for who in state.waiting:
        for cell, km in own_cells(who.wishes, state.places):
            if cell not in who.refused:
                here.setdefault(cell, []).append((who.signup_id, km))
    found = [
        (-len(own), sum(km for _, km in own) / len(own), cell, frozenset(id_ for id_, _ in own))
        for cell, own in here.items()
    ]
    lines: dict[frozenset[UUID], CellLine] = {}
    for minus_count, _, cell, members in sorted(found, key=lambda one: (one[0], one[1], _calendar(one[2]))):
        if members not in lines and len(lines) < MOST_CELLS:
            options = arithmetic.choices(-minus_count, state.size_min, state.size_max)
            lines[members] = CellLine(cell, -minus_count, state.size_min, options)
    return tuple(lines.values())


def _calendar(cell: Cell) -> tuple[bool, int, str, str]:
    """Sorts equals: Norwegian first, then as the week goes."""
    return cell.language != NORWEGIAN, SLOTS.index(cell.slot), cell.place, cell.language


def _left_over(state: AreaState, area: Area, full: list[Group]) -> tuple[LeftOver, ...]:
    places = {place.id: place for place in places_of(area)}
    found = []
    for group in full:
        cell, place = Cell(group.place, group.slot, group.spoken_language), places.get(group.place)
        if place is None:
            continue
        waiting = sum(cell not in who.refused and fits(who.wishes, cell, place) for who in state.waiting)
        people = group.live + waiting
        if waiting and not arithmetic.divisible(people, state.size_min, state.size_max):
            options = arithmetic.choices(people, state.size_min, state.size_max)
            found.append(LeftOver(group, waiting, people, options))
    return tuple(found)


@dataclass(frozen=True)
class GroupLine:
    """One group in the list; ``taken`` is how many have said yes, or how many began."""

    group: Group
    area: Area
    taken: int
    deadline: datetime | None


async def group_lines(
    session: AsyncSession, office: Office, centres: frozenset[str], states: tuple[GroupState, ...]
) -> tuple[GroupLine, ...]:
    """The groups of these centres, newest first."""
    return tuple(
        GroupLine(group, office.area(group.area)[1], taken if group.size is None else group.size, deadline)
        for group, taken, deadline in await overview.groups_of(session, centres, states)
    )


@dataclass(frozen=True)
class GroupView:
    """All that a coordinator needs to know of one group."""

    group: Group
    centre: Centre
    area: Area
    seats: tuple[Seat, ...]
    actions: tuple[StaffAction, ...]

    @property
    def place_name(self) -> str:
        """The town, or the part of one."""
        place = self.area.place(self.group.place)
        return place.name if place else self.area.name


async def group_view(session: AsyncSession, office: Office, group_id: UUID) -> GroupView | None:
    """A group as its page shows it, or None where there is none."""
    group = await queries.group(session, group_id)
    if group is None:
        return None
    centre, area = office.area(group.area)
    seats = sorted(await queries.seats(session, group_id), key=lambda seat: seat.state == SeatState.RELEASED)
    return GroupView(group, centre, area, tuple(seats), tuple(await overview.actions_on(session, group_id)))


async def totals(session: AsyncSession) -> tuple[int, dict[str, int]]:
    """How many wait, and how many groups there are in each state."""
    return await overview.totals(session)
