"""Where people live and groups meet: postal codes, kommuner, and the bydeler of Oslo and Bergen."""

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
"""A poststed this near a kommune of the same name is taken as that kommune."""

_LETTERS: Final = str.maketrans({"ø": "o", "đ": "d", "ŋ": "n", "ŧ": "t", "ß": "ss", "æ": "ae"})
_AFTER_Z: Final = str.maketrans("æøå", "{|}")
_POSTAL_CODE: Final = re.compile(r"(?:[^0-9]*[ -])?([0-9]{4})(?:[ ,]+[^0-9]*)?")
_WHERE: Final = re.compile(r" (?:i|på) ")
_NOISE: Final = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class Place:
    """
    A place that somebody can live in or near.

    Attributes:
        kommune: The four-digit kommune number (SSB, 2024).
        name: The name alone, such as "Årstad".
        latitude, longitude: A point in degrees (WGS 84) that stands for the whole place; about a kilometre off in
            towns, several in the country.
        label: The name as people need it to tell places apart; :meth:`Places.find` knows every label.
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
    """Only one place can be meant."""

    place: Place


@dataclass(frozen=True, slots=True)
class Choices:
    """Several places have this name, in Norwegian order; the person has to say which."""

    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class UnknownCode:
    """Four digits that may well be a postal code, but newer than our register: ask for the kommune."""

    code: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing that we know has this name."""


Answer = Found | Choices | UnknownCode | Unknown


def distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """The great-circle distance in kilometres between two points in degrees (haversine)."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half = math.sin((phi2 - phi1) / 2) ** 2
    half += math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, half)))


def sort_key(text: str) -> str:
    """Orders Norwegian words alike everywhere: æ, ø and å after z, capitals with small letters."""
    return text.casefold().translate(_AFTER_Z)


def fold(text: str) -> str:
    """
    What is left of a name when capitals, accents and signs do not count: "Årstad", "arstad" and "AARSTAD" are one.

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
        What somebody may mean by a postal code, a poststed, a kommune, a bydel, or a label that we once showed.

        Capitals, accents and signs do not count unless they are needed to choose.
        """
        text = " ".join(unicodedata.normalize("NFC", text[:200]).split())
        if code := _POSTAL_CODE.fullmatch(text):
            place = self.postal_code(code[1])
            return Found(place) if place else UnknownCode(code[1])
        said = text.casefold()
        name, *rest = text.split(",", 1)
        for wanted in _spellings(fold(name)):
            if places := self._names.get(wanted):
                labelled = tuple(place for place in places if place.label.casefold() == said)
                spelled = tuple(place for place in places if _spelled(place, said))
                if labelled or not rest:
                    return _answer(labelled or spelled or places)
        return Unknown()

    def postal_code(self, code: str) -> Place | None:
        """The place of a four-digit postal code, or None where the register does not have it."""
        row = self._codes.get(code)
        if row is None:
            return None
        name, kommune, latitude, longitude = row
        point = self._oslo[code[:2]] if kommune == OSLO else (float(latitude), float(longitude))
        return Place(kommune, name, *point, f"{code} {name}")

    def codes_of(self, kommune: str) -> tuple[str, ...]:
        """The postal codes of a kommune, in order."""
        return tuple(sorted(code for code, row in self._codes.items() if row[1] == kommune))

    def kommune(self, number: str) -> Place | None:
        """The kommune with this number as a place, or None."""
        kommune = self.kommuner.get(number)
        return kommune.place if kommune else None


def _spellings(key: str) -> Iterator[str]:
    yield key
    for word in ("kommune", "bydel"):
        yield key.removesuffix(f" {word}").removeprefix(f"{word} ")
    yield key.replace("oe", "o")


def _spelled(place: Place, said: str) -> bool:
    """Whether exactly this place was said; the word kommune at the end is part of what was said."""
    name = place.label.split(",")[0] if said.endswith(" kommune") else _short(place.name)
    return name.casefold() == said


def _short(name: str) -> str:
    """What people say of a place when they do not say where it lies: "Nes" of "Nes i Ådal"."""
    return _WHERE.split(name)[0]


def _answer(places: tuple[Place, ...]) -> Found | Choices:
    return Found(places[0]) if len(places) == 1 else Choices(places)


@functools.cache
def load() -> Places:
    """The register that the package ships with; read once."""
    kommuner = {
        number: Kommune(number, name, fylke, float(latitude), float(longitude))
        for number, name, fylke, latitude, longitude in sorted(_rows("kommuner.csv"), key=lambda row: sort_key(row[1]))
    }
    codes = {code: (name, kommune, lat, lon) for code, name, kommune, lat, lon in _rows("places.csv")}
    oslo = {prefix: (float(lat), float(lon)) for prefix, lat, lon in _rows("oslo_prefixes.csv")}
    return Places(MappingProxyType(kommuner), codes, _index(kommuner, codes.values()), oslo)


@functools.cache
def inhabitants() -> MappingProxyType[str, int]:
    """About how many live in each kommune, by number; good for weighing, not for counting. Read once."""
    return MappingProxyType({kommune: int(count) for kommune, count in _rows("population.csv")})


def _index(kommuner: dict[str, Kommune], codes: Iterable[tuple[str, str, str, str]]) -> dict[str, tuple[Place, ...]]:
    """Every key that a name or a label may be found under; a poststed named as its kommune is the kommune."""
    places = [kommune.place for kommune in kommuner.values()]
    taken = {(place.kommune, place.name) for place in places}
    for name, kommune, latitude, longitude in chain(_rows("districts.csv"), codes):
        if (kommune, name) not in taken:
            taken.add((kommune, name))
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
    return {key: tuple(found) if len(found) == 1 else _distinct(found, kommuner) for key, found in by_key.items()}


def _distinct(found: list[Place], kommuner: dict[str, Kommune]) -> tuple[Place, ...]:
    """Those that a person has to choose between, in Norwegian order; a poststed beside its namesake is not one."""
    whole = [place for place in found if place.label == kommuner[place.kommune].label]
    kept = {
        place
        for place in found
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
