"""
The cell: a meeting place, a weekday and time of day, a language, and what the group has wished of who is in it.

With the place in the cell every hard rule is one person against one cell, so any five to eight people who each fit a
cell are a possible group.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import combinations
from uuid import UUID

from shared.reference.places import distance_km


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """
    Where, when and in what language a group could meet.

    Attributes:
        place: The id of a :class:`Place`.
        wishes: What everybody in it has agreed to, such as "women", sorted and joined by "+"; empty for most groups.
    """

    place: str
    slot: str
    language: str
    wishes: str = ""

    @property
    def key(self) -> str:
        """The cell as one word, as it is written down."""
        parts = (self.place, self.slot, self.language, self.wishes)
        return "|".join(parts if self.wishes else parts[:3])

    @classmethod
    def from_key(cls, key: str) -> "Cell":
        """The cell that :attr:`key` wrote."""
        return cls(*key.split("|"))


@dataclass(frozen=True, slots=True)
class Place:
    """
    Where a group can meet: a room, or the middle of a town where no room is needed.

    Attributes:
        latitude, longitude: Degrees, WGS 84.
        step_free: Whether somebody in a wheelchair can get in.
        seats: How many there is room for; None where that is no limit.
        slots: When it is free for a group; None where it always is.
        at_once: How many groups can meet there at one time; None where that is no limit.
    """

    id: str
    latitude: float
    longitude: float
    step_free: bool
    max_people: int | None = None
    slots: frozenset[str] | None = None
    max_groups: int | None = None

    def largest_group(self, size_max: int) -> int:
        """How many a group can be here, of so many at the most."""
        return size_max if self.max_people is None else min(size_max, self.max_people)


@dataclass(frozen=True, slots=True)
class Wishes:
    """
    What one person can do; every one of these is a hard limit.

    Attributes:
        latitude, longitude: About where they live, degrees, WGS 84.
        slots, languages: What suits, best first where there is a best.
        max_travel_km: As the crow flies.
        wheelchair: Only places with step-free access.
        also: Wishes about who else is in the group that this person could go along with.
        only: Those of them that the person will not do without.
    """

    latitude: float
    longitude: float
    slots: tuple[str, ...]
    languages: tuple[str, ...]
    max_travel_km: int
    wheelchair: bool
    accepts: frozenset[str] = frozenset()
    requires: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Starter:
    """
    An igangsetter, as grouping needs to know them.

    Attributes:
        latitude, longitude: About where they live, degrees, WGS 84.
        reach_km: How far they go, as the crow flies.
        slots, languages: When, and in which languages, they can start a group.
        free: How many more groups they can take on now.
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
    Somebody who waits.

    Attributes:
        signed_up_at: Their place in the line.
        refused: Cells that they have said no to, or did not answer; they are not asked about these again.
        language: Of their mails; decides nothing, and two who differ in it alone are equal.
    """

    signup_id: UUID
    person_id: UUID
    wishes: Wishes
    signed_up_at: datetime
    declined: frozenset[Cell] = frozenset()
    language: str = field(default="nb", compare=False)

    @property
    def seniority(self) -> tuple[datetime, UUID]:
        """Sorts the line, longest waiting first; the id only so that equals have an order."""
        return self.signed_up_at, self.signup_id


@lru_cache(maxsize=65536)
def _distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    return round(distance_km(lat1, lon1, lat2, lon2), 1)


def travel_km(wishes: Wishes, place: Place) -> float:
    """How far this person has to this place, kilometres with one decimal: what is judged is what is shown."""
    return _distance_km(wishes.latitude, wishes.longitude, place.latitude, place.longitude)


def can_reach(wishes: Wishes, place: Place) -> bool:
    """Whether the person can get to the place and into it."""
    return (place.step_free or not wishes.wheelchair) and travel_km(wishes, place) <= wishes.max_travel_km


def fits(wishes: Wishes, cell: Cell, place: Place) -> bool:
    """Whether this cell breaks none of the person's limits."""
    agreed = frozenset(cell.wishes.split("+")) - {""}
    return (
        cell.place == place.id
        and cell.slot in wishes.slots
        and (place.slots is None or cell.slot in place.slots)
        and cell.language in wishes.languages
        and wishes.requires <= agreed <= wishes.accepts | wishes.requires
        and can_reach(wishes, place)
    )


def wish_profiles(offered: Iterable[str]) -> tuple[str, ...]:
    """What a group can have agreed to, where these wishes are offered: every set that makes sense, none first."""
    names = sorted(set(offered))
    chosen = (set_ for size in range(len(names) + 1) for set_ in combinations(names, size))
    return tuple("+".join(set_) for set_ in chosen if not {"men", "women"} <= set(set_))


def fitting_cells(
    wishes: Wishes, places: tuple[Place, ...], offered: Iterable[str] = ()
) -> tuple[tuple[Cell, float], ...]:
    """Every cell that the person fits, with the kilometres to it; nearest first, then in the order of their wishes."""
    near = sorted((travel_km(wishes, place), place.id) for place in places if can_reach(wishes, place))
    by_id = {place.id: place for place in places}
    possible = (
        (Cell(place, slot, language, agreed), km)
        for km, place in near
        for slot in wishes.slots
        for language in wishes.languages
        for agreed in wish_profiles(offered)
    )
    return tuple((cell, km) for cell, km in possible if fits(wishes, cell, by_id[cell.place]))
