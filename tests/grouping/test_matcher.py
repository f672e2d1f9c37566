"""Rare situations of a matcher; `test_storm.py` has the frequent ones."""

from uuid import UUID

from grouping.domain.matching.candidates import CANDIDATE_CELLS
from grouping.domain.matching.cells import Cell, WaitingPerson
from grouping.domain.matching.matcher import AreaMatcher
from grouping.domain.matching.model import AreaConfig, AreaState, OpenGroup
from tests.grouping.test_matching import NOW, TORGET, TUESDAY, area, ids, waiting, wishes

EVENINGS = ("mon-evening", "tue-evening", "wed-evening", "thu-evening", "fri-evening")


def person(number: int) -> UUID:
    return UUID(int=1000 + number)


def with_exclusions(*people: WaitingPerson, pairs: tuple[tuple[int, int], ...]) -> AreaState:
    kept = frozenset(frozenset({person(one), person(other)}) for one, other in pairs)
    return AreaState(AreaConfig((TORGET,), 5, 8, exclusions=kept), people)


def test_remove_older_signups_lets_the_next_one_take_part() -> None:
    three = [
        WaitingPerson(UUID(int=90 + n), person(9), wishes(), waiting(1, days=9 - n).signed_up_at) for n in range(3)
    ]
    matcher = AreaMatcher(area(*(waiting(n) for n in range(1, 5)), *three, held=True))

    for gone in (90, 91):
        matcher.remove(UUID(int=gone))
    matcher.update_config(area().config)

    (group,) = matcher.decide(NOW).new_groups
    assert ids(tuple(member.waiting for member in group.members)) == [92, 1, 2, 3, 4]


def test_remove_oldest_signup_evaluates_the_next_one() -> None:
    first = WaitingPerson(UUID(int=90), person(9), wishes(("wed-evening",)), waiting(1, days=9).signed_up_at)
    matcher = AreaMatcher(area(*(waiting(n) for n in range(1, 5)), first, waiting(9)))
    assert matcher.decide(NOW).new_groups == ()

    matcher.remove(first.signup_id)

    assert [len(group.members) for group in matcher.decide(NOW, ()).new_groups] == [5]


def test_decide_group_moved_to_a_persons_cell_is_joined() -> None:
    group = OpenGroup(UUID(int=77), Cell("torget", "wed-evening", "nb"), 1, NOW)
    matcher = AreaMatcher(area(waiting(1), groups=(group,)))
    assert matcher.decide(NOW).joins == ()

    matcher.open_groups.put(OpenGroup(group.group_id, TUESDAY, 1, NOW))

    assert [join.assignment.waiting.signup_id.int for join in matcher.decide(NOW, ()).joins] == [1]


def test_decide_member_left_lets_an_excluded_person_join() -> None:
    full = OpenGroup(UUID(int=77), TUESDAY, 1, NOW, frozenset({person(2)}))
    matcher = AreaMatcher(
        AreaState(
            AreaConfig((TORGET,), 5, 8, exclusions=frozenset({frozenset({person(1), person(2)})})),
            (waiting(1),),
            (full,),
        )
    )
    assert matcher.decide(NOW).joins == ()

    matcher.open_groups.put(OpenGroup(full.group_id, TUESDAY, 1, NOW))

    assert len(matcher.decide(NOW, ()).joins) == 1


def test_decide_person_excluded_by_many_does_not_prevent_their_group() -> None:
    *people, newcomer = (waiting(n, days=10 - n) for n in range(1, 7))
    matcher = AreaMatcher(with_exclusions(*people, pairs=((1, 2), (1, 3))))
    assert matcher.decide(NOW).new_groups == ()

    matcher.add(newcomer)

    (group,) = matcher.decide(NOW, [newcomer.signup_id]).new_groups
    assert ids(tuple(member.waiting for member in group.members)) == [2, 3, 4, 5, 6]


def test_decide_new_group_fills_seats_past_an_excluded_person() -> None:
    """Seven could be in it; the seventh must not meet the sixth, who is not in it either."""
    people = [waiting(n, days=10 - n) for n in range(1, 8)]

    matcher = AreaMatcher(with_exclusions(*people, pairs=((1, 6), (6, 7))))

    (group,) = matcher.decide(NOW).new_groups
    assert ids(tuple(member.waiting for member in group.members)) == [1, 2, 3, 4, 5, 7]


def test_decide_first_cells_impossible_tries_the_next() -> None:
    assert len(EVENINGS) > CANDIDATE_CELLS
    required_member = waiting(1, wishes(EVENINGS))
    excluded_pair = [waiting(n, wishes(EVENINGS[:CANDIDATE_CELLS])) for n in range(2, 6)]
    others = [waiting(n, wishes(EVENINGS[CANDIDATE_CELLS:])) for n in range(6, 10)]

    matcher = AreaMatcher(with_exclusions(*excluded_pair, *others, pairs=((2, 3),)))
    assert matcher.decide(NOW).new_groups == ()

    matcher.add(required_member)

    (group,) = matcher.decide(NOW, [required_member.signup_id]).new_groups
    assert ids(tuple(member.waiting for member in group.members)) == [1, 6, 7, 8, 9]
