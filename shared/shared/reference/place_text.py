"""Places as people write them: a postal code anywhere in the text, names with fylke, and names in several languages."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

TEXT_MAX: Final = 200  # characters that are read
PAIR_WORDS: Final = 6  # words of two names side by side

_FOUR: Final = re.compile(r"(?<!\d)\d{4}(?!\d)")
_SPACED: Final = re.compile(r"(?<!\d)(?<!\d )(?:\d[ .]?){3}\d(?!\d)(?! \d)")
_IN_BRACKETS: Final = re.compile(r"^(.*?)\s*[(\[]([^)\]]*)[)\]]\s*$")
_AFTER_COMMA: Final = re.compile(r"^(.+?)\s*,\s*(.+)$")
_WITHIN: Final = re.compile(r"^(.+?) (?:i|på) (.+)$")
_NARROWED: Final = (_IN_BRACKETS, _AFTER_COMMA, _WITHIN)
_BETWEEN: Final = re.compile(r"\s*[-\u2010-\u2015/|]\s*|\s+(?:og|eller|el\.?|and|or|&)\s+", re.IGNORECASE)
_ABOUT: Final = re.compile(
    r"^(?:(?:jeg|eg|vi|i|på|ved|nær|nærme|nærheten av|nærleiken av|utenfor|utanfor|like|rett|midt|sentralt|rundt|"
    r"omkring|kring|bor|bur|fra|frå|området|sentrum av|(?:nord|sør|øst|aust|vest) for|near|outside|around|close to|"
    r"live|in|from) )+(?=\w)",
    re.IGNORECASE,
)
_PART: Final = re.compile(
    r"(?:\s*[,(]?\s*\b(?:sentrum|by|området|omegn|og omegn|med omegn|nord|sør|syd|øst|aust|vest|city|center|centre|"
    r"area)\)?|(?<=\w)-?området)$",
    re.IGNORECASE,
)
_BOX: Final = re.compile(r"\b(?:postboks|boks|p\.? ?b\.?|p\.? ?o\.? ?box)\.? ?(?:nr\.? ?)?\d+\b,?", re.IGNORECASE)
_COUNTRY: Final = re.compile(r"\s*[,(]?\s*\b(?:norge|noreg|norway)\)?$", re.IGNORECASE)
_DEFINITE: Final = ("a", "en", "et", "n")

_LETTERS: Final = str.maketrans({"ø": "o", "đ": "d", "ŋ": "n", "ŧ": "t", "ß": "ss", "æ": "ae"})
_NOISE: Final = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class Reading:
    """
    One way to read a text.

    Attributes:
        name: The name of a place.
        within: The fylke or kommune that it is in, if the text says so.
    """

    name: str
    within: str = ""


def tidy(text: str) -> str:
    """Return the start of a text with ordinary digits and single spaces, without unseen marks and numbers of boxes."""
    text = unicodedata.normalize("NFC", text[:TEXT_MAX])
    text = "".join(unicodedata.normalize("NFKC", sign) if sign.isdecimal() else sign for sign in text)
    text = "".join(" " if sign.isspace() else sign for sign in text if unicodedata.category(sign) != "Cf")
    return " ".join(_BOX.sub(" ", " ".join(text.split())).split())


def codes(text: str) -> tuple[str, ...]:
    """Return all that may be postal codes in a tidy text, in order: "5003Bergen", "5 003", "Storgata 5, 5003"."""
    digits = "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)
    if found := _FOUR.findall(digits):
        return tuple(found)
    return tuple(re.sub(r"[ .]", "", spaced) for spaced in _SPACED.findall(digits))


def readings(text: str) -> tuple[Reading, ...]:
    """Return the ways to read a tidy text as a name, the most exact first."""
    bare = _ABOUT.sub("", _COUNTRY.sub("", text))
    narrowed = [Reading(match[1], match[2]) for pattern in _NARROWED if (match := pattern.match(bare))]
    whole = _PART.sub("", bare)
    return tuple(dict.fromkeys((Reading(text), Reading(bare or text), *narrowed, Reading(whole or text))))


def in_places(text: str) -> tuple[tuple[Reading, Reading], ...]:
    """Return a name and what it is said to be in: "Majorstua" and "Oslo", "Storgata 5" and "Bergen"."""
    bare = _PART.sub("", _ABOUT.sub("", _COUNTRY.sub("", text)))
    matches = [match for pattern in _NARROWED if (match := pattern.match(bare))]
    return tuple((Reading(match[1]), Reading(match[2].rpartition(",")[2].strip())) for match in matches)


def pairs(text: str) -> tuple[tuple[str, str], ...]:
    """Return the ways to read a tidy text as two names side by side: "Deatnu Tana", "Våler - Østfold"."""
    parts = languages(text) or tuple(text.split())
    if not 2 <= len(parts) <= PAIR_WORDS:
        return ()
    return tuple((" ".join(parts[:cut]), " ".join(parts[cut:])) for cut in range(1, len(parts)))


def languages(name: str) -> tuple[str, ...]:
    """Return the names in a name that is written in several languages, with a dash or a slash between them."""
    parts = tuple(part for part in _BETWEEN.split(name) if part)
    return parts if len(parts) > 1 else ()


def spellings(key: str) -> tuple[str, ...]:
    """Return the folded spellings under which a folded name may be found, the most exact first."""
    words = [key, *(key.removesuffix(f" {kind}").removeprefix(f"{kind} ") for kind in ("kommune", "bydel", "fylke"))]
    words.append(key.replace("oe", "o"))
    words += [key.removesuffix(ending) for ending in _DEFINITE if key.endswith(ending) and len(key) > 5]
    words += [f"{key}{ending}" for ending in _DEFINITE if len(key) > 4]
    return tuple(dict.fromkeys(words))


def fold(text: str) -> str:
    """
    Return a name without capitals, accents and punctuation: "Årstad", "arstad" and "AARSTAD" give the same.

    "æ" becomes "ae".
    """
    bare = text.casefold()
    if not bare.isascii():
        bare = unicodedata.normalize("NFKD", bare.translate(_LETTERS))
        bare = "".join(c for c in bare if not unicodedata.combining(c))
    return _NOISE.sub(" ", bare).strip().replace("aa", "a")
