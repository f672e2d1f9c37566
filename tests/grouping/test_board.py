"""What seldom happens on a board; `test_storm.py` has what often does."""

from uuid import UUID

from grouping.domain.matching.candidates import CANDIDATE_CELLS
from grouping.domain.matching.cells import Cell, WaitingPerson
from grouping.domain.matching.matcher import AreaMatcher
from grouping.domain.matching.model import AreaConfig, AreaState, OpenGroup
from tests.grouping.test_matching import NOW, TORGET, TUESDAY, area, ids, waiting, wishes

EVENINGS = ("mon-evening", "tue-evening", "wed-evening", "thu-evening", "fri-evening")


def person(number: int) -> UUID:
    return UUID(int=1000 + number)


def apart(*who: WaitingPerson, pairs: tuple[tuple[int, int], ...]) -> AreaState:
    kept = frozenset(frozenset({person(one), person(other)}) for one, other in pairs)
    return AreaState(AreaConfig((TORGET,), 5, 8, exclusions=kept), who)


def test_of_three_signups_of_a_person_each_counts_when_the_older_are_gone() -> None:
    three = [
        WaitingPerson(UUID(int=90 + n), person(9), wishes(), waiting(1, days=9 - n).signed_up_at) for n in range(3)
    ]
    board = AreaMatcher(area(*(waiting(n) for n in range(1, 5)), *three, held=True))

    for gone in (90, 91):
        board.remove(UUID(int=gone))
    board.update_config(area().config)

    (group,) = board.decide(NOW).new_groups
    assert ids(tuple(one.waiting for one in group.members)) == [92, 1, 2, 3, 4]


def test_the_next_signup_of_a_person_is_looked_at_when_the_oldest_goes() -> None:
    first = WaitingPerson(UUID(int=90), person(9), wishes(("wed-evening",)), waiting(1, days=9).signed_up_at)
    board = AreaMatcher(area(*(waiting(n) for n in range(1, 5)), first, waiting(9)))
    assert board.decide(NOW).new_groups == ()

    board.remove(first.signup_id)

    assert [len(group.members) for group in board.decide(NOW, ()).new_groups] == [5]


def test_who_fits_a_group_where_it_moves_to_takes_its_chair() -> None:
    group = OpenGroup(UUID(int=77), Cell("torget", "wed-evening", "nb"), 1, NOW)
    board = AreaMatcher(area(waiting(1), groups=(group,)))
    assert board.decide(NOW).joins == ()

    board.open_groups.put(OpenGroup(group.group_id, TUESDAY, 1, NOW))

    assert [join.assignment.waiting.signup_id.int for join in board.decide(NOW, ()).joins] == [1]


def test_whoever_leaves_a_group_makes_room_for_those_who_must_not_meet_them() -> None:
    full = OpenGroup(UUID(int=77), TUESDAY, 1, NOW, frozenset({person(2)}))
    board = AreaMatcher(
        AreaState(
            AreaConfig((TORGET,), 5, 8, exclusions=frozenset({frozenset({person(1), person(2)})})),
            (waiting(1),),
            (full,),
        )
    )
    assert board.decide(NOW).joins == ()

    board.open_groups.put(OpenGroup(full.group_id, TUESDAY, 1, NOW))

    assert len(board.decide(NOW, ()).joins) == 1


def test_one_whom_several_must_not_meet_does_not_keep_them_from_a_group() -> None:
    *people, newcomer = (waiting(n, days=10 - n) for n in range(1, 7))
    board = AreaMatcher(apart(*people, pairs=((1, 2), (1, 3))))
    assert board.decide(NOW).new_groups == ()

    board.add(newcomer)

    (group,) = board.decide(NOW, [newcomer.signup_id]).new_groups
    assert ids(tuple(one.waiting for one in group.members)) == [2, 3, 4, 5, 6]


def test_who_must_not_meet_takes_no_chair_from_others_in_a_group_that_was_just_made() -> None:
    """Seven could be in it; the seventh must not meet the sixth, who is not in it either."""
    people = [waiting(n, days=10 - n) for n in range(1, 8)]

    board = AreaMatcher(apart(*people, pairs=((1, 6), (6, 7))))

    (group,) = board.decide(NOW).new_groups
    assert ids(tuple(one.waiting for one in group.members)) == [1, 2, 3, 4, 5, 7]


def test_where_the_first_cells_cannot_be_the_next_is_tried() -> None:
    assert len(EVENINGS) > CANDIDATE_CELLS
    anchor = waiting(1, wishes(EVENINGS))
    quarrel = [waiting(n, wishes(EVENINGS[:CANDIDATE_CELLS])) for n in range(2, 6)]
    others = [waiting(n, wishes(EVENINGS[CANDIDATE_CELLS:])) for n in range(6, 10)]

    board = AreaMatcher(apart(*quarrel, *others, pairs=((2, 3),)))
    assert board.decide(NOW).new_groups == ()

    board.add(anchor)

    (group,) = board.decide(NOW, [anchor.signup_id]).new_groups
    assert ids(tuple(one.waiting for one in group.members)) == [1, 6, 7, 8, 9]
