"""
Who can be placed, by numbers alone.

Between a smallest and a largest size not every number of people can be divided. With five to eight, nine cannot: eight
and one over, or five and four over. Whoever decides should see that, and what follows from each choice.
"""

from dataclasses import dataclass
from functools import lru_cache


def fewest_groups(people: int, size_min: int, size_max: int) -> int | None:
    """
    The smallest number of groups that holds everybody, or None where no division does.

    Raises:
        ValueError: The sizes are not ``1 <= size_min <= size_max``.
    """
    if not 1 <= size_min <= size_max:
        raise ValueError(f"sizes {size_min}-{size_max}")
    if people < 1:
        return None
    groups = -(-people // size_max)
    return groups if groups * size_min <= people else None


def divisible(people: int, size_min: int, size_max: int) -> bool:
    """Whether all of ``people`` can be in groups of these sizes; with 5-8 true of every number from 5, except 9."""
    return fewest_groups(people, size_min, size_max) is not None


@lru_cache(maxsize=4096)
def best_split(people: int, size_min: int, size_max: int) -> tuple[int, ...]:
    """
    The sizes of the groups that place most people: as few groups as that takes, as even as they go, largest first.

    Fewer and fuller groups, because a group of eight bears that somebody leaves and a group of five does not. The sum
    is less than ``people`` where somebody must wait; nothing at all below ``size_min``.
    """
    for placed in range(people, size_min - 1, -1):
        groups = fewest_groups(placed, size_min, size_max)
        if groups is not None:
            even, over = divmod(placed, groups)
            return (even + 1,) * over + (even,) * (groups - over)
    return ()


@dataclass(frozen=True)
class SizeOption:
    """
    One way to begin with people who wait for the same thing.

    Attributes:
        size: How many meet in the group that is made now, which then takes no more.
        left: How many go on waiting.
        more_needed: How many must still sign up before all who are left have a group; zero where they already can.
    """

    size: int
    still_waiting: int
    more_needed: int


def size_options(people: int, size_min: int, size_max: int) -> tuple[SizeOption, ...]:
    """Every size the first group can have, the fullest first, with what that means for the others."""
    found = []
    for size in range(min(people, size_max), size_min - 1, -1):
        left = people - size
        more = 0
        while left and not divisible(left + more, size_min, size_max):
            more += 1
        found.append(SizeOption(size, left, more))
    return tuple(found)
