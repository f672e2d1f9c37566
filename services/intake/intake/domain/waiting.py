"""
About how many people wait in an area, told to everybody.

A number is told only in tens, a few people not at all, and a told number becomes another one only when more than a few
people have come or gone since: two looks at the page never tell of one person.
"""

from intake.domain.suppression import LARGEST_HIDDEN


def counts_anew(told: int, waiting: int) -> bool:
    """Return True if so many more or fewer people wait than when the number was last told that it may change."""
    return abs(waiting - told) > LARGEST_HIDDEN


def in_tens(told: int) -> int | None:
    """Return the number as it may be told, rounded to tens; None for a few."""
    return None if told <= LARGEST_HIDDEN else max(10, (told + 5) // 10 * 10)
