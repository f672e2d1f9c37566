from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grouping.domain.insight.explanation import WaitExplanation, explain_all
from grouping.domain.matching.cells import Cell, Place, WaitingPerson, Wishes, fits, fitting_cells, travel_km
from grouping.domain.matching.matcher import AreaMatcher
from grouping.domain.matching.matcher import plan as decide
from grouping.domain.matching.model import AreaConfig, AreaState, OpenGroup, Plan

NOW = datetime(2026, 1, 5, 11, 0, tzinfo=UTC)
TORGET = Place("torget", 60.39, 5.32, step_free=True)
LOFTET = Place("loftet", 60.40, 5.33, step_free=False)
VOSS = Place("voss", 60.63, 6.42, step_free=True)
PLACES = (TORGET, LOFTET, VOSS)


def wishes(
    slots: tuple[str, ...] = ("tue-evening",),
    languages: tuple[str, ...] = ("nb",),
    *,
    at: tuple[float, float] = (60.39, 5.32),
    km: int = 20,
    wheelchair: bool = False,
) -> Wishes:
    return Wishes(at[0], at[1], slots, languages, km, wheelchair)


def waiting(
    number: int, what: Wishes | None = None, *, days: int = 0, refused: frozenset[Cell] = frozenset()
) -> WaitingPerson:
    return WaitingPerson(
        UUID(int=number), UUID(int=1000 + number), what or wishes(), NOW - timedelta(days=days), refused
    )


def area(
    *people: WaitingPerson,
    groups: tuple[OpenGroup, ...] = (),
    places: tuple[Place, ...] = (TORGET,),
    held: bool = False,
) -> AreaState:
    return AreaState(AreaConfig(places, 5, 8, on_hold=held), people, groups)


def plan(state: AreaState) -> Plan:
    return decide(state, NOW)


def waits(state: AreaState) -> tuple[WaitExplanation, ...]:
    """Return the people who still wait after the decision, with the reason."""
    matcher = AreaMatcher(state)
    matcher.decide(NOW)
    return explain_all(matcher)


def ids(people: tuple[WaitingPerson, ...]) -> list[int]:
    return [person.signup_id.int for person in people]


TUESDAY = Cell("torget", "tue-evening", "nb")


def test_plan_four_people_wait_and_are_counted() -> None:
    state = area(*(waiting(n) for n in range(1, 5)))

    assert plan(state).new_groups == ()
    assert {(one.cell, one.count) for one in waits(state)} == {(TUESDAY, 4)}


def test_plan_fifth_person_completes_a_group_in_waiting_order() -> None:
    state = area(*(waiting(n, days=n) for n in range(1, 6)))

    (group,) = plan(state).new_groups
    assert group.cell == TUESDAY
    assert ids(tuple(member.waiting for member in group.members)) == [5, 4, 3, 2, 1]
    assert [member.reason.waited_days for member in group.members] == [5, 4, 3, 2, 1]
    assert waits(state) == ()


def test_plan_nine_people_eight_meet_and_the_newest_waits() -> None:
    state = area(*(waiting(n, days=n) for n in range(1, 10)))

    assert [len(group.members) for group in plan(state).new_groups] == [8]
    assert [member.waiting.signup_id.int for member in waits(state)] == [1]


def test_plan_ten_people_are_two_groups_of_five() -> None:
    assert [len(group.members) for group in plan(area(*(waiting(n) for n in range(1, 11)))).new_groups] == [5, 5]


def test_plan_free_seat_goes_to_the_longest_waiting_before_a_new_group() -> None:
    open_group = OpenGroup(UUID(int=77), TUESDAY, 1, NOW)

    state = area(*(waiting(n, days=n) for n in range(1, 6)), groups=(open_group,))

    result = plan(state)
    assert [(join.group_id.int, join.assignment.waiting.signup_id.int) for join in result.joins] == [(77, 5)]
    assert result.new_groups == ()
    assert {one.count for one in waits(state)} == {4}


def test_plan_nearest_free_seat_is_filled() -> None:
    near = OpenGroup(UUID(int=9), TUESDAY, 3, NOW)
    far = OpenGroup(UUID(int=1), Cell("voss", "tue-evening", "nb"), 3, NOW - timedelta(days=9))

    result = plan(area(waiting(1, wishes(km=200)), groups=(far, near), places=PLACES))

    assert [join.group_id.int for join in result.joins] == [9]


def test_plan_declined_cell_is_not_offered_again() -> None:
    open_group = OpenGroup(UUID(int=77), TUESDAY, 3, NOW)
    refusing = waiting(1, wishes(("tue-evening", "wed-evening")), refused=frozenset({TUESDAY}))

    state = area(refusing, *(waiting(n) for n in range(2, 5)), groups=(open_group,))

    result = plan(state)
    assert sorted(join.assignment.waiting.signup_id.int for join in result.joins) == [2, 3, 4]
    assert [(one.cell, one.count) for one in waits(state)] == [(Cell("torget", "wed-evening", "nb"), 1)]


def test_plan_wheelchair_needs_step_free_place() -> None:
    people = [waiting(n, wishes(wheelchair=True)) for n in range(1, 6)]

    assert plan(area(*people, places=(LOFTET,))).new_groups == ()
    assert {one.cell for one in waits(area(*people, places=(LOFTET,)))} == {None}
    assert len(plan(area(*people, places=(LOFTET, TORGET))).new_groups) == 1


def test_plan_place_beyond_travel_limit_is_not_offered() -> None:
    distance = travel_km(wishes(), VOSS)
    near_enough = [waiting(n, wishes(km=int(distance) + 1)) for n in range(1, 5)]
    too_far = waiting(5, wishes(km=int(distance)))

    assert plan(area(*near_enough, too_far, places=(VOSS,))).new_groups == ()


def test_plan_area_on_hold_fills_seats_but_forms_no_group() -> None:
    open_group = OpenGroup(UUID(int=77), TUESDAY, 1, NOW)

    state = area(*(waiting(n) for n in range(1, 10)), groups=(open_group,), held=True)

    result = plan(state)
    assert len(result.joins) == 1
    assert result.new_groups == ()
    assert len(waits(state)) == 8


def test_form_group_has_the_chosen_size_in_waiting_order() -> None:
    state = area(*(waiting(n, days=n) for n in range(1, 10)), held=True)

    group = AreaMatcher(state).form_group(TUESDAY, 7, NOW)

    assert group is not None
    assert ids(tuple(member.waiting for member in group.members)) == [9, 8, 7, 6, 5, 4, 3]
    assert AreaMatcher(state).form_group(Cell("torget", "wed-evening", "nb"), 5, NOW) is None


def test_plan_person_with_two_signups_counts_once() -> None:
    twice = WaitingPerson(UUID(int=50), UUID(int=1001), wishes(), NOW)

    assert plan(area(*(waiting(n, days=1) for n in range(1, 5)), twice)).new_groups == ()


slots = st.lists(st.sampled_from(["mon-evening", "tue-evening", "wed-day"]), min_size=1, max_size=3, unique=True)
languages = st.lists(st.sampled_from(["nb", "en"]), min_size=1, max_size=2, unique=True)
points = st.sampled_from([(60.39, 5.32), (60.41, 5.30), (60.62, 6.40), (60.50, 5.80)])
people = st.builds(
    lambda slot, language, at, km, wheelchair: wishes(
        tuple(slot), tuple(language), at=at, km=km, wheelchair=wheelchair
    ),
    slots,
    languages,
    points,
    st.integers(1, 90),
    st.booleans(),
)
cells = st.builds(
    Cell,
    st.sampled_from([place.id for place in PLACES]),
    st.sampled_from(["mon-evening", "tue-evening"]),
    st.just("nb"),
)


@st.composite
def areas(draw: st.DrawFn, most: int = 30) -> AreaState:
    asked = draw(st.lists(people, max_size=most))
    days = draw(st.lists(st.integers(0, 4), min_size=len(asked), max_size=len(asked)))
    refused = [draw(st.frozensets(cells, max_size=1)) for _ in asked]
    everybody = tuple(waiting(n + 1, what, days=days[n], refused=refused[n]) for n, what in enumerate(asked))
    groups = tuple(
        OpenGroup(UUID(int=500 + n), cell, draw(st.integers(0, 3)), NOW)
        for n, cell in enumerate(draw(st.lists(cells, max_size=3)))
    )
    return AreaState(AreaConfig(PLACES, 5, 8, on_hold=draw(st.booleans())), everybody, groups)


@pytest.mark.proofs
@given(areas())
@settings(max_examples=200, deadline=None)
def test_plan_any_area_violates_no_limit(state: AreaState) -> None:
    result = plan(state)

    at = {place.id: place for place in PLACES}
    group_cell = {group.group_id: group.cell for group in state.open_groups}
    placed = [(group_cell[join.group_id], join.assignment) for join in result.joins]
    placed += [(group.cell, member) for group in result.new_groups for member in group.members]
    for cell, one in placed:
        assert fits(one.waiting.wishes, cell, at[cell.place])
        assert cell not in one.waiting.declined
        assert one.reason.distance_km <= one.waiting.wishes.max_travel_km + 0.05
    everyone = Counter(
        [member.waiting.person_id for _, member in placed] + [member.waiting.person_id for member in waits(state)]
    )
    assert everyone == Counter(person.person_id for person in state.waiting)
    assert all(5 <= len(group.members) <= 8 for group in result.new_groups)
    assert not (state.config.on_hold and result.new_groups)
    for group_id, joined in Counter(join.group_id for join in result.joins).items():
        assert joined <= next(group.free_seats for group in state.open_groups if group.group_id == group_id)


@pytest.mark.proofs
@given(areas(), st.randoms())
@settings(max_examples=100, deadline=None)
def test_plan_shuffled_input_is_the_same(state: AreaState, random: object) -> None:
    shuffled = list(state.waiting)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    again = AreaState(
        AreaConfig(PLACES, 5, 8, on_hold=state.config.on_hold), tuple(shuffled), tuple(reversed(state.open_groups))
    )

    assert plan(again) == plan(state)


@pytest.mark.proofs
@given(areas())
@settings(max_examples=100, deadline=None)
def test_plan_after_applying_a_plan_is_empty(state: AreaState) -> None:
    result = plan(state)
    joined = Counter(join.group_id for join in result.joins)
    groups = tuple(
        OpenGroup(group.group_id, group.cell, group.free_seats - joined[group.group_id], group.created_at)
        for group in state.open_groups
    ) + tuple(
        OpenGroup(UUID(int=900 + n), group.cell, 8 - len(group.members), NOW)
        for n, group in enumerate(result.new_groups)
    )

    later = AreaState(
        AreaConfig(PLACES, 5, 8, on_hold=state.config.on_hold), tuple(member.waiting for member in waits(state)), groups
    )

    assert plan(later) == Plan()
    assert [(one.cell, one.count) for one in waits(later)] == [(one.cell, one.count) for one in waits(state)]


@pytest.mark.proofs
@given(areas(most=12))
@settings(max_examples=100, deadline=None)
def test_plan_forms_a_group_exactly_if_brute_force_finds_one(state: AreaState) -> None:
    """Brute force over every five people: without free seats, a plan forms a group if and only if one is possible."""
    alone = AreaState(AreaConfig(PLACES, 5, 8), state.waiting, ())
    options = [
        {cell for cell, _ in fitting_cells(person.wishes, PLACES) if cell not in person.declined}
        for person in alone.waiting
    ]

    possible = any(set.intersection(*five) for five in combinations(options, 5))

    assert bool(plan(alone).new_groups) == possible
