"""The people of whom any one would complete a group, and other times and places: applied, each does what it says."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grouping.domain.insight.alternatives import alternatives
from grouping.domain.insight.completions import FURTHEST_KM, MOST_COMPLETIONS, completions, people_able
from grouping.domain.matching.cells import Cell, Place, WaitingPerson, Wishes, fits
from grouping.domain.matching.matcher import AreaMatcher
from grouping.domain.matching.model import AreaState
from tests.grouping.support.areas import LANGUAGES, NOW, ON_SCREEN, SLOTS, areas, uuid, with_config
from tests.grouping.test_explanation import HERE, THERE, TUESDAY, area, people, person

CELLS = st.builds(
    Cell, st.sampled_from(("torget", "loftet", "voss", "digital")), st.sampled_from(SLOTS), st.sampled_from(LANGUAGES)
)
ME = 1


def suggested(state: AreaState, cell: Cell = TUESDAY) -> list[tuple[Any, str, int | None]]:
    return [(one.person.signup_id, one.kind, one.km) for one in completions(AreaMatcher(state), cell)]


def with_wishes(state: AreaState, person: WaitingPerson, wishes: Wishes) -> AreaState:
    waiting = tuple(replace(one, wishes=wishes) if one == person else one for one in state.waiting)
    return replace(state, waiting=waiting)


def fitting(state: AreaState, cell: Cell) -> set[UUID]:
    place = next(replace(place, slots=None) for place in state.config.places if place.id == cell.place)
    return {one.signup_id for one in state.waiting if fits(one.wishes, cell, place) and cell not in one.declined}


@pytest.mark.parametrize(
    ("me", "kind", "km"),
    [
        (person(ME, at=THERE), "travel", 8),
        (person(ME, slots=("wed-day",)), "slot", None),
        (person(ME, slots=("wed-day",), slots_if_needed=("thu-day",)), "slot", None),
        (person(ME, languages=("en",)), "language", None),
        (person(ME, at=THERE, km=12), "travel", 1),
    ],
)
def test_completions_one_short_names_each_change(me: WaitingPerson, kind: str, km: int | None) -> None:
    assert suggested(area(me, *people(4))) == [(me.signup_id, kind, km)]


def test_completions_on_screen_are_people_who_would_meet_there() -> None:
    cell = Cell("digital", "tue-evening", "nb")
    me = person(ME)
    state = with_config(area(me, *people(4, digital="only")), places=(HERE, ON_SCREEN))

    assert suggested(state, cell) == [(me.signup_id, "screen", None)]


@pytest.mark.parametrize(
    "me",
    [
        person(ME, at=THERE, slots=("wed-day",)),
        person(ME, slots=("wed-day",), languages=("en",)),
        person(ME, at=Place("fjell", 61.5, 6.0, step_free=True)),
        person(ME, digital="only"),
        person(ME, accepts=frozenset({"women"}), requires=frozenset({"women"})),
        replace(person(ME, slots=("wed-day",)), declined=frozenset({TUESDAY})),
    ],
)
def test_completions_more_than_one_change_names_nobody(me: WaitingPerson) -> None:
    assert suggested(area(me, *people(4), offered_wishes=("women",))) == []


@pytest.mark.parametrize("here", [0, 1, 2, 3, 5, 6])
def test_completions_not_one_short_names_nobody(here: int) -> None:
    assert suggested(area(person(ME, slots=("wed-day",)), *people(here))) == []


def test_completions_kept_apart_person_completes_nothing() -> None:
    apart, other = person(ME, slots=("wed-day",)), person(2, slots=("wed-day",))
    four = people(4)
    pair = frozenset({apart.person_id, four[0].person_id})

    assert suggested(area(apart, other, *four, exclusions=frozenset({pair}))) == [(other.signup_id, "slot", None)]


def test_completions_of_five_where_two_are_kept_apart_are_found() -> None:
    five = people(5)
    pair = frozenset({five[0].person_id, five[1].person_id})
    state = area(person(ME, slots=("wed-day",)), *five, exclusions=frozenset({pair}))

    assert people_able(AreaMatcher(state), TUESDAY) == 4
    assert suggested(state) == [(uuid(ME), "slot", None)]


def test_completions_smallest_change_first_and_ten_at_most() -> None:
    near = [person(100 + n, at=THERE, km=12 - n % 5) for n in range(12)]
    talk, day = person(ME, languages=("en",)), person(2, slots=("wed-day",))
    ranked = suggested(area(talk, day, *near[:3], *people(4)))

    assert [kind for _, kind, _ in ranked] == ["travel"] * 3 + ["slot", "language"]
    assert [km for _, _, km in ranked[:3]] == [1, 2, 3]
    assert len(suggested(area(talk, day, *near, *people(4)))) == MOST_COMPLETIONS


@given(areas(), CELLS)
@settings(max_examples=150, deadline=None)
def test_completions_applied_gives_the_stated_group(state: AreaState, cell: Cell) -> None:
    matcher = AreaMatcher(state)
    enough = state.config.size_min
    for one in completions(matcher, cell):
        changed = with_wishes(state, one.person, one.wishes)
        after = AreaMatcher(changed)
        assert people_able(matcher, cell) == enough - 1
        assert people_able(after, cell) == enough
        group = after.form_group(cell, enough, NOW)
        assert group is not None
        assert one.person.signup_id in {member.waiting.signup_id for member in group.members}
        if one.km is not None:
            assert 0 < one.km <= FURTHEST_KM
            short = replace(one.wishes, max_travel_km=one.wishes.max_travel_km - 1)
            assert people_able(AreaMatcher(with_wishes(state, one.person, short)), cell) == enough - 1


@given(areas(), CELLS)
@settings(max_examples=100, deadline=None)
def test_completions_leave_nobody_out_who_is_one_change_away(state: AreaState, cell: Cell) -> None:
    matcher = AreaMatcher(state)
    if people_able(matcher, cell) != state.config.size_min - 1:
        assert completions(matcher, cell) == ()
        return
    found = completions(matcher, cell, most=99)
    named = {one.person.signup_id for one in found}
    assert len(named) == len(found)
    assert [one.effort_km for one in found] == sorted(one.effort_km for one in found)
    for one in state.waiting:
        if cell.slot not in one.wishes.possible_slots:
            added = replace(one.wishes, slots_if_needed=(*one.wishes.slots_if_needed, cell.slot))
            after = people_able(AreaMatcher(with_wishes(state, one, added)), cell)
            assert (after >= state.config.size_min) == (one.signup_id in named)


@given(areas(), CELLS)
@settings(max_examples=100, deadline=None)
def test_alternatives_gains_and_losses_equal_a_recount(state: AreaState, cell: Cell) -> None:
    if cell.place not in {place.id for place in state.config.places}:
        assert alternatives(AreaMatcher(state), cell) == ()
        return
    here = fitting(state, cell)
    found = alternatives(AreaMatcher(state), cell)

    for one in found:
        there = fitting(state, one.cell)
        assert set(one.gains) == there - here
        assert set(one.loses) == here - there
        assert one.count == len(there)
        assert one.gains
        differences = sum(
            (one.cell.place != cell.place, one.cell.slot != cell.slot, one.cell.language != cell.language)
        )
        assert differences == 1
        assert one.cell.wishes == cell.wishes
    assert all(first.count >= second.count for first, second in pairwise(found))
    kinds = Counter((one.cell.place == cell.place, one.cell.slot == cell.slot) for one in found)
    assert max(kinds.values(), default=0) <= 3


def test_alternatives_name_other_day_and_place_with_who_changes() -> None:
    both = people(2, slots=("tue-evening", "wed-day"))
    day, there = people(2, first=20, slots=("wed-day",)), person(30, at=THERE)
    state = area(*both, *people(2, first=40), *day, there)

    found = {one.cell: one for one in alternatives(AreaMatcher(state), TUESDAY)}

    wednesday = found[replace(TUESDAY, slot="wed-day")]
    assert (wednesday.count, wednesday.people_needed) == (4, 1)
    assert wednesday.gains == {one.signup_id for one in day}
    assert wednesday.loses == {uuid(40), uuid(41)}
    assert found[replace(TUESDAY, place="voss")].gains == {there.signup_id}
