"""Versions of the words that a centre may write itself in the mails of the system."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from notify.domain.own_words import FieldName


class Block(StrEnum):
    """
    A part of a mail that a centre can write itself; facts, links and the foot are nobody's to change.

    Attributes:
        SUBJECT: In the place of the system's subject.
        OPENING: The first sentences, in the place of the system's.
        CLOSING: After everything else that the mail says, before the foot.
    """

    SUBJECT = "subject"
    OPENING = "opening"
    CLOSING = "closing"


ALL_BLOCKS: Final = frozenset(Block)

Texts = Mapping[str, Mapping[Block, str]]
"""Own words by language and block; a block without any has those of the system."""

NO_WORDS: Final[Mapping[Block, str]] = MappingProxyType({})

IN_SIGHT: Final = frozenset({FieldName.FIRST_NAME, FieldName.WHEN, FieldName.DEADLINE})
"""Fields that may stand where a locked screen shows them; the name of a centre, or of what it starts, may reveal."""


@dataclass(frozen=True)
class MailTextVersion:
    """
    One version of a centre's own words in one mail; it never changes.

    Attributes:
        number: 1, 2, …; the words of the system are version 0.
        restored: The version that it takes up again; None if it is new.
        reason: Why it was made, if staff have said so.
    """

    number: int
    texts: Texts
    saved_at: datetime
    saved_by: str
    reason: str = ""
    restored: int | None = None


@dataclass(frozen=True)
class Piece:
    """A part of a text beside another version of it: ``same``, ``gone`` or ``new``."""

    kind: str
    text: str


def difference(before: str, after: str) -> tuple[Piece, ...]:
    """Return what is different between two texts, word by word."""
    old, new = _words(before), _words(after)
    pieces: list[Piece] = []
    for change, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if change == "equal":
            pieces.append(Piece("same", "".join(old[old_from:old_to])))
            continue
        if old_to > old_from:
            pieces.append(Piece("gone", "".join(old[old_from:old_to])))
        if new_to > new_from:
            pieces.append(Piece("new", "".join(new[new_from:new_to])))
    return tuple(pieces)


def _words(text: str) -> list[str]:
    """Return the words of a text with the space after each, so that they can be put together again."""
    words: list[str] = []
    for sign in text:
        if words and (sign.isspace() or not words[-1][-1].isspace()):
            words[-1] += sign
        else:
            words.append(sign)
    return words
