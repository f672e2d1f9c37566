from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grouping.domain.matching.group_sizes import SizeOption, best_split, divisible, fewest_groups, size_options


def test_divisible_five_to_eight_only_nine_is_not() -> None:
    cannot = [people for people in range(5, 500) if not divisible(people, 5, 8)]

    assert cannot == [9]


def test_size_options_nine_people_have_four_options() -> None:
    assert size_options(9, 5, 8) == (SizeOption(8, 1, 4), SizeOption(7, 2, 3), SizeOption(6, 3, 2), SizeOption(5, 4, 1))


def test_size_options_seven_people_all_meet_or_some_wait() -> None:
    assert size_options(7, 5, 8) == (SizeOption(7, 0, 0), SizeOption(6, 1, 4), SizeOption(5, 2, 3))


@pytest.mark.parametrize(
    ("people", "split"),
    [(4, ()), (5, (5,)), (8, (8,)), (9, (8,)), (10, (5, 5)), (13, (7, 6)), (16, (8, 8)), (17, (6, 6, 5))],
)
def test_best_split_is_even_and_full(people: int, split: tuple[int, ...]) -> None:
    assert best_split(people, 5, 8) == split


@cache
def _most_placed(people: int, size_min: int, size_max: int) -> int:
    """By trying everything."""
    if people < size_min:
        return 0
    return max(
        size + _most_placed(people - size, size_min, size_max) for size in range(size_min, min(size_max, people) + 1)
    )


sizes = st.tuples(st.integers(1, 8), st.integers(0, 6)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(st.integers(0, 40), sizes)
def test_group_sizes_equal_brute_force(people: int, size: tuple[int, int]) -> None:
    split = best_split(people, *size)

    assert sum(split) == _most_placed(people, *size)
    assert all(size[0] <= one <= size[1] for one in split)
    assert not split or max(split) - min(split) <= 1
    assert divisible(people, *size) == (people > 0 and _most_placed(people, *size) == people)


@given(st.integers(1, 40), sizes)
def test_size_options_more_needed_is_the_least_that_seats_the_rest(people: int, size: tuple[int, int]) -> None:
    for choice in size_options(people, *size):
        assert choice.size + choice.still_waiting == people
        if choice.still_waiting:
            waiting = [choice.still_waiting + more for more in range(choice.more_needed)]
            assert not any(divisible(number, *size) for number in waiting)
            assert divisible(choice.still_waiting + choice.more_needed, *size)


def test_fewest_groups_invalid_sizes_raises() -> None:
    with pytest.raises(ValueError, match="sizes"):
        fewest_groups(5, 8, 5)
