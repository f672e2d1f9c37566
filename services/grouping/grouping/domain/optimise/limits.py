"""Limits of a search: conditions under which it ends early, with the best arrangement so far."""

from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import TypeVar

Item = TypeVar("Item")

Stop = Callable[[], bool]
"""Called between the steps of a search, which ends when it returns True. It must then return True for ever."""


def never() -> bool:
    """Let a search run to its end."""
    return False


def stop_after(steps: int) -> Stop:
    """Return a limit that allows a number of steps, so that the result is the same on every machine."""
    calls = count()
    return lambda: next(calls) >= steps


def until(stop: Stop, items: Iterable[Item]) -> Iterator[Item]:
    """Yield items until the limit is reached."""
    for item in items:
        if stop():
            return
        yield item
