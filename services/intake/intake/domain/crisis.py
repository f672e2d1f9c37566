"""
Words of acute danger in what people write, by the rules of ``shared.reference.crisis_rules``.

A rule is a phrase of words. Endings and slips are tolerated, and up to two words may stand between. Sad words match
nothing, and neither does what is told of others, or of long ago; a match leads to a page with numbers to call, and
nobody is judged by it.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from shared.reference import crisis_rules

GAP_WORDS: Final = 2
"""Words that may stand between two words of a phrase."""

WIDE_GAP: Final = "..."
WIDE_GAP_WORDS: Final = 8
"""Words that may stand where a phrase has :data:`WIDE_GAP`."""

NUMBER: Final = "+"
"""Word of a phrase that stands for a number of two digits or more."""

DENIAL_WORDS: Final = 30
"""Words before a phrase in which a denial is looked for."""

TEXT_MAX: Final = 20_000
"""Characters that are read; no field of ours is longer, and a body has no more."""

_WORD: Final = re.compile(r"\w+")
_CLAUSE_END: Final = re.compile(r"[.,;:!?\n]")
_DRAWN_OUT: Final = re.compile(r"(.)\1{2,}")
_LETTERS: Final = str.maketrans({"ø": "o", "å": "a", "æ": "e", "đ": "d", "ł": "l", "0": "o", "1": "i", "3": "e"})


@dataclass(frozen=True, slots=True)
class _Rules:
    """The rules with folded words."""

    phrases: Mapping[str, tuple[tuple[str, ...], ...]]
    """By their first word."""
    denials: Mapping[str, frozenset[str]]
    exact: Mapping[str, str]
    """The words that allow neither an ending nor a slip, as they are written."""
    by_letters: Mapping[str, tuple[str, ...]]
    """The other words of all phrases, by each of their :func:`_letters`."""


@dataclass(frozen=True, slots=True)
class _Written:
    """
    The words of a text, read once, so that the work grows no faster than the text.

    Attributes:
        words: The words, folded.
        clauses: Where the clause of each word begins.
        meanings: The words of rules that each word may be.
        places: The places of each word of a rule.
    """

    words: tuple[str, ...]
    clauses: tuple[int, ...]
    meanings: tuple[frozenset[str], ...]
    places: Mapping[str, Sequence[int]]

    @classmethod
    def of(cls, text: str) -> "_Written":
        words: list[str] = []
        clauses: list[int] = []
        for clause in _CLAUSE_END.split(text):
            folded = [NUMBER if _is_number(word) else _fold(word) for word in _WORD.findall(clause)]
            clauses += [len(words)] * len(folded)
            words += folded
        known = {word: _meanings(word) for word in set(words)}
        places: dict[str, list[int]] = {}
        for place, word in enumerate(words):
            for wanted in known[word]:
                places.setdefault(wanted, []).append(place)
        return cls(tuple(words), tuple(clauses), tuple(known[word] for word in words), places)

    def before(self, place: int) -> tuple[str, ...]:
        """Return the words before a place; a denial reaches no further than its own clause."""
        return self.words[max(self.clauses[place], place - DENIAL_WORDS) : place]

    def after(self, place: int) -> tuple[str, ...]:
        """Return the next few words of the clause of a word."""
        words = zip(self.words[place + 1 : place + 4], self.clauses[place + 1 : place + 4], strict=True)
        return tuple(word for word, clause in words if clause == self.clauses[place])


@functools.cache
def _rules() -> _Rules:
    rules = crisis_rules.load()
    phrases: dict[str, list[tuple[str, ...]]] = {}
    for written in (phrase for language in rules.phrases.values() for phrase in language):
        folded = tuple(_folded_rule(word) for word in written.split())
        phrases.setdefault(folded[0], []).append(folded)
    words = {word for same in phrases.values() for phrase in same for word in phrase} - {WIDE_GAP}
    exact = {word.removeprefix("="): word for word in words if word.startswith("=") and not word.endswith("*")}
    by_letters: dict[str, list[str]] = {}
    for word in sorted(words.difference(exact.values())):
        for letters in _letters(word.strip("=*")):
            by_letters.setdefault(letters, []).append(word)
    return _Rules(
        {first: tuple(same) for first, same in phrases.items()},
        {kind: frozenset(map(_fold, words)) for kind, words in rules.denials.items()},
        exact,
        {letters: tuple(words) for letters, words in by_letters.items()},
    )


def is_acute(text: str) -> bool:
    """Return True if the text has words of acute danger to a life."""
    written = _Written.of(unicodedata.normalize("NFKC", text[:TEXT_MAX])[:TEXT_MAX])
    rules = _rules()
    return any(
        _is_danger(written, start, phrase, rules.denials)
        for first, starts in written.places.items()
        for phrase in rules.phrases.get(first, ())
        for start in starts
    )


def acute_fields(values: Iterable[tuple[str, str | list[str]]]) -> frozenset[str]:
    """Return the names of the fields with words of acute danger."""
    return frozenset(
        name for name, value in values if any(is_acute(text) for text in ([value] if isinstance(value, str) else value))
    )


def _is_danger(written: _Written, start: int, phrase: tuple[str, ...], denials: Mapping[str, frozenset[str]]) -> bool:
    """Return True if the phrase begins at a word, and nothing around it turns it into something else."""
    end = _end_of(written, start, phrase)
    if end is None:
        return False
    before, after = written.before(start), written.after(end)
    words = written.words[start : end + 1]
    return not (
        _is_never(before, denials)
        or _is_unwanted(phrase, words, before, denials)
        or (_is_denied(before, after, denials) if len(phrase) == 1 else denials["none"].intersection(before[-1:]))
        or _is_of_another(words, before, after, denials)
        or _is_saying(words, before, after, denials)
        or (_is_harm(phrase, denials) and _is_no_harm(written, start, end, phrase, denials))
        or any(_is_other_life(written, place, denials) for place in range(start, end + 1))
    )


def _is_never(before: Sequence[str], denials: Mapping[str, frozenset[str]]) -> bool:
    """Return True if the phrase is said never to be so; a word about oneself between begins something new."""
    near = before[-3:]
    last = max((place for place, word in enumerate(near) if word in denials["never"]), default=None)
    return last is not None and not denials["self"].intersection(near[last:])


def _is_unwanted(
    phrase: Sequence[str], words: Sequence[str], before: Sequence[str], denials: Mapping[str, frozenset[str]]
) -> bool:
    """Return True if somebody does *not* want what follows, as "I do not want to die"; a phrase may itself say so."""
    negated = denials["negated"]
    if words[0] not in denials["want"] or any(word.strip("=*") in negated for word in phrase):
        return False
    if negated.intersection(words) or denials["unwanted"].intersection(before[-1:]):
        return True
    near = before[-2:-1] if denials["degree"].intersection(before[-1:]) else before[-1:]
    return words[0] in denials["longing"] and bool(negated.intersection(near))


def _is_harm(phrase: Sequence[str], denials: Mapping[str, frozenset[str]]) -> bool:
    """Return True if the phrase is of self-harm."""
    first, second = (*(word.strip("=*") for word in phrase[:2]), "")[:2]
    return first in denials["harm"] or (first in denials["self"] and second in denials["harm"])


def _is_no_harm(
    written: _Written, start: int, end: int, phrase: Sequence[str], denials: Mapping[str, frozenset[str]]
) -> bool:
    """Return True if words of self-harm do not belong together, are denied or past, or tell of a mishap."""
    if phrase[1] not in written.meanings[start + 1] or written.clauses[start] != written.clauses[start + 1]:
        return True
    before, after = written.before(start), written.after(end)
    near = [word for word in before if word not in denials["marks"]][-2:]
    last, negated = set(near[-1:]), denials["negated"]
    refused = negated.intersection((*last, *after[:1])) or (last & denials["want"] and negated.intersection(near[:-1]))
    intended = last & denials["want"] or denials["marks"].intersection(before[-1:])
    bare = len(phrase) == 2 or phrase[-1].strip("=*") in denials["self"]  # without "selv", "wrist" or a purpose
    mishap = bare and not intended and _is_mishap(after, denials)
    return bool(refused or last & denials["stopped"] or mishap)


def _is_mishap(after: Sequence[str], denials: Mapping[str, frozenset[str]]) -> bool:
    """Return True if the words after a wound tell of a tool or a chore, or of cutting oneself "off"."""
    if denials["against"].intersection(after[:1]) and (len(after) == 1 or denials["objects"].intersection(after[1:])):
        return True
    return bool(denials["mishap"].intersection(after))


def _is_denied(before: Sequence[str], after: Sequence[str], denials: Mapping[str, frozenset[str]]) -> bool:
    """Return True if the words around a noun, in its clause, turn it into something else than a danger."""
    last, two = set(before[-1:]), set(before[-2:-1])
    return bool(
        denials["none"].intersection(before[-3:])
        or last & (denials["not"] | denials["after"])
        or (last & denials["about"] and two & denials["not"])
        or (last & denials["by"] and denials["lost"].intersection(before))
        or (denials["had"].intersection(before[-2:]) and denials["earlier"].intersection(after[:1]))
        or denials["subject"].intersection(after[:1])
    )


def _is_of_another(
    words: Sequence[str], before: Sequence[str], after: Sequence[str], denials: Mapping[str, frozenset[str]]
) -> bool:
    """Return True if somebody else did it, or if the pills were taken as they should be."""
    if not denials["done"].intersection((*before[-1:], words[0])):
        return False
    only_others = denials["others"].intersection(before) and not denials["self"].intersection((*before, *words))
    return bool(only_others or denials["ordered"].intersection(after[:3]))


def _is_saying(
    words: Sequence[str], before: Sequence[str], after: Sequence[str], denials: Mapping[str, frozenset[str]]
) -> bool:
    """Return True if it is a manner of speaking: a thing that "takes my life", "end it with", "die of boredom"."""
    things = before[-6:] if before[-1:] == ("a",) else before[-1:]  # "a" is the folded mark of an infinitive
    return bool(
        denials["back"].intersection(words)
        or (words[0] in denials["kills"] and denials["things"].intersection(things))
        or (words[0] in denials["hang"] and denials["onto"].intersection(after[:2]))
        or (words[-1] in denials["die"] and set(after[:1]) & denials["of"] and set(after[1:2]) & denials["mild"])
    )


def _is_other_life(written: _Written, place: int, denials: Mapping[str, frozenset[str]]) -> bool:
    """Return True if the word is about how somebody lives, and not about living at all."""
    after = written.after(place)
    return written.words[place] in denials["live"] and bool(
        denials["otherwise"].intersection(after[:1])
        or (denials["within"].intersection(after[:1]) and denials["state"].intersection(after[1:3]))
    )


def _end_of(written: _Written, start: int, phrase: tuple[str, ...]) -> int | None:
    """Return the place of the last word of a phrase that begins here, with no more words in a gap than allowed."""
    place, gap = start, GAP_WORDS
    for wanted in phrase[1:]:
        if wanted == WIDE_GAP:
            gap = WIDE_GAP_WORDS
            continue
        following = range(place + 1, min(len(written.words), place + 2 + gap))
        found = next((index for index in following if wanted in written.meanings[index]), None)
        if found is None:
            return None
        place, gap = found, GAP_WORDS
    return place


def _meanings(word: str) -> frozenset[str]:
    """Return the words of rules that a word may be."""
    rules = _rules()
    like = {
        wanted for letters in _letters(word) for wanted in rules.by_letters.get(letters, ()) if _is_like(word, wanted)
    }
    return frozenset(like | {rules.exact[word]} if word in rules.exact else like)


def _letters(word: str) -> set[str]:
    """
    Return the first letter of a word with the second, and with the third.

    Two words that differ by one slip, or by an ending, have one of them in common: no slip changes the first letter,
    and a slip at the second leaves the third, or moves it to the second place.
    """
    return {word[:2], word[:1] + word[2:3]}


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


def _is_number(word: str) -> bool:
    return word.isdecimal() and len(word) > 1


def _folded_rule(word: str) -> str:
    if word in {WIDE_GAP, NUMBER}:
        return word
    return ("=" if word.startswith("=") else "") + _fold(word.strip("=*")) + ("*" if word.endswith("*") else "")


def _fold(word: str) -> str:
    """Return a word without capitals and accents, with a letter that is written more than twice written once."""
    bare = word.casefold().translate(_LETTERS)
    if not bare.isascii():
        bare = "".join(sign for sign in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(sign))
    return _DRAWN_OUT.sub(r"\1", bare)
