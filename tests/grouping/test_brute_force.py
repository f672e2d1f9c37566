"""Up to twelve people: every decision of the matcher equals brute force under the stated objective."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Final
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grouping.domain.matching.cells import Cell, WaitingPerson, fits
from grouping.domain.matching.matcher import AreaMatcher, count_differences
from grouping.domain.matching.model import AreaState, NewGroup, OpenGroup, Plan
from grouping.domain.matching.objective import PLACED
from grouping.domain.optimise.solve import plan_together, regroup
from tests.grouping.support import brute_force
from tests.grouping.support.areas import (
    LANGUAGES,
    NOW,
    SLOTS,
    best_possible,
    check,
    lacking_cost,
    random_area,
    random_starter,
    total,
    uuid,
    value,
    with_config,
)

TWELVE: Final = ((2, 3, 8), (2, 4, 9), (3, 4, 10), (3, 5, 12), (5, 8, 12))
ROUNDING: Final = 1e-5


def with_open_groups(area: AreaState, seed: int) -> AreaState:
    """Return the area with up to three open groups, and perhaps a place on hold."""
    chance = Random(seed)
    places = [place.id for place in area.config.places]
    groups = tuple(_open_group(chance, area, number) for number in range(chance.choice((0, 1, 2, 3))))
    members = {member for group in groups for member in group.members}
    waiting = tuple(person for person in area.waiting if person.person_id not in members)
    held = frozenset(chance.sample(places, chance.choice((0, 0, 1))))
    return with_config(replace(area, waiting=waiting, open_groups=groups), held_places=held)


def _open_group(chance: Random, area: AreaState, number: int) -> OpenGroup:
    place = chance.choice(area.config.places)
    cell = Cell(place.id, chance.choice(sorted(place.slots or SLOTS)), chance.choice(LANGUAGES))
    members = frozenset(uuid(1000 + chance.randint(0, 12)) for _ in range(chance.randint(0, 2)))
    created_at = NOW - timedelta(days=chance.randint(0, 2))
    return OpenGroup(uuid(5000 + number), cell, chance.randint(1, 3), created_at, members, chance.choice((0, 0, 1, 2)))


def worlds() -> st.SearchStrategy[AreaState]:
    area = st.builds(random_area, st.integers(0, 2**32), st.just(TWELVE))
    return st.builds(with_open_groups, area, st.integers(0, 2**32))


def registers() -> st.SearchStrategy[AreaState]:
    """Worlds in which groups want one or two igangsettere, and none, one or two are registered somewhere, sometime."""
    return st.builds(_with_register, worlds(), st.integers(0, 2), st.integers(1, 2), st.integers(0, 2**32))


def _with_register(area: AreaState, registered: int, wanted: int, seed: int) -> AreaState:
    chance = Random(seed)
    starters = tuple(random_starter(chance, number) for number in range(registered))
    spoken = frozenset(language for starter in starters for language in starter.languages) if starters else None
    return with_config(area, starters=starters, starters_min=wanted if starters else 0, languages=spoken)


def as_checked(groups: tuple[NewGroup, ...]) -> list[tuple[Cell, tuple[WaitingPerson, ...], tuple[UUID, ...]]]:
    return [(group.cell, tuple(member.waiting for member in group.members), group.starters) for group in groups]


@given(worlds() | registers(), st.integers(0, 2**32))
@settings(max_examples=300, deadline=None)
def test_arrival_gets_the_best_seat_or_the_best_group(area: AreaState, seed: int) -> None:
    """The others were decided about before; then one person after the other arrives."""
    waiting = list(area.waiting)
    Random(seed).shuffle(waiting)
    settled, arriving = waiting[: len(waiting) // 2], waiting[len(waiting) // 2 :]
    matcher = AreaMatcher(replace(area, waiting=tuple(settled)))
    matcher.decide(NOW)
    for person in arriving:
        matcher.add(person)
        now = state_of(matcher)
        open_group = brute_force.best_seat(now, person)
        expected = brute_force.best_group(now, person) if open_group is None else None

        plan = matcher.decide(NOW, [person.signup_id])

        check_arrival(now, person, plan, expected)
        assert [join.group_id for join in plan.joins] == ([] if open_group is None else [open_group])
        for number, group in enumerate(plan.new_groups):
            matcher.open_groups.put(matcher.open_group_of(group, uuid(9000 + len(matcher.pool.people) + number), NOW))


def state_of(matcher: AreaMatcher) -> AreaState:
    """Return the area with the capacity that is left."""
    area = matcher.snapshot()
    return with_config(
        area,
        occupied_rooms=tuple(
            (place.id, slot, (place.max_groups or 0) - int(matcher.capacity.free_room_count(place.id, slot)))
            for place in area.config.places
            for slot in SLOTS
            if place.max_groups is not None
        ),
        starters=tuple(
            replace(starter, remaining_groups=matcher.capacity.remaining_groups(starter.id))
            for starter in area.config.starters
        ),
    )


def check_arrival(area: AreaState, person: WaitingPerson, plan: Plan, expected: tuple[int, float] | None) -> None:
    """Check the group around a person; free seats beyond the best size go to those who have waited longest."""
    assert len(plan.new_groups) == (expected is not None)
    if expected is None:
        return
    (group,) = plan.new_groups
    size, score = expected
    members = [member.waiting for member in group.members]
    place = next(place for place in area.config.places if place.id == group.cell.place)
    assert person in members
    assert len(members) >= size
    if len(members) == size:
        cost = lacking_cost(area, place, len(group.starters))
        assert value(members, group.cell, place) - cost == pytest.approx(score, abs=ROUNDING)
    assert len(group.starters) == min(area.config.starters_min, brute_force.free_starters(area, group.cell, place))
    check(area, as_checked(plan.new_groups))


@given(worlds() | registers())
@settings(max_examples=300, deadline=None)
def test_plan_of_whole_area_is_the_best(area: AreaState) -> None:
    """Most people first, then the highest score; free seats are filled before."""
    plan = plan_together(area, NOW) or AreaMatcher(area).decide(NOW)
    joins, rest = brute_force.after_joins(area)
    free = with_config(replace(area, waiting=rest, open_groups=()), held_places=frozenset())
    allowed = with_config(free, places=area.config.without_held_places().places)

    best = best_possible(allowed)

    assert {join.assignment.waiting.person_id: join.group_id for join in plan.joins} == joins
    placed = sum(len(group.members) for group in plan.new_groups)
    assert placed == round(best / PLACED)
    assert total(area, as_checked(plan.new_groups)) == pytest.approx(best, abs=ROUNDING)
    check(allowed, as_checked(plan.new_groups))


@given(registers())
@settings(max_examples=100, deadline=None)
def test_register_of_one_language_keeps_nobody_from_a_group(area: AreaState) -> None:
    """As many people are placed as with no register: where and when somebody could come only decides between groups."""
    spoken = with_config(area, languages=None)
    nobody = with_config(spoken, starters=(), starters_min=0)

    with_register, without = (regroup(one, NOW) for one in (spoken, nobody))

    assert sum(len(group.members) for group in with_register) == sum(len(group.members) for group in without)


@given(registers(), registers(), st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_changed_register_decides_as_a_rebuilt_matcher(area: AreaState, other: AreaState, seed: int) -> None:
    """The register changes while people wait; a matcher that is told decides as one that is built then."""
    waiting = list(area.waiting)
    Random(seed).shuffle(waiting)
    present, arriving = waiting[: len(waiting) // 2], waiting[len(waiting) // 2 :]
    matcher = AreaMatcher(replace(area, waiting=tuple(present)))
    matcher.decide(NOW)
    after = {name: getattr(other.config, name) for name in ("starters", "starters_min", "languages")}

    everyone = matcher.update_config(with_config(matcher.snapshot(), **after).config)
    rebuilt = AreaMatcher(state_of(matcher))
    decided = matcher.decide(NOW, None if everyone else ())

    assert decided == rebuilt.decide(NOW)
    for person in arriving:
        both = [one.decide(NOW, [person.signup_id] if one.add(person) else ()) for one in (matcher, rebuilt)]
        assert both[0] == both[1]
    assert count_differences(matcher, rebuilt) == 0


@given(worlds())
@settings(max_examples=100, deadline=None)
def test_decision_is_the_same_for_people_in_any_order(area: AreaState) -> None:
    backwards = replace(area, waiting=area.waiting[::-1], open_groups=area.open_groups[::-1])
    assert AreaMatcher(area).decide(NOW) == AreaMatcher(backwards).decide(NOW)
    assert plan_together(area, NOW) == plan_together(backwards, NOW)


@given(worlds())
@settings(max_examples=100, deadline=None)
def test_reason_of_each_seat_names_the_right_facts(area: AreaState) -> None:
    at = {place.id: place for place in area.config.places}
    for group in AreaMatcher(area).decide(NOW).new_groups:
        for member in group.members:
            wishes, place = member.waiting.wishes, at[group.cell.place]
            assert fits(wishes, group.cell, place)
            assert member.reason.if_needed == (group.cell.slot not in wishes.slots)
            assert (member.reason.distance_km == 0.0) >= place.digital
