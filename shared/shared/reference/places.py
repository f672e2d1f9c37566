"""The register of places: postal codes, kommuner, and the bydeler of Oslo and Bergen."""

import csv
import functools
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib import resources
from itertools import chain
from types import MappingProxyType
from typing import Final

EARTH_RADIUS_KM: Final = 6371.0088
"""Mean radius (IUGG)."""

UNCOVERED: Final = frozenset({"2100", "2211"})
"""Svalbard and Jan Mayen: not kommuner, so no centre covers them."""

OSLO: Final = "0301"

SAME_PLACE_KM: Final = 30.0
"""A poststed this near a kommune of the same name counts as that kommune."""

_LETTERS: Final = str.maketrans({"ø": "o", "đ": "d", "ŋ": "n", "ŧ": "t", "ß": "ss", "æ": "ae"})
_AFTER_Z: Final = str.maketrans("æøå", "{|}")
_POSTAL_CODE: Final = re.compile(r"(?:[^0-9]*[ -])?([0-9]{4})(?:[ ,]+[^0-9]*)?")
_WHERE: Final = re.compile(r" (?:i|på) ")
_NOISE: Final = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class Place:
    """
    A place to live in or near.

    Attributes:
        kommune: The four-digit kommune number (SSB, 2024).
        name: The name alone, such as "Årstad".
        latitude, longitude: A point in degrees (WGS 84) that stands for the whole place; about a kilometre off in
            towns, several in the country.
        label: The unique name; :meth:`Places.find` finds every label.
    """

    kommune: str
    name: str
    latitude: float
    longitude: float
    label: str


@dataclass(frozen=True, slots=True)
class Kommune:
    """A kommune, or one of the two areas outside them; the point is that of its centre."""

    number: str
    name: str
    fylke: str
    latitude: float
    longitude: float

    @property
    def label(self) -> str:
        """The name with its fylke, since some kommuner share a name."""
        if self.number in UNCOVERED:
            return self.name
        return f"{self.name} kommune" if self.name == self.fylke else f"{self.name} kommune, {self.fylke}"

    @property
    def place(self) -> Place:
        """The kommune as a place to choose."""
        return Place(self.number, self.name, self.latitude, self.longitude, self.label)


@dataclass(frozen=True, slots=True)
class Found:
    """Exactly one place matches."""

    place: Place


@dataclass(frozen=True, slots=True)
class Choices:
    """Several places match, in Norwegian order; the person has to choose."""

    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class UnknownCode:
    """Four digits, perhaps a postal code newer than our register: ask for the kommune."""

    code: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """No place matches."""


Answer = Found | Choices | UnknownCode | Unknown


def distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Return the great-circle distance in kilometres between two points in degrees (haversine)."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half = math.sin((phi2 - phi1) / 2) ** 2
    half += math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, half)))


def sort_key(text: str) -> str:
    """Return a key that sorts Norwegian words: æ, ø and å after z, capitals with small letters."""
    return text.casefold().translate(_AFTER_Z)


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


@dataclass(frozen=True, slots=True)
class Places:
    """
    The register of places.

    Attributes:
        kommuner: By number, in Norwegian order of names.
    """

    kommuner: MappingProxyType[str, Kommune]
    _codes: dict[str, tuple[str, str, str, str]] = field(repr=False)
    _names: dict[str, tuple[Place, ...]] = field(repr=False)
    _oslo: dict[str, tuple[float, float]] = field(repr=False)

    def find(self, text: str) -> Answer:
        """
        Find the places of a postal code, a poststed, a kommune, a bydel, or a label that we once showed.

        Capitals, accents and punctuation are ignored unless they distinguish places.
        """
        text = " ".join(unicodedata.normalize("NFC", text[:200]).split())
        if code := _POSTAL_CODE.fullmatch(text):
            place = self.postal_code(code[1])
            return Found(place) if place else UnknownCode(code[1])
        typed = text.casefold()
        name, *rest = text.split(",", 1)
        for spelling in _spellings(fold(name)):
            if places := self._names.get(spelling):
                labelled = tuple(place for place in places if place.label.casefold() == typed)
                spelled = tuple(place for place in places if _spelled(place, typed))
                if labelled or not rest:
                    return _answer(labelled or spelled or places)
        return Unknown()

    def postal_code(self, code: str) -> Place | None:
        """Return the place of a four-digit postal code, None if it is not in the register."""
        row = self._codes.get(code)
        if row is None:
            return None
        name, kommune, latitude, longitude = row
        point = self._oslo[code[:2]] if kommune == OSLO else (float(latitude), float(longitude))
        return Place(kommune, name, *point, f"{code} {name}")

    def codes_of(self, kommune: str) -> tuple[str, ...]:
        """Return the postal codes of a kommune, in order."""
        return tuple(sorted(code for code, row in self._codes.items() if row[1] == kommune))

    def kommune(self, number: str) -> Place | None:
        """Return the kommune with this number as a place, or None."""
        kommune = self.kommuner.get(number)
        return kommune.place if kommune else None


def _spellings(key: str) -> Iterator[str]:
    yield key
    for word in ("kommune", "bydel"):
        yield key.removesuffix(f" {word}").removeprefix(f"{word} ")
    yield key.replace("oe", "o")


def _spelled(place: Place, typed: str) -> bool:
    """Return True if the text is exactly this place's name; a final "kommune" in it counts."""
    name = place.label.split(",")[0] if typed.endswith(" kommune") else _short(place.name)
    return name.casefold() == typed


def _short(name: str) -> str:
    """Return the name without its location: "Nes" of "Nes i Ådal"."""
    return _WHERE.split(name)[0]


def _answer(places: tuple[Place, ...]) -> Found | Choices:
    return Found(places[0]) if len(places) == 1 else Choices(places)


@functools.cache
def load() -> Places:
    """Return the register of the package; read once."""
    kommuner = {
        number: Kommune(number, name, fylke, float(latitude), float(longitude))
        for number, name, fylke, latitude, longitude in sorted(_rows("kommuner.csv"), key=lambda row: sort_key(row[1]))
    }
    codes = {code: (name, kommune, lat, lon) for code, name, kommune, lat, lon in _rows("places.csv")}
    oslo = {prefix: (float(lat), float(lon)) for prefix, lat, lon in _rows("oslo_prefixes.csv")}
    return Places(MappingProxyType(kommuner), codes, _index(kommuner, codes.values()), oslo)


@functools.cache
def inhabitants() -> MappingProxyType[str, int]:
    """Return the approximate population of each kommune, by number; for weighting, not for counting. Read once."""
    return MappingProxyType({kommune: int(count) for kommune, count in _rows("population.csv")})


def _index(kommuner: dict[str, Kommune], codes: Iterable[tuple[str, str, str, str]]) -> dict[str, tuple[Place, ...]]:
    """Return all places by search key; a poststed with the name of its kommune is the kommune."""
    places = [kommune.place for kommune in kommuner.values()]
    seen = {(place.kommune, place.name) for place in places}
    for name, kommune, latitude, longitude in chain(_rows("districts.csv"), codes):
        if (kommune, name) not in seen:
            seen.add((kommune, name))
            places.append(_within(name, kommuner[kommune], latitude, longitude))
    by_key: dict[str, list[Place]] = {}
    for place in places:
        for name in {place.name, _short(place.name)}:
            key = fold(name)
            by_key.setdefault(key, []).append(place)
            if "æ" in name.casefold():
                by_key.setdefault(key.replace("ae", "a"), []).append(place)
    for name, number in _rows("other_names.csv"):
        by_key.setdefault(fold(name), []).append(kommuner[number].place)
    return {key: tuple(places) if len(places) == 1 else _distinct(places, kommuner) for key, places in by_key.items()}


def _distinct(places: list[Place], kommuner: dict[str, Kommune]) -> tuple[Place, ...]:
    """Return the places to choose from, in Norwegian order, without a poststed near a kommune of its name."""
    whole = [place for place in places if place.label == kommuner[place.kommune].label]
    kept = {
        place
        for place in places
        if place in whole
        or not any(
            place.kommune == kommune.kommune
            or distance_km(place.latitude, place.longitude, kommune.latitude, kommune.longitude) < SAME_PLACE_KM
            for kommune in whole
        )
    }
    return tuple(sorted(kept, key=lambda place: sort_key(place.label)))


def _within(name: str, kommune: Kommune, latitude: str, longitude: str) -> Place:
    return Place(kommune.number, name, float(latitude), float(longitude), f"{name}, {kommune.label}")


def _rows(file: str) -> Iterator[list[str]]:
    with resources.files("shared.reference").joinpath("data", file).open(encoding="utf-8") as lines:
        rows = csv.reader(lines)
        next(rows)
        yield from rows
