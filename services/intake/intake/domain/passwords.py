"""
Rules for a password that somebody chooses: long, not common, and not made of words that anybody here would try.

Any characters are welcome, and none are demanded (NIST SP 800-63B 5.1.1.2, ASVS 5.0 6.2).
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Final

LENGTH_MIN: Final = 12  # characters
LENGTH_MAX: Final = 256
OWN_MIN: Final = 8
"""Characters that must remain when the words of the context are taken out."""

VARIETY_MIN: Final = 5  # different characters

CONTEXT: Final = (
    "selvhjelpsgrupper",
    "selvhjelpsgruppe",
    "selvhjelp",
    "sjølvhjelp",
    "selfhelp",
    "igangsetter",
    "koordinator",
    "deltaker",
    "deltakar",
    "senteret",
    "senter",
    "gruppe",
    "norge",
    "noreg",
    "link",
    "lænke",
    "passord",
    "password",
    "hemmelig",
    "velkommen",
    "velkomen",
    "sommer",
    "sommar",
    "vinter",
    "høst",
    "haust",
    "januar",
    "februar",
    "april",
    "august",
    "september",
    "oktober",
    "november",
    "desember",
    "qwerty",
    "admin",
)
"""Words of the product and its field, and those with which people in Norway begin a password (ASVS 6.1.2)."""

_WORD_MIN: Final = 4  # characters; a shorter word of a name is in too many passwords
_LETTERS: Final = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"})


def fault_of(password: str, words: Iterable[str], is_common: Callable[[str], bool]) -> str | None:
    """
    Return the fault of a chosen password as a slug, None for a good one.

    Args:
        password: Exactly as it was typed.
        words: Names that others know: the user's, the centres'.
        is_common: Tells whether a text is on the list of common and breached passwords.
    """
    if len(password) < LENGTH_MIN:
        return "password_short"
    if len(password) > LENGTH_MAX:
        return "password_long"
    folded = _folded(password)
    if is_common(password) or is_common(folded):
        return "password_common"
    if len(set(folded)) < VARIETY_MIN or len(_without(folded, (*CONTEXT, *words))) < OWN_MIN:
        return "password_guessable"
    return None


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _without(folded: str, words: Iterable[str]) -> str:
    """Return what remains of a text without some words, also where digits stand for letters."""
    parts = {part for word in words for part in re.split(r"\W+", _folded(word)) if len(part) >= _WORD_MIN}
    rest, read = folded, folded.translate(_LETTERS)
    for part in sorted(parts, key=len, reverse=True):
        while (place := max(rest.find(part), read.find(part))) >= 0:
            rest = rest[:place] + rest[place + len(part) :]
            read = read[:place] + read[place + len(part) :]
    return rest
