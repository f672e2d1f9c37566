"""The pages of a long list, and the numbers that an address tells about it."""

from typing import Final

_MAX_DIGITS: Final = 5
_COUNT_DIGITS: Final = 4


def page_number(text: str) -> int:
    """Return the number of a page, from 1; 1 for what is no such number."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS
    return max(1, int(text)) if is_number else 1


def page_count(rows: int, size: int) -> int:
    """Return the number of pages that some rows fill, at least 1."""
    return max(1, -(-rows // size))


def count_in(text: str) -> int | None:
    """Return the number of rows for which an act was done, as an address tells it; None for what is no such number."""
    is_count = text.isascii() and text.isdecimal() and len(text) <= _COUNT_DIGITS
    return int(text) if is_count else None
