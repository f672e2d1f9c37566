"""Why somebody waits and what would help, to the number; and what follows from a decision, counted again by hand."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grouping.domain.insight.explanation import WaitExplanation, explain, explain_all, visible_count
from grouping.domain.insight.scenarios import Scenario, compare_scenarios
from grouping.domain.matching.cells import Cell, Place, WaitingPerson, Wishes, fits, travel_km
from grouping.domain.matching.matcher import AreaMatcher, plan
from grouping.domain.matching.model import AreaConfig, AreaState, OpenGroup
from shared.reference.slots import SLOTS
from tests.grouping.support.areas import NOW, check, random_area, uuid, with_config

HERE = Place("torget", 60.39, 5.32, step_free=True)
THERE = Place("voss", 60.50, 5.32, step_free=True)
TUESDAY = Cell("torget", "tue-evening", "nb")


def person(number: int, *, km: int = 5, at: Place = HERE, **wishes: Any) -> WaitingPerson:
    plain: dict[str, Any] = {"slots": ("tue-evening",), "languages": ("nb",), "wheelchair": False}
    wanted = Wishes(at.latitude, at.longitude, max_travel_km=km, **(plain | wishes))
    return WaitingPerson(uuid(number), uuid(1000 + number), wanted, NOW - timedelta(days=number))


def people(count: int, first: int = 10, **wishes: Any) -> tuple[WaitingPerson, ...]:
    return tuple(person(number, **wishes) for number in range(first, first + count))


def area(*people: WaitingPerson, **changes: Any) -> AreaState:
    return AreaState(AreaConfig((HERE, THERE), 5, 8, **changes), people)


def why(state: AreaState, person: WaitingPerson) -> WaitExplanation:
    return explain(AreaMatcher(state), person)


def change(found: WaitExplanation, kind: str) -> tuple[int, bool, bool, Cell]:
    """Return count, free seat, at once, and place for one change of this kind."""
    (one,) = (change for change in found.changes if change.kind == kind)
    return one.count, one.free_seat, one.immediate, one.cell


def test_explain_names_fullest_cell_count_and_distance() -> None:
    me = person(1, at=replace(HERE, latitude=60.40))

    result = why(area(me, *people(2), *people(4, first=20, slots=("wed-day",))), me)

    assert (result.cell, result.count, result.distance_km) == (TUESDAY, 3, 1.1)
    assert result.missing == frozenset()


def test_explain_further_travel_that_completes_a_group_is_suggested() -> None:
    me = person(1)

    result = why(area(me, *people(2), *people(4, first=20, at=THERE)), me)

    assert travel_km(me.wishes, THERE) == 12.2
    assert change(result, "travel") == (5, False, True, Cell("voss", "tue-evening", "nb"))
    assert [change.km for change in result.changes if change.kind == "travel"] == [10]


def test_explain_further_travel_to_a_free_seat_is_suggested() -> None:
    me = person(1)
    cell = Cell("voss", "tue-evening", "nb")
    group = OpenGroup(uuid(900), cell, 2, NOW)

    assert change(why(replace(area(me), open_groups=(group,)), me), "travel") == (1, True, True, cell)


def test_explain_other_slot_with_more_people_is_suggested() -> None:
    me = person(1)
    wednesday = Cell("torget", "wed-day", "nb")

    result = why(area(me, *people(3, slots=("wed-day",))), me)

    assert change(result, "slot") == (4, False, False, wednesday)
    assert [change.slot for change in result.changes if change.kind == "slot"] == ["wed-day"]


def test_explain_dropping_a_required_wish_is_suggested() -> None:
    me = person(1, accepts=frozenset({"women"}), requires=frozenset({"women"}))

    result = why(area(me, *people(4), offered_wishes=("women",)), me)

    assert (result.cell, result.count) == (replace(TUESDAY, wishes="women"), 1)
    assert change(result, "wish") == (5, False, True, TUESDAY)


def test_explain_missing_room_and_igangsetter_are_named() -> None:
    me = person(1)
    room = replace(HERE, id="rom", max_groups=1)
    nobody: frozenset[str] = frozenset()
    full = AreaState(AreaConfig((room,), 5, 8, occupied_rooms=(("rom", "tue-evening", 1),)), (me, *people(4)))

    assert why(full, me).count == 5
    assert why(full, me).missing == {"room"}
    assert why(with_config(full, languages=nobody), me).missing == {"room", "starter"}
    assert why(with_config(full, starters_min=1), me).missing == {"room"}
    assert why(with_config(full, occupied_rooms=(), starters_min=1), me).missing == frozenset()


def test_explain_changes_that_do_not_help_are_left_out() -> None:
    me = person(1)

    assert why(area(me, *people(2)), me).changes == ()
    held = why(area(me, *people(4, at=THERE), on_hold=True), me)
    assert change(held, "travel")[:3] == (5, False, False)
    unready = why(area(me, *people(4, at=THERE), languages=frozenset()), me)
    assert change(unready, "travel")[:3] == (5, False, False)


def test_explain_no_possible_cell_names_none() -> None:
    far = person(1, at=Place("fjell", 61.5, 6.0, step_free=True))
    refused = replace(person(2), declined=frozenset({TUESDAY}))

    for who in (far, refused):
        result = why(area(far, refused), who)
        assert (result.cell, result.count) == (None, 0)


@pytest.mark.parametrize(("count", "seen"), [(0, None), (1, None), (2, None), (3, 3), (4, 4), (12, 12)])
def test_visible_count_small_number_is_hidden(count: int, seen: int | None) -> None:
    assert visible_count(count) == seen


@given(st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_explain_all_counts_equal_a_recount(seed: int) -> None:
    state = random_area(seed)
    at = {place.id: place for place in state.config.places}
    for explanation in explain_all(AreaMatcher(state)):
        assert explanation.count == (0 if explanation.cell is None else len(fitting(state, explanation.cell)))
        for change in explanation.changes:
            others = {person.person_id for person in fitting(state, change.cell)}
            assert change.count == len(others | {explanation.waiting.person_id})
            if change.km is not None:
                wishes = replace(
                    explanation.waiting.wishes, max_travel_km=explanation.waiting.wishes.max_travel_km + change.km
                )
                assert fits(wishes, change.cell, at[change.cell.place])


def fitting(state: AreaState, cell: Cell) -> list[WaitingPerson]:
    """Return the people who fit this cell, longest waiting first; by the rule for one person, without counters."""
    place = next(place for place in state.config.places if place.id == cell.place)
    able = [person for person in state.waiting if fits(person.wishes, cell, place) and cell not in person.declined]
    return sorted(able, key=lambda person: person.seniority)


def at_peace(state: AreaState, line: list[WaitingPerson]) -> list[WaitingPerson]:
    kept: list[WaitingPerson] = []
    for person in line:
        if not any({person.person_id, other.person_id} in state.config.exclusions for other in kept):
            kept.append(person)
    return kept


def ids(who: list[WaitingPerson]) -> set[UUID]:
    return {person.signup_id for person in who}


def seated(state: AreaState) -> set[UUID]:
    return {member.waiting.signup_id for group in plan(state, NOW).new_groups for member in group.members}


def lacks_room(state: AreaState, cell: Cell) -> bool:
    place = next(place for place in state.config.places if place.id == cell.place)
    used = sum(
        count for place_id, slot, count in state.config.occupied_rooms if (place_id, slot) == (cell.place, cell.slot)
    )
    return place.max_groups is not None and used >= place.max_groups


def consistent(state: AreaState, one: Scenario, by_itself: set[UUID]) -> None:
    """Held areas place nobody by themselves, so who gains is who is placed, and who loses could have been."""
    placed = {member.waiting.signup_id for group in one.groups for member in group.members}
    rest = [person for person in state.waiting if person.signup_id not in placed]
    assert one.gains == placed
    assert one.loses == by_itself - placed
    assert one.still_waiting == len(rest)
    assert one.longest_wait_days == max((max(0, (NOW - person.signed_up_at).days) for person in rest), default=0)


@given(st.integers(0, 2**32), st.sampled_from(SLOTS[:4]))
@settings(max_examples=20, deadline=None)
def test_compare_scenarios_gains_and_losses_equal_a_recount(seed: int, slot: str) -> None:
    state = with_config(random_area(seed), on_hold=True)
    cell = Cell("torget", slot, "nb")
    free = with_config(state, on_hold=False)
    place = next(place for place in state.config.places if place.id == "torget")
    most = min(state.config.size_max, place.max_people or state.config.size_max)
    result = compare_scenarios(state, cell, NOW)
    by_itself = seated(free)
    for one in result:
        consistent(state, one, by_itself)

    (waits,) = (one for one in result if one.kind == "wait")
    assert waits.gains == frozenset()
    assert waits.loses == by_itself
    here = at_peace(state, fitting(state, cell))
    starts = {one.size: one.gains for one in result if one.kind == "start"}
    possible = range(state.config.size_min, min(len(here), most) + 1) if not lacks_room(state, cell) else range(0)
    assert starts == {size: ids(here[:size]) for size in possible}
    for one in result:
        if one.km is not None:
            longer = [
                replace(person.wishes, max_travel_km=person.wishes.max_travel_km + one.km) for person in state.waiting
            ]
            wider = replace(free, waiting=tuple(map(_wishing, state.waiting, longer)))
            check(wider, [(g.cell, tuple(m.waiting for m in g.members), g.starters) for g in one.groups])
            assert one.gains == seated(wider)
    for one in result:
        if one.slot is not None:
            there = at_peace(state, fitting(state, replace(cell, slot=one.slot)))
            assert one.gains == ids(there[:most])
            assert len(one.gains) >= state.config.size_min
            assert not lacks_room(state, replace(cell, slot=one.slot))


def _wishing(person: WaitingPerson, wishes: Wishes) -> WaitingPerson:
    return replace(person, wishes=wishes)


def test_compare_scenarios_lists_people_who_would_lose_their_seat() -> None:
    nine = people(9, first=1)
    result = compare_scenarios(area(*nine, on_hold=True), TUESDAY, NOW)

    five = next(one for one in result if one.size == 5)
    assert five.gains == {uuid(number) for number in range(5, 10)}
    assert five.loses == {uuid(number) for number in (2, 3, 4)}
    assert (five.still_waiting, five.longest_wait_days) == (4, 4)
    assert [one.size for one in result if one.kind == "start"] == [8, 7, 6, 5]


def test_compare_scenarios_offers_only_sizes_that_the_room_allows() -> None:
    room = replace(HERE, max_people=6, max_groups=1, slots=frozenset({"tue-evening", "wed-day"}))
    nine = people(9, first=1, slots=("tue-evening", "wed-day", "thu-day"))
    state = AreaState(AreaConfig((room,), 5, 8, on_hold=True), nine)

    result = compare_scenarios(state, TUESDAY, NOW)
    assert [one.size for one in result if one.kind == "start"] == [6, 5]
    assert [(one.slot, len(one.gains)) for one in result if one.kind == "other_slot"] == [("wed-day", 6)]
    busy = compare_scenarios(with_config(state, occupied_rooms=(("torget", "tue-evening", 1),)), TUESDAY, NOW)
    assert [one.size for one in busy if one.kind == "start"] == []
