"""Text as people type and paste it: marks that nobody sees, and values that show nothing."""

import unicodedata
from typing import Final
from uuid import UUID

_BREAKS: Final = frozenset("\t\n\x0b\x0c\r\x85\u2028\u2029")

JOINERS: Final = frozenset("\u200c\u200d")
"""Marks without which some names cannot be spelt."""

_BLANKS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\U00016fe4\U0001d159")
"""Letters and marks by category that show nothing: fillers, and the empty Braille pattern."""

_ACCENTS: Final = frozenset({"Mn", "Me"})

_SELECTORS: Final = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
"""Variation selectors: they choose a shape and are nothing by themselves."""


_IGNORABLE: Final = frozenset(
    map(chr, (*range(0x180B, 0x1810), 0x2065, *range(0xFFF0, 0xFFF9), *range(0xE0000, 0xE1000)))
)
"""Default ignorable code points (Unicode, DerivedCoreProperties) whose category says otherwise or nothing."""


def is_invisible(sign: str) -> bool:
    """Return True for a mark that is never seen: direction, joining, filling or the shape of its neighbour."""
    if sign in _BLANKS or sign in _SELECTORS or sign in _IGNORABLE:
        return True
    return unicodedata.category(sign) == "Cf" or _is_no_character(sign)


def _is_no_character(sign: str) -> bool:
    """Return True for the code points that Unicode keeps free of characters for ever."""
    return ord(sign) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(sign) <= 0xFDEF


def without_marks(text: str, *, joiners: bool = False) -> str:
    """
    Return the text in NFC without marks that nobody sees, with single spaces.

    Args:
        text: As typed or pasted; a phone number copied from a contact list has marks of direction around it.
        joiners: True to keep ZWJ and ZWNJ between two letters, where they are part of the spelling of a name.
    """
    text = unicodedata.normalize("NFC", text)
    if not text.isascii():
        kept = [sign for sign in text if not is_invisible(sign) or (joiners and sign in JOINERS)]
        text = "".join(sign for place, sign in enumerate(kept) if sign not in JOINERS or _joins(kept, place))
    return " ".join(text.split())


def shows_something(text: str) -> bool:
    """Return True if a reader sees at least one sign of the text; an accent needs a letter to stand on."""
    return any(not (sign.isspace() or is_invisible(sign) or unicodedata.category(sign) in _ACCENTS) for sign in text)


def _joins(signs: list[str], place: int) -> bool:
    """Return True if the joiner at this place stands between two letters."""
    neighbours = signs[place - 1 : place] + signs[place + 1 : place + 2]
    return len(neighbours) == 2 and all(unicodedata.category(sign)[0] in "LM" for sign in neighbours)


def without_breaks(text: str) -> str:
    """Return the text with blanks for tabs and line breaks, which come along when a value is copied from a table."""
    return "".join(" " if sign in _BREAKS else sign for sign in text)


def spaced_number(number: str) -> str:
    """Return a Norwegian mobile number as people read it, «912 34 567»; any other number as it is."""
    if number.startswith("+47") and len(number) == len("+4791234567"):
        return f"{number[3:6]} {number[6:8]} {number[8:]}"
    return number


def is_id(text: str) -> bool:
    """Return True for a UUID as we write it, which no username is."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def sentence_case(text: str) -> str:
    """Return the text with a capital first letter; names and months further on keep theirs."""
    return text[:1].upper() + text[1:]
