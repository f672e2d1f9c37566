"""The number of a page of a long list, as an address tells it."""

from typing import Final

_MAX_DIGITS: Final = 5


def page_number(text: str) -> int:
    """Return the number of a page, from 1; 1 for what is no such number."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS
    return max(1, int(text)) if is_number else 1
