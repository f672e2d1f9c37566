"""The dependencies of all use cases."""

from dataclasses import dataclass, field
from typing import Final

from grouping.domain.matching.cells import Place
from grouping.usecases.matcher_cache import MatcherCache
from shared.errors import NotFoundError
from shared.kit.keys import Keys
from shared.reference.areas import Area
from shared.reference.centres import Centre, CentreDirectory, Centres


@dataclass(frozen=True)
class GroupingContext:
    """
    The dependencies of all use cases.

    Attributes:
        directory: Provides the centres of this installation with their policies.
        matchers: The cached matchers of this process.
        vote_keys: Seal the votes of groups; the same in all processes. None where no vote is handled.
        changed_centres: Those whose policy has changed since their areas were last matched, as far as this process
            knows; lost with the process, since all areas are matched again now and then.
    """

    directory: CentreDirectory
    matchers: MatcherCache = field(default_factory=MatcherCache)
    changed_centres: set[str] = field(default_factory=set)
    vote_keys: Keys | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.directory.changed = self.changed_centres.add

    @property
    def centres(self) -> Centres:
        """The centres and policies that hold now; ask again at each use."""
        return self.directory.current()

    def area(self, area_id: str, centre_id: str | None = None) -> tuple[Centre, Area]:
        """
        Return an area and its centre; the id may be that of a part of a wide area.

        Rows and locks have the id of the area itself: use the id of the result.

        Raises:
            NotFoundError: ``unknown_area`` if there is none, or if it belongs to another centre than ``centre_id``.
        """
        centre_and_area = self.centres.area(area_id)
        if centre_and_area is None or centre_id not in {None, centre_and_area[0].id}:
            raise NotFoundError("unknown_area", area=area_id)
        return centre_and_area

    def part(self, area_id: str) -> tuple[Centre, Area]:
        """
        Return the part with this id, or the whole area with it, and its centre: what pages are about.

        Raises:
            NotFoundError: ``unknown_area``.
        """
        centre_and_part = self.centres.part(area_id)
        if centre_and_part is None:
            raise NotFoundError("unknown_area", area=area_id)
        return centre_and_part


_places: Final[dict[str, tuple[Area, tuple[Place, ...]]]] = {}
"""By area id: the area and its places. Every decision compares them, which is quick for the same objects."""


def places_of(area: Area) -> tuple[Place, ...]:
    """Return the area's meeting places as matching sees them."""
    cached_area, places = _places.get(area.id, (None, ()))
    if cached_area is not area:
        places = tuple(Place(place.id, place.latitude, place.longitude, place.step_free) for place in area.places)
        _places[area.id] = area, places
    return places
