"""
Words of acute danger in what people write, by the rules of ``shared.reference.crisis_rules``.

A rule is a phrase of words. Endings and slips are tolerated, and up to two words may stand between. Sad words match
nothing; a match leads to a page with numbers to call, and nobody is judged by it.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from shared.reference import crisis_rules

GAP_WORDS: Final = 2
"""Words that may stand between two words of a phrase."""

_WORD: Final = re.compile(r"\w+")
_CLAUSE_END: Final = re.compile(r"[.,;:!?\n]")
_LETTERS: Final = str.maketrans({"ø": "o", "å": "a", "æ": "e", "đ": "d", "ł": "l", "0": "o", "1": "i", "3": "e"})


@dataclass(frozen=True, slots=True)
class _Rules:
    """The rules with folded words."""

    phrases: tuple[tuple[str, ...], ...]
    denials: Mapping[str, frozenset[str]]


@functools.cache
def _rules() -> _Rules:
    rules = crisis_rules.load()
    phrases = [phrase for language in rules.phrases.values() for phrase in language]
    return _Rules(
        tuple(tuple(_folded_rule(word) for word in phrase.split()) for phrase in phrases),
        {kind: frozenset(map(_fold, words)) for kind, words in rules.denials.items()},
    )


def is_acute(text: str) -> bool:
    """Return True if the text has words of acute danger to a life."""
    text = unicodedata.normalize("NFKC", text)
    words = [_fold(word) for word in _WORD.findall(text)]
    # A denial reaches no further than its own clause: "I can't go on, I want to ..." denies nothing.
    clauses = [number for number, clause in enumerate(_CLAUSE_END.split(text)) for _ in _WORD.findall(clause)]
    return any(_holds(words, clauses, phrase, _rules().denials) for phrase in _rules().phrases)


def acute_fields(values: Iterable[tuple[str, str | list[str]]]) -> frozenset[str]:
    """Return the names of the fields with words of acute danger."""
    return frozenset(
        name for name, value in values if any(is_acute(text) for text in ([value] if isinstance(value, str) else value))
    )


def _holds(
    words: list[str], clauses: list[int], phrase: tuple[str, ...], denials: Mapping[str, frozenset[str]]
) -> bool:
    for start in range(len(words)):
        before = [word for word, clause in zip(words[:start], clauses, strict=False) if clause == clauses[start]]
        if _follows(words, start, phrase) and not _is_denied(before, denials, noun=len(phrase) == 1):
            return True
    return False


def _is_denied(before: list[str], denials: Mapping[str, frozenset[str]], *, noun: bool) -> bool:
    """Return True if the words before a phrase, in its clause, turn it into something else than a danger."""
    last = set(before[-1:])
    if not noun:
        return bool(last & denials["never"])
    return bool(
        denials["never"].intersection(before[-3:])
        or last & (denials["not"] | denials["after"])
        or (last & denials["by"] and denials["lost"].intersection(before))
    )


def _follows(words: list[str], start: int, phrase: tuple[str, ...]) -> bool:
    """Return True if the phrase begins at a word, with at most :data:`GAP_WORDS` between its words."""
    if not _is_like(words[start], phrase[0]):
        return False
    place = start
    for wanted in phrase[1:]:
        following = range(place + 1, min(len(words), place + 2 + GAP_WORDS))
        found = next((index for index in following if _is_like(words[index], wanted)), None)
        if found is None:
            return False
        place = found
    return True


def _is_like(word: str, wanted: str) -> bool:
    """Return True if a word is the one of the rule, with any ending if it allows one, and with a slip if it is long."""
    exact = wanted.startswith("=")
    stem = wanted.removeprefix("=").removesuffix("*")
    if wanted.endswith("*"):
        if word.startswith(stem):
            return True
        return not exact and len(stem) >= 6 and any(_one_slip(word[: len(stem) + cut], stem) for cut in (-1, 0, 1))
    return word == stem or (not exact and len(stem) >= 5 and _one_slip(word, stem))


def _one_slip(word: str, wanted: str) -> bool:
    """Return True if one letter was missed, added, changed or swapped with the next; never the first."""
    if word[:1] != wanted[:1] or abs(len(word) - len(wanted)) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(word, wanted, strict=False)) if a != b), min(len(word), len(wanted)))
    return (
        word[at + 1 :] == wanted[at + 1 :]
        or word[at + 1 :] == wanted[at:]
        or word[at:] == wanted[at + 1 :]
        or (word[at : at + 2] == wanted[at : at + 2][::-1] and word[at + 2 :] == wanted[at + 2 :])
    )


def _folded_rule(word: str) -> str:
    return ("=" if word.startswith("=") else "") + _fold(word.strip("=*")) + ("*" if word.endswith("*") else "")


def _fold(word: str) -> str:
    """Return a word without capitals and accents, with a letter that is written more than twice written once."""
    bare = unicodedata.normalize("NFKD", word.casefold().translate(_LETTERS))
    bare = "".join(sign for sign in bare if not unicodedata.combining(sign))
    return re.sub(r"(.)\1{2,}", r"\1", bare)
