"""The languages that a group can talk in."""

import csv
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Final

NORWEGIAN: Final = "nb"
"""Spoken Norwegian is one language here, in both written forms."""

_SAME: Final = MappingProxyType({"no": NORWEGIAN, "nn": NORWEGIAN})


@dataclass(frozen=True, slots=True)
class Language:
    """
    A language with its names.

    Attributes:
        code: ISO 639, two letters if the language has such a code.
        own_name: Its name in the language itself, in its own script.
        labels: Its name in nb, nn and en.
    """

    code: str
    own_name: str
    labels: MappingProxyType[str, str]

    def label(self, language: str) -> str:
        """Return the name in nb, nn or en."""
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
"""All languages to choose from, by code: Norwegian, English, Northern Sámi, then by their Norwegian names."""


def canonical(code: str) -> str | None:
    """Return the code used inside the system: "nb" for "no", "nn" and "nb"; None for an unknown language."""
    code = code.strip().lower()
    code = _SAME.get(code, code)
    return code if code in LANGUAGES else None


def label(code: str, language: str) -> str:
    """Return the name of a language in nb, nn or en; KeyError for an unknown language."""
    return LANGUAGES[code].label(language)
