"""What every use case is given: the centres with their policies, and who decides who meets."""

from dataclasses import dataclass

from grouping.domain.cells import Place
from grouping.domain.matching import Matcher
from shared.kit.errors import DomainError
from shared.reference.centres import Area, Centre, Centres


@dataclass(frozen=True)
class Office:
    """
    The desk at which decisions are taken.

    Attributes:
        centres: Of this installation.
        matcher: Who meets whom.
    """

    centres: Centres
    matcher: Matcher

    def area(self, area_id: str, centre_id: str | None = None) -> tuple[Centre, Area]:
        """
        An area and the centre that brings people together there.

        Raises:
            DomainError: ``unknown_area`` where there is none, or it is another centre's than was said.
        """
        found = self.centres.area(area_id)
        if found is None or centre_id not in {None, found[0].id}:
            raise DomainError("unknown_area", area=area_id)
        return found


def places_of(area: Area) -> tuple[Place, ...]:
    """The area's meeting places, as the rules see them."""
    return tuple(Place(place.id, place.latitude, place.longitude, place.step_free) for place in area.places)
