"""Whom to call when somebody needs help now; shown on every public page, several of them, since none always answers."""

import functools
from dataclasses import dataclass
from datetime import date
from importlib import resources
from types import MappingProxyType

import yaml


@dataclass(frozen=True, slots=True)
class Helpline:
    """
    A number to call.

    Attributes:
        id: For templates and tests.
        number: As people write it.
        audience: "everyone" or "young".
        last_verified: The year of the page that the number was read in, not of any call that we made.
        verified_by_installation: The day on which the installation checked it, or None where it has not.
    """

    id: str
    number: str
    audience: str
    last_verified: int
    verified_by_installation: date | None
    names: MappingProxyType[str, str]
    hours: MappingProxyType[str, str]
    purposes: MappingProxyType[str, str]

    @property
    def tel(self) -> str:
        """The number for a ``tel:`` link: the short ones as they are, the long ones with the country's code."""
        digits = self.number.replace(" ", "")
        return f"+47{digits}" if len(digits) == 8 else digits

    def name(self, language: str) -> str:
        """Who answers, in nb, nn or en."""
        return self.names[language]

    def open(self, language: str) -> str:
        """When somebody answers, in nb, nn or en; empty where our sources do not say."""
        return self.hours[language]

    def purpose(self, language: str) -> str:
        """When to call this one, in nb, nn or en."""
        return self.purposes[language]


@functools.cache
def load() -> tuple[Helpline, ...]:
    """All help lines, the most urgent first."""
    text = resources.files("shared.reference").joinpath("data", "helplines.yaml").read_text(encoding="utf-8")
    data = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders
    return tuple(
        Helpline(
            id=entry["id"],
            number=entry["number"],
            audience=entry["audience"],
            last_verified=entry["last_verified"],
            verified_by_installation=entry.get("verified_by_installation"),
            names=MappingProxyType(entry["name"]),
            hours=MappingProxyType(entry["open"]),
            purposes=MappingProxyType(entry["purpose"]),
        )
        for entry in data
    )
