"""The centres: who they are, where they bring people together, and how they do it."""

import functools
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from shared.events.base import Identifier, MailLanguage
from shared.reference import places, texts
from shared.reference.policy import Policy, Span

__all__ = ["Area", "Centre", "Centres", "CentresError", "MeetingPlace", "Policy", "Span", "load"]

LANGUAGES: Final = ("nb", "nn", "en")

KommuneNumber = Annotated[str, StringConstraints(pattern=r"^\d{4}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]


class CentresError(ValueError):
    """The centres' file cannot be used; the message says in plain words where and why, one line for each fault."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MeetingPlace(_Strict):
    """
    Where groups of an area can meet: a town or a part of one, never a street address.

    Attributes:
        id: Unique among all centres, and never given to another place later.
        latitude, longitude: In degrees (WGS 84), about a kilometre exact.
        step_free: Whether whoever books a room here must, and can, have one with step-free access.
    """

    id: Identifier
    name: Name
    kommune: KommuneNumber
    latitude: Annotated[float, Field(ge=57, le=72)]
    longitude: Annotated[float, Field(ge=4, le=32)]
    step_free: bool


class Area(_Strict):
    """The kommuner whose people are brought together, and where they can meet."""

    id: Identifier
    name: Name
    kommuner: Annotated[tuple[KommuneNumber, ...], Field(min_length=1)]
    places: Annotated[tuple[MeetingPlace, ...], Field(min_length=1)]

    def place(self, place_id: str) -> MeetingPlace | None:
        """The meeting place with this id, or None."""
        return next((place for place in self.places if place.id == place_id), None)


class Centre(_Strict):
    """
    An organisation that brings people together.

    Attributes:
        phone, email, website: How people reach the centre; None where the installation has not set it.
        areas: Where it does so; no kommune is in two areas, of this centre or another.
        meeting_place: What people are told of where to meet, by language; used until a coordinator knows more.
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
        version = self.policy.information_version
        if version is not None and version not in texts.information_versions():
            msg = f"there is no information text of version {version}"
            raise ValueError(msg)
        return self

    @property
    def kommuner(self) -> tuple[str, ...]:
        """The numbers of all kommuner that the centre covers."""
        return tuple(kommune for area in self.areas for kommune in area.kommuner)

    def place_text(self, place_id: str, language: str) -> str:
        """Where a group that meets at this place is told to come, until a coordinator writes something better."""
        place = next((place for area in self.areas if (place := area.place(place_id))), None)
        text = self.meeting_place[language]
        return f"{place.name}. {text}" if place else text


class Centres:
    """
    All centres of this installation, looked up by id, kommune or area.

    Attributes:
        all: In the order that the file has them.
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
        """The centre with this id, or None."""
        return self._by_id.get(centre_id)

    def by_kommune(self, number: str) -> tuple[Centre, Area] | None:
        """Who covers this kommune, and in which area; None where nobody does."""
        return self._by_kommune.get(number)

    def area(self, area_id: str) -> tuple[Centre, Area] | None:
        """The area with this id and the centre that it belongs to, or None."""
        return self._areas.get(area_id)


def load(path: Path | None = None) -> Centres:
    """
    The centres that the package ships with, changed by the installation's own file where there is one.

    Read once per path; the format is described in ``data/README.md``.

    Raises:
        CentresError: The file is not there, is not YAML, or does not hold together.
    """
    return _load(path)


@functools.cache
def _load(path: Path | None) -> Centres:
    shipped = resources.files("shared.reference").joinpath("data", "centres.yaml").read_text(encoding="utf-8")
    presets = _entries("centres.yaml", shipped, {"centres"})["centres"]
    if path is None:
        return _build("centres.yaml", presets)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path.name}: cannot be read as text ({type(error).__name__})"
        raise CentresError(msg) from None
    own = _entries(path.name, text, {"centres", "keep"})
    keep = own.get("keep", [preset["id"] for preset in presets])
    if unknown := sorted(set(keep) - {preset["id"] for preset in presets}):
        msg = f"{path.name}: keep names {', '.join(unknown)}, which this system does not ship with"
        raise CentresError(msg)
    changed = {preset["id"]: preset for preset in presets if preset["id"] in keep}
    changed |= {str(entry.get("id")): entry for entry in own["centres"]}
    return _build(path.name, list(changed.values()))


def _entries(file: str, text: str, known: set[str]) -> dict[str, list[Any]]:
    try:
        data = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" near line {mark.line + 1}" if mark else ""
        msg = f"{file}: is not valid YAML{where}"
        raise CentresError(msg) from None
    if not isinstance(data, dict) or not isinstance(data.get("centres"), list):
        msg = f"{file}: must have a list called centres"
        raise CentresError(msg)
    if unknown := sorted(set(map(str, data)) - known):
        msg = f"{file}: {', '.join(unknown)} is not known here; write {' or '.join(sorted(known))}"
        raise CentresError(msg)
    if not all(isinstance(entry, dict) for entry in data["centres"]):
        msg = f"{file}: every entry of centres must be a set of keys and values"
        raise CentresError(msg)
    if not all(isinstance(item, str) for item in data.get("keep") or []):
        msg = f"{file}: keep must be a list of ids"
        raise CentresError(msg)
    return {"centres": data["centres"]} | ({"keep": data["keep"] or []} if "keep" in data else {})


def _build(file: str, entries: list[dict[str, Any]]) -> Centres:
    """Validates every centre, lets the one with ``every_other_kommune`` have what is left, and checks them together."""
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
            faults += [f"{file}: centre {entry.get('id', '(no id)')}: {line}" for line in _plain(error)]
    faults += [f"{file}: {line}" for line in _together(centres)]
    if faults:
        raise CentresError("\n".join(faults))
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


def _together(centres: list[Centre]) -> Iterator[str]:
    """What is wrong between centres: an id or a kommune used twice, a kommune that does not exist or lies elsewhere."""
    known = places.load().kommuner
    seen: dict[str, str] = {}
    for centre in centres:
        ids = [f"centre {centre.id}"]
        for area in centre.areas:
            ids += [f"area {area.id}", *(f"meeting place {place.id}" for place in area.places)]
            ids += [f"kommune {kommune}" for kommune in area.kommuner]
            yield from (f"area {area.id}: there is no kommune {nr}" for nr in area.kommuner if nr not in known)
            for place in area.places:
                if place.kommune not in area.kommuner:
                    yield f"meeting place {place.id}: kommune {place.kommune} is not one of area {area.id}"
        for name in ids:
            if name in seen:
                yield f"{name} is used twice, by {seen[name]} and {centre.id}"
            seen[name] = centre.id


_PLAIN: Final = {
    "missing": "is missing",
    "extra_forbidden": "is not a key that is known here",
    "string_type": "must be text (put it in quotation marks)",
    "string_pattern_mismatch": "is not written in the right form",
    "string_too_short": "must not be empty",
    "string_too_long": "is too long",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "tuple_type": "must be a list",
    "dict_type": "must be a set of keys and values",
    "model_type": "must be a set of keys and values",
    "too_short": "must not be empty",
}


def _plain(error: ValidationError) -> Iterator[str]:
    """One line for each fault: where, counted from one as people count, and what is wrong."""
    for fault in error.errors(include_url=False):
        where = ", ".join(f"number {step + 1}" if isinstance(step, int) else step for step in fault["loc"])
        context = fault.get("ctx", {})
        if fault["type"] in ("literal_error", "greater_than_equal", "less_than_equal"):
            said = {"literal_error": "must be {expected}", "greater_than_equal": "must be {ge} or more"}
            what = said.get(fault["type"], "must be {le} or less").format(**context)
        elif fault["type"] == "value_error":
            what = str(context["error"])
        else:
            what = _PLAIN.get(fault["type"], fault["msg"])
        yield f"{where}: {what}" if where else what
