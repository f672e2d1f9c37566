"""
Cells, and the people, places and igangsettere that are matched to them.

A cell is a meeting place, a weekday and time of day, a language, and the wishes about the other members on which all
members agree. Every hard limit compares one person with one cell, so any five to eight people who each fit a cell are
a possible group.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import combinations
from uuid import UUID

from grouping.domain.matching.objective import DIGITAL_AS_KM
from shared.reference.places import distance_km


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """
    A place, a time, a language and a wish profile for a group.

    Attributes:
        place: The id of a :class:`Place`.
        slot: A weekday and time of day, such as "tue-evening".
        language: A code such as "nb".
        wishes: The wish profile: all wishes that the members accept, such as "women", sorted and joined by "+". Empty
            for most groups. See :func:`wish_profiles`.
    """

    place: str
    slot: str
    language: str
    wishes: str = ""

    @property
    def key(self) -> str:
        """The cell as one string, for storage and links."""
        parts = (self.place, self.slot, self.language, self.wishes)
        return "|".join(parts if self.wishes else parts[:3])

    @classmethod
    def from_key(cls, key: str) -> "Cell":
        """Parse a string written by :attr:`key`."""
        return cls(*key.split("|"))


@dataclass(frozen=True, slots=True)
class Place:
    """
    A meeting place: a room, or the middle of a town if no room is needed.

    Attributes:
        latitude, longitude: Degrees, WGS 84.
        step_free: True if a wheelchair user can enter.
        max_people: The room's capacity; None if unlimited.
        slots: Slots in which a group can meet here; None if every slot is open.
        max_groups: Number of groups that can meet here in the same slot; None if unlimited.
        digital: True for a meeting on screen, which is equally near to everyone who accepts one.
        lacks_room: True if a group here lacks the room that its centre wants; other places are preferred.
    """

    id: str
    latitude: float
    longitude: float
    step_free: bool
    max_people: int | None = None
    slots: frozenset[str] | None = None
    max_groups: int | None = None
    digital: bool = False
    lacks_room: bool = False

    def km_from(self, latitude: float, longitude: float) -> float:
        """Return the distance from a home; 0 on screen."""
        return 0.0 if self.digital else distance_km(latitude, longitude, self.latitude, self.longitude)

    def largest_group(self, size_max: int) -> int:
        """Return the largest size of a group here, given the policy's maximum size."""
        return size_max if self.max_people is None else min(size_max, self.max_people)


@dataclass(frozen=True, slots=True)
class Wishes:
    """
    The hard limits of one person.

    Attributes:
        latitude, longitude: The approximate home, degrees, WGS 84.
        slots, languages: Suitable slots and languages, in order of preference if there is one.
        max_travel_km: As the crow flies.
        wheelchair: True if only places with step-free access are possible.
        accepts: Wishes about the other members that this person can agree to.
        requires: Wishes about the other members that must be fulfilled.
        slots_if_needed: Further slots, which suit only if need be.
        digital: Whether a meeting on screen is no choice, one among others, or the only one.
    """

    latitude: float
    longitude: float
    slots: tuple[str, ...]
    languages: tuple[str, ...]
    max_travel_km: int
    wheelchair: bool
    accepts: frozenset[str] = frozenset()
    requires: frozenset[str] = frozenset()
    slots_if_needed: tuple[str, ...] = ()
    digital: str = "no"

    @property
    def possible_slots(self) -> tuple[str, ...]:
        """All acceptable slots, those that suit first."""
        return (*self.slots, *(slot for slot in self.slots_if_needed if slot not in self.slots))

    def only_if_needed(self, slot: str) -> bool:
        """Return True if the slot is acceptable, but does not suit."""
        return slot in self.slots_if_needed and slot not in self.slots


@dataclass(frozen=True, slots=True)
class Starter:
    """
    An igangsetter as a resource of matching.

    Attributes:
        latitude, longitude: The approximate home, degrees, WGS 84.
        reach_km: The longest journey, as the crow flies.
        slots, languages: Slots and languages in which this igangsetter can start a group.
        remaining_groups: Number of further groups that this igangsetter can start now.
    """

    id: UUID
    latitude: float
    longitude: float
    reach_km: int
    slots: frozenset[str]
    languages: frozenset[str]
    remaining_groups: int


@dataclass(frozen=True, slots=True)
class WaitingPerson:
    """
    A person on the waiting list, by one sign-up.

    Attributes:
        signed_up_at: Decides the waiting list order.
        declined: Cells that the person declined or let lapse. They are never offered again.
        language: The language of mails. It does not affect matching and is ignored by ``==``.
    """

    signup_id: UUID
    person_id: UUID
    wishes: Wishes
    signed_up_at: datetime
    declined: frozenset[Cell] = frozenset()
    language: str = field(default="nb", compare=False)

    @property
    def seniority(self) -> tuple[datetime, UUID]:
        """Sort key of the waiting list, longest waiting first. The sign-up's id breaks ties."""
        return self.signed_up_at, self.signup_id


@lru_cache(maxsize=65536)
def _distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    return round(distance_km(lat1, lon1, lat2, lon2), 1)


def travel_km(wishes: Wishes, place: Place) -> float:
    """Return the distance from home to a place in kilometres, one decimal: the same number that pages show."""
    if place.digital:
        return 0.0
    return _distance_km(wishes.latitude, wishes.longitude, place.latitude, place.longitude)


def cost_km(wishes: Wishes, place: Place) -> float:
    """Return the distance that the objective counts for a place."""
    return DIGITAL_AS_KM if place.digital else travel_km(wishes, place)


def can_reach(wishes: Wishes, place: Place) -> bool:
    """Return True if the place is within travel distance and accessible, or on screen for people who accept that."""
    if place.digital:
        return wishes.digital != "no"
    if wishes.digital == "only":
        return False
    return (place.step_free or not wishes.wheelchair) and travel_km(wishes, place) <= wishes.max_travel_km


def fits(wishes: Wishes, cell: Cell, place: Place) -> bool:
    """Return True if the cell violates none of the person's limits."""
    profile = frozenset(cell.wishes.split("+")) - {""}
    return (
        cell.place == place.id
        and cell.slot in wishes.possible_slots
        and (place.slots is None or cell.slot in place.slots)
        and cell.language in wishes.languages
        and wishes.requires <= profile <= wishes.accepts | wishes.requires
        and can_reach(wishes, place)
    )


def wish_profiles(offered: Iterable[str]) -> tuple[str, ...]:
    """
    Return every wish profile that a group can have if these wishes are offered, the empty profile first.

    A profile is a set of wishes on which all members agree, written as in :attr:`Cell.wishes`. "men" and "women"
    exclude each other.
    """
    names = sorted(set(offered))
    profiles = (profile for size in range(len(names) + 1) for profile in combinations(names, size))
    return tuple("+".join(profile) for profile in profiles if not {"men", "women"} <= set(profile))


def fitting_cells(
    wishes: Wishes, places: tuple[Place, ...], offered: Iterable[str] = ()
) -> tuple[tuple[Cell, float], ...]:
    """Return every cell that the person fits with its distance in km: nearest first, then in order of preference."""
    by_id = {place.id: place for place in places}
    nearest = sorted((cost_km(wishes, place), place.id) for place in places if can_reach(wishes, place))
    cells = (
        (Cell(place_id, slot, language, profile), km)
        for km, place_id in nearest
        for slot in wishes.possible_slots
        for language in wishes.languages
        for profile in wish_profiles(offered)
    )
    return tuple((cell, km) for cell, km in cells if fits(wishes, cell, by_id[cell.place]))
