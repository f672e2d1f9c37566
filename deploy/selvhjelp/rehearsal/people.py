"""Invent people in real kommuner; the same seed gives the same people."""

import random
from dataclasses import dataclass
from typing import Any, Final

from shared.reference import place_text, places
from shared.reference.slots import SLOTS

FIRST_NAMES: Final = (
    *("Kari", "Anne", "Ingrid", "Marit", "Liv", "Berit", "Astrid", "Solveig", "Hilde", "Nina", "Silje", "Ida", "Emma"),
    *("Nora", "Sara", "Amina", "Fatima", "Maria", "Elena", "Joanna", "Ola", "Per", "Jan", "Bjørn", "Lars", "Kjell"),
    *("Arne", "Svein", "Geir", "Morten", "Jonas", "Henrik", "Magnus", "Åse", "Øystein", "Jon", "Ahmed", "Mateusz"),
    *("Tariq", "Luis"),
)
EVENINGS: Final = tuple(slot for slot in SLOTS if slot.endswith("evening") and slot[:3] in {"mon", "tue", "wed", "thu"})
LANGUAGES: Final = (
    ("nb",),
    ("nb",),
    ("nb",),
    ("nb", "en"),
    ("nb", "en"),
    ("en",),
    ("nb", "ar"),
    ("nb", "es"),
    ("pl", "nb"),
)
MAIL_LANGUAGES: Final = ("nb", "nb", "nb", "nb", "nn", "en")


@dataclass(frozen=True)
class InventedPerson:
    """A person who does not exist."""

    first_name: str
    email: str
    place: str
    slots: tuple[str, ...]
    languages: tuple[str, ...]
    max_travel_km: int
    language: str

    def payload(self, consent_version: str, information_version: str | None) -> dict[str, Any]:
        """Return the body of ``POST /api/v1/signups``."""
        return {
            "first_name": self.first_name,
            "email": self.email,
            "mobile": None,
            "place": self.place,
            "slots": list(self.slots),
            "languages": list(self.languages),
            "max_travel_km": self.max_travel_km,
            "language": self.language,
            "adult": True,
            "consent_version": consent_version,
            "information_version": information_version,
        }


def invent(count: int, kommuner: list[str], seed: int, *, tag: str = "") -> list[InventedPerson]:
    """
    Return invented people who live in some kommuner, in proportion to their postal codes.

    Args:
        count: Number of people.
        kommuner: Four-digit numbers.
        seed: Seed of all random choices.
        tag: Part of each address, so that the addresses of two calls differ.
    """
    chance = random.Random(seed)  # noqa: S311 - invents people, guards nothing
    codes = [code for kommune in kommuner for code in places.load().codes_of(kommune)]
    return [_one(chance, number, chance.choice(codes), tag) for number in range(count)]


def _one(chance: random.Random, number: int, code: str, tag: str) -> InventedPerson:
    first_name = chance.choice(FIRST_NAMES)
    return InventedPerson(
        first_name=first_name,
        email=f"{place_text.fold(first_name).replace(' ', '')}.{number}{tag}@example.org",
        place=code,
        slots=tuple(sorted(chance.sample(EVENINGS, chance.choice((1, 2, 2, 3))))),
        languages=chance.choice(LANGUAGES),
        max_travel_km=chance.choice((10, 15, 20, 30, 50)),
        language=chance.choice(MAIL_LANGUAGES),
    )
