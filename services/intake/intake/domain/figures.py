"""Figures about people, as pages show them to those who may not see the people."""

from typing import Final

SMALLEST_SHOWN: Final = 5
"""Fewer could be recognised by somebody who knows one of them."""


def shown(count: int) -> int | None:
    """Return a number of people as it may be shown: exactly, or None for a few."""
    return None if 0 < count < SMALLEST_SHOWN else count
