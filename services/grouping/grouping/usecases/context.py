"""The dependencies of all use cases."""

from dataclasses import dataclass, field

from grouping.domain.matching.cells import Place
from grouping.usecases.matcher_cache import MatcherCache
from shared.errors import NotFoundError
from shared.reference.centres import Area, Centre, CentreDirectory, Centres


@dataclass(frozen=True)
class GroupingContext:
    """
    The dependencies of all use cases.

    Attributes:
        directory: Provides the centres of this installation with their policies.
        matchers: The cached matchers of this process.
    """

    directory: CentreDirectory
    matchers: MatcherCache = field(default_factory=MatcherCache)

    @property
    def centres(self) -> Centres:
        """The centres and policies that hold now; ask again at each use."""
        return self.directory.current()

    def area(self, area_id: str, centre_id: str | None = None) -> tuple[Centre, Area]:
        """
        Return an area and its centre.

        Raises:
            NotFoundError: ``unknown_area`` if there is none, or if it belongs to another centre than ``centre_id``.
        """
        centre_and_area = self.centres.area(area_id)
        if centre_and_area is None or centre_id not in {None, centre_and_area[0].id}:
            raise NotFoundError("unknown_area", area=area_id)
        return centre_and_area


def places_of(area: Area) -> tuple[Place, ...]:
    """Return the area's meeting places as matching sees them."""
    return tuple(Place(place.id, place.latitude, place.longitude, place.step_free) for place in area.places)
