"""Where somebody lives, and which centre that makes theirs."""

from dataclasses import dataclass

from intake.domain.form import Asks
from shared.reference import places
from shared.reference.centres import Area, Centre, Centres, Policy


@dataclass(frozen=True, slots=True)
class Location:
    """Somebody's place on the map, no more exact than a kilometre, with the centre and area that cover it."""

    centre: Centre
    area: Area
    kommune: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class AmbiguousPlace:
    """More than one place has that name; the person says which."""

    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnknownPostcode:
    """A postal code that our register does not know; the person says which kommune."""

    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoCentre:
    """A place that no centre covers."""

    name: str


@dataclass(frozen=True, slots=True)
class NoPlace:
    """Nothing that we know has that name."""


class CentreLookup:
    """
    The places and the centres of this installation.

    Args:
        centres: The centres of this installation.
        register: All places.
    """

    def __init__(self, centres: Centres, register: places.Places) -> None:
        self.centres = centres
        self._register = register
        self._kommuner = tuple(kommune.label for kommune in register.kommuner.values())

    def find(self, text: str) -> Location | AmbiguousPlace | UnknownPostcode | NoCentre | NoPlace:
        """What the words somebody wrote mean."""
        match self._register.find(text):
            case places.Found(place):
                return self._site(place)
            case places.Choices(several):
                return AmbiguousPlace(tuple(place.label for place in several))
            case places.UnknownCode():
                return UnknownPostcode(self._kommuner)
            case places.Unknown():
                return NoPlace()

    def _site(self, place: places.Place) -> Location | NoCentre:
        covered = self.centres.by_kommune(place.kommune)
        if covered is None:
            return NoCentre(place.name)
        centre, area = covered
        return Location(centre, area, place.kommune, round(place.latitude, 2), round(place.longitude, 2))


def asks_of(policy: Policy) -> Asks:
    """What a policy asks of a sign-up."""
    return Asks(
        consent_version=policy.consent_version,
        information_version=policy.information_version,
        reading=policy.reading_gate == "required",
        talk=policy.forsamtale == "required",
        wishes=frozenset(policy.wishes),
    )
