"""
The cell: a meeting place, a weekday and time of day, and a language.

With the place in the cell every hard rule is one person against one cell, so any five to eight people who each fit a
cell are a possible group. No rule is between two people.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from shared.reference.places import distance_km


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """Where, when and in what language a group could meet."""

    place: str
    slot: str
    language: str

    @property
    def key(self) -> str:
        """The cell as one word, as it is written down."""
        return f"{self.place}|{self.slot}|{self.language}"

    @classmethod
    def read(cls, key: str) -> "Cell":
        """The cell that :attr:`key` wrote."""
        place, slot, language = key.split("|")
        return cls(place, slot, language)


@dataclass(frozen=True, slots=True)
class Place:
    """
    Where a group can meet.

    Attributes:
        latitude, longitude: Degrees, WGS 84.
        step_free: Whether somebody in a wheelchair can get in.
    """

    id: str
    latitude: float
    longitude: float
    step_free: bool


@dataclass(frozen=True, slots=True)
class Wishes:
    """
    What one person can do; every one of these is a hard limit.

    Attributes:
        latitude, longitude: About where they live, degrees, WGS 84.
        slots, languages: What suits, best first where there is a best.
        max_travel_km: As the crow flies.
        wheelchair: Only places with step-free access.
    """

    latitude: float
    longitude: float
    slots: tuple[str, ...]
    languages: tuple[str, ...]
    max_travel_km: int
    wheelchair: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """
    Somebody who waits.

    Attributes:
        signed_up_at: Their place in the line.
        refused: Cells that they have said no to, or did not answer; they are not asked about these again.
    """

    signup_id: UUID
    person_id: UUID
    wishes: Wishes
    signed_up_at: datetime
    refused: frozenset[Cell] = frozenset()

    @property
    def seniority(self) -> tuple[datetime, UUID]:
        """Sorts the line, longest waiting first; the id only so that equals have an order."""
        return self.signed_up_at, self.signup_id


_distance_km = lru_cache(maxsize=65536)(distance_km)


def travel_km(wishes: Wishes, place: Place) -> float:
    """How far this person has to this place, kilometres."""
    return _distance_km(wishes.latitude, wishes.longitude, place.latitude, place.longitude)


def reaches(wishes: Wishes, place: Place) -> bool:
    """Whether the person can get to the place and into it."""
    return (place.step_free or not wishes.wheelchair) and travel_km(wishes, place) <= wishes.max_travel_km


def fits(wishes: Wishes, cell: Cell, place: Place) -> bool:
    """Whether this cell breaks none of the person's limits."""
    return (
        cell.place == place.id
        and cell.slot in wishes.slots
        and cell.language in wishes.languages
        and reaches(wishes, place)
    )


def own_cells(wishes: Wishes, places: tuple[Place, ...]) -> tuple[tuple[Cell, float], ...]:
    """Every cell that the person fits, with the kilometres to it; nearest first, then in the order of their wishes."""
    near = sorted((travel_km(wishes, place), place.id) for place in places if reaches(wishes, place))
    return tuple(
        (Cell(place, slot, language), km)
        for km, place in near
        for slot in wishes.slots
        for language in wishes.languages
    )
