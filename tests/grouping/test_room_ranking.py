"""The order of rooms for a group, and what speaks against each."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grouping.domain.matching.cells import Place, Wishes, travel_km
from grouping.domain.room_ranking import RoomChoice, RoomFacts, rank

STARTS_AT = datetime(2026, 5, 5, 16, tzinfo=UTC)


def room(number: int = 1, **changes: Any) -> RoomFacts:
    fields: dict[str, Any] = {"latitude": 60.39, "longitude": 5.32, "step_free": True, "max_people": 8}
    slots = frozenset({"tue-evening"})
    about = {key: changes.pop(key) for key in ("active", "taken", "lead_days") if key in changes}
    place = Place(f"rom-{number:08x}", **(fields | {"slots": slots} | changes))
    return RoomFacts(place, f"Rom {number}", **({"active": True, "taken": False} | about))


def member(latitude: float = 60.39, longitude: float = 5.32, *, km: int = 20, wheelchair: bool = False) -> Wishes:
    return Wishes(latitude, longitude, (), (), km, wheelchair)


def ranked(*rooms: RoomFacts, members: tuple[Wishes, ...] = (member(),), starters: int = 0) -> tuple[RoomChoice, ...]:
    return rank(rooms, members, "tue-evening", starters=starters, starts_at=STARTS_AT)


@pytest.mark.parametrize(
    ("changes", "members", "obstacles"),
    [
        ({}, 8, ()),
        ({"active": False}, 5, ("paused",)),
        ({"slots": frozenset({"mon-evening"})}, 5, ("closed",)),
        ({"taken": True}, 5, ("taken",)),
        ({"max_people": 4}, 5, ("too_small",)),
        ({"step_free": False}, 5, ("stairs",)),
        ({"active": False, "taken": True, "max_people": 3}, 5, ("paused", "taken", "too_small")),
    ],
)
def test_obstacles_are_named_each(changes: dict[str, Any], members: int, obstacles: tuple[str, ...]) -> None:
    people = (member(wheelchair=True), *(member() for _ in range(members - 1)))
    (choice,) = ranked(room(**changes), members=people)
    assert choice.obstacles == obstacles


def test_stairs_are_no_obstacle_for_people_who_need_no_step_free_room() -> None:
    assert ranked(room(step_free=False))[0].obstacles == ()


@pytest.mark.parametrize(("starters", "tight"), [(0, False), (1, True), (2, True)])
def test_room_is_tight_if_the_igangsetter_has_no_seat(starters: int, *, tight: bool) -> None:
    assert ranked(room(max_people=5), members=(member(),) * 5, starters=starters)[0].is_tight is tight


def test_longest_journey_decides_and_not_the_sum() -> None:
    """Four live at the one room and one ten kilometres away; the room between is fairer, though its sum is longer."""
    there, between = room(1), room(2, latitude=60.44)
    people = (*(member() for _ in range(4)), member(60.48, km=8))
    first, second = ranked(there, between, members=people)
    assert (first.room_id, second.room_id) == (between.place.id, there.place.id)
    assert first.total_km > second.total_km
    assert (first.beyond, second.beyond) == (0, 1)


def test_possible_rooms_come_before_nearer_impossible_ones() -> None:
    near, far = room(1, taken=True), room(2, latitude=60.9)
    assert [choice.room_id for choice in ranked(near, far)] == [far.place.id, near.place.id]


@pytest.mark.parametrize(("lead_days", "book_by"), [(0, None), (21, STARTS_AT - timedelta(days=21))])
def test_booking_is_due_some_days_before_the_meeting(lead_days: int, book_by: datetime | None) -> None:
    assert ranked(room(lead_days=lead_days))[0].book_by == book_by


_POINTS = st.tuples(st.floats(58, 71, allow_nan=False), st.floats(5, 30, allow_nan=False))


@given(st.lists(_POINTS, min_size=1, max_size=6), st.lists(_POINTS, max_size=8))
def test_every_room_is_ranked_once_and_none_is_nearer_than_the_one_before(
    rooms: list[tuple[float, float]], homes: list[tuple[float, float]]
) -> None:
    facts = [room(number, latitude=point[0], longitude=point[1]) for number, point in enumerate(rooms)]
    people = tuple(member(*home) for home in homes)
    choices = ranked(*facts, members=people)
    assert sorted(choice.room_id for choice in choices) == sorted(fact.place.id for fact in facts)
    by_id = {fact.place.id: fact.place for fact in facts}
    longest = [max((travel_km(person, by_id[choice.room_id]) for person in people), default=0.0) for choice in choices]
    assert not any(choice.obstacles for choice in choices) or len(people) > 8
    assert longest == sorted(longest)
