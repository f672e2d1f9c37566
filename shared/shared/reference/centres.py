"""The centres of an installation: contact, areas, meeting places and policy."""

import functools
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from shared.events.base import Identifier, MailLanguage
from shared.reference import installation, places, texts
from shared.reference.installation import InstallationError
from shared.reference.policy import Policy, Span

__all__ = [
    "Area",
    "Centre",
    "CentreDirectory",
    "Centres",
    "InstallationError",
    "MeetingPlace",
    "Policy",
    "Span",
    "load",
]

LANGUAGES: Final = ("nb", "nn", "en")

KommuneNumber = Annotated[str, StringConstraints(pattern=r"^\d{4}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MeetingPlace(_Strict):
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


class Area(_Strict):
    """Kommuner whose people are grouped together, and their meeting places."""

    id: Identifier
    name: Name
    kommuner: Annotated[tuple[KommuneNumber, ...], Field(min_length=1)]
    places: Annotated[tuple[MeetingPlace, ...], Field(min_length=1)]

    def place(self, place_id: str) -> MeetingPlace | None:
        """Return the meeting place with this id, or None."""
        return next((place for place in self.places if place.id == place_id), None)


class Centre(_Strict):
    """
    An organisation that runs groups, or lets people form them.

    Attributes:
        phone, email, website: Contact of the centre; None if the installation has not set it.
        areas: Its areas; no kommune is in two areas, of this centre or another.
        meeting_place: The default text about where to meet, by language, until a coordinator writes another.
    """

    id: Identifier
    name: Name
    phone: Annotated[str, StringConstraints(pattern=r"^[+\d][\d ]{2,18}$")] | None = None
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+$")] | None = None
    website: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")] | None = None
    areas: Annotated[tuple[Area, ...], Field(min_length=1)]
    policy: Policy
    meeting_place: dict[MailLanguage, Name]

    @field_validator("meeting_place")
    @classmethod
    def _all_languages(cls, value: dict[str, str]) -> dict[str, str]:
        if missing := [language for language in LANGUAGES if language not in value]:
            msg = f"has no text in {', '.join(missing)}"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _texts_exist(self) -> Self:
        if self.policy.consent_version not in texts.consent_versions():
            msg = f"there is no consent text of version {self.policy.consent_version}"
            raise ValueError(msg)
        if self.policy.wishes and not texts.mentions_wishes(self.policy.consent_version):
            msg = f"the policy offers wishes, that consent text {self.policy.consent_version} does not name"
            raise ValueError(msg)
        version = self.policy.information_version
        if version is not None and version not in texts.information_versions():
            msg = f"there is no information text of version {version}"
            raise ValueError(msg)
        return self

    @property
    def kommuner(self) -> tuple[str, ...]:
        """Numbers of all kommuner that the centre covers."""
        return tuple(kommune for area in self.areas for kommune in area.kommuner)

    def place_text(self, place_id: str, language: str) -> str:
        """Return the default text about where a group at this place meets."""
        places = (area.place(place_id) for area in self.areas)
        place = next(filter(None, places), None)
        text = self.meeting_place[language]
        return f"{place.name}. {text}" if place else text

    def in_language(self, text: str, language: str) -> str:
        """Translate the bokmål text of :meth:`place_text`; a coordinator's own text stays as it is."""
        default = self.meeting_place["nb"]
        return text.removesuffix(default) + self.meeting_place[language] if text.endswith(default) else text


class Centres:
    """
    All centres of this installation, by id, kommune or area.

    Attributes:
        all: In the order of the file.
    """

    __slots__ = ("_areas", "_by_id", "_by_kommune", "all")

    def __init__(self, centres: tuple[Centre, ...]) -> None:
        self.all: Final = centres
        self._by_id: Final = MappingProxyType({centre.id: centre for centre in centres})
        pairs = [(centre, area) for centre in centres for area in centre.areas]
        self._areas: Final = MappingProxyType({area.id: (centre, area) for centre, area in pairs})
        self._by_kommune: Final = MappingProxyType(
            {kommune: (centre, area) for centre, area in pairs for kommune in area.kommuner}
        )

    def get(self, centre_id: str) -> Centre | None:
        """Return the centre with this id, or None."""
        return self._by_id.get(centre_id)

    def by_kommune(self, number: str) -> tuple[Centre, Area] | None:
        """Return the centre and area that cover this kommune, or None."""
        return self._by_kommune.get(number)

    def area(self, area_id: str) -> tuple[Centre, Area] | None:
        """Return the centre and the area with this id, or None."""
        return self._areas.get(area_id)


class CentreDirectory:
    """
    The provider of centres and policies: ask for :meth:`current` at each use and keep no answer.

    Args:
        centres: Those at the start.
    """

    def __init__(self, centres: Centres) -> None:
        self._current = centres

    @classmethod
    def from_file(cls, path: Path | None) -> "CentreDirectory":
        """
        Return a directory of the centres that :func:`load` reads.

        Raises:
            InstallationError: See :func:`load`.
        """
        return cls(load(path))

    def current(self) -> Centres:
        """Return the centres and policies that hold now."""
        return self._current

    def replace(self, centres: Centres) -> None:
        """Let other centres and policies hold from now on."""
        self._current = centres


def load(path: Path | None = None) -> Centres:
    """
    Return the centres of the package, changed by the installation's own file if it has one.

    Read once per path; the format is described in ``data/README.md``.

    Raises:
        InstallationError: The file is missing, is not YAML, or contradicts itself.
    """
    return _load(path)


@functools.cache
def _load(path: Path | None) -> Centres:
    presets = installation.shipped("centres.yaml")["centres"]
    if path is None:
        return _build("centres.yaml", presets)
    own = installation.read(path)
    keep = own.get("keep", [preset["id"] for preset in presets])
    if unknown := sorted({str(name) for name in keep} - {preset["id"] for preset in presets}):
        msg = f"{path.name}: keep names {', '.join(unknown)}, which this system does not ship with"
        raise InstallationError(msg)
    changed = {preset["id"]: preset for preset in presets if preset["id"] in keep}
    changed |= {str(entry.get("id")): entry for entry in own.get("centres", [])}
    return _build(path.name, list(changed.values()))


def _build(file: str, entries: list[dict[str, Any]]) -> Centres:
    """Validate each centre, give unclaimed kommuner to the one with ``every_other_kommune``, check all together."""
    claimed = {str(kommune) for entry in entries for kommune in _claimed(entry)}
    faults: list[str] = []
    centres: list[Centre] = []
    for entry in entries:
        generate = entry.get("every_other_kommune", False)
        data = {key: value for key, value in entry.items() if key != "every_other_kommune"}
        if generate is True:
            data["areas"] = (*(entry.get("areas") or ()), *_generated(claimed))
            claimed |= set(places.load().kommuner)
        elif generate is not False:
            faults.append(f"{file}: centre {entry.get('id')}: every_other_kommune must be true or false")
        try:
            centres.append(Centre.model_validate(data))
        except ValidationError as error:
            faults += [f"{file}: centre {entry.get('id', '(no id)')}: {line}" for line in installation.plain(error)]
    faults += [f"{file}: {line}" for line in _conflicts(centres)]
    if faults:
        raise InstallationError("\n".join(faults))
    return Centres(tuple(centres))


def _claimed(entry: dict[str, Any]) -> Iterator[object]:
    areas = entry.get("areas")
    for area in areas if isinstance(areas, list) else []:
        kommuner = area.get("kommuner") if isinstance(area, dict) else None
        yield from kommuner if isinstance(kommuner, list) else []


def _generated(claimed: set[str]) -> Iterator[Area]:
    for number, kommune in places.load().kommuner.items():
        if number not in claimed and number not in places.UNCOVERED:
            place = MeetingPlace(
                id=f"kommune-{number}-sentrum",
                name=kommune.name,
                kommune=number,
                latitude=kommune.latitude,
                longitude=kommune.longitude,
                step_free=True,
            )
            yield Area(id=f"kommune-{number}", name=kommune.name, kommuner=(number,), places=(place,))


def _conflicts(centres: list[Centre]) -> Iterator[str]:
    """Yield faults between centres: an id or a kommune used twice, a kommune unknown or outside the area."""
    kommuner = places.load().kommuner
    seen: dict[str, str] = {}
    for centre in centres:
        ids = [f"centre {centre.id}"]
        for area in centre.areas:
            ids += [f"area {area.id}", *(f"meeting place {place.id}" for place in area.places)]
            ids += [f"kommune {kommune}" for kommune in area.kommuner]
            yield from (f"area {area.id}: there is no kommune {nr}" for nr in area.kommuner if nr not in kommuner)
            for place in area.places:
                if place.kommune not in area.kommuner:
                    yield f"meeting place {place.id}: kommune {place.kommune} is not one of area {area.id}"
        for name in ids:
            if name in seen:
                yield f"{name} is used twice, by {seen[name]} and {centre.id}"
            seen[name] = centre.id
