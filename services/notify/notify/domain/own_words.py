"""Words that a centre writes itself in mails, and the rules that they keep."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from notify.domain.discretion import FIRST_LINE_CHARACTERS, revealing_words


class Rule(StrEnum):
    """
    A rule that own words keep.

    Attributes:
        CODES: No HTML; mail programs get plain words.
        LINKS: No link or address but the centre's own; those that the mail needs are there already.
        ASKS_WHY: Nobody is asked why they want a group, or what is hard in their life.
        DISCREET: Nothing that a bystander must not read where a locked screen shows it.
        UNKNOWN_FIELD, MISSING_FIELD, LOOSE_BRACE: Fields in braces are known, are not left out, and are whole.
    """

    CODES = "codes"
    LINKS = "links"
    ASKS_WHY = "asks_why"
    DISCREET = "discreet"
    UNKNOWN_FIELD = "unknown_field"
    MISSING_FIELD = "missing_field"
    LOOSE_BRACE = "loose_brace"


@dataclass(frozen=True)
class Problem:
    """A rule that a text breaks, and the words in it that do."""

    rule: Rule
    words: str = ""


_CODES: Final = re.compile(r"<[A-Za-z!/?][^<>]{0,40}>?|&(?:#\w{1,8}|[A-Za-z]{2,10});|\[[^\]\n]*\]\([^)\n]*\)")
_ADDRESSES: Final = re.compile(
    r"[a-z][a-z\d+.-]*://\S+|(?:mailto|tel|javascript|data):\S+|[^\s@<>()]+@[^\s@<>()]+|"
    r"(?:[^\W_][\w-]+\.)+[^\W\d_]{2,}(?:[/?#:]\S*)?",
    re.IGNORECASE,
)
_YOU: Final = r"(?:du|deg|din|ditt|dine|dere|dykk|de|you|your)"
_HARD: Final = (
    r"(?:slit(?:er|e|t)?\b|strev|struggl|plag|problem|utfordring|vanskel|difficult|trouble|bother|tung(?:t)?\b|vondt|"
    r"diagnos|helse|health|livssituasjon|bakgrunn|background)"
)
_ASKS: Final = (
    re.compile(rf"\b(?:hvorfor|kvifor|why)\b[^.!?\n]*\b{_YOU}\b", re.IGNORECASE),
    re.compile(rf"\b(?:hva|kva|hvilke\w*|what|which)\b[^.!?\n]*{_HARD}[^.!?\n]*\?", re.IGNORECASE),
    re.compile(
        rf"\b(?:fortell|fortel|skriv|beskriv|del|tell us|describe|share)\b[^.!?\n]*(?:{_HARD}|hvorfor|kvifor|why)",
        re.IGNORECASE,
    ),
    re.compile(rf"\b(?:grunnen|årsaken|årsaka|the reason)\b[^.!?\n]*\b{_YOU}\b[^.!?\n]*\?", re.IGNORECASE),
    re.compile(r"\bdiagnos\w*", re.IGNORECASE),
)
"""Questions about the person's life; a centre never needs the answer in a mail."""


def broken_rules(text: str, *, hosts: Collection[str], emails: Collection[str]) -> list[Problem]:
    """
    Return the rules that any own text breaks.

    Args:
        text: The text, cleaned.
        hosts: Host names to which a link may lead.
        emails: Addresses that may stand in it.
    """
    found = []
    if codes := _CODES.search(text):
        found.append(Problem(Rule.CODES, codes.group()))
    if foreign := next((word for word in _addresses(text) if not _is_own(word, hosts, emails)), None):
        found.append(Problem(Rule.LINKS, foreign))
    if asked := next((match for pattern in _ASKS if (match := pattern.search(text))), None):
        found.append(Problem(Rule.ASKS_WHY, asked.group()))
    return found


def revealing(text: str, *, first_line_only: bool = False) -> list[Problem]:
    """Return the rule that a subject, or the first line of a mail, breaks where others can read it."""
    seen = text[:FIRST_LINE_CHARACTERS] if first_line_only else text
    words = revealing_words(seen)
    whole = re.search(rf"\w*{re.escape(words[0])}\w*", text) if words else None
    return [Problem(Rule.DISCREET, whole.group())] if whole is not None else []


def host_of(url: str | None) -> str:
    """Return the host name of a URL; empty if there is none."""
    return (urlsplit(url).hostname or "").removeprefix("www.") if url else ""


def _addresses(text: str) -> list[str]:
    return [match.group().rstrip(".,;:!?)»\"'") for match in _ADDRESSES.finditer(text)]


def _is_own(word: str, hosts: Collection[str], emails: Collection[str]) -> bool:
    if "://" not in word and "@" in word:
        return word.casefold() in {email.casefold() for email in emails}
    if re.match(r"(?:mailto|tel|javascript|data):", word, re.IGNORECASE):
        return False
    if "@" in word:
        return False  # https://the-centre.example@elsewhere.example
    try:
        url = urlsplit(word if "://" in word else f"https://{word}")
        host = (url.hostname or "").removeprefix("www.")
    except ValueError:
        return False
    return url.scheme in {"http", "https"} and host in hosts


def paragraphs_of(text: str) -> tuple[str, ...]:
    """Return the paragraphs of a cleaned text, which empty lines separate."""
    return tuple(part for part in text.split("\n\n") if part)


# Fields in braces


class FieldName(StrEnum):
    """A field that own words can have: of a person it gives nothing but the first name."""

    FIRST_NAME = "fornavn"
    CENTRE = "senter"
    PHONE = "telefon"
    TERM = "gruppe"
    WHEN = "tid"
    DEADLINE = "frist"


_NAMES: Final = frozenset(name.value for name in FieldName)
_FIELD: Final = re.compile(r"\{([^{}\n]*)\}")


def fields_in(text: str) -> tuple[str, ...]:
    """Return the names in braces, in lower case and in their order; known or not."""
    return tuple(match.group(1).strip().casefold() for match in _FIELD.finditer(text))


def without_fields(text: str) -> str:
    """Return the text that is the same in every mail."""
    return _FIELD.sub("", text)


def broken_fields(text: str, allowed: Collection[FieldName], needed: Collection[FieldName] = ()) -> list[Problem]:
    """
    Return the rules about fields that a text breaks.

    Args:
        text: The text.
        allowed: Fields that the mail has.
        needed: Fields that must be in the text.
    """
    names = fields_in(text)
    found = [Problem(Rule.UNKNOWN_FIELD, name) for name in dict.fromkeys(names) if name not in allowed]
    found += [Problem(Rule.MISSING_FIELD, name.value) for name in needed if name.value not in names]
    if any(brace in without_fields(text) for brace in "{}"):
        found.append(Problem(Rule.LOOSE_BRACE))
    return found


def filled(text: str, values: Mapping[FieldName, str | None]) -> str | None:
    """Return the text with its fields filled in; None if one of them has no value in this mail."""
    if any(name not in _NAMES or not values.get(FieldName(name)) for name in fields_in(text)):
        return None
    return _FIELD.sub(lambda match: values[FieldName(match.group(1).strip().casefold())] or "", text)
