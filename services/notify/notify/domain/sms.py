"""Short messages to people without an e-mail address: their length, and when none is sent."""

from collections.abc import Iterable
from typing import Final

MOST_PARTS: Final = 2
MOST_A_DAY: Final = 4
"""Short messages to one person within a day; a further one waits for the call that is made in any case."""

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The basic character set of 3GPP TS 23.038, 6.2.1; each takes one place."""
_EXTENDED: Final = frozenset("^{}\\[~]|€\f")
"""Its extension table; each takes two places."""
_GSM_PLACES: Final = (160, 153)
"""Places of 7 bits in a message alone, and in each of several parts."""
_UCS2_PLACES: Final = (70, 67)
"""The same for places of 16 bits, which one character outside the basic set and its extension takes all to."""


def parts(text: str) -> int:
    """Return the number of parts in which a text is sent, as it is paid for."""
    is_gsm = all(char in _BASIC or char in _EXTENDED for char in text)
    widths = [1 + (char in _EXTENDED) for char in text] if is_gsm else [1 + (ord(char) > 0xFFFF) for char in text]
    alone, each = _GSM_PLACES if is_gsm else _UCS2_PLACES
    if sum(widths) <= alone:
        return 1
    count, left = 1, each
    for width in widths:  # a character of two places is never split between two parts
        if width > left:
            count, left = count + 1, each
        left -= width
    return count


def longest_that_fits(texts: Iterable[str]) -> str | None:
    """Return the first text of at most :data:`MOST_PARTS` parts; None if all are longer."""
    return next((text for text in texts if parts(text) <= MOST_PARTS), None)
