"""The register of places: postal codes, kommuner, and the bydeler of Oslo and Bergen."""

import csv
import difflib
import functools
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from itertools import chain
from types import MappingProxyType
from typing import Final

from shared.reference import place_text
from shared.reference.place_text import Reading, fold

EARTH_RADIUS_KM: Final = 6371.0088
"""Mean radius (IUGG)."""

UNCOVERED: Final = frozenset({"2100", "2211"})
"""Svalbard and Jan Mayen: not kommuner, so no centre covers them."""

OSLO: Final = "0301"

SAME_PLACE_KM: Final = 30.0
"""A poststed this near a kommune of the same name counts as that kommune."""

_NORDIC: Final = frozenset("æøåäö")

_FYLKER_OF: Final[Mapping[str, tuple[str, ...]]] = {
    fold(name): fylker
    for name, fylker in (
        ("Hedmark", ("Innlandet",)),
        ("Oppland", ("Innlandet",)),
        ("Hordaland", ("Vestland",)),
        ("Sogn og Fjordane", ("Vestland",)),
        ("Aust-Agder", ("Agder",)),
        ("Vest-Agder", ("Agder",)),
        ("Nord-Trøndelag", ("Trøndelag",)),
        ("Sør-Trøndelag", ("Trøndelag",)),
        ("Trööndelage", ("Trøndelag",)),
        ("Viken", ("Akershus", "Buskerud", "Østfold")),
        ("Vestfold og Telemark", ("Vestfold", "Telemark")),
        ("Troms og Finnmark", ("Troms", "Finnmark")),
        ("Romsa", ("Troms",)),
        ("Finnmárku", ("Finnmark",)),
        ("Nordlánnda", ("Nordland",)),
        ("Møre", ("Møre og Romsdal",)),
        ("M. og R.", ("Møre og Romsdal",)),
        ("M&R", ("Møre og Romsdal",)),
        ("Sørlandet", ("Agder",)),
        ("Vestlandet", ("Vestland", "Rogaland", "Møre og Romsdal")),
        ("Østlandet", ("Oslo", "Akershus", "Innlandet", "Østfold", "Buskerud", "Vestfold", "Telemark")),
        ("Nord-Norge", ("Nordland", "Troms", "Finnmark")),
        ("Midt-Norge", ("Trøndelag",)),
    )
}
"""Names of former fylker, of parts of the country, and other names of fylker: folded, with today's fylker."""

_AFTER_Z: Final = str.maketrans("æøå", "{|}")
_WHERE: Final = re.compile(r" (?:i|på) ")

SUGGESTIONS: Final = 5
"""Places to choose among when the text names none."""

_LIKE: Final = 0.72
"""How alike two names are at least, from 0 to 1, for one to be suggested for the other."""


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

        Capitals, accents and punctuation are ignored unless they distinguish places. A postal code counts wherever it
        stands; a fylke or kommune after a name, or in brackets, chooses among places of that name.
        """
        text = place_text.tidy(text)
        if codes := place_text.codes(text):
            known = [place for place in map(self.postal_code, codes) if place]
            named = [place for place in known if fold(place.name) in fold(text)]  # others may be numbers of houses
            return Found((named or known)[-1]) if known else UnknownCode(codes[-1])
        for reading in place_text.readings(text):
            if places := self._not_elsewhere(fold(reading.name), self._named(reading)):
                return _answer(places)
        for first, second in place_text.pairs(text):
            if places := self._named(Reading(first, second)) or self._shared(first, second):
                return _answer(places)
        parts = place_text.languages(text)
        found = [places for part in parts for reading in place_text.readings(part) if (places := self._named(reading))]
        if found:
            common = [place for place in found[0] if all(_meets(place, others) for others in found[1:])]
            return _answer(tuple(common) or tuple(dict.fromkeys(chain.from_iterable(found))))
        for reading, around in place_text.in_places(text):
            if places := self._named(around):
                return _answer(tuple(dict.fromkeys((*self._named(reading), *places))))
        return Unknown()

    def suggestions(self, text: str) -> tuple[Place, ...]:
        """Return places that may be meant by a text that :meth:`find` finds nothing for, the likeliest first."""
        text = place_text.tidy(text)
        if codes := place_text.codes(text):
            wanted = int(codes[-1])
            near = sorted(self._codes, key=lambda code: (abs(int(code) - wanted), code))[:SUGGESTIONS]
            return tuple(place for place in map(self.postal_code, sorted(near)) if place)
        if text.replace(" ", "").isdecimal():
            return self._codes_like(text.replace(" ", ""))
        key = fold(place_text.readings(text)[-1].name)
        if fylker := self._fylker(fold(text)) or self._fylker(key):
            return self._largest(fylker)
        if len(key) < 3:
            return ()
        return self._alike(key) or next(filter(None, map(self._alike, _words(key))), ())

    def _alike(self, key: str) -> tuple[Place, ...]:
        """Return the places of names that begin with a folded name or are spelt nearly so."""
        begins = sorted((name for name in self._names if name.startswith(key)), key=len)
        alike = difflib.get_close_matches(key, self._names, SUGGESTIONS, _LIKE)
        places = chain.from_iterable(self._names[name] for name in dict.fromkeys((*alike, *begins)))
        return tuple(dict.fromkeys(places))[:SUGGESTIONS]

    def _codes_like(self, digits: str) -> tuple[Place, ...]:
        """Return the places of codes that lack a digit here, such as a leading zero, or have one too many."""
        if len(digits) == 3:
            likely = [f"0{digits}", *(f"{digits}{last}" for last in range(10))]
        else:
            likely = [digits[:place] + digits[place + 1 :] for place in range(len(digits) - 1, -1, -1)]
        return tuple(place for code in dict.fromkeys(likely) if (place := self.postal_code(code)))[:SUGGESTIONS]

    def _fylker(self, key: str) -> tuple[str, ...]:
        """Return today's fylker of a folded name of a fylke or a part of the country."""
        today: dict[str, tuple[str, ...]] = {fold(each.fylke): (each.fylke,) for each in self.kommuner.values()}
        key = key.removesuffix(" fylke")
        return today.get(key, _FYLKER_OF.get(key, ()))

    def _not_elsewhere(self, key: str, places: tuple[Place, ...]) -> tuple[Place, ...]:
        """Return the places, none of another part of the country if the name is that of a fylke: "Oppland"."""
        fylker = self._fylker(key)
        return tuple(place for place in places if not fylker or self.kommuner[place.kommune].fylke in fylker)

    def _largest(self, fylker: tuple[str, ...]) -> tuple[Place, ...]:
        people = inhabitants()
        within = [kommune for kommune in self.kommuner.values() if kommune.fylke in fylker]
        within.sort(key=lambda kommune: -people.get(kommune.number, 0))
        return tuple(kommune.place for kommune in within[:SUGGESTIONS])

    def _named(self, reading: Reading) -> tuple[Place, ...]:
        """Return the places of a name, narrowed by the fylke or kommune that they are said to be in."""
        typed = f"{reading.name}, {reading.within}" if reading.within else reading.name
        for spelling in place_text.spellings(fold(reading.name)):
            places = tuple(place for place in self._names.get(spelling, ()) if _may_be(place, spelling, typed))
            if labelled := tuple(place for place in places if place.label.casefold() == typed.casefold()):
                return labelled
            if reading.within:
                places = tuple(place for place in places if self._is_within(place, reading.within))
            if places:
                return tuple(place for place in places if _spelled(place, reading.name.casefold())) or places
        return ()

    def _shared(self, first: str, second: str) -> tuple[Place, ...]:
        """Return the places of a name that have another name as well, as on signs in two languages."""
        others = self._named(Reading(second))
        return tuple(place for place in self._named(Reading(first)) if _meets(place, others))

    def _is_within(self, place: Place, within: str) -> bool:
        """Return True if a place is in a fylke or a kommune, each with or without that word."""
        kommune = self.kommuner[place.kommune]
        names = {fold(kommune.fylke), fold(kommune.name), fold(kommune.label), fold(f"{kommune.fylke} fylke")}
        parts = [fold(part) for part in within.split(",")]
        parts = [part for part in parts if kommune.fylke not in _FYLKER_OF.get(part, ())]
        return all(names.intersection(place_text.spellings(part)[:4]) or part in names for part in parts if part)

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


def _may_be(place: Place, spelling: str, typed: str) -> bool:
    """Return False for a name without æ, ø and å where one of them was typed: "Røa" is not "Roa"."""
    by_own_name = spelling in {fold(place.name), fold(_short(place.name))}
    return not by_own_name or not _NORDIC & set(typed.casefold()) or bool(_NORDIC & set(place.label.casefold()))


def _words(key: str) -> list[str]:
    """Return the words of a folded text that may be a name."""
    return [word for word in key.split() if len(word) > 3] if " " in key else []


def _meets(place: Place, others: tuple[Place, ...]) -> bool:
    return any(place.kommune == other.kommune for other in others)


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


def as_of() -> date:
    """Return the day of the register of postal codes."""
    text = resources.files("shared.reference").joinpath("data", "places_as_of.txt").read_text(encoding="utf-8")
    return date.fromisoformat(text.strip())


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
