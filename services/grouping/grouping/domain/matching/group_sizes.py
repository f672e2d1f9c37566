"""
Arithmetic of group sizes.

Not every number of people can be divided into groups between a smallest and a largest size. With five to eight, nine
cannot: either eight meet and one waits, or five meet and four wait. :func:`size_options` shows staff that choice.
"""

from dataclasses import dataclass
from functools import lru_cache


def fewest_groups(people: int, size_min: int, size_max: int) -> int | None:
    """
    Return the smallest number of groups that seats everyone, or None if no division does.

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
    """Return True if groups of these sizes can seat everyone. With 5-8: every number from 5 on except 9."""
    return fewest_groups(people, size_min, size_max) is not None


@lru_cache(maxsize=4096)
def best_split(people: int, size_min: int, size_max: int) -> tuple[int, ...]:
    """
    Return the group sizes that seat most people, largest first: as few groups as possible, as even as possible.

    Fewer and fuller groups are better because a group of eight survives the loss of a member and a group of five does
    not. The sum is less than ``people`` if some must wait; the result is empty below ``size_min``.
    """
    for seated in range(people, size_min - 1, -1):
        groups = fewest_groups(seated, size_min, size_max)
        if groups is not None:
            size, larger_groups = divmod(seated, groups)
            return (size + 1,) * larger_groups + (size,) * (groups - larger_groups)
    return ()


@dataclass(frozen=True)
class SizeOption:
    """
    One possible size of the next group, with its effect on the other people who fit the cell.

    Attributes:
        size: Number of members of the group that is formed now; nobody can join it later.
        still_waiting: Number of people who go on waiting.
        more_needed: Number of new sign-ups after which all of them can be seated; 0 if they already can.
    """

    size: int
    still_waiting: int
    more_needed: int


def size_options(people: int, size_min: int, size_max: int) -> tuple[SizeOption, ...]:
    """Return every possible size of the next group, the largest first."""
    options = []
    for size in range(min(people, size_max), size_min - 1, -1):
        still_waiting = people - size
        more_needed = 0
        while still_waiting and not divisible(still_waiting + more_needed, size_min, size_max):
            more_needed += 1
        options.append(SizeOption(size, still_waiting, more_needed))
    return tuple(options)
