from dataclasses import dataclass, replace
from random import Random
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grouping.domain.matching.cells import Cell, Place, WaitingPerson, Wishes
from grouping.domain.matching.matcher import plan
from grouping.domain.matching.model import AreaConfig, AreaState
from grouping.domain.optimise.diff import Draft, Placement, TargetGroup
from grouping.domain.optimise.improve_drafts import ROBUST, Improvement, improve_drafts
from tests.grouping.support.areas import NOW, check, random_area, total, uuid, with_config

MANY = ((2, 4, 40), (3, 5, 40), (5, 8, 60))
TUESDAY = Cell("torget", "tue-evening", "nb")
TORGET = Place("torget", 60.39, 5.32, step_free=True)


@dataclass(frozen=True)
class Case:
    """An area with drafts in which some are pinned, and others who came later."""

    area: AreaState
    drafts: tuple[Draft, ...]


def random_case(seed: int) -> Case:
    chance = Random(seed)
    area = random_area(seed, MANY)
    early = tuple(person for person in area.waiting if chance.random() < 0.7)
    groups = plan(replace(area, waiting=early), NOW).new_groups
    drafts = tuple(
        Draft(
            uuid(5000 + number),
            group.cell,
            tuple(member.waiting for member in group.members),
            frozenset(member.waiting.signup_id for member in group.members if chance.random() < 0.05),
            area.config.size_max,
            group.starters,
        )
        for number, group in enumerate(groups)
    )
    seated = {member.signup_id for draft in drafts for member in draft.members}
    used = {(place, slot): count for place, slot, count in area.config.occupied_rooms}
    for draft in drafts:
        used[draft.cell.place, draft.cell.slot] = used.get((draft.cell.place, draft.cell.slot), 0) + 1
    started = [starter for draft in drafts for starter in draft.starters]
    return Case(
        with_config(
            replace(area, waiting=tuple(person for person in area.waiting if person.signup_id not in seated)),
            occupied_rooms=tuple((place, slot, count) for (place, slot), count in used.items()),
            starters=tuple(
                replace(starter, remaining_groups=starter.remaining_groups - started.count(starter.id))
                for starter in area.config.starters
            ),
        ),
        drafts,
    )


cases = st.builds(random_case, st.integers(0, 2**32))


def untouched(case: Case) -> AreaState:
    """The area with the rooms and igangsettere that the drafts have."""
    used = [(draft.cell.place, draft.cell.slot) for draft in case.drafts]
    started = [starter for draft in case.drafts for starter in draft.starters]
    return with_config(
        case.area,
        occupied_rooms=tuple(
            (place, slot, count - used.count((place, slot))) for place, slot, count in case.area.config.occupied_rooms
        ),
        starters=tuple(
            replace(starter, remaining_groups=starter.remaining_groups + started.count(starter.id))
            for starter in case.area.config.starters
        ),
    )


def score(area: AreaState, groups: tuple[Draft, ...] | tuple[TargetGroup, ...]) -> float:
    return total(area, [(group.cell, people(group), group.starters) for group in groups])


def people(group: Draft | TargetGroup) -> tuple[WaitingPerson, ...]:
    return group.members if isinstance(group, Draft) else tuple(member.waiting for member in group.members)


def ids(group: Draft | TargetGroup) -> set[UUID]:
    return {person.signup_id for person in people(group)}


@given(cases)
@example(random_case(49))  # two drafts in one cell, one of them full
@settings(max_examples=20, deadline=None)
def test_improve_drafts_raises_the_score_and_violates_no_limit(case: Case) -> None:
    result = improve_drafts(case.area, case.drafts, NOW, rounds=20)

    if result is not None:
        check(untouched(case), [(group.cell, people(group), group.starters) for group in result.groups])
        assert result.gain > 0
        assert score(case.area, result.groups) - score(case.area, case.drafts) == pytest.approx(result.gain, abs=1e-6)


@given(cases)
@settings(max_examples=20, deadline=None)
def test_improve_drafts_pinned_people_and_their_cells_stay(case: Case) -> None:
    result = improve_drafts(case.area, case.drafts, NOW, rounds=20)

    if result is not None:
        after = {group.group_id: group for group in result.groups}
        for draft in case.drafts:
            if draft.pinned:
                assert draft.pinned <= ids(after[draft.group_id])
                assert after[draft.group_id].cell == draft.cell


@given(cases, st.integers(2, 6))
@settings(max_examples=20, deadline=None)
def test_improve_drafts_keeps_groups_at_or_above_the_floor(case: Case, floor: int) -> None:
    result = improve_drafts(case.area, case.drafts, NOW, floor=floor, rounds=20)

    if result is not None:
        after = {group.group_id: group for group in result.groups}
        for draft in case.drafts:
            if draft.group_id in after:
                assert len(after[draft.group_id].members) >= min(floor, len(draft.members))
        robust = sum(len(draft.members) >= floor for draft in case.drafts)
        groups = [len(group.members) for group in result.groups]
        assert sum(size >= floor for size in groups) >= min(robust, len(groups))


def applied(case: Case, found: Improvement) -> dict[Placement, set[UUID]]:
    """The drafts with every step taken."""
    seats = {id_: Placement(draft.group_id, draft.cell) for draft in case.drafts for id_ in ids(draft)}
    for step in found.changes:
        assert seats.get(step.signup_id) == step.before
        if step.after is None:
            del seats[step.signup_id]
        else:
            seats[step.signup_id] = step.after
    groups: dict[Placement, set[UUID]] = {}
    for who, seat in seats.items():
        groups.setdefault(seat, set()).add(who)
    return groups


@given(cases)
@settings(max_examples=20, deadline=None)
def test_improve_drafts_changes_turn_the_drafts_into_the_groups(case: Case) -> None:
    result = improve_drafts(case.area, case.drafts, NOW, rounds=20)

    if result is not None:
        new = [group for group in result.groups if group.group_id is None]
        arranged = {
            Placement(group.group_id, group.cell, 0 if group.group_id else 1 + new.index(group)): ids(group)
            for group in result.groups
        }
        assert applied(case, result) == arranged


@given(cases)
@settings(max_examples=10, deadline=None)
def test_improve_drafts_shuffled_input_is_the_same(case: Case) -> None:
    drafts = tuple(replace(draft, members=draft.members[::-1]) for draft in case.drafts[::-1])
    area = with_config(replace(case.area, waiting=case.area.waiting[::-1]), starters=case.area.config.starters[::-1])

    assert improve_drafts(area, drafts, NOW, rounds=10) == improve_drafts(case.area, case.drafts, NOW, rounds=10)


def waiting(number: int, *slots: str) -> WaitingPerson:
    wishes = Wishes(60.39, 5.32, slots, ("nb",), 20, wheelchair=False)
    return WaitingPerson(uuid(number), uuid(1000 + number), wishes, NOW)


def tuesdays(*members: WaitingPerson, pinned: frozenset[UUID] = frozenset()) -> Draft:
    return Draft(uuid(7), TUESDAY, members, pinned, 8)


def area(*people: WaitingPerson) -> AreaState:
    return AreaState(AreaConfig((TORGET,), 5, 8), people)


def test_improve_drafts_full_draft_gives_its_surplus_to_a_new_group() -> None:
    both = [waiting(number, "tue-evening", "wed-evening") for number in range(8)]
    wednesdays = [waiting(number, "wed-evening") for number in range(8, 11)]

    result = improve_drafts(area(*wednesdays), (tuesdays(*both),), NOW)

    assert result is not None
    assert [len(group.members) for group in result.groups] == [ROBUST, 5]
    assert sorted(step.kind for step in result.changes) == ["moved", "moved", "placed", "placed", "placed"]


def test_improve_drafts_draft_at_the_floor_relocates_instead() -> None:
    both = [waiting(number, "tue-evening", "wed-evening") for number in range(6)]
    wednesdays = [waiting(number, "wed-evening") for number in range(6, 10)]

    result = improve_drafts(area(*wednesdays), (tuesdays(*both),), NOW)

    assert result is not None
    assert {step.kind for step in result.changes} == {"along", "placed"}
    assert [group.cell.slot for group in result.groups] == ["wed-evening"]


def test_improve_drafts_pinned_member_keeps_the_group_in_place() -> None:
    both = [waiting(number, "tue-evening", "wed-evening") for number in range(6)]
    wednesdays = [waiting(number, "wed-evening") for number in range(6, 10)]

    assert improve_drafts(area(*wednesdays), (tuesdays(*both, pinned=frozenset({uuid(0)})),), NOW) is None


def test_improve_drafts_unsound_draft_is_left_alone() -> None:
    mondays = [waiting(number, "mon-evening") for number in range(5)]

    assert improve_drafts(area(), (tuesdays(*mondays),), NOW) is None
