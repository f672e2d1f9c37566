"""Random areas, a check of every hard rule, and the best groups of a small area by brute force."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import combinations
from random import Random
from typing import Any
from uuid import UUID

import numpy as np
from hypothesis import strategies as st

from grouping.domain.matching.cells import Cell, Place, Starter, WaitingPerson, Wishes, cost_km, fits, wish_profiles
from grouping.domain.matching.model import AreaConfig, AreaState
from grouping.domain.matching.objective import score
from shared.reference.places import distance_km

NOW = datetime(2026, 1, 5, 11, 0, tzinfo=UTC)
POINTS = ((60.39, 5.32), (60.41, 5.30), (60.62, 6.40), (60.50, 5.80))
SLOTS = ("mon-evening", "tue-evening", "wed-day")
LANGUAGES = ("nb", "en")
OFFERED = ("women",)
ON_SCREEN = Place("digital", 0.0, 0.0, step_free=True, digital=True)
SIZES = ((2, 3, 7), (2, 4, 8), (3, 4, 9), (5, 8, 12))
"""Smallest and largest size of a group, and a number of people for which brute force is fast."""

WISHED: tuple[tuple[frozenset[str], frozenset[str]], ...] = ((frozenset(), frozenset()),) * 3 + (
    (frozenset(OFFERED), frozenset()),
    (frozenset(OFFERED), frozenset(OFFERED)),
)


def random_area(seed: int, sizes: tuple[tuple[int, int, int], ...] = SIZES) -> AreaState:
    """Return an area of three places and people with all kinds of limits; the same seed gives the same one."""
    chance = Random(seed)
    size_min, size_max, most = chance.choice(sizes)
    needed = chance.choice((0, 0, 1, 2))
    waiting = tuple(_person(chance, number) for number in range(chance.randint(most // 2, most)))
    pairs = (chance.sample(range(1000, 1000 + most), 2) for _ in range(chance.choice((0, 0, 1, 2))))
    return AreaState(
        AreaConfig(
            (
                *(_place(chance, id_, at) for id_, at in zip(("loftet", "torget", "voss"), POINTS, strict=False)),
                *chance.choice(((), (ON_SCREEN,))),
            ),
            size_min,
            size_max,
            offered_wishes=OFFERED,
            occupied_rooms=chance.choice(((), (), (("torget", "mon-evening", 1), ("voss", "tue-evening", 1)))),
            starters=tuple(random_starter(chance, number) for number in range(chance.randint(0, 4) if needed else 0)),
            starters_min=needed,
            languages=chance.choice((None, None, frozenset({"nb"}))) if needed else None,
            exclusions=frozenset(frozenset(map(uuid, pair)) for pair in pairs),
        ),
        waiting,
    )


def with_config(area: AreaState, **changes: Any) -> AreaState:
    """Return the area with some fields of its configuration replaced."""
    return replace(area, config=replace(area.config, **changes))


def areas(sizes: tuple[tuple[int, int, int], ...] = SIZES) -> st.SearchStrategy[AreaState]:
    return st.builds(random_area, st.integers(0, 2**32), st.just(sizes))


def _place(chance: Random, id_: str, at: tuple[float, float]) -> Place:
    return Place(
        id_,
        *at,
        step_free=chance.random() < 0.5,
        max_people=chance.choice((None, None, 3, 6)),
        slots=chance.choice((None, frozenset(chance.sample(SLOTS, 2)))),
        max_groups=chance.choice((None, 1, 1, 2)),
        lacks_room=chance.choice((False, False, False, True)),
    )


def _person(chance: Random, number: int) -> WaitingPerson:
    also, only = chance.choice(WISHED)
    slots = chance.sample(SLOTS, 3)
    suitable, acceptable = chance.randint(1, 3), chance.randint(1, 3)
    wishes = Wishes(
        *chance.choice(POINTS),
        slots=tuple(slots[:suitable]),
        slots_if_needed=tuple(slots[suitable:acceptable]),
        digital=chance.choice(("no", "no", "also", "also", "only")),
        languages=chance.choice((("nb",), ("nb",), ("nb", "en"), ("en",))),
        max_travel_km=chance.choice((10, 40, 100, 100)),
        wheelchair=chance.random() < 0.1,
        accepts=also,
        requires=only,
    )
    cells = (Cell(chance.choice(("loftet", "torget", "voss")), slot, "nb") for slot in SLOTS)
    refused = frozenset(cell for cell in cells if chance.random() < 0.1)
    since = NOW - timedelta(days=chance.randint(0, 100))
    return WaitingPerson(uuid(number), uuid(1000 + number), wishes, since, refused)


def random_starter(chance: Random, number: int) -> Starter:
    slots = frozenset(chance.sample(SLOTS, chance.randint(1, 3)))
    languages = chance.choice((frozenset({"nb"}), frozenset(LANGUAGES)))
    reach_km, free = chance.choice((10, 60, 100)), chance.randint(0, 3)
    return Starter(uuid(2000 + number), *chance.choice(POINTS), reach_km, slots, languages, free)


def uuid(number: int) -> UUID:
    return UUID(int=number)


def value(who: Iterable[WaitingPerson], cell: Cell, place: Place, now: datetime = NOW) -> float:
    """Return the score of seats for these people in a cell."""
    those = list(who)
    days = np.array([max(0, (now - person.signed_up_at).days) for person in those], dtype=np.float64)
    km = np.array([cost_km(person.wishes, place) for person in those])
    if_needed = np.array([cell.slot not in person.wishes.slots for person in those], dtype=bool)
    return float(score(days, km, if_needed).sum())


def can_start(starter: Starter, cell: Cell, place: Place) -> bool:
    away = distance_km(starter.latitude, starter.longitude, place.latitude, place.longitude)
    away = 0.0 if place.digital else away
    return cell.slot in starter.slots and cell.language in starter.languages and away <= starter.reach_km


def is_spoken(area: AreaState, cell: Cell) -> bool:
    return area.config.languages is None or cell.language in area.config.languages


def lacking_cost(area: AreaState, place: Place, who_start: int) -> float:
    """Return what is subtracted for a group with so many igangsettere: 1 for each that it lacks, and for a room."""
    return max(0, area.config.starters_min - who_start) + float(place.lacks_room)


def total(area: AreaState, groups: Iterable[tuple[Cell, tuple[WaitingPerson, ...], tuple[UUID, ...]]]) -> float:
    """Return the score of groups (cell, members, igangsettere), less what they lack."""
    at = {place.id: place for place in area.config.places}
    return sum(
        value(members, cell, at[cell.place]) - lacking_cost(area, at[cell.place], len(who_start))
        for cell, members, who_start in groups
    )


def check(area: AreaState, groups: Iterable[tuple[Cell, tuple[WaitingPerson, ...], tuple[UUID, ...]]]) -> None:
    """Assert that groups (cell, members, igangsettere) keep every hard rule of the area."""
    at = {place.id: place for place in area.config.places}
    rooms = {(place, slot): count for place, slot, count in area.config.occupied_rooms}
    free = {starter.id: starter for starter in area.config.starters}
    seated: set[UUID] = set()
    for cell, members, who_start in groups:
        place = at[cell.place]
        assert (
            area.config.size_min <= len(members) <= min(area.config.size_max, place.max_people or area.config.size_max)
        )
        assert all(fits(member.wishes, cell, place) and cell not in member.declined for member in members)
        persons = {member.person_id for member in members}
        assert len(persons) == len(members)
        assert not persons & seated
        seated |= persons
        assert not any(pair <= persons for pair in area.config.exclusions)
        rooms[cell.place, cell.slot] = rooms.get((cell.place, cell.slot), 0) + 1
        assert place.max_groups is None or rooms[cell.place, cell.slot] <= place.max_groups
        assert len(set(who_start)) == len(who_start) <= area.config.starters_min
        assert is_spoken(area, cell)
        for one in who_start:
            assert can_start(free[one], cell, place)
            free[one] = replace(free[one], remaining_groups=free[one].remaining_groups - 1)
            assert free[one].remaining_groups >= 0


def best_possible(area: AreaState) -> float:
    """Return the score of the best groups, by brute force."""
    at = {place.id: place for place in area.config.places}
    options = tuple(_options(area, at))
    starters_of = {
        cell: [
            chosen
            for number in range(area.config.starters_min + 1)
            for chosen in combinations(range(len(area.config.starters)), number)
            if all(can_start(area.config.starters[one], cell, at[cell.place]) for one in chosen)
        ]
        for cell, _, _ in options
    }
    spots = sorted({(cell.place, cell.slot) for cell, _, _ in options})
    taken = {(place, slot): count for place, slot, count in area.config.occupied_rooms}
    limits = (at[place].max_groups for place, _ in spots)
    rooms = tuple(
        99 if limit is None else limit - taken.get(spot, 0) for spot, limit in zip(spots, limits, strict=True)
    )

    @cache
    def best(person: int, left: int, rooms: tuple[int, ...], free: tuple[int, ...]) -> float:
        if person == len(area.waiting):
            return 0.0
        result = best(person + 1, left & ~(1 << person), rooms, free)
        for cell, group, gain in by_first.get(person, ()) if left >> person & 1 else ():
            spot = spots.index((cell.place, cell.slot))
            if group & left == group and rooms[spot] > 0:
                fewer = (*rooms[:spot], rooms[spot] - 1, *rooms[spot + 1 :])
                for chosen in starters_of[cell]:
                    after = tuple(count - (one in chosen) for one, count in enumerate(free))
                    if min(after, default=0) >= 0:
                        cost = lacking_cost(area, at[cell.place], len(chosen))
                        result = max(result, gain - cost + best(person + 1, left & ~group, fewer, after))
        return result

    by_first: dict[int, list[tuple[Cell, int, float]]] = {}
    for cell, group, gain in options:
        by_first.setdefault((group & -group).bit_length() - 1, []).append((cell, group, gain))
    return best(
        0, (1 << len(area.waiting)) - 1, rooms, tuple(starter.remaining_groups for starter in area.config.starters)
    )


def _options(area: AreaState, at: dict[str, Place]) -> Iterator[tuple[Cell, int, float]]:
    """Yield every possible group: its cell, its members as bits, and its score."""
    for place, slot, language in ((p, s, one) for p in at.values() for s in SLOTS for one in LANGUAGES):
        for agreed in wish_profiles(area.config.offered_wishes):
            cell = Cell(place.id, slot, language, agreed)
            if not is_spoken(area, cell):
                continue
            able = [
                number
                for number, person in enumerate(area.waiting)
                if fits(person.wishes, cell, place) and cell not in person.declined
            ]
            for size in range(
                area.config.size_min, min(area.config.size_max, place.max_people or area.config.size_max) + 1
            ):
                for group in combinations(able, size):
                    members = [area.waiting[number] for number in group]
                    persons = {member.person_id for member in members}
                    if not any(pair <= persons for pair in area.config.exclusions):
                        yield cell, sum(1 << number for number in group), value(members, cell, place)
