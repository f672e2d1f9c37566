"""The languages that a group can talk in."""

import csv
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Final

NORWEGIAN: Final = "nb"
"""Spoken Norwegian is one language here, whichever way people write it."""

_SAME: Final = MappingProxyType({"no": NORWEGIAN, "nn": NORWEGIAN})


@dataclass(frozen=True, slots=True)
class Language:
    """
    A language with its names.

    Attributes:
        code: ISO 639, two letters where there are two.
        own_name: What those who speak it call it, in its own script.
        labels: Its name in nb, nn and en.
    """

    code: str
    own_name: str
    labels: MappingProxyType[str, str]

    def label(self, language: str) -> str:
        """The name in nb, nn or en."""
        return self.labels[language]


def _read() -> MappingProxyType[str, Language]:
    with resources.files("shared.reference").joinpath("data", "languages.csv").open(encoding="utf-8") as lines:
        rows = csv.reader(lines)
        next(rows)
        return MappingProxyType(
            {
                code: Language(code, own_name, MappingProxyType({"nb": nb, "nn": nn, "en": en}))
                for code, own_name, nb, nn, en in rows
            }
        )


LANGUAGES: Final = _read()
"""All that can be chosen, by code: Norwegian, English and Northern Sámi first, then by their names in Norwegian."""


def canonical(code: str) -> str | None:
    """The code that is used inside the system, so that "no", "nn" and "nb" can meet; None where we do not have it."""
    code = code.strip().lower()
    code = _SAME.get(code, code)
    return code if code in LANGUAGES else None


def label(code: str, language: str) -> str:
    """The name of a language in nb, nn or en; KeyError where we do not have it."""
    return LANGUAGES[code].label(language)
