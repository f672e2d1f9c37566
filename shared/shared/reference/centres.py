"""The centres of an installation: contact, areas, meeting places and policy."""

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, Self

from pydantic import Field, StringConstraints, ValidationError, field_validator, model_validator

from shared.events.base import Identifier, MailLanguage
from shared.reference import installation, places, texts
from shared.reference.areas import DIGITAL, DIGITAL_TEXTS, ON_SCREEN, Area, MeetingPlace, Name, Strict
from shared.reference.branding import NO_BRANDING, Branding
from shared.reference.centre_look import Phone
from shared.reference.centre_texts import NO_TEXTS, CentreTexts
from shared.reference.installation import InstallationError
from shared.reference.policy import Policy, Span
from shared.reference.texts import Consent, Information

__all__ = [
    "Centre",
    "CentreDirectory",
    "Centres",
    "InstallationError",
    "NearbyCentre",
    "Policy",
    "Span",
    "load",
]

Origin = Annotated[
    str,
    StringConstraints(
        pattern=r"^(https://[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?|http://(localhost|127\.0\.0\.1))(:\d{1,5})?$"
    ),
]
"""Scheme, host and port as a browser names a site: no path, no wildcard; https, but on the same machine."""

LANGUAGES: Final = ("nb", "nn", "en")

REST_SUFFIX: Final = "landet"
"""Ends the id of the area of a centre that covers the rest of the country."""


class Centre(Strict):
    """
    An organisation that runs groups, or lets people form them.

    Attributes:
        phone, email, website: Contact of the centre; None if the installation has not set it.
        visiting_address: Where people come for a talk, as on an envelope; None if the installation has not set it.
        hours: When somebody answers the telephone, by language; None if the installation has not set it.
        accepts_within_km: How far from its nearest meeting place a person from outside its kommuner may live; 0 accepts
            nobody from outside.
        areas: Its areas; no kommune is in two areas, of this centre or another.
        policy: What it has decided.
        texts: What it has written itself.
        branding: Its look.
        embedded_on: The sites that may show its form in a frame, as https://host.
        meeting_place: The default text about where to meet, by language, until a coordinator writes another.
    """

    id: Identifier
    name: Name
    phone: Phone | None = None
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+$")] | None = None
    website: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")] | None = None
    visiting_address: Name | None = None
    hours: dict[MailLanguage, Name] | None = None
    accepts_within_km: Annotated[int, Field(ge=0, le=500)] = 0
    areas: Annotated[tuple[Area, ...], Field(min_length=1)]
    policy: Policy
    texts: CentreTexts = NO_TEXTS
    branding: Branding = NO_BRANDING
    embedded_on: Annotated[tuple[Origin, ...], Field(max_length=20)] = ()
    meeting_place: dict[MailLanguage, Name]

    @field_validator("meeting_place", "hours")
    @classmethod
    def _all_languages(cls, value: dict[str, str] | None) -> dict[str, str] | None:
        if value is not None and (missing := [language for language in LANGUAGES if language not in value]):
            msg = f"has no text in {', '.join(missing)}"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _texts_exist(self) -> Self:
        for fault in texts.faults(self.policy, self.texts):
            raise ValueError(fault)
        return self

    @property
    def kommuner(self) -> tuple[str, ...]:
        """Numbers of all kommuner that the centre covers."""
        return tuple(kommune for area in self.areas for kommune in area.kommuner)

    @property
    def same_information(self) -> frozenset[str]:
        """Versions of the information whose readers need not read the one in force."""
        version = self.policy.information_version
        if version is None:
            return frozenset()
        return frozenset({version, *self.texts.same_information}) | texts.same_information(version)

    @property
    def same_consent(self) -> frozenset[str]:
        """Versions of the consent that are a yes to the one in force too."""
        version = self.policy.consent_version
        return frozenset({version, *self.texts.same_consent}) | texts.same_consent(version)

    def deciding(self, policy: Policy, own_texts: CentreTexts) -> Self:
        """Return the centre with another policy and other texts, and the look that they decide."""
        update: dict[str, object] = {"policy": policy, "texts": own_texts}
        if (look := own_texts.look) is not None:
            update |= {"phone": look.phone, "hours": look.hours}
        branding = look.branding(self.branding) if look is not None else self.branding
        if (pictures := own_texts.pictures) is not None:
            branding = pictures.branding(branding)
        update["branding"] = branding
        return self.model_copy(update=update)

    def consent(self, language: str) -> Consent:
        """Return the consent in force."""
        return texts.consent_of(self.policy, self.texts, language, self.name)

    def information(self, language: str) -> Information | None:
        """Return the information in force; None if the centre has none."""
        return texts.information(self.policy, language, self.name, self.texts)

    def phone_hours(self, language: str) -> str:
        """Return when somebody answers the telephone; empty if that or the number is not known."""
        return self.hours[language] if self.hours and self.phone else ""

    def place_text(self, place_id: str, language: str) -> str:
        """Return the default text about where a group at this place meets."""
        places = (area.place(place_id) for area in self.areas)
        place = next(filter(None, places), None)
        if place_id == DIGITAL:
            return DIGITAL_TEXTS[language]
        text = self.meeting_place[language]
        return f"{place.name}. {text}" if place else text

    def is_default_place(self, place_id: str, text: str) -> bool:
        """Return True for a text that says no more than :meth:`place_text`, or only the name of the place."""
        words = _plain(text)
        names = {_plain(place.name) for area in self.areas for place in area.places if place.id == place_id}
        if place_id == DIGITAL:
            return words in {_plain(ON_SCREEN.name), *map(_plain, DIGITAL_TEXTS.values())}
        return words in names or words.endswith(tuple(map(_plain, self.meeting_place.values())))

    def in_language(self, text: str, language: str) -> str:
        """Translate the bokmål text of :meth:`place_text`; a coordinator's own text stays as it is."""
        if text == DIGITAL_TEXTS["nb"]:
            return DIGITAL_TEXTS[language]
        default = self.meeting_place["nb"]
        return text.removesuffix(default) + self.meeting_place[language] if text.endswith(default) else text


@dataclass(frozen=True, slots=True)
class NearbyCentre:
    """A centre that accepts people from a place outside its kommuner, and the distance to its nearest meeting place."""

    centre: Centre
    area: Area
    km: float


class Centres:
    """
    All centres of this installation, by id, kommune or area.

    Attributes:
        all: In the order of the file.
    """

    __slots__ = ("_areas", "_by_id", "_by_kommune", "_parts", "all")

    def __init__(self, centres: tuple[Centre, ...]) -> None:
        self.all: Final = centres
        self._by_id: Final = MappingProxyType({centre.id: centre for centre in centres})
        areas: dict[str, tuple[Centre, Area]] = {}
        parts: dict[str, tuple[Centre, Area]] = {}
        by_kommune: dict[str, tuple[Centre, Area]] = {}
        for centre in centres:
            for area in centre.areas:
                # The kommuner of a wide area were once areas of their own, so their ids stay valid.
                former = {_kommune_area_id(number): area.part_in(number) for number in area.kommuner if area.is_wide}
                known = former | {part.id: part for part in area.parts} | {area.id: area}
                parts |= {id_: (centre, part) for id_, part in known.items()}
                areas |= dict.fromkeys(known, (centre, area))
                by_kommune |= {kommune: (centre, part) for part in area.parts for kommune in part.kommuner}
        self._areas: Final = MappingProxyType(areas)
        self._parts: Final = MappingProxyType(parts)
        self._by_kommune: Final = MappingProxyType(by_kommune)

    def with_policy(self, centre_id: str, policy: Policy, own_texts: CentreTexts) -> "Centres":
        """Return the centres with another policy and other texts for one of them."""
        return Centres(
            tuple(centre.deciding(policy, own_texts) if centre.id == centre_id else centre for centre in self.all)
        )

    def get(self, centre_id: str) -> Centre | None:
        """Return the centre with this id, or None."""
        return self._by_id.get(centre_id)

    def by_kommune(self, number: str) -> tuple[Centre, Area] | None:
        """Return the centre that covers this kommune and the part of its area, or None."""
        return self._by_kommune.get(number)

    def area(self, area_id: str) -> tuple[Centre, Area] | None:
        """Return the centre and the area with this id, or with a part of this id, or None."""
        return self._areas.get(area_id)

    def part(self, area_id: str) -> tuple[Centre, Area] | None:
        """Return the centre and the part with this id, or the whole area with this id, or None."""
        return self._parts.get(area_id)

    def ids_of(self, area_id: str) -> tuple[str, ...]:
        """Return every id that stands for the area with this id: its own, and those of its parts."""
        centre_and_area = self.area(area_id)
        if centre_and_area is None:
            return (area_id,)
        return tuple(id_ for id_, (_, area) in self._areas.items() if area is centre_and_area[1])

    def former_ids(self) -> dict[str, str]:
        """Return the ids of parts that rows may still have in the place of their area's id, with that id."""
        return {id_: area.id for id_, (_, area) in self._areas.items() if id_ != area.id}

    def nearest_centres(self, place: places.Place) -> tuple[NearbyCentre, ...]:
        """
        Return the other centres that accept people from a place, the nearest first.

        The centre that covers the place is not among them. A person whom one of these accepts signs up to its ``area``.
        """
        nearby = []
        for centre in self.all:
            if centre.accepts_within_km and place.kommune not in centre.kommuner:
                km, area = _nearest_part(centre, place)
                if km <= centre.accepts_within_km:
                    nearby.append(NearbyCentre(centre, area, km))
        return tuple(sorted(nearby, key=lambda found: (found.km, found.centre.id)))


def _nearest_part(centre: Centre, place: places.Place) -> tuple[float, Area]:
    """Return the distance to a centre's nearest meeting place, one decimal, and the part of the area it is in."""
    return min(
        (
            (round(places.distance_km(place.latitude, place.longitude, other.latitude, other.longitude), 1), part)
            for area in centre.areas
            for part in area.parts
            for other in part.places
        ),
        key=lambda pair: pair[0],
    )


class CentreDirectory:
    """
    The provider of centres and policies: ask for :meth:`current` at each use and keep no answer.

    Args:
        centres: Those at the start, with the policies of the installation's file until newer versions come.
        changed: Called with the id of a centre whose policy has become another one.
    """

    def __init__(self, centres: Centres, changed: Callable[[str], None] = lambda _centre_id: None) -> None:
        self._current = centres
        self._numbers: dict[str, int] = {}
        self.changed = changed

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

    def apply(self, centre_id: str, number: int, content: Mapping[str, Any]) -> None:
        """
        Let a version of a centre's policy and texts hold from now on, unless a newer one holds.

        A version of a centre that the installation has dropped changes nothing.

        Raises:
            ValueError: This code cannot read the version; see :func:`read_version`.
        """
        if number <= self._numbers.get(centre_id, 0) or self._current.get(centre_id) is None:
            return
        policy, own_texts = read_version(content)
        self._numbers[centre_id] = number
        before = self._current.get(centre_id)
        if before is not None and (before.policy, before.texts) != (policy, own_texts):
            self._current = self._current.with_policy(centre_id, policy, own_texts)
            self.changed(centre_id)


def version_content(policy: Policy, own_texts: CentreTexts) -> dict[str, Any]:
    """Return a policy and texts as the content of one version."""
    return {"policy": policy.as_data(), "texts": own_texts.as_data()}


def read_version(content: Mapping[str, Any]) -> tuple[Policy, CentreTexts]:
    """
    Return the policy and texts of a version.

    Raises:
        ValueError: They are none, or name a text that is not shipped with this code.
    """
    policy, own_texts = Policy.from_data(content["policy"]), CentreTexts.from_data(content.get("texts", {}))
    for fault in texts.faults(policy, own_texts):
        raise ValueError(fault)
    return policy, own_texts


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold().rstrip(". ")


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
    rest: set[str] = set()
    for entry in entries:
        generate = entry.get("every_other_kommune", False)
        data = {key: value for key, value in entry.items() if key != "every_other_kommune"}
        if generate is True:
            data["areas"] = (*(entry.get("areas") or ()), *_generated(claimed))
            claimed |= set(places.load().kommuner)
            rest.add(str(entry.get("id")))
        elif generate is not False:
            faults.append(f"{file}: centre {entry.get('id')}: every_other_kommune must be true or false")
        try:
            centres.append(Centre.model_validate(data))
        except ValidationError as error:
            faults += [f"{file}: centre {entry.get('id', '(no id)')}: {line}" for line in installation.plain(error)]
    faults += [f"{file}: {line}" for line in _conflicts(centres)]
    if faults:
        raise InstallationError("\n".join(faults))
    return Centres(tuple(_without_walls(centre) if centre.id in rest else centre for centre in centres))


def _without_walls(centre: Centre) -> Centre:
    """Return a centre that covers the rest of the country, with one area in the place of one for each kommune."""
    area = Area.of_parts(f"{centre.id}-{REST_SUFFIX}", centre.name, centre.areas)
    return centre.model_copy(update={"areas": (area,)})


def _kommune_area_id(number: str) -> str:
    return f"kommune-{number}"


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
            yield Area(id=_kommune_area_id(number), name=kommune.name, kommuner=(number,), places=(place,))


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
                if place.id == DIGITAL:
                    yield f"meeting place {DIGITAL}: this id stands for meetings on screen"
                if place.kommune not in area.kommuner:
                    yield f"meeting place {place.id}: kommune {place.kommune} is not one of area {area.id}"
        for name in ids:
            if name in seen:
                yield f"{name} is used twice, by {seen[name]} and {centre.id}"
            seen[name] = centre.id
