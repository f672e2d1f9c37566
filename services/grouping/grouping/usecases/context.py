"""What every use case is given: the centres with their policies, and the boards on which decisions are taken."""

from dataclasses import dataclass, field

from grouping.domain.matching.cells import Place
from grouping.usecases.matcher_cache import MatcherCache
from shared.errors import DomainError
from shared.reference.centres import Area, Centre, Centres


@dataclass(frozen=True)
class GroupingContext:
    """
    The desk at which decisions are taken.

    Attributes:
        centres: Of this installation.
        boards: Those of this process.
    """

    centres: Centres
    boards: MatcherCache = field(default_factory=MatcherCache)

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
