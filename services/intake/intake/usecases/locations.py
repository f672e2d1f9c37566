"""The location of a person's home, and the centre and area that cover it."""

from dataclasses import dataclass

from shared.reference import places
from shared.reference.areas import Area
from shared.reference.centres import Centre, Centres


@dataclass(frozen=True, slots=True)
class Location:
    """The place of a person's home, rounded to about a kilometre, with the centre and area that cover it."""

    centre: Centre
    area: Area
    kommune: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class AmbiguousPlace:
    """A name of several places; the person must choose one of ``labels``."""

    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnknownPostcode:
    """A postal code that is not in the register; the person may mean one of ``labels``."""

    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Nearby:
    """A centre that accepts people from a place outside, and the distance to its nearest meeting place."""

    location: Location
    km: float


@dataclass(frozen=True, slots=True)
class NoCentre:
    """
    A place that no centre covers.

    Attributes:
        nearby: Centres that accept people from there, the nearest first.
    """

    name: str
    nearby: tuple[Nearby, ...] = ()

    def at(self, centre_id: str | None) -> Location | None:
        """Return the location with the centre that the person chose; None if it does not accept people from there."""
        return next((near.location for near in self.nearby if near.location.centre.id == centre_id), None)


@dataclass(frozen=True, slots=True)
class NoPlace:
    """A name of no place; the person may mean one of ``labels``."""

    labels: tuple[str, ...] = ()


class CentreLookup:
    """
    Finds the centre that covers a place.

    Args:
        centres: The centres of this installation.
        register: All places.
    """

    def __init__(self, centres: Centres, register: places.Places) -> None:
        self.centres = centres
        self._register = register

    def find(self, text: str) -> Location | AmbiguousPlace | UnknownPostcode | NoCentre | NoPlace:
        """Find the place that ``text`` names, a postal code or a place name."""
        match self._register.find(text):
            case places.Found(place):
                return self._location(place)
            case places.Choices(candidates):
                return AmbiguousPlace(tuple(place.label for place in candidates))
            case places.UnknownCode():
                return UnknownPostcode(self._suggested(text))
            case places.Unknown():
                return NoPlace(self._suggested(text))

    def _suggested(self, text: str) -> tuple[str, ...]:
        return tuple(place.label for place in self._register.suggestions(text))

    def _location(self, place: places.Place) -> Location | NoCentre:
        covering = self.centres.by_kommune(place.kommune)
        if covering is None:
            nearby = tuple(
                Nearby(_at(place, near.centre, near.area), near.km) for near in self.centres.nearest_centres(place)
            )
            return NoCentre(place.name, nearby)
        return _at(place, *covering)


def _at(place: places.Place, centre: Centre, area: Area) -> Location:
    return Location(centre, area, place.kommune, round(place.latitude, 2), round(place.longitude, 2))
