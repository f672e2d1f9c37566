"""
The numbers of the coordinator's pages, counted again straight from the database by plain loops.

Nothing of grouping is used here but its tables and the constants of the forecast. It knows what :mod:`scene` needs: one
area that is not held, no wishes about others, and no room that is free at a time when its meeting place is not needed.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from scipy.stats import nbinom
from sqlalchemy import text

from grouping.domain.insight import forecast as constants
from shared.reference import centres
from shared.reference.languages import LANGUAGES
from shared.reference.places import distance_km
from shared.reference.slots import SLOTS
from shared.timezone import OSLO_TZ
from tests.grouping.support.world import World

LEAST, MOST = 5, 8
FORMING = ("drafted", "proposed", "confirmed")
NOTICE_DAYS = 7 + 3.5 + 72 / 24 / 2
Row = Any


class Cell(NamedTuple):
    place: str
    slot: str
    language: str


@dataclass(frozen=True)
class Spot:
    name: str
    latitude: float
    longitude: float
    step_free: bool
    slots: frozenset[str]
    seats: int
    is_room: bool


@dataclass(frozen=True)
class Help:
    """One change: of which kind and to what, and what it brings."""

    kind: str
    to: str
    cell: Cell
    count: int
    free_seat: bool
    now: bool


class Recount:
    def __init__(self, area: str, now: datetime, tables: dict[str, list[Row]]) -> None:
        self.now = now
        self.waiting = [row for row in tables["waiting"] if row.area == area and row.status != "gone"]
        self.groups = [row for row in tables["groups"] if row.area == area]
        self.seats = [row for row in tables["seats"] if row.state != "released"]
        self.starters = tables["igangsettere"]
        self.exclusions = [{row.one, row.other} for row in tables["apart"]]
        self.arrivals = [(row.day, row.count) for row in tables["arrivals"] if row.area == area]
        result = centres.load().area(area)
        assert result is not None
        self.spots = {
            place.id: Spot(place.name, place.latitude, place.longitude, place.step_free, frozenset(SLOTS), 99, False)
            for place in result[1].places
        }
        for row in tables["rooms"]:
            self.spots[row.id] = Spot(
                row.name, row.latitude, row.longitude, row.step_free, frozenset(row.slots), row.seats, True
            )
            assert not {slot for slot in row.slots if not self.room_taken(row.id, slot)}
        seated = {seat.person_id for seat in self.seats}
        people = [row for row in self.waiting if row.status == "waiting"]
        self.on_list = sorted(people, key=lambda row: (row.signed_up_at, row.signup_id))
        self.line = [row for row in self.on_list if not row.excluded_reason and row.person_id not in seated]

    @classmethod
    async def of(cls, world: World, area: str = "bergen") -> "Recount":
        tables = ("waiting", "groups", "seats", "rooms", "igangsettere", "apart", "arrivals")
        async with world.database.transaction() as session:
            rows = {name: list((await session.execute(text(f"SELECT * FROM {name}"))).all()) for name in tables}
        return cls(area, world.clock.now(), rows)

    # What is

    def days(self, row: Row) -> int:
        return int((self.now - row.signed_up_at).total_seconds() // 86400)

    def first_meeting(self, slot: str) -> datetime:
        """Return the first evening of a slot after the notice; too simple for other parts of a day and holidays."""
        day, part = slot.split("-")
        assert part == "evening"
        earliest = self.now.astimezone(OSLO_TZ) + timedelta(days=7)
        evenings = (earliest.replace(hour=18, minute=0, second=0) + timedelta(days=n) for n in range(8))
        return next(one for one in evenings if one >= earliest and f"{one:%a}".lower() == day)

    def person(self, signup_id: UUID) -> Row:
        return next(row for row in self.waiting if row.signup_id == signup_id)

    def seat(self, row: Row) -> tuple[Row, Row]:
        seat = next(seat for seat in self.seats if seat.person_id == row.person_id)
        return seat, next(group for group in self.groups if group.id == seat.group_id)

    def taken(self, group: Row) -> list[Row]:
        return [seat for seat in self.seats if seat.group_id == group.id]

    def km(self, row: Row, place: str) -> float:
        spot = self.spots[place]
        return round(distance_km(row.latitude, row.longitude, spot.latitude, spot.longitude), 1)

    def fits(self, row: Row, cell: Cell, further: int = 0, *, any_slot: bool = False) -> bool:
        spot = self.spots[cell.place]
        return (
            (any_slot or cell.slot in row.slots)
            and cell.slot in spot.slots
            and cell.language in row.languages
            and (spot.step_free or not row.wheelchair)
            and self.km(row, cell.place) <= row.max_travel_km + further
        )

    def cells(self) -> Iterator[Cell]:
        return (Cell(place, slot, code) for place in self.spots for slot in SLOTS for code in LANGUAGES)

    def members(self, cell: Cell, further: int = 0) -> list[Row]:
        return [row for row in self.line if self.fits(row, cell, further)]

    def room_taken(self, place: str, slot: str) -> bool:
        return any((row.place, row.slot) == (place, slot) and row.state != "cancelled" for row in self.groups)

    def missing(self, cell: Cell) -> set[str]:
        spot, found = self.spots[cell.place], set()
        if spot.is_room and self.room_taken(cell.place, cell.slot):
            found.add("room")
        if self.starters and not any(cell.language in starter.languages for starter in self.starters):
            found.add("starter")
        return found

    def open_groups(self, cell: Cell | None = None) -> list[Row]:
        results = [row for row in self.groups if row.state in FORMING and len(self.taken(row)) < row.capacity]
        return [row for row in results if cell is None or self.cell_of(row) == cell]

    def cell_of(self, group: Row) -> Cell:
        return Cell(group.place, group.slot, group.spoken_language)

    # What follows

    def best(self, row: Row, further: int = 0, slots: tuple[str, ...] | None = None) -> Cell | None:
        """With a free seat, else where most could meet, else the nearest, else the earliest in the week."""

        def rank(cell: Cell) -> tuple[Any, ...]:
            order = SLOTS.index(cell.slot), list(LANGUAGES).index(cell.language)
            return not self.open_groups(cell), -self.count(row, cell), self.km(row, cell.place), cell.place, *order

        able = [cell for cell in self.cells() if self.fits(row, cell, further, any_slot=slots is not None)]
        return min((cell for cell in able if slots is None or cell.slot in slots), key=rank, default=None)

    def count(self, row: Row, cell: Cell) -> int:
        """Return the number of people who could meet there, with this person among them."""
        return len({member.person_id for member in self.members(cell)} | {row.person_id})

    def helps(self, row: Row) -> list[Help]:
        own = self.best(row)
        had = self.count(row, own) if own else 0
        others = tuple(slot for slot in SLOTS if slot not in row.slots)
        tried: list[tuple[str, str, Cell | None]] = [("km", str(km), self.best(row, km)) for km in (5, 10, 20, 40)]
        elsewhen = self.best(row, slots=others)
        tried.append(("slot", elsewhen.slot if elsewhen else "", elsewhen))
        results: list[Help] = []
        for kind, to, cell in tried:
            if cell is not None:
                count, free_seat = self.count(row, cell), bool(self.open_groups(cell))
                now = free_seat or (count >= LEAST and not self.missing(cell))
                if now or count > had:
                    results.append(Help(kind, to, cell, count, free_seat, now))
        results.sort(key=lambda one: (not one.now, not one.free_seat, -one.count))
        return [
            result
            for number, result in enumerate(results)
            if result.kind not in {other.kind for other in results[:number]}
        ]

    def possible(self) -> list[tuple[Cell, list[Row]]]:
        """Each set of people who could meet, once and where it is nearest; most people first."""
        sets: dict[frozenset[UUID], Cell] = {}
        for cell in self.cells():
            who = frozenset(row.signup_id for row in self.members(cell))
            if who and (who not in sets or self._near(cell) < self._near(sets[who])):
                sets[who] = cell
        return sorted(((cell, self.members(cell)) for cell in sets.values()), key=lambda one: -len(one[1]))

    def _near(self, cell: Cell) -> tuple[Any, ...]:
        ways = [self.km(row, cell.place) for row in self.members(cell)]
        return round(sum(ways) / len(ways), 4), cell.language != "nb", SLOTS.index(cell.slot), cell.place, cell.language

    def further(self, km: int) -> set[UUID]:
        """People with a free seat if all travelled ``km`` further; too simple where a new group would be formed too."""
        free_seats = {group.id: group.capacity - len(self.taken(group)) for group in self.open_groups()}
        gains = set()
        for row in self.line:
            able = [group for group in self.open_groups() if self.fits(row, self.cell_of(group), km)]
            able = [group for group in able if free_seats[group.id] > 0]
            if able:
                free_seats[min(able, key=lambda group: self.km(row, group.place)).id] -= 1
                gains.add(row.signup_id)
        for cell in self.cells():
            left = [row for row in self.members(cell, km) if row.signup_id not in gains]
            assert len(left) < LEAST or self.missing(cell)
        return gains

    def at_peace(self, rows: Iterable[Row]) -> list[Row]:
        kept: list[Row] = []
        for row in rows:
            if not any({row.person_id, other.person_id} in self.exclusions for other in kept):
                kept.append(row)
        return kept

    def wait(self, row: Row) -> tuple[int, int] | None:
        """In how many days they meet: the first and the last of the days on which most of those do who start."""
        ready = [cell for cell in self.cells() if self.fits(row, cell) and not self.missing(cell)]
        ready.sort(key=lambda cell: (-len(self.members(cell)), self.km(row, cell.place)))
        others = [person for person in self.waiting if person.signup_id != row.signup_id]
        first = min(day for day, _ in self.arrivals)
        span = (self.now.date() - first).days + 1 + constants.WEAK_PRIOR.days
        came = sum(count for _, count in self.arrivals) - 1
        chances = []
        for cell in ready[:4]:
            seen = came * sum(self.fits(one, cell) for one in others) / len(others) + constants.WEAK_PRIOR.arrivals
            chances.append((LEAST - len(self.members(cell)), seen))
        chances = [one for one in chances if one[0] > 0]
        if not chances:
            return None
        grid = [float(day) for day in range(60)] + [60 * 1.05**step for step in range(54)]

        def enough(day: float) -> float:
            """Return the probability that enough people have come (negative binomial)."""
            if day <= 0:
                return 0.0
            results = []
            for needed, seen in chances:
                shape, rate = (
                    constants.SHAPE + constants.SHAPE_PER_ARRIVAL * seen,
                    constants.SHARE_NOT_TAKEN * seen / span,
                )
                results.append(1 - nbinom.cdf(needed - 1, shape, shape / (shape + rate * day)))
            return float(max(results))

        known = [enough(day) for day in grid]

        def later(day: float, lag: float) -> float:
            at = day - lag
            if at <= 0:
                return 0.0
            after = next(number for number, one in enumerate(grid) if one >= at)
            low, high = grid[after - 1], grid[after]
            return known[after - 1] + (known[after] - known[after - 1]) * (at - low) / (high - low)

        begun = [
            (1 - constants.FREE_SEAT_SHARE) * later(day, NOTICE_DAYS)
            + constants.FREE_SEAT_SHARE * later(day, NOTICE_DAYS / 2)
            for day in grid
        ]
        stayed, total = [], 0.0
        for number, day in enumerate(grid):
            step = begun[number] - (begun[number - 1] if number else 0.0)
            total += step * math.exp(-day / constants.PATIENCE_DAYS)
            stayed.append(total)
        low = next(number for number, one in enumerate(stayed) if one / total >= (1 - constants.COVERAGE) / 2)
        high = next(number for number, one in enumerate(stayed) if one / total >= (1 + constants.COVERAGE) / 2)
        return int(grid[max(low - 1, 0)]), math.ceil(grid[high])
