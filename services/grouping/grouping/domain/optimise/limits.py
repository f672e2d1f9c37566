"""Limits of a search: when it ends with the arrangement it has."""

from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import TypeVar

Item = TypeVar("Item")

Stop = Callable[[], bool]
"""Asked between the steps of a search; once it returns True it must keep doing so. A deadline in time, or a count."""


def never() -> bool:
    """Let a search run to its end."""
    return False


def stop_after(steps: int) -> Stop:
    """Return a limit that allows a number of steps, so that the result is the same on every machine."""
    asked = count()
    return lambda: next(asked) >= steps


def until(stop: Stop, items: Iterable[Item]) -> Iterator[Item]:
    """Yield items until the limit is reached."""
    for item in items:
        if stop():
            return
        yield item
