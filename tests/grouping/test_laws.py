"""Metamorphic laws: how a decision must respond to one changed input, whatever the engine decides."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grouping.domain.matching.cells import Cell, Place, WaitingPerson, Wishes, fitting_cells
from grouping.domain.matching.matcher import AreaMatcher, plan
from grouping.domain.matching.model import AreaConfig, AreaState, Plan
from selvhjelp.simulation.participants import State
from selvhjelp.simulation.play import Play
from selvhjelp.simulation.rules import RULES
from selvhjelp.simulation.world import Arrival, World, draw
from shared.reference.places import distance_km

pytestmark = pytest.mark.proofs

NOW = datetime(2026, 1, 5, 11, 0, tzinfo=UTC)
BERGEN = (60.39, 5.32)
TROMSO = (69.65, 18.96)
ROOMS = (
    Place(
        "fana", 60.30, 5.34, step_free=True, max_people=6, slots=frozenset({"mon-evening", "tue-evening"}), max_groups=1
    ),
    Place("os", 60.19, 5.47, step_free=False),
    Place("torget", *BERGEN, step_free=True, max_groups=2),
    Place("prostneset", *TROMSO, step_free=True),
)
NORTH = frozenset({"prostneset"})
EVENINGS = ("mon-evening", "tue-evening", "thu-evening")


def wishes(at: tuple[float, float]) -> st.SearchStrategy[Wishes]:
    return st.builds(
        Wishes,
        latitude=st.sampled_from([at[0] - 0.08, at[0], at[0] + 0.05]),
        longitude=st.just(at[1]),
        slots=st.lists(st.sampled_from(EVENINGS), min_size=1, unique=True).map(tuple),
        languages=st.sampled_from([("nb",), ("nb", "en"), ("en",)]),
        max_travel_km=st.sampled_from([5, 10, 20, 40]),
        wheelchair=st.sampled_from([False, False, False, True]),
        accepts=st.sampled_from([frozenset(), frozenset(), frozenset({"women"})]),
    )


def people(at: tuple[float, float], first: int, most: int = 24) -> st.SearchStrategy[tuple[WaitingPerson, ...]]:
    """People with different times of sign-up, so that nothing between them is a tie."""

    def signed_up(found: list[tuple[Wishes, int]]) -> tuple[WaitingPerson, ...]:
        return tuple(
            WaitingPerson(
                UUID(int=(first + number) << 64),
                UUID(int=first + number),
                what,
                NOW - timedelta(days=days, seconds=first + number),
            )
            for number, (what, days) in enumerate(found)
        )

    return st.lists(st.tuples(wishes(at), st.integers(0, 120)), max_size=most).map(signed_up)


def area(*people: WaitingPerson) -> AreaState:
    return AreaState(AreaConfig(ROOMS, 5, 8, offered_wishes=("women",)), people)


def south(plan: Plan) -> Plan:
    return Plan(plan.joins, tuple(group for group in plan.new_groups if group.cell.place not in NORTH))


@settings(max_examples=100)
@given(people(BERGEN, 1), people(TROMSO, 500))
def test_plan_people_far_away_change_nothing(here: tuple[WaitingPerson, ...], far: tuple[WaitingPerson, ...]) -> None:
    assert south(plan(area(*far, *here), NOW)) == plan(area(*here), NOW)


@given(wishes(BERGEN), st.integers(0, 60))
def test_fitting_cells_further_travel_never_removes_one(narrow: Wishes, further_km: int) -> None:
    wide = replace(narrow, max_travel_km=narrow.max_travel_km + further_km)

    assert set(fitting_cells(narrow, ROOMS, ("women",))) <= set(fitting_cells(wide, ROOMS, ("women",)))


@settings(max_examples=100)
@given(people(BERGEN, 1), st.integers(0, 60), st.data())
def test_compatible_people_further_travel_never_removes_a_group(
    here: tuple[WaitingPerson, ...], further_km: int, data: st.DataObject
) -> None:
    chosen = data.draw(st.sampled_from(here)) if here else None
    wider = tuple(
        replace(person, wishes=replace(person.wishes, max_travel_km=person.wishes.max_travel_km + further_km))
        if person is chosen
        else person
        for person in here
    )
    before, after = AreaMatcher(area(*here)), AreaMatcher(area(*wider))

    assert (after.waiting_counts >= before.waiting_counts).all()
    for number in before.waiting_counts.nonzero()[0].tolist():
        among = [
            {matcher.pool.people[row].signup_id for row in matcher.compatible_people(number)}
            for matcher in (before, after)
        ]
        assert among[0] <= among[1]


@settings(max_examples=100)
@given(people(BERGEN, 1), st.randoms(use_true_random=False))
def test_plan_other_ids_without_ties_change_nothing(here: tuple[WaitingPerson, ...], chance: Random) -> None:
    numbers = list(range(len(here)))
    chance.shuffle(numbers)
    renamed = {
        person.signup_id: replace(person, signup_id=UUID(int=(9000 + number) << 64), person_id=UUID(int=9000 + number))
        for person, number in zip(here, numbers, strict=True)
    }

    def summary(result: Plan) -> list[tuple[Cell, list[UUID]]]:
        return [(group.cell, [member.waiting.signup_id for member in group.members]) for group in result.new_groups]

    first, second = summary(plan(area(*here), NOW)), summary(plan(area(*renamed.values()), NOW))

    assert [(cell, [renamed[id_].signup_id for id_ in who]) for cell, who in first] == second


OSLO = (59.91, 10.75)
HORIZON_DAYS = 365.0


def _near_oslo(seed: int) -> World:
    """Everybody within reach of the capital in a year of few sign-ups, so that waits are long enough to differ."""
    whole = draw(3, 1000, seed, rooms=True, igangsettere=None)
    return replace(
        whole,
        arrivals=tuple(person for person in whole.arrivals if _km(person.waiting.wishes) <= 40),
        places=tuple(place for place in whole.places if _km(place) <= 60),
    )


def _km(where: Wishes | Place) -> float:
    return distance_km(*OSLO, where.latitude, where.longitude)


def _mean_wait(world: World, evenings: int) -> float:
    """Of every fourth person, who can come on so many evenings at most; nobody is counted as waiting beyond a year."""
    asked = {person.waiting.signup_id for person in world.arrivals[::4]}
    participants = (
        Play(
            replace(
                world,
                arrivals=tuple(
                    _with(person, evenings) if person.waiting.signup_id in asked else person
                    for person in world.arrivals
                ),
            ),
            RULES["open"],
            drop_out=0.0,
        )
        .run()
        .participants
    )
    waits = [
        min(participants[id_].waited, HORIZON_DAYS) if participants[id_].state is State.STARTED else HORIZON_DAYS
        for id_ in asked
        if participants[id_].arrival.day < world.days - HORIZON_DAYS
    ]
    return sum(waits) / len(waits)


def _with(one: Arrival, evenings: int) -> Arrival:
    """The same person with the same patience, who can come on no more than their best liked evenings."""
    what = one.waiting.wishes
    return replace(one, waiting=replace(one.waiting, wishes=replace(what, slots=what.slots[:evenings])))


@pytest.mark.parametrize("seed", [1, 2])
def test_simulation_fewer_evenings_never_shorten_the_wait(seed: int) -> None:
    world = _near_oslo(seed)
    one, two, all_of_them = (_mean_wait(world, evenings) for evenings in (1, 2, 5))

    assert one > two > all_of_them
