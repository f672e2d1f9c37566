"""The areas of centres and their meeting places."""

from types import MappingProxyType
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, StringConstraints

from shared.events.base import Identifier
from shared.reference import places

KommuneNumber = Annotated[str, StringConstraints(pattern=r"^\d{4}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]


class Strict(BaseModel):
    """A model that refuses unknown keys, and never changes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class MeetingPlace(Strict):
    """
    A venue for groups of an area: a town or a part of one, never a street address.

    Attributes:
        id: Unique among all centres, and never given to another place later.
        latitude, longitude: In degrees (WGS 84), about a kilometre exact.
        step_free: True if every room booked here has step-free access.
    """

    id: Identifier
    name: Name
    kommune: KommuneNumber
    latitude: Annotated[float, Field(ge=57, le=72)]
    longitude: Annotated[float, Field(ge=4, le=32)]
    step_free: bool


DIGITAL: Final = "digital"
"""The id of the meeting place on screen, the same for all centres that offer one."""

ON_SCREEN: Final = MeetingPlace.model_construct(
    id=DIGITAL, name="På nett", kommune="", latitude=0.0, longitude=0.0, step_free=True
)

DIGITAL_TEXTS: Final = MappingProxyType(
    {
        "nb": "På nett. Lenken til møtet kommer før dere møtes.",
        "nn": "På nett. Lenkja til møtet kjem før de møtest.",
        "en": "Online. You will get the link to the meeting before it starts.",
    }
)
"""The default text about where a group meets that meets on screen, until a coordinator writes the link."""


class Area(Strict):
    """
    Kommuner whose people are grouped together, and their meeting places.

    The area of a centre that covers the rest of the country is *wide*: travel limits alone decide who can meet there,
    and its parts are what people and staff know it by.
    """

    id: Identifier
    name: Name
    kommuner: Annotated[tuple[KommuneNumber, ...], Field(min_length=1)]
    places: Annotated[tuple[MeetingPlace, ...], Field(min_length=1)]
    _parts: tuple["Area", ...] = PrivateAttr(default=())
    _place_by_id: dict[str, MeetingPlace] = PrivateAttr(default_factory=dict)
    _part_of_kommune: dict[str, "Area"] = PrivateAttr(default_factory=dict)
    _part_of_kommune_outside: dict[str, "Area"] = PrivateAttr(default_factory=dict)
    _part_of_place: dict[str, "Area"] = PrivateAttr(default_factory=dict)

    def model_post_init(self, _context: object) -> None:
        """Index the meeting places."""
        self._place_by_id.update((place.id, place) for place in self.places)

    @classmethod
    def of_parts(cls, area_id: str, name: str, parts: tuple["Area", ...]) -> "Area":
        """Return the wide area of these parts."""
        kommuner = tuple(kommune for part in parts for kommune in part.kommuner)
        area = cls(
            id=area_id, name=name, kommuner=kommuner, places=tuple(place for part in parts for place in part.places)
        )
        area._parts = parts
        area._part_of_kommune = {kommune: part for part in parts for kommune in part.kommuner}
        area._part_of_place = {place.id: part for part in parts for place in part.places}
        return area

    @property
    def is_wide(self) -> bool:
        """True if the area has parts of its own names."""
        return bool(self._parts)

    @property
    def parts(self) -> tuple["Area", ...]:
        """The parts that people and staff know; an area that is not wide is its only part."""
        return self._parts or (self,)

    def place(self, place_id: str) -> MeetingPlace | None:
        """Return the meeting place with this id, that on screen too, or None."""
        return ON_SCREEN if place_id == DIGITAL else self._place_by_id.get(place_id)

    def part_in(self, kommune: str) -> "Area":
        """Return the part with this kommune; for one outside the area the nearest part."""
        if not self.is_wide:
            return self
        part = self._part_of_kommune.get(kommune) or self._part_of_kommune_outside.get(kommune)
        if part is None:
            point = places.load().kommuner.get(kommune)
            part = self.part_near(point.latitude, point.longitude) if point is not None else self
            self._part_of_kommune_outside[kommune] = part
        return part

    def kommuner_near(self, part: "Area") -> tuple[str, ...] | None:
        """Return all kommuner whose people belong to a part, those outside the area too; None if all belong to it."""
        if part is self or not self.is_wide:
            return None
        outside = places.load().kommuner.keys() - self._part_of_kommune.keys()
        return (*part.kommuner, *(number for number in sorted(outside) if self.part_in(number) is part))

    def part_of_place(self, place_id: str) -> "Area | None":
        """Return the part with this meeting place, or None."""
        if self.is_wide:
            return self._part_of_place.get(place_id)
        return self if place_id in self._place_by_id else None

    def part_near(self, latitude: float, longitude: float) -> "Area":
        """Return the part whose nearest meeting place is closest to a point."""
        if not self.is_wide:
            return self
        nearest = min(
            self.places, key=lambda place: places.distance_km(latitude, longitude, place.latitude, place.longitude)
        )
        return self._part_of_place[nearest.id]
